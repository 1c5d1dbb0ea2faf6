"""The checks of the pipeline. One that is blocking and fails stops what comes after its asset."""
import dagster as dg
import steps

from helpers.schemas import build_prepared, find_failures

SCHEDULE = ["carrier", "origin", "dest", "dow", "sched_dep_min", "sched_block_min", "distance", "n_sched_hour"]
LIMITS = {"schedule": 0.25, "weather and delays": 3.0}  # PSI against the month before


@dg.asset_check(asset="prepared_month", blocking=True)
def schema(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
    """The prepared month fits the schema of notebook 1."""
    failures = find_failures(steps.read("prepared_month", context.partition_key), build_prepared())
    broken = "; ".join(f"{one.column}: {one.rows} rows, {one.rule}" for one in failures.itertuples())
    return dg.AssetCheckResult(passed=failures.empty, metadata={"reason": broken or "all rules hold"})


@dg.asset_check(asset="drift_report", blocking=True)
def drift(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
    """No feature differs more from the month before than a change of season explains."""
    psi = steps.read("drift_report", context.partition_key).set_index("feature")["value"]
    limit = psi.index.map(lambda name: LIMITS["schedule" if name in SCHEDULE else "weather and delays"])
    beyond = psi[psi > limit]
    words = ", ".join(f"{name} {value:.2f}" for name, value in beyond.items())
    return dg.AssetCheckResult(passed=beyond.empty, metadata={"reason": words or f"largest PSI {psi.max():.2f}"})


@dg.asset_check(asset="retrained_model", blocking=True)
def gate(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
    """A rehearsal clearly worse than the champion stops the run; one not clearly better gives a warning."""
    low, high = steps.compare(steps.read("evaluation", context.partition_key))
    severity = dg.AssetCheckSeverity.ERROR if low > 0 else dg.AssetCheckSeverity.WARN
    return dg.AssetCheckResult(
        passed=high < -steps.WORTHWHILE, severity=severity, metadata={"reason": f"{low:+.4f} to {high:+.4f}"})
