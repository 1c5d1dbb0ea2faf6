"""One library compares one table with a reference, and reports seconds and memory as a line of JSON.

``drift_speed.py`` runs this file with each library's own Python, so it imports nothing
of the project but for the contestants that belong to it.

    python drift_contestants.py LIBRARY REFERENCE.parquet CURRENT.parquet
"""
import json
import logging
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as parquet


def numeric(frame: pd.DataFrame) -> list[str]:
    """Return the names of the columns of numbers."""
    return [name for name in frame if pd.api.types.is_numeric_dtype(frame[name])]


def sort(reference: pd.DataFrame, current: pd.DataFrame):
    """Sort the numeric columns once, missing values taken out before the clock starts."""
    columns = [current[name].dropna().to_numpy() for name in numeric(current)]
    return lambda: [np.sort(column) for column in columns]


def ours(reference: pd.DataFrame, current: pd.DataFrame):
    """Compare with the stored profile, as a notebook does."""
    from helpers.drift import ReferenceProfile

    profile = Path(sys.argv[3]).with_name("profile.json")
    ReferenceProfile.from_frame(reference).save(profile)
    profile = ReferenceProfile.load(profile)
    return lambda: profile.compare(current)


def nannyml(reference: pd.DataFrame, current: pd.DataFrame):
    """KS, Wasserstein and Jensen-Shannon for numbers, Jensen-Shannon for categories, the table as one chunk."""
    import nannyml as nml

    names = numeric(current)
    calculator = nml.UnivariateDriftCalculator(
        column_names=list(current),
        treat_as_categorical=[name for name in current if name not in names],
        continuous_methods=["kolmogorov_smirnov", "wasserstein", "jensen_shannon"],
        categorical_methods=["jensen_shannon"],
        chunk_number=1,
    )
    calculator.fit(reference)
    return lambda: calculator.calculate(current).to_df()


def evidently(reference: pd.DataFrame, current: pd.DataFrame):
    """The drift preset with its own choice of one statistic a column."""
    from evidently import DataDefinition, Dataset, Report
    from evidently.presets import DataDriftPreset

    names = numeric(current)
    kinds = DataDefinition(
        numerical_columns=names, categorical_columns=[name for name in current if name not in names]
    )
    report = Report([DataDriftPreset()])
    return lambda: report.run(
        Dataset.from_pandas(current, data_definition=kinds), Dataset.from_pandas(reference, data_definition=kinds)
    ).dict()


def frouros(reference: pd.DataFrame, current: pd.DataFrame):
    """PSI, KS and earth mover's distance for numbers, chi-square for categories; it wants no missing values."""
    from frouros.detectors.data_drift import EMD, PSI, ChiSquareTest, KSTest

    fitted, names = [], numeric(current)
    for name in current:
        for detector in [PSI(), KSTest(), EMD()] if name in names else [ChiSquareTest()]:
            detector.fit(X=reference[name].dropna().to_numpy())
            fitted.append((detector, current[name].dropna().to_numpy()))
    return lambda: [detector.compare(X=values) for detector, values in fitted]


def tensorflow_data_validation(reference: pd.DataFrame, current: pd.DataFrame):
    """Statistics of the current table, and their Jensen-Shannon and L-infinity drift from the stored reference's."""
    import tensorflow_data_validation as tfdv

    before = tfdv.generate_statistics_from_dataframe(reference)
    schema = tfdv.infer_schema(before)
    for name in current:
        comparator = tfdv.get_feature(schema, name).drift_comparator
        if name in numeric(current):
            comparator.jensen_shannon_divergence.threshold = 0.1
        else:
            comparator.infinity_norm.threshold = 0.1
    return lambda: tfdv.validate_statistics(
        tfdv.generate_statistics_from_dataframe(current), schema, previous_statistics=before
    )


def main(library: str, reference: str, current: str) -> None:
    """Say when the clock may start, then time the comparison, up to five times in about ten seconds."""
    logging.disable(logging.CRITICAL)
    tables = [parquet.read_table(path).to_pandas() for path in (reference, current)]
    run = globals()[library.replace("-", "_")](*tables)
    print("ready", flush=True)
    before, seconds = settle_peak(), []
    while len(seconds) < 5 and sum(seconds) < 10:
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    report = {"seconds": min(seconds), "megabytes": (peak() - before) / 1e6}
    if library == "ours":
        report["allocated"] = allocated(run) / 1e6
    print(json.dumps(report), flush=True)


def settle_peak() -> float:
    """Set the process's peak memory to what it holds now, where the system can (Linux), and return it in bytes."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return float("nan")
    return peak()


def peak() -> float:
    """Return the highest memory that this process ever held, in bytes; NaN where the system does not tell."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return float("nan")
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


def allocated(run) -> int:
    """Return the most bytes that NumPy, pandas and Arrow held at once during a run."""
    import tracemalloc

    import pyarrow

    pool = pyarrow.proxy_memory_pool(pyarrow.default_memory_pool())
    pyarrow.set_memory_pool(pool)
    tracemalloc.start()
    run()
    python = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return max(python, pool.max_memory())


if __name__ == "__main__":
    main(*sys.argv[1:])
