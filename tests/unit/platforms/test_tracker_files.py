"""Records are read from the files of each tracker as they were written, and compared to the last digit."""
import json

import pytest

from helpers.platforms import tracker_files

START, FIRST, LAST = 1_385_000_000_000, 1_385_000_001_250, 1_385_000_002_500
SECONDS = {START: "2013-11-21T02:13:20+00:00", FIRST: "2013-11-21T02:13:21.250+00:00",
           LAST: "2013-11-21T02:13:22.500+00:00"}
POINTS = [(10, 0.25, FIRST), (20, 0.2, LAST)]
RUNS = {"one": {"params": {"leaves": 4, "rate": 0.1}, "metrics": {"auc": 0.7, "brier": 0.2},
                "curve": {10: 0.25, 20: 0.2}}}
RECORD = {"name": "one", **{key: RUNS["one"][key] for key in ("params", "metrics")}, "curve": POINTS, "start": START,
          "end": LAST}


def test_the_record_of_wandb_is_made_from_the_lines_that_its_program_prints(tmp_path):
    """The run's end is the time of the last value; the settings lose the client's own entry."""
    config = {"leaves": 4, "rate": 0.1, "_wandb": {"t": 1}}
    points = [{"_step": step, "brier_after": value, "_timestamp": time / 1000} for step, value, time in POINTS]
    lines = [
        {"type": "run", "run": {"display_name": "one", "config": {"update": config}, "start_time": SECONDS[START]}},
        *({"type": "history", "history": {"item": point}} for point in points),
        {"type": "summary", "summary": {"update": {"auc": 0.7, "brier": 0.1}}},
        {"type": "summary", "summary": {"update": {"brier": 0.2}}},
        {"type": "artifact", "artifact": {"manifest": {"contents": [{"local_path": str(tmp_path / "kept")}]}}},
    ]
    assert tracker_files.read_wandb(lines) == {**RECORD, "model": tmp_path / "kept"}


def test_the_record_of_neptune_is_made_from_its_operations(tmp_path):
    """Fields are found by their paths, and the run's end is the time of the last operation."""
    (tmp_path / "metadata.json").write_text(json.dumps({"createdAt": SECONDS[START]}))
    fields = {"sys/name": "one", "parameters/leaves": 4, "parameters/rate": 0.1, "metrics/auc": 0.7,
              "metrics/brier": 0.2}
    done = [{"type": "Assign", "path": path.split("/"), "value": value} for path, value in fields.items()]
    done += [{"type": "LogFloats", "path": ["brier_after"], "values": [{"step": step, "value": value, "ts": at / 1000}]}
             for step, value, at in POINTS]
    done += [{"type": "UploadFile", "path": ["model"], "file_path": str(tmp_path / "one.skops")}]
    (tmp_path / "data-1.log").write_text("\n".join(json.dumps({"obj": one, "at": LAST / 1000}) for one in done))
    assert tracker_files.read_neptune(tmp_path) == {**RECORD, "model": tmp_path / "one.skops"}


def test_the_record_of_polyaxon_is_made_from_json_and_tables(tmp_path):
    """The model is the file that was copied into the run's outputs."""
    (tmp_path / "events" / "metric").mkdir(parents=True)
    (tmp_path / "outputs").mkdir()
    (tmp_path / "outputs" / "one.skops").touch()
    rows = [f"{step}|{SECONDS[time]}|{value}" for step, value, time in POINTS]
    (tmp_path / "events/metric/brier_after.plx").write_text("\n".join(["step|timestamp|metric", *rows]))
    run = {"name": "one", "inputs": RECORD["params"], "outputs": {**RECORD["metrics"], "more": 1},
           "started_at": SECONDS[START], "finished_at": SECONDS[LAST]}
    (tmp_path / "run.plx.json").write_text(json.dumps(run))
    assert tracker_files.read_polyaxon(tmp_path) == {**RECORD, "model": tmp_path / "outputs" / "one.skops"}


@pytest.mark.parametrize("other", [
    {"metrics": {"auc": 0.7, "brier": 0.2000001}},
    {"params": {"leaves": 5, "rate": 0.1}},
    {"curve": POINTS[:1]},
    {"curve": [POINTS[0], (20, 0.21, LAST)]},
])
def test_a_record_agrees_to_the_last_digit_or_not_at_all(other):
    """Parameters may be text, as MLflow stores them."""
    assert tracker_files.agrees({**RECORD, "params": {"leaves": "4", "rate": "0.1"}}, RUNS)
    assert not tracker_files.agrees({**RECORD, **other}, RUNS)


def test_a_move_is_counted_in_each_respect(tmp_path):
    """A lost millisecond, a changed model and a changed number each lower one count."""
    (tmp_path / "one").write_bytes(b"model")
    (tmp_path / "changed").write_bytes(b"modem")
    runs, moved = {"one": {**RUNS["one"], "file": tmp_path / "one"}}, {**RECORD, "model": str(tmp_path / "one")}
    old, whole = [RECORD], {"runs": 1, "numbers equal": 1, "times equal": 1, "models equal": 1}
    assert tracker_files.compare_moved(old, [moved], runs) == whole
    assert tracker_files.compare_moved(old, [{**moved, "end": LAST + 1}], runs) == {**whole, "times equal": 0}
    assert tracker_files.compare_moved(old, [{**moved, "model": tmp_path / "changed"}], runs)["models equal"] == 0
    assert tracker_files.compare_moved(old, [{**moved, "metrics": {"auc": 0.7}}], runs)["numbers equal"] == 0


def test_files_are_counted_by_kind(tmp_path):
    """Ids become dots, so two runs are one kind."""
    for name in ("run-1/data.log", "run-2/data.log", "other"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert tracker_files.count_files(tmp_path, r"\d") == ["1 x other", "2 x run-.../data.log"]
