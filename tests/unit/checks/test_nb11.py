"""Checks of notebook 11: the wait in every form, and its edges."""
import datetime
import itertools

import numpy as np
import pandas as pd
import pytest

from helpers import exercises
from helpers.checks import nb11
from helpers.checks.registry import NotYet

RIGHT = [34, 34.0, "34", " 34 ", "34.0", "34 days", "34 Days.", "34d", "34-days", np.int64(34), np.float32(34), [34],
         np.array(34), pd.Series([34]), pd.DataFrame([[34]]), datetime.timedelta(34), pd.Timedelta(days=34),
         np.timedelta64(34, "D"), pd.Series([pd.Timedelta(days=34)])]
WRONG = [(33, "begin after the first day"), ("33 days", "begin after the first day"), (35, "fewer would do as well"),
         (pd.Timedelta(days=35), "fewer would do as well"), (33.5, "`wait` is 33.5: give a whole number"),
         (14, "long tail"), ("15 days", "long tail"), (13, "At 13 days more than 10 %"), (0, "At 0 days"),
         (-34, "At -34 days"), *((odd, "not a number") for odd in (
             None, True, "", "days", "two weeks", "34 weeks", np.nan, np.inf, pd.NaT, [], [34, 35], object(),
             10**400, pd.Series(dtype=float)))]


@pytest.mark.parametrize("wait", RIGHT, ids=itertools.count())
def test_a_wait_is_right_in_every_form(wait):
    """A number, a text with or without its unit, and a duration."""
    assert exercises.judge("11.1", wait)[0] == "correct", exercises.judge("11.1", wait)[1]


@pytest.mark.parametrize("wait, said", WRONG, ids=itertools.count())
def test_a_wrong_wait_is_told_what_to_look_at(wait, said):
    """A day too short or too long, the mean in place of the tail, and what is no number."""
    verdict, words = exercises.judge("11.1", wait)
    assert verdict == "not yet" and said in words and "could not use" not in words


def test_only_the_untouched_blank_is_not_attempted():
    """Nothing and an empty text are attempts."""
    assert exercises.judge("11.1", ...)[0] == "not attempted yet"
    assert exercises.judge("11.1", None)[0] == exercises.judge("11.1", "")[0] == "not yet"


YES_OR_NO = [True, False, np.True_, 1, 0, np.array([True]), pd.Series([False])]


@pytest.mark.parametrize("said", YES_OR_NO, ids=itertools.count())
def test_a_rule_says_yes_or_no_in_every_form(said):
    """Of Python, of NumPy, as a number, or as a table of one."""
    assert nb11._guard(lambda check: said, "alarm(check)")(None) == bool(np.asarray(said).item())


NEITHER = [None, 0.05, np.nan, "yes", [True, False], (True, 0.1), print, 2]


@pytest.mark.parametrize("said", NEITHER, ids=itertools.count())
def test_a_rule_that_says_something_else_is_told_so(said):
    """As the gap itself, which would be true on each day."""
    with pytest.raises(NotYet, match="True or False"):
        nb11._guard(lambda check: said, "alarm(check)")(None)
