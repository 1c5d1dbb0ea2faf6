"""The table of platforms has what was noted, and nothing else."""
import sys

import pytest

from helpers.platforms import comparison


def test_the_table_has_the_notes():
    """Answers to one question stand together, once each; a dash stands where there is none."""
    notes = comparison.Notes()
    for answer in ("3 of 3", "served", "3 of 3"):
        notes.add("A", "worked here", answer)
    notes.add("B", "licence", "MIT")
    table = notes.table()
    assert table.loc["A"].tolist() == ["3 of 3; served", "-"] and table.loc["B"].tolist() == ["-", "MIT"]


def test_a_refusal_is_seen_or_it_is_an_error(capsys):
    """The first sentence of the error is printed and noted; a call that works is none."""
    notes = comparison.Notes()
    notes.refused("A", int, "x")
    assert capsys.readouterr().out == "refused: invalid literal for int() with base 10: 'x'\n"
    assert "invalid literal" in notes.table().loc["A", "refused here"]
    with pytest.raises(AssertionError, match="was not"):
        notes.refused("A", int, "1")


def test_records_are_counted_and_the_best_is_named(capsys):
    """By the Brier score, the lowest first."""
    runs = {name: {"params": {}, "metrics": {"brier": score}, "curve": {}} for name, score in (("a", 0.2), ("b", 0.1))}
    found = [{"name": name, **run, "curve": []} for name, run in runs.items()]
    found[0] = {**found[0], "metrics": {"brier": 0.3}}
    notes = comparison.Notes()
    notes.compare("A", found, runs)
    assert capsys.readouterr().out == "1 of 2 runs have the job's numbers; the best is 'b'\n"
    assert notes.table().loc["A", "worked here"] == "1 of 2 runs equal"


def test_licences_and_lines_are_those_of_what_is_installed():
    """A package's licence from its metadata; a function's lines from its source."""
    notes = comparison.Notes()
    notes.add_licences({"A": "requests"})
    notes.add_lines({"A": [test_the_table_has_the_notes]})
    assert notes.table().loc["A"].tolist() == [f"requests: {comparison.licence('requests')}", "8 lines"]
    assert "Apache" in comparison.licence("requests")


def test_a_command_runs_on_a_text(tmp_path):
    """What it prints comes back in one line."""
    echo = [sys.executable, "-c", "import sys; print(open(sys.argv[1]).read(), 'read')"]
    assert comparison.run_in_a_file(echo, tmp_path / "file", "a\nb") == "a b read"


@pytest.mark.parametrize(("message", "reason"), [
    ("Changing values is not allowed. Param 'a' of run 32936c", "Changing values is not allowed"),
    ("Converter Error. Specification with a matrix is not supported.",
     "Converter Error. Specification with a matrix is not supported"),
    ("short", "short"),
    ("spec.weight: Extra inputs\nspec.name: Field required", "spec.weight: Extra inputs"),
])
def test_a_reason_is_the_first_sentence_that_says_something(message, reason, capsys):
    """Ids that follow it differ from run to run."""

    def refuse(what):
        raise ValueError(what)

    comparison.show_refusal(refuse, message)
    assert capsys.readouterr().out == f"refused: {reason}\n"
