"""The code location: all that Dagster loads."""
import assets
import checks
import dagster as dg
import raw_month
import triggers

defs = dg.Definitions(
    assets=dg.load_assets_from_modules([raw_month, assets]),
    asset_checks=dg.load_asset_checks_from_modules([checks]),
    jobs=[triggers.arrival, triggers.outcome, triggers.month],
    schedules=[triggers.first_of_month],
    sensors=[triggers.labels_are_in],
    executor=dg.in_process_executor,
)


def month_job() -> dg.JobDefinition:
    """Return the job of a whole month, for a run that goes on from where another stopped."""
    return defs.resolve_job_def("month")
