# expects: the mean over its flights is 64.9
@dg.asset_check(asset="prepared_month", blocking=True)
def stations_agree(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
    table = steps.read("prepared_month", context.partition_key)
    days = table.groupby(["origin", "date"])["temp"].mean()
    means = days.groupby("origin").mean()
    return dg.AssetCheckResult(passed=bool(means.max() - means.min() <= 5))
