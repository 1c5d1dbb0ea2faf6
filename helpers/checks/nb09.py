"""Checks of notebook 09."""
import builtins
import subprocess
import sys
from collections.abc import Callable

import pandas as pd

from helpers import paths
from helpers.checks.answers import is_close, require_function
from helpers.checks.registry import NotYet, exercise
from helpers.features import LABEL
from helpers.live.prediction_log import PredictionLog

_SAME = 1e-6  # by how much two numbers from the log may differ


def _read_labelled_log() -> pd.DataFrame:
    """Return the predictions in notebook 09's log whose label is there."""
    joined = PredictionLog(paths.WORKSPACE / "predictions-09.db").joined().dropna(subset=LABEL)
    return joined.assign(error=(joined["probability"] - joined[LABEL].astype(float)) ** 2)


@exercise("9.1", hint='log.joined().dropna(subset="late"), then the rows with role "shadow" whose id[:10] lies between '
          '"2013-06-01" and "2013-06-07"; `late` may need .astype(float)')
def check_brier_of_the_shadow(answer: float) -> str:
    """The shadow's Brier score in the first week of June, from the log."""
    rows = _read_labelled_log()
    day = rows["id"].str[:10]
    week = rows[day.between("2013-06-01", "2013-06-07")]
    june = rows[day.str.startswith("2013-06")]
    if is_close(answer, week.loc[week["role"] == "answer", "error"].mean(), _SAME):
        raise NotYet("that is the champion, whose rows have the role `answer`")
    if is_close(answer, june.loc[june["role"] == "shadow", "error"].mean(), _SAME):
        raise NotYet("that is the whole of June: take the first seven days, by the date in the id")
    if not is_close(answer, week.loc[week["role"] == "shadow", "error"].mean(), _SAME):
        raise NotYet("the mean of (probability - late) ** 2 over the shadow's labelled rows of 1 to 7 June is another")
    return "The shadow answered nobody, and is measured like the champion."


@exercise("9.2", hint="turn the id into a number from 0 to 1 that never changes, such as "
          "zlib.crc32(id.encode()) / 2**32, and compare it with the share; hash() differs from one process to the next")
def check_stable_canary(answer: Callable[[str, float], bool]) -> str:
    """A canary that depends on the id alone, and grows by adding."""
    require_function(answer, "in_canary(id, share)")
    days = [f"2013-07-{day:02d}" for day in range(1, 31)]
    ids = [f"{day}/{carrier}/{flight}/JFK" for day in days for carrier in ("B6", "UA") for flight in range(50)]
    picked = [bool(answer(id, 0.2)) for id in ids]
    if picked != [bool(answer(id, 0.2)) for id in ids] or picked[::-1] != [bool(answer(id, 0.2)) for id in ids[::-1]]:
        raise NotYet("the same id gets different answers when it is asked again")
    if abs(sum(picked) / len(ids) - 0.2) > 0.05:
        raise NotYet(f"of {len(ids):,} ids {sum(picked) / len(ids):.0%} are in a canary of 20%")
    for carrier in ("B6", "UA"):
        share = sum(p for p, id in zip(picked, ids) if f"/{carrier}/" in id) / (len(ids) / 2)
        if abs(share - 0.2) > 0.07:
            raise NotYet(f"{share:.0%} of the flights of {carrier} are in a canary of 20%: it favours an airline")
    for share in (0.3, 0.5, 0.9):
        if any(small and not answer(id, share) for small, id in zip(picked, ids)):
            raise NotYet(f"an id that was in at a share of 0.2 is out at {share}: those who were in must stay in")
    if _depends_on_this_process(answer, ids):
        raise NotYet("in another process the answers are others: hash() of a text is salted anew in each process")
    return "The same flight meets the same version, today, tomorrow and on every server."


def _depends_on_this_process(answer: Callable, ids: list[str]) -> bool:
    """Return whether the answers follow Python's hash(), whose salt is drawn for each process."""
    others = [sys.executable, "-c", "import sys; print(*(hash(line) for line in sys.argv[1:]))", *ids[:400]]
    done = subprocess.run(others, capture_output=True, text=True, check=True)
    elsewhere, real = dict(zip(ids, map(int, done.stdout.split()))), builtins.hash
    here = [bool(answer(id, 0.2)) for id in ids[:400]]
    builtins.hash = lambda thing: elsewhere.get(thing, real(thing)) if isinstance(thing, str) else real(thing)
    try:
        return here != [bool(answer(id, 0.2)) for id in ids[:400]]
    finally:
        builtins.hash = real


@exercise("9.3", hint="by_both and truth hold what you need: a column a version, a row a flight; "
          "harm is a sum, not a mean")
def check_harm_done(harm: float, harm_per_late: float) -> str:
    """What the bad version cost, from the log."""
    rows = _read_labelled_log()
    rows = rows[rows["id"].str.startswith("2013-07-08")]
    errors = rows.pivot(index="id", columns="version", values="error").dropna()
    late = rows.drop_duplicates("id").set_index("id")[LABEL].astype(float).loc[errors.index].sum()
    right = (errors[3] - errors[2]).sum()
    if is_close(harm, -right, _SAME):
        raise NotYet("harm has the wrong sign: version 3 less version 2, above zero where version 3 is worse")
    if is_close(harm, right / len(errors), _SAME):
        raise NotYet("that is the mean over the flights: add the differences up")
    if not is_close(harm, right, _SAME):
        raise NotYet("harm is the sum of (version 3 - late) ** 2 - (version 2 - late) ** 2 over the labelled flights")
    if not is_close(harm_per_late, right / late, _SAME):
        raise NotYet("harm is right; divide it by the number of these flights that were late")
    return "A number for the report, from records that nobody wrote for it."
