"""Payloads of the live server: the common ones are read fast, all others by MLflow's own code."""
from __future__ import annotations

import contextlib
import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    from mlflow.models import Model, ModelSignature

ID = "id"  # a column beside the features that names each row's prediction; MLflow's own server drops it
_TYPES = {"string": {str}, "long": {int}, "double": {float, int, type(None)}}
_LARGEST = 2**63 - 1
_LONGEST = 200  # characters of an id
_MOST_UNPACKED = 30_000_000  # bytes
MOST_ROWS = 20_000  # of a request, which in memory are far longer than in its body
_MOST_COLUMNS = 1_000  # of a request; ten times as many take pandas seconds, and gigabytes where each row has its own
Columns = dict[str, list]


class Refused(Exception):
    """A request that is answered with an error: its status, and what MLflow's errors have in their body."""

    def __init__(self, status: int, message: str, code: str = "BAD_REQUEST") -> None:
        """Take the status, the message and MLflow's error code."""
        super().__init__(message)
        self.status, self.code = status, code


def require_few(rows: int) -> None:
    """Raise Refused for more rows than a request may have."""
    if rows > MOST_ROWS:
        raise Refused(413, f"the request has {rows:,} rows, and may have {MOST_ROWS:,}: send fewer", "TOO_LARGE")


def read(body: bytes, content_type: str, metadata: Model) -> Columns:
    """Return the columns of a payload that the model's signature accepts, ids among them where they came.

    Raises
    ------
    Refused
        With MLflow's status and message where the payload does not fit.
    """
    from mlflow import MlflowException
    from mlflow.pyfunc import scoring_server

    parsed = _Parsed(metadata)
    if content_type.startswith(scoring_server.CONTENT_TYPE_PARQUET):
        _require_small_table(body)
    if content_type.startswith(scoring_server.CONTENT_TYPE_CSV):
        _require_few_columns(_count_columns_of_csv(body))
    elif "json" in content_type:
        _require_few_columns(_count_columns_of_json(body))
    try:
        done = scoring_server.invocations(body, content_type, parsed, metadata.get_input_schema())
    except MlflowException as error:
        raise Refused(400, error.message, error.error_code) from error
    except Exception as error:  # MLflow's server answers 500 here, but it is the client's payload that cannot be read
        raise Refused(400, f"the payload cannot be read: {error!r}") from error
    if done.status != 200:
        raise Refused(done.status, done.response)
    require_few(parsed.rows)
    columns = parsed.columns
    if ID in columns and content_type.startswith("text/csv"):  # else pandas makes 7 of 007
        columns[ID] = _read_ids_as_text(body)
    names = [column.name for column in metadata.signature.inputs if column.type.name == "string"]
    for name in names:  # MLflow lets numbers pass, which no model has met as names either
        columns[name] = [str(value) if isinstance(value, int | float) else value for value in columns[name]]
    _require_sound_text(columns, names)
    return columns


def _require_small_table(body: bytes) -> None:
    """Raise Refused for a Parquet payload of too many rows or columns, or that would be too large unpacked."""
    from pyarrow import parquet, types

    try:
        about = parquet.read_metadata(io.BytesIO(body))
        kinds = about.schema.to_arrow_schema().types
    except Exception:  # MLflow's code says what is wrong with it
        return
    groups = [about.row_group(place) for place in range(about.num_row_groups)]
    rows = max(about.num_rows, sum(group.num_rows for group in groups))
    require_few(rows)
    _require_few_columns(about.num_columns)
    if any(map(types.is_nested, kinds)):
        raise Refused(400, "the table has a column of lists or of tables: send one value for each row and column")
    columns = [about.schema.column(place) for place in range(about.num_columns)]
    least = rows * sum(max(8, column.length) for column in columns)  # few bytes can say of a number that it repeats
    said = max(least, sum(group.total_byte_size for group in groups))
    if said > _MOST_UNPACKED or _measure_texts(body, [column.path for column in columns]) > _MOST_UNPACKED:
        raise Refused(413, f"the table has more than {_MOST_UNPACKED:,} bytes unpacked: send fewer", "TOO_LARGE")


