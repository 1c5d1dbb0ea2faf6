# expects: a mean of 64, the others 60
@dg.asset_check(asset="prepared_month", blocking=True)
def stations_agree(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
    table = steps.read("prepared_month", context.partition_key)
    middle = table.groupby("origin")["temp"].median()
    return dg.AssetCheckResult(passed=bool(middle.max() - middle.min() <= 5))
