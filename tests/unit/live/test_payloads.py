"""The fast reader leaves to MLflow's code whatever is not plainly right."""
import json

import pytest

from helpers.live.payloads import read_fast

KINDS = {"carrier": "string", "distance": "long", "temp": "double"}
ROW = {"carrier": "B6", "distance": 944, "temp": 50.5}


def read(**changes: object):
    """Return what the reader makes of a row with some values changed."""
    return read_fast(json.dumps({"dataframe_records": [ROW, ROW | changes]}).encode(), KINDS)


def test_a_right_payload_is_read_by_columns():
    """A whole number where a fraction may be becomes one, and a missing one stays missing."""
    assert read(temp=50) == {"carrier": ["B6", "B6"], "distance": [944, 944], "temp": [50.5, 50.0]}
    assert read(temp=None)["temp"] == [50.5, None]


@pytest.mark.parametrize("changes", [
    {"distance": 2**63}, {"distance": -(2**63)}, {"temp": 10**30}, {"distance": 9.5}, {"distance": True},
    {"distance": None}, {"carrier": 7}, {"carrier": None}, {"carrier": "\ud800"}, {"temp": "warm"}, {"temp": [1]},
])  # fmt: skip
def test_a_value_of_another_type_or_range_is_not_read_fast(changes):
    """In any row, and in any column; half of a character can be written nowhere."""
    assert read(**changes) is None


@pytest.mark.parametrize("id", ["", "x" * 201, 7, None, "\udfff"])
def test_an_odd_id_is_not_read_fast(id):
    """It must be a text of 1 to 200 characters."""
    rows = [ROW | {"id": "a"}, ROW | {"id": id}]
    assert read_fast(json.dumps({"dataframe_records": rows}).encode(), KINDS) is None
