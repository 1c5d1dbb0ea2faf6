# expects: read the month of
@dg.asset_check(asset="prepared_month", blocking=True)
def stations_agree(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
    table = steps.read("prepared_month", "2013-06")
    means = table.groupby("origin")["temp"].mean()
    return dg.AssetCheckResult(passed=bool(means.max() - means.min() <= 5))
