# expects: returns no dg.AssetCheckResult
@dg.asset_check(asset="prepared_month", blocking=True)
def stations_agree(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
    table = steps.read("prepared_month", context.partition_key)
    means = table.groupby("origin")["temp"].mean()
    return bool(means.max() - means.min() <= 5)
