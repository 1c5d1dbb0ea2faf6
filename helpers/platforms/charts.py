"""The chart of notebook 17: one curve for each setting, with a mark for each platform that holds it."""
from matplotlib import pyplot
from matplotlib.figure import Figure

_MARKS = ("-", "o", "+", "x")


def draw_curves(curves: dict[tuple[str, str], list[tuple]], ylabel: str) -> Figure:
    """Return the curves of runs, by platform and name: MLflow's as lines, the others' as marks."""
    figure, axes = pyplot.subplots()
    platforms = sorted({platform for platform, _ in curves}, key=lambda platform: (platform != "MLflow", platform))
    names = list(dict.fromkeys(name for _, name in curves))
    for (platform, name), points in curves.items():
        mark, steps = _MARKS[platforms.index(platform)], [point[0] for point in points]
        axes.plot(steps, [point[1] for point in points], mark, color=f"C{names.index(name)}", ms=12, mfc="none",
                  label=name if mark == "-" else None)
    for platform, mark in zip(platforms, _MARKS):
        axes.plot([], [], mark, color="grey", ms=12, mfc="none", label=platform)
    axes.set(title=f"The curves are the same on all {len(platforms)} platforms", xlabel="trees", ylabel=ylabel)
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
    return figure
