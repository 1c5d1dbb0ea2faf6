"""Every exercise is complete, and helps; that it tells right answers from wrong ones test_outputs holds."""
import pytest

from helpers import exercises, notebooks
from support.answers import solution, wrong_answers
from support.running import NUMBERS, blanks


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
    assert "not attempted" in said and 'exercises.hint("99.1")' in said and "%load " in said
    assert "solutions/99_1.py" in said


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
