"""Every exercise tells a right answer from wrong ones, and helps."""
import re
from pathlib import Path

import nbformat
import pytest

from helpers import exercises, notebooks
from helpers.paths import SOLUTIONS
from support.running import NUMBERS, blanks, to_run

WRONG = Path(__file__).with_name("wrong_answers")


@pytest.mark.parametrize("number", to_run([n for n in NUMBERS if blanks(n)]))
def test_answers_are_told_apart(number, tmp_path, monkeypatch):
    """In a running notebook, each wrong answer gets the message that helps, and each solution is correct."""
    monkeypatch.setenv("WORKBOOK_REPLICAS", "3")  # a million flights tell them apart as well as ten do
    notebook = notebooks.read(number)
    asked = sorted(blanks(number).items(), key=lambda item: -item[1])
    for exercise, place in asked:
        notebook.cells[place : place + 2] = with_answers(exercise, notebook.cells[place + 1].source)
    notebooks.execute(notebook, tmp_path)
    for cell in notebook.cells:
        if "expects" in cell.metadata:
            said = "".join(output.get("text", "") for output in cell.outputs)
            assert cell.metadata["expects"] in said, f"{cell.metadata['answer']}: the check said {said!r}"


def with_answers(exercise: str, check: str) -> list:
    """Return cells that try every wrong answer of an exercise and then its solution, each with its check."""
    cells = []
    for path in wrong_answers(exercise):
        expects = re.match(r"# expects: (.+)", path.read_text(encoding="utf-8")).group(1)
        cells += attempt(path, check, expects) + attempt(path, check, f"Exercise {exercise}: not yet.")
    return cells + attempt(solution(exercise), check, f"Exercise {exercise}: correct.")


def attempt(answer: Path, check: str, expects: str) -> list:
    """Return a cell with an answer and one with the check, which knows what it must say."""
    tried = nbformat.v4.new_code_cell(answer.read_text(encoding="utf-8"))
    checked = nbformat.v4.new_code_cell(check, metadata={"expects": expects, "answer": answer.name})
    return [tried, checked]


def solution(exercise: str) -> Path:
    """Return the file with an exercise's solution."""
    return SOLUTIONS.parent / exercises.find_solution(exercise)


def wrong_answers(exercise: str) -> list[Path]:
    """Return the files with an exercise's wrong answers."""
    return sorted(WRONG.glob(f"{solution(exercise).stem}_*.py"))


@pytest.mark.parametrize("number", [n for n in NUMBERS if n != "00"])
def test_every_exercise_is_complete(number):
    """An exercise has a blank, a check right below it, a hint, a solution and two wrong answers."""
    cells = notebooks.read(number).cells
    assert len(blanks(number)) >= 2
    for exercise, place in blanks(number).items():
        assert f'exercises.check("{exercise}"' in cells[place + 1].source
        assert f"Exercise {exercise}" in cells[place - 1].source
        assert exercises.find(exercise).hint
        assert solution(exercise).exists()
        assert len(wrong_answers(exercise)) >= 2


def test_a_blank_is_not_attempted(capsys):
    """An untouched blank is answered with where to find a hint and the solution."""
    exercises.EXERCISES["99.1"] = exercises.Exercise(lambda answer: "Yes.", hint="Think.")
    exercises.check("99.1", ...)
    said = capsys.readouterr().out
    assert "not attempted" in said and 'exercises.hint("99.1")' in said and "%load solutions/99_1.py" in said


def test_a_hint_is_printed(capsys):
    """A hint is one call away."""
    exercises.EXERCISES["99.1"] = exercises.Exercise(lambda answer: "Yes.", hint="Think.")
    exercises.hint("99.1")
    assert capsys.readouterr().out == "Hint 99.1: Think.\n"


def test_an_answer_that_breaks_the_check_is_not_yet_right(capsys):
    """An answer of the wrong kind is told so, and nothing is raised."""
    exercises.EXERCISES["99.1"] = exercises.Exercise(lambda answer: answer + 1, hint="Think.")
    exercises.check("99.1", "text")
    assert "not yet" in capsys.readouterr().out


def test_an_unknown_exercise_is_refused():
    """A number that no exercise has is named in the error."""
    with pytest.raises(ValueError, match="no exercise '2.77'"):
        exercises.check("2.77", 1)
