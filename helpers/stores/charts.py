"""The chart of notebook 13: how many runs arrive at each architecture as more clients log."""
import pandas as pd
from matplotlib import pyplot
from matplotlib.figure import Figure


def draw_rates(measured: pd.DataFrame) -> Figure:
    """Return the runs per second over the clients, a line for each architecture of the benchmark's table."""
    columns = [name for name in measured if name.startswith("runs_a_second_")]
    clients = [int(name.split("_")[3]) for name in columns]
    figure, axes = pyplot.subplots()
    for number, (name, row) in enumerate(measured[columns].iterrows()):
        axes.plot(clients, row, f"C{number}" + "os^D"[number % 4] + "-", label=name)
    axes.set(title="Four clients help PostgreSQL; a cache of logins helps the server",
             xlabel="clients at the same time", ylabel="runs per second",
             xscale="log", ylim=(0, None), xticks=clients, xticklabels=clients)
    axes.minorticks_off()
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
    return figure
