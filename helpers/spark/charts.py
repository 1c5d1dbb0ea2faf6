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


def draw_rates(measured: dict[str, list[float]], limit: float) -> Figure:
    """Return a bar for each setting, its median of flights per second, with a point for each run.

    Parameters
    ----------
    measured : dict of str to list of float
        For each setting the flights per second of its runs.
    limit : float
        The flights per second of the model without Spark.
    """
    figure, axis = pyplot.subplots(figsize=(10, 5), layout="constrained")
    names = list(measured)
    axis.barh(names, [np.median(runs) / 1000 for runs in measured.values()], color="C0", alpha=0.5, label="median")
    for place, runs in enumerate(measured.values()):
        axis.plot(np.array(runs) / 1000, [place] * len(runs), "ko", markersize=5, label="a run" if place == 0 else None)
    axis.axvline(limit / 1000, color="0.3", linestyle="--", label="the model in one process, without Spark")
    axis.invert_yaxis()
    axis.set(title="Flights that Spark scores per second, by setting", xlabel="thousand flights per second")
    figure.legend(loc="outside lower center", ncols=3, fontsize=11)
    return figure


def draw_psi(on_spark: pd.Series, in_pandas: pd.Series) -> Figure:
    """Return each feature's PSI as a bar from Spark's counts and a point from pandas."""
    order = on_spark.sort_values().index
    figure, axis = pyplot.subplots(figsize=(9, 5.5), layout="constrained")
    axis.barh(order, on_spark[order], color="C0", label="counted by Spark")
    axis.plot(in_pandas[order], order, "C1o", label="computed in pandas")
    title = "December against the reference: Spark and pandas give the same PSI"
    axis.set(title=title, xlabel="population stability index")
    figure.legend(loc="outside lower center", ncols=2)
    return figure


def draw_cost(flights: np.ndarray, core_seconds: np.ndarray, per_flight: np.ndarray, price: float) -> Figure:
    """Return the core-hours that scoring takes over the number of flights, drawn on to ten billion.

    Parameters
    ----------
    flights, core_seconds : ndarray of shape (n,)
        What was measured, the same job at each size.
    per_flight : ndarray of shape (n - 1,)
        Core-seconds per flight between two sizes next to each other; the last, of the largest two, is the line.
    price : float
        Dollars for a core and an hour.
    """
    reach = np.geomspace(flights.min(), 1e10, 50)
    hours = reach / 3600
    figure, axis = pyplot.subplots(figsize=(10, 5.5), layout="constrained")
    axis.loglog(reach, hours * per_flight[-1], "C0", label="by the two largest sizes")
    low, high = max(per_flight.min(), per_flight[-1] / 10), per_flight.max()
    axis.fill_between(reach, hours * low, hours * high, color="C0", alpha=0.2, label="lowest to highest pair")
    axis.loglog(flights, core_seconds / 3600, "C1o", label="measured")
    axis.axvspan(flights.max(), 1e10, color="0.5", alpha=0.1, label="not measured")
    for wanted, name in ((1e8, "100 million"), (1e10, "10 billion")):
        cost = wanted * per_flight[-1] / 3600
        text = f"{name}:\nabout {_round(cost)} core-hours,\n{_round(cost * price)} dollars"
        axis.annotate(text, (wanted, cost), (0.5 * wanted, cost / 12), ha="center", va="top", fontsize=11,
                      arrowprops={"arrowstyle": "-", "color": "0.4"})
    axis.set(title="Core-hours, drawn on far beyond what was measured", xlabel="flights", ylabel="core-hours")
    figure.legend(loc="outside lower center", ncols=4, fontsize=11)
    return figure


def _round(value: float) -> str:
    """Return a value to one digit."""
    return f"{float(f'{value:.0e}'):,.10g}"
