"""Schemas: they hold on the real tables, and each fault breaks the rule that it should."""
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from helpers import features, flights, schemas


@pytest.fixture(scope="module")
def march() -> pd.DataFrame:
    """Return prepared flights of March."""
    raw = flights.load("flights").query("month == 2 and day > 20 or month == 3")
    table = features.prepare(raw, flights.load("weather"), flights.load("airports"))
    return table.query("month == 3").reset_index(drop=True).head(3000)


def broken(table: pd.DataFrame) -> set[tuple[str, str]]:
    """Return the columns and the first words of the rules of the prepared schema that a table breaks."""
    found = schemas.find_failures(table, schemas.build_prepared())
    return set(zip(found["column"], found["rule"].str.split("(").str[0], strict=True))


@pytest.mark.parametrize("name", flights.TABLES)
def test_a_raw_table_fits_its_schema(name):
    """The published tables are as their schemas say, quirks included."""
    assert schemas.find_failures(flights.load(name), schemas.build_raw(name)).empty


def test_an_unknown_table_has_no_schema():
    """A mistyped name is answered with the names to choose from."""
    with pytest.raises(ValueError, match="no table 'flight': choose one of flights, weather"):
        schemas.build_raw("flight")


def test_the_prepared_table_fits_its_schema(march):
    """What prepare returns is what the model may rely on, whole or empty."""
    assert schemas.find_failures(march, schemas.build_prepared()).empty
    assert schemas.find_failures(march.head(0), schemas.build_prepared()).empty


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("humid", 101.0, "in_range"),
        ("wind_speed", 1048.36, "in_range"),
        ("visib", 16.1, "in_range"),
        ("temp", 273.0, "in_range"),
        ("pressure", 29.9, "in_range"),
        ("precip", -0.1, "in_range"),
        ("late_share_3h", 1.5, "in_range"),
        ("late_share_prev_day", -0.1, "in_range"),
        ("carrier_late_7d", 40.0, "in_range"),
        ("sched_dep_min", 1440, "in_range"),
        ("sched_block_min", 0.0, "in_range"),
        ("sched_block_min", np.nan, "not_nullable"),
        ("dow", 7, "in_range"),
        ("carrier", "XE", "isin"),
        ("origin", "PHL", "isin"),
        ("dest", "Boston", "str_length"),
        ("late", 2.0, "isin"),
    ],
)
def test_one_wrong_value_breaks_the_rule_of_its_column(march, column, value, rule):
    """A value out of its range or its categories is found in one row of the month."""
    march = march.copy()
    march.loc[7, column] = value
    assert broken(march) == {(column, rule)}
    assert schemas.find_failures(march, schemas.build_prepared())["rows"].tolist() == [1]


@pytest.mark.parametrize("column", [*features.WEATHER, *features.RECENT, features.LABEL])
def test_what_may_be_missing_may(march, column):
    """Weather, recent shares and the label may be missing in any row."""
    assert broken(march.assign(**{column: np.nan})) == set()


def test_a_doubled_flight_is_found(march):
    """The key identifies a flight."""
    assert broken(pd.concat([march, march.head(3)])) == {("(table)", "multiple_fields_uniqueness")}


def test_a_doubled_column_is_found_by_its_name(march):
    """A table with two columns of one name gives frames where its readers want columns."""
    found = schemas.find_failures(pd.concat([march, march[["temp", "late"]]], axis=1), schemas.build_prepared())
    assert found[["rule", "example"]].values.tolist() == [["dataframe_column_labels_unique", "temp, late"]]
    names = flights.load("airlines")
    found = schemas.find_failures(pd.concat([names, names["name"]], axis=1), schemas.build_raw("airlines"))
    assert found[["rule", "example"]].values.tolist() == [["dataframe_column_labels_unique", "name"]]


def test_a_missing_and_an_unknown_column_are_found(march):
    """The schema names all columns and no others."""
    table = march.drop(columns="temp").assign(dep_delay=0.0)
    assert broken(table) == {("(table)", "column_in_dataframe"), ("(table)", "column_in_schema")}


def test_a_column_of_another_type_is_found(march):
    """Whole numbers stay whole numbers."""
    assert ("distance", "dtype") in broken(march.assign(distance=march["distance"] * 1.609))


def test_a_date_that_is_not_the_departures_is_found(march):
    """Month, date and departure say the same."""
    assert broken(march.assign(month=4)) == {("(table)", "month_of_date")}
    moved = march.assign(sched_dep=march["sched_dep"] + pd.Timedelta("1D"))
    assert broken(moved) == {("(table)", "date_of_departure")}


def test_pandera_says_nothing():
    """Importing the schemas and building one prints no warning."""
    code = "from helpers import schemas; schemas.build_prepared(); schemas.build_raw('flights')"
    done = subprocess.run([sys.executable, "-W", "always::FutureWarning", "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