def _measure_texts(body: bytes, names: list[str]) -> int:
    """Return the bytes of the texts of a Parquet payload, of which it holds equal ones once, without unpacking them."""
    from pyarrow import DictionaryArray, compute, parquet

    try:
        table = parquet.ParquetFile(io.BytesIO(body), read_dictionary=names).read()
        texts = [part for column in table.columns for part in column.chunks if isinstance(part, DictionaryArray)]
        sizes = [compute.binary_length(part.dictionary).take(part.indices) for part in texts]
        return sum(compute.sum(size).as_py() or 0 for size in sizes)
    except Exception as error:
        said = f"the table cannot be read, or not measured before it is unpacked ({error})"
        raise Refused(400, f"{said}: write it by DataFrame.to_parquet") from error


def _require_few_columns(columns: int) -> None:
    """Raise Refused for very many columns, as a table has that is turned around: its columns are the rows."""
    if columns > _MOST_COLUMNS:
        said = f"the table has {columns:,} columns, and may have {_MOST_COLUMNS:,}: send a row for each flight"
        raise Refused(413, said, "TOO_LARGE")


def _count_columns_of_csv(body: bytes) -> int:
    """Return how many columns a CSV has, 0 where it is none: MLflow's code says what is wrong with it.

    Pandas skips blank lines, and takes what the second line has more than the first for an index.
    """
    lines = filter(None, csv.reader(io.StringIO(body.decode(errors="replace"), newline="")))
    with contextlib.suppress(csv.Error):
        rows = islice((line for line in lines if len(line) > 1 or line[0].strip()), 2)
        return max(map(len, rows), default=0)
    return 0


def _count_columns_of_json(body: bytes) -> int:
    """Return how many columns a JSON payload has, in whichever form, 0 where it is none."""
    with contextlib.suppress(ValueError, RecursionError):
        content = json.loads(body)
        return max(map(_count_columns, content.values()), default=0) if isinstance(content, dict) else 0
    return 0


def _count_columns(table: object) -> int:
    """Return how many columns a table has by rows, by columns, or in pandas' split form."""
    if isinstance(table, dict):
        names, rows = table.get("columns"), table.get("data")
        return max(len(table), len(names) if isinstance(names, list) else 0,
                   _count_columns(rows) if isinstance(rows, list) else 0)
    rows = table if isinstance(table, list) else []
    widest = max((len(row) for row in rows if isinstance(row, list)), default=0)
    return max(widest, len(set().union(*(row for row in rows if isinstance(row, dict)))))


def _read_ids_as_text(body: bytes) -> list[str]:
    """Return the ids of a CSV payload as they are written."""
    import pandas as pd

    return pd.read_csv(io.BytesIO(body), usecols=[ID], dtype=str, keep_default_na=False)[ID].tolist()


def _require_sound_text(columns: Columns, names: list[str]) -> None:
    """Raise Refused for an id or a value of some columns that is no text, and for text that no encoding can write."""
    if len(set(map(len, columns.values()))) != 1:
        raise Refused(400, "there must be an id for each row, or none at all")
    for one in columns.get(ID, ()):
        if not _is_id(one):
            said = "of 1 to 200 characters" if isinstance(one, str) else 'in quotes, such as "7"'
            raise Refused(400, f"an id is a text {said}: this request has {str(one)[:50]!r}")
    for name in names:
        if strange := [value for value in columns[name] if not isinstance(value, str | None)]:
            raise Refused(400, f"{name} is a text: this request has {str(strange[0])[:50]!r}")
    texts = [value for values in columns.values() for value in values if isinstance(value, str)]
    if not _can_be_written(texts):
        raise Refused(400, "a text holds half of a character (a surrogate): send whole ones")


def _is_id(value: object) -> bool:
    """Return whether a value can name a prediction."""
    return isinstance(value, str) and 0 < len(value) <= _LONGEST


def _can_be_written(texts: Iterable[str]) -> bool:
    """Return whether texts can be encoded."""
    try:
        return bool("".join(texts).encode() or True)
    except UnicodeEncodeError:
        return False


