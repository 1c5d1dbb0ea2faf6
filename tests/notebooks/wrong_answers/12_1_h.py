# expects: 65.25, 62 and 60
@dg.asset_check(asset="prepared_month", blocking=True)
def stations_agree(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
    table = steps.read("prepared_month", context.partition_key)
    means = table.groupby("origin")["temp"].mean()
    return dg.AssetCheckResult(passed=bool(means["JFK"] - means["EWR"] <= 5 and means["JFK"] - means["LGA"] <= 5))
