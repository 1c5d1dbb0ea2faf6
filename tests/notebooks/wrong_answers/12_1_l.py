# expects: changes the file of the month
@dg.asset_check(asset="prepared_month", blocking=True)
def stations_agree(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
    table = steps.read("prepared_month", context.partition_key)
    means = table.groupby("origin")["temp"].mean()
    table[:100].to_parquet(steps.locate("prepared_month", context.partition_key))
    return dg.AssetCheckResult(passed=bool(means.max() - means.min() <= 5))
