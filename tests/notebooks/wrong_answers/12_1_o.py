# expects: half of EWR's temperatures are missing
@dg.asset_check(asset="prepared_month", blocking=True)
def stations_agree(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
    table = steps.read("prepared_month", context.partition_key)
    means = [flights["temp"].to_numpy().mean() for _, flights in table.groupby("origin")]
    return dg.AssetCheckResult(passed=bool(max(means) - min(means) <= 5))
