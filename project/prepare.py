"""Prepare the raw tables as notebook 1 does, and write the months into the workspace."""
import common
import mlflow
import pandas as pd
from mlflow.data.dataset_source_registry import resolve_dataset_source
from mlflow.data.meta_dataset import MetaDataset

from helpers import features, flights, paths

RAW = ["flights", "weather", "airports"]


def main(months: list[str]) -> None:
    """Write the chosen months; record them, and the raw tables that they come from, as datasets."""
    raw = {name: flights.load(name) for name in RAW}
    for name in RAW:
        source = resolve_dataset_source((paths.DATA / f"{name}.parquet").as_uri())
        mlflow.log_input(MetaDataset(source, name=name, digest=common.compute_digest(name)), context="raw")
    prepared = features.prepare(*raw.values())
    tables = {f"2013-{month:02d}": rows for month, rows in prepared.groupby("month")}
    for month in tables if months == ["all"] else months:
        if month not in tables:
            common.stop(f"there is no month {month!r}: choose from 2013-01 to 2013-12, or all")
        write(month, tables[month])
        mlflow.log_input(common.describe_data(month, common.read_labelled(month)), context="prepared")


def write(month: str, rows: pd.DataFrame) -> None:
    """Write one month where it is missing or differs; whoever reads it meanwhile sees the old file or the new one."""
    file, content = common.find_file(month), rows.to_parquet(index=False)
    if not file.exists() or file.read_bytes() != content:
        file.with_suffix(".new").write_bytes(content)
        file.with_suffix(".new").replace(file)


if __name__ == "__main__":
    with mlflow.start_run():
        mlflow.set_tags(common.collect_facts())
        parser = common.Parser(description=__doc__, allow_abbrev=False)
        parser.add_argument("--months", type=common.split_months, required=True)
        main(parser.parse_args().months)
