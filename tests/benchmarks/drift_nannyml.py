"""Writes tests/unit/drift/nannyml.json: NannyML's figures for the flights, which the ordinary tests compare with ours.

    python tests/benchmarks/drift_nannyml.py

makes an environment for NannyML (it does not belong to the course's own) and lets it
compare each month from April on with the training rows, by the statistics whose
definitions are ours: exact KS and Wasserstein of the present numbers, chi-square and
Jensen-Shannon of the categories.
"""
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

TABLE = Path(__file__).resolve().parents[1] / "unit" / "drift" / "nannyml.json"
NUMBERS = ["kolmogorov_smirnov", "wasserstein"]
CATEGORIES = ["chi2", "jensen_shannon"]


def write(folder: Path) -> None:
    """Write the training rows and the months after them as Parquet files."""
    from helpers import features, flights

    year = features.prepare(*[flights.load(name) for name in ("flights", "weather", "airports")])
    table = year[["sched_dep", "late", *features.FEATURES]].assign(sched_dep=year["date"])
    table[year["month"].le(3) & year["late"].notna()].to_parquet(folder / "reference.parquet")
    table[year["month"].gt(3)].to_parquet(folder / "current.parquet")


def calculate(folder: Path) -> dict:
    """Return NannyML's figures: feature, statistic, month, value. Runs in NannyML's environment."""
    import nannyml
    import pandas as pd

    reference, current = (pd.read_parquet(folder / f"{name}.parquet") for name in ("reference", "current"))
    names = [name for name in reference if name not in ("sched_dep", "late")]
    categories = [name for name in names if not pd.api.types.is_numeric_dtype(reference[name])]
    calculator = nannyml.UnivariateDriftCalculator(
        column_names=names,
        treat_as_categorical=categories,
        timestamp_column_name="sched_dep",
        chunk_period="M",
        continuous_methods=NUMBERS,
        categorical_methods=CATEGORIES,
        computation_params={**dict.fromkeys(NUMBERS), "calculation_method": "exact"},  # 0.13.1 looks at both levels
    )
    result = calculator.fit(reference).calculate(current).filter(period="analysis").to_df()
    months = [int(key[-2:]) for key in result["chunk", "chunk", "key"]]
    return {
        name: {
            method: dict(zip(months, result[name, method, "value"].tolist(), strict=True))
            for method in (CATEGORIES if name in categories else NUMBERS)
        }
        for name in names
    }


def main() -> None:
    """Run both halves, each in its own environment."""
    from peers import ONE_THREAD, QUIET, python_of

    python = python_of("nannyml") or sys.exit("there is no environment for NannyML: see the messages above")
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder))
        subprocess.run([python, __file__, folder], check=True, env={**os.environ, **QUIET, **ONE_THREAD})


if __name__ == "__main__":
    if len(sys.argv) == 1:
        main()
    else:
        TABLE.write_text(json.dumps(calculate(Path(sys.argv[1])), indent=1) + "\n", encoding="utf-8")
