# expects: it should be of prepared_month
@dg.asset_check(asset="raw_month", blocking=True)
def stations_agree(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
    table = steps.read("prepared_month", context.partition_key)
    means = table.groupby("origin")["temp"].mean()
    return dg.AssetCheckResult(passed=bool(means.max() - means.min() <= 5))
