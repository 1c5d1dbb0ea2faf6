"""What starts runs: jobs, a schedule for the first day of a month, and a sensor for its labels."""
import dagster as dg
import steps
from steps import MONTHS

ARRIVAL = dg.AssetSelection.assets("raw_month", "prepared_month", "drift_report", "scores")
OUTCOME = dg.AssetSelection.assets("labels", "evaluation", "retrained_model", "promotion")
arrival = dg.define_asset_job("arrival", ARRIVAL, partitions_def=MONTHS)
outcome = dg.define_asset_job("outcome", OUTCOME, partitions_def=MONTHS)
month = dg.define_asset_job("month", partitions_def=MONTHS)


@dg.schedule(job=arrival, cron_schedule="* * * * *", default_status=dg.DefaultScheduleStatus.RUNNING)
def first_of_month(context: dg.ScheduleEvaluationContext):
    """On the first of a month, ask for the month that has ended. In the replay it looks every minute."""
    today = steps.read_today()
    ended = steps.find_before(f"{today:%Y-%m}")
    if today.day != 1:
        return dg.SkipReason(f"{today:%d %B} is not the first of a month")
    if ended in context.instance.get_materialized_partitions(dg.AssetKey("raw_month")):
        return dg.SkipReason(f"{ended} has arrived")
    return dg.RunRequest(run_key=ended, partition_key=ended)


@dg.sensor(job=outcome, minimum_interval_seconds=5, default_status=dg.DefaultSensorStatus.RUNNING)
def labels_are_in(context: dg.SensorEvaluationContext):
    """When the labels of a month have reached their usual completeness, ask for its outcome."""
    today = steps.read_today()
    ended = steps.find_before(f"{today:%Y-%m}")
    if ended in context.instance.get_materialized_partitions(dg.AssetKey("promotion")):
        return dg.SkipReason(f"{ended} is decided")
    if ended not in context.instance.get_materialized_partitions(dg.AssetKey("scores")):
        return dg.SkipReason(f"{ended} has no scores yet")
    share = steps.read_labels(ended, today)["late"].notna().mean()
    if today < steps.find_fifteenth(ended) or share < 0.99 * steps.USUAL:
        return dg.SkipReason(f"{share:.1%} of the labels of {ended} are in on {today:%d %B}")
    return dg.RunRequest(run_key=ended, partition_key=ended)
