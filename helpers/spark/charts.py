"""Charts of notebook 14: what tools and settings take as the flights grow, and what more of them would cost."""
import numpy as np
import pandas as pd
from matplotlib import pyplot
from matplotlib.figure import Figure

from helpers.processes import Use


def draw_ladder(rows: list[int], uses: dict[str, list[Use]], limit: float) -> Figure:
    """Return the seconds and the memory that each tool takes over the number of flights.

    Parameters
    ----------
    rows : list of int
        Flights of each size.
    uses : dict of str to list of Use
        For each tool what each size took.
    limit : float
        Bytes at which a process was killed.
    """
    figure, axes = pyplot.subplots(1, 2, figsize=(11, 4.5), layout="constrained")
    for number, (name, took) in enumerate(uses.items()):
        points = pd.DataFrame(
            {"seconds": [use.seconds for use in took], "gigabytes": [use.peak / 1e9 for use in took]},
            index=np.array(rows[: len(took)]) / 1e6,
        )
        killed = np.array([use.passed for use in took], dtype=bool)
        points.loc[killed, "gigabytes"] = limit / 1e9
        for axis, column in zip(axes, points):
            axis.plot(points.loc[~killed, column], f"C{number}o-", label=name)
            axis.plot(points.loc[killed, column], f"C{number}x", markersize=12)
    axes[1].axhline(limit / 1e9, color="0.3", linestyle="--")
    axes[0].set(title="Time; a cross: killed at the limit", xlabel="million flights", ylabel="seconds")
    axes[1].set(title="Largest memory; dashed: the limit", xlabel="million flights", ylabel="GB", ylim=(0, None))
    axes[0].legend(fontsize=11, ncols=2, loc="upper left", bbox_to_anchor=(0, -0.2))
    return figure


def draw_rates(measured: dict[str, float], limit: float) -> Figure:
    """Return a bar for each setting, its flights per second, beside what the model does without Spark."""
    figure, axis = pyplot.subplots(figsize=(9, 4.5), layout="constrained")
    axis.barh(list(measured), [value / 1000 for value in measured.values()], color="C0")
    axis.axvline(limit / 1000, color="0.3", linestyle="--", label="the model in one process, without Spark")
    axis.invert_yaxis()
    axis.set(title="Flights that Spark scores per second, by setting", xlabel="thousand flights per second")
    axis.legend(loc="lower center", bbox_to_anchor=(0.5, 1.08), fontsize=11)
    return figure


def draw_psi(on_spark: pd.Series, in_pandas: pd.Series) -> Figure:
    """Return each feature's PSI as a bar from Spark's counts and a point from pandas."""
    order = on_spark.sort_values().index
    figure, axis = pyplot.subplots(figsize=(9, 5.5), layout="constrained")
    axis.barh(order, on_spark[order], color="C0", label="counted by Spark")
    axis.plot(in_pandas[order], order, "C1o", label="computed in pandas")
    title = "December against the reference: Spark and pandas give the same PSI"
    axis.set(title=title, xlabel="population stability index")
    axis.legend(loc="center right")
    return figure


def draw_scaling(one_core: dict[int, float], two_cores: dict[int, float], first: float) -> Figure:
    """Return strong scaling, weak scaling and the cost of a session's first job.

    Parameters
    ----------
    one_core, two_cores : dict of int to float
        Seconds by the number of replicas; those of 1 and of 2 are drawn.
    first : float
        Seconds of a session's first job, on one core and one replica.
    """
    cores = [1, 2]
    figure, axes = pyplot.subplots(1, 3, figsize=(12, 4), layout="constrained")
    axes[0].plot(cores, cores, "--", color="0.4", label="ideal")
    axes[0].plot(cores, [1, one_core[2] / two_cores[2]], "C0o-", label="measured")
    axes[0].set(title="Strong: the same flights", xlabel="cores", ylabel="times as fast", ylim=(0, 2.1), xticks=cores)
    axes[1].axhline(one_core[1], linestyle="--", color="0.4")
    axes[1].plot(cores, [one_core[1], two_cores[2]], "C0o-")
    axes[1].set(title="Weak: flights grow with cores", xlabel="cores", ylabel="seconds", ylim=(0, None), xticks=cores)
    axes[2].bar(["first job", "second job"], [first, one_core[1]], color=["C1", "C0"])
    axes[2].set(title="One core: the first job and the next", ylabel="seconds")
    axes[0].legend(fontsize=11)
    return figure


def draw_cost(flights: np.ndarray, core_seconds: np.ndarray, slope: float, margin: float, price: float) -> Figure:
    """Return the core-hours that scoring takes over the number of flights, drawn on to ten billion.

    Parameters
    ----------
    flights, core_seconds : ndarray of shape (n,)
        What was measured.
    slope, margin : float
        Core-seconds per flight, and half of the 95 % interval.
    price : float
        Dollars for a core and an hour.
    """
    reach = np.geomspace(flights.min(), 1e10, 50)
    figure, axis = pyplot.subplots(figsize=(9, 5), layout="constrained")
    axis.loglog(reach, reach * slope / 3600, "C0", label="the measured slope")
    low, high = max(slope - margin, slope / 10), slope + margin
    axis.fill_between(reach, reach * low / 3600, reach * high / 3600, color="C0", alpha=0.2, label="95 % interval")
    axis.loglog(flights, core_seconds / 3600, "C1o", label="measured")
    for wanted, name in ((1e8, "100 million"), (1e10, "10 billion")):
        hours = wanted * slope / 3600
        spread = f"{wanted * low / 3600:,.1f} to {wanted * high / 3600:,.1f}"
        text = f"{name}:\n{hours:,.1f} core-hours\n({spread}),\n{hours * price:,.2f} dollars"
        axis.annotate(text, (wanted, hours), (0.55 * wanted, hours / 12), ha="center", va="top", fontsize=11,
                      arrowprops={"arrowstyle": "-", "color": "0.4"})
    axis.set(title="Core-hours grow in proportion to the flights", xlabel="flights", ylabel="core-hours")
    axis.legend(loc="upper left")
    return figure
