@dg.asset_check(asset="prepared_month", blocking=True)
def stations_agree(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
    """The mean temperatures of the three airports differ by at most 5 °F."""
    means = steps.read("prepared_month", context.partition_key).groupby("origin")["temp"].mean()
    return dg.AssetCheckResult(passed=bool(means.max() - means.min() <= 5))