class _Parsed:
    """Stands where MLflow's scoring code expects a model, and keeps the table that would have been scored."""

    def __init__(self, metadata: Model) -> None:
        """Take the metadata of the model that will score."""
        self.metadata, self.columns, self.rows = metadata, {}, 0

    def predict(self, data: pd.DataFrame, params: dict | None = None) -> list:
        """Check a parsed payload against the signature as MLflow does, and keep it."""
        import numpy as np
        import pandas as pd
        from mlflow import MlflowException
        from mlflow.pyfunc import PyFuncModel

        self.rows = len(data) if isinstance(data, pd.DataFrame) else 0
        if self.rows > MOST_ROWS:  # `read` refuses them; as lists of objects they would take far more memory
            return []
        table = PyFuncModel(model_meta=self.metadata, model_impl=_Passed()).predict(data)
        missing = [name for name in self.metadata.get_input_schema().input_names() if name not in table]
        if missing:  # MLflow lets through what may be null, and the model breaks on it
            raise MlflowException.invalid_parameter_value(f"Model is missing inputs {missing}: send null for unknown.")
        if table.empty:
            raise MlflowException.invalid_parameter_value("The payload has no rows.")
        self.columns = {name: table[name].astype(object).where(table[name].notna(), None).tolist() for name in table}
        if isinstance(data, list) and data and isinstance(data[0], dict):  # of inputs by row MLflow makes arrays
            data = pd.DataFrame(data)
        if isinstance(data, dict | pd.DataFrame) and ID in data:  # a dictionary of arrays where MLflow read instances
            ids = np.asarray(data[ID], dtype=object).ravel().tolist()
            self.columns[ID] = [one.item() if np.ndim(one) == 0 and hasattr(one, "item") else one for one in ids]
        return []


class _Passed:
    """A model that answers with what it is asked."""

    def predict(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return the table."""
        return table


def kinds_of(signature: ModelSignature) -> dict[str, str]:
    """Return the type of each column of a signature, such as ``double``."""
    return {column.name: column.type.name for column in signature.inputs}


def read_fast(body: bytes, kinds: Mapping[str, str]) -> Columns | None:
    """Return the columns of a JSON payload whose every value has exactly the type in `kinds`, else nothing.

    What this cannot read may be right all the same: `read` decides.
    """
    try:
        ((form, content),) = _DECODER.decode(body.decode()).items()
        found = _READERS[form](content)
        columns = {name: found[name] for name in (*kinds, *({ID} & found.keys()))}
        texts = [text for name, values in columns.items() for text in _find_texts(values, kinds.get(name, "string"))]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    if not (_can_be_written(texts) and all(map(_is_id, columns.get(ID, ())))):
        return None
    return {name: _convert(values) if kinds.get(name) == "double" else values for name, values in columns.items()}


def _find_texts(values: list, kind: str) -> list[str]:
    """Return the texts among the values of a column; raise ValueError for a value of another type, or out of range."""
    types = set(map(type, values))
    if not types <= _TYPES[kind]:
        raise ValueError
    if int in types and any(abs(value) > _LARGEST for value in values if type(value) is int):
        raise ValueError
    return values if str in types else []


def _convert(numbers: list) -> list[float | None]:
    """Return numbers as floats, so that 50 and 50.0 are the same in the log."""
    return [None if number is None else float(number) for number in numbers]


def _refuse_constant(name: str) -> None:
    """Refuse NaN and Infinity, which Python writes and JSON does not know: `read` turns the first into a null."""
    raise ValueError(name)


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def _from_records(rows: list[dict]) -> Columns:
    """Return the columns of one or more records that have the same names."""
    (_,) = {len(row) for row in rows}
    return {name: [row[name] for row in rows] for name in rows[0]}


def _from_split(content: dict) -> Columns:
    """Return the columns of names and rows given apart."""
    names, rows = content["columns"], content["data"]
    if content.keys() != {"columns", "data"} or len(set(names)) != len(names) or {*map(len, rows)} != {len(names)}:
        raise ValueError
    return dict(zip(names, map(list, zip(*rows))))


_READERS: dict[str, Callable] = {"dataframe_records": _from_records, "dataframe_split": _from_split}
