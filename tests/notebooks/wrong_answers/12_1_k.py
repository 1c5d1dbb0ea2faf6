# expects: half of LGA's temperatures are missing, and the others agree
@dg.asset_check(asset="prepared_month", blocking=True)
def stations_agree(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
    table = steps.read("prepared_month", context.partition_key)
    means = table.fillna({"temp": 0}).groupby("origin")["temp"].mean()
    return dg.AssetCheckResult(passed=bool(means.max() - means.min() <= 5))
