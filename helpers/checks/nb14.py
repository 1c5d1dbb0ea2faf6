"""Checks of notebook 14."""
import numpy as np
import pandas as pd

from helpers import paths
from helpers.checks.answers import is_close, read_number, show
from helpers.checks.registry import NotYet, exercise


@exercise("14.1", hint="WHERE month = 12 GROUP BY carrier HAVING count(late) >= 10000 ORDER BY avg(late) DESC; "
          "count(late) and avg(late) leave out the flights without a label by themselves")
def check_latest_carrier(carrier: object, share: object) -> str:
    """The carrier with the largest share of late flights in December, over all replicas."""
    carrier = carrier.strip().upper() if isinstance(carrier, str) else show(carrier)
    share = read_number(share, "share")
    december = pd.read_parquet(paths.WORKSPACE / "big" / "flights" / "month=12", columns=["carrier", "late"])
    known = december.groupby("carrier")["late"].agg(["mean", "count"])
    shares = known.loc[known["count"] >= 10_000, "mean"]
    if carrier not in shares:
        raise NotYet(f"{carrier!r} is no carrier with at least 10,000 labelled flights in December: use HAVING.")
    if carrier != shares.idxmax():
        raise NotYet(f"Another carrier has a larger share than {carrier}: is it December alone, ordered by avg(late)?")
    if not is_close(share, shares.max()):
        raise NotYet(f"{share:.4f} is not the share of {carrier}: divide by the flights with a label only.")
    return f"{carrier}: {shares.max():.3f} of its December flights were late."


@exercise("14.2", hint="spark.read.parquet(SCORES.as_posix()).where('replica = 0 AND late IS NOT NULL')"
          ".groupBy('month').agg(F.avg(F.col('score') - F.col('late')).alias('gap')).orderBy('gap').first()")
def check_lowest_gap(month: object, gap: object) -> str:
    """The month whose mean score lies furthest below the observed rate, in the year that happened."""
    import duckdb  # it comes with notebook 14's own group of packages

    month, gap = read_number(month, "month"), read_number(gap, "gap")
    files = (paths.WORKSPACE / "big" / "scores").as_posix() + "/*/*.parquet"
    gaps = duckdb.sql(
        "SELECT month, avg(score - late) AS gap FROM read_parquet($files) WHERE replica = 0 GROUP BY month",
        params={"files": files},
    ).df().set_index("month")["gap"]
    if month != gaps.idxmin():
        raise NotYet(f"Month {month:g} has not the lowest gap: take mean score minus observed rate, the lowest first.")
    if not is_close(gap, gaps.min()):
        raise NotYet(f"Month {month:g} is right, and its gap is not {gap:.4f}: take mean score minus observed "
                     "rate, of replica 0 only, and only flights that have a label.")
    return f"In month {month:g} the mean score is {-gaps.min():.3f} below the observed rate."


@exercise("14.3", hint="deltalake.DeltaTable(TABLE, version=1).to_pyarrow_dataset() has the scores as they were; join "
          "it by `row` with the newest version, and keep the rows WHERE new.score IS NULL")
def check_withdrawn_mean(mean_before: object) -> str:
    """The mean score of the flights from LGA, which the update withdrew, before it did."""
    import duckdb

    mean = read_number(mean_before, "mean_before")
    big = paths.WORKSPACE / "big"
    withdrawn, every, kept, late = duckdb.sql(
        "SELECT avg(score) FILTER (origin = 'LGA'), avg(score), avg(score) FILTER (origin <> 'LGA'), "
        "avg(f.late) FILTER (origin = 'LGA') FROM read_parquet($flights) f JOIN read_parquet($scores) s USING (row)",
        params={"flights": f"{(big / 'flights').as_posix()}/*/replica=0/*.parquet",
                "scores": f"{(big / 'scores').as_posix()}/*/*.parquet"},
    ).fetchall()[0]
    mistakes = {every: "the mean of all flights: keep the flights whose score is NULL in the newest version",
                kept: "the mean of the flights that still have a score: read version 1, and keep the withdrawn ones",
                late: "the share of late flights from LGA: average `score`, not `late`"}
    if not is_close(mean, withdrawn):
        told = [what for value, what in mistakes.items() if is_close(mean, value)]
        raise NotYet(f"{mean:.4f} is {told[0]}." if told else f"{mean:.4f} is not the mean score of the withdrawn "
                     "flights: read version 1 for the scores, and the newest version for the flights that lost theirs.")
    return f"The flights from LGA had the mean score {withdrawn:.3f} before the update."


@exercise("14.4", hint="F.sum('held_up').over(Window.partitionBy('origin').orderBy('minute').rangeBetween(-194, -135))")
def check_settled_hour(busy: object) -> str:
    """A window that ends where the flights are settled."""
    if "held_up_1h" not in getattr(busy, "columns", []):
        raise NotYet("give the DataFrame of Spark with its new column `held_up_1h`, by `basic.withColumn`")
    week = busy.where("date BETWEEN '2013-02-07' AND '2013-02-09'")
    table = week.select("origin", "minute", "held_up", "held_up_1h").toPandas()
    day = table[table["minute"] >= table["minute"].min() + 1440]
    for flight in day.sample(400, random_state=0).itertuples():
        before = table["minute"].sub(flight.minute).between(-194, -135) & (table["origin"] == flight.origin)
        expected, found = table.loc[before, "held_up"].sum(), np.nan_to_num(flight.held_up_1h)
        if found != expected:
            raise NotYet(f"a flight from {flight.origin} has {found:g}, and {expected} were held up from 194 to 135 "
                         "minutes before: look at partitionBy, at the ends of rangeBetween, and at what is summed")
    return "400 flights checked one by one: nothing later than 135 minutes before departure is used."
