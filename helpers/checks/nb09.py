"""Checks of notebook 09."""
import os
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise, product

import cloudpickle
import numpy as np
import pandas as pd

from helpers import paths
from helpers.checks.answers import call, is_close, read_number, require_function, show
from helpers.checks.registry import NotYet, exercise
from helpers.features import LABEL
from helpers.live.prediction_log import PredictionLog

_SAME = 1e-6  # by how much two numbers from the log may differ
_FOUR, _THREE = 6e-5, 6e-4  # by how much one may differ that was rounded to as many decimals
_SHARES = (0, 0.05, 0.2, 0.3, 0.5, 0.9, 1)
_FLIGHTS = (1, 11, 27, 102, 305, 418, 523, 686, 749, 1114, 1231, 1455, 1696, 1743, 2210, 3339, 4412, 5047, 5876, 6181)
_GROUPS = (("day", "days"), ("airline", "airlines"), ("flight number", "flights"), ("airport", "airports"))


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
    given, right = read_number(answer, "brier_of_the_shadow"), week.loc[week["role"] == "shadow", "error"].mean()
    if is_close(given, week.loc[week["role"] == "answer", "error"].mean(), _SAME):
        raise NotYet("that is the champion, whose rows have the role `answer`")
    if is_close(given, june.loc[june["role"] == "shadow", "error"].mean(), _SAME):
        raise NotYet("that is the whole of June: take the first seven days, by the date in the id")
    if not is_close(given, right, _FOUR):
        if is_close(given, right):
            raise NotYet("that is rounded to fewer than four decimals: give it as it is computed")
        raise NotYet("the mean of (probability - late) ** 2 over the shadow's labelled rows of 1 to 7 June is another")
    return "The shadow answered nobody, and is measured like the champion."


@exercise("9.2", hint="turn the id into a number from 0 to 1 that never changes, such as "
          "zlib.crc32(id.encode()) / 2**32, and compare it with the share; hash() differs from one process to the next")
def check_stable_canary(answer: Callable[[str, float], bool]) -> str:
    """A canary that depends on the id alone, and grows by adding."""
    require_function(answer, "in_canary(id, share)")
    ids = [f"2013-07-{day:02d}/{carrier}/{flight}/{origin}" for day, carrier, flight, origin in product(
        range(1, 31), ("B6", "UA", "MQ"), _FLIGHTS, ("EWR", "JFK", "LGA"))]  # fmt: skip
    picked = {share: [_ask(answer, id, share) for id in ids] for share in _SHARES}
    if picked[0.2][::-1] != [_ask(answer, id, 0.2) for id in ids[::-1]]:
        raise NotYet("the same id gets different answers when it is asked again")
    for share, chosen in picked.items():
        _require_share_in_each_group(share, chosen, ids)
    for small, large in pairwise(_SHARES):
        if any(before and not after for before, after in zip(picked[small], picked[large])):
            raise NotYet(f"an id that was in at a share of {small} is out at {large}: those who were in must stay in")
    _require_the_same_elsewhere(answer)
    return "The same flight meets the same version, today, tomorrow and on every server."


def _ask(function: Callable, id: str, share: float) -> bool:
    """Return whether a function says that an id is in the canary; raise NotYet where it says neither yes nor no."""
    said = call("in_canary", function, id, share)
    if not isinstance(said, bool | np.bool_ | int) or said not in (0, 1):
        raise NotYet(f"in_canary gives {show(said)} for {id!r}: return True or False")
    return bool(said)


def _require_share_in_each_group(share: float, chosen: list[bool], ids: list[str]) -> None:
    """Raise NotYet where another share of the ids is in the canary, or of those of a day, an airline or a flight."""
    if abs(sum(chosen) / len(ids) - share) > _allow(share, len(ids)):
        raise NotYet(f"at a share of {share} {sum(chosen) / len(ids):.0%} of {len(ids):,} ids are in the canary")
    for place, (one, many) in enumerate(_GROUPS):
        parts = [id.split("/")[place] for id in ids]
        for name in dict.fromkeys(parts):
            group = [taken for taken, part in zip(chosen, parts) if part == name]
            if abs(sum(group) / len(group) - share) > _allow(share, len(group)):
                seen = f"at a share of {share} {sum(group) / len(group):.0%} of the ids of the {one} {name} are in it"
                raise NotYet(f"{seen}: it favours some {many}")


def _allow(share: float, ids: int) -> float:
    """Return how far the share of some ids may lie from the wanted one: six standard errors of a fair draw."""
    return 6 * (share * (1 - share) / ids) ** 0.5 + 0.005


def _require_the_same_elsewhere(answer: Callable) -> None:
    """Raise NotYet where another process gives other answers, to ids that nobody has asked for.

    It does not find what only changes from one day to the next.
    """
    ids = [f"2013-08-{day:02d}/DL/{flight}/LGA" for day, flight in product(range(1, 31), _FLIGHTS)]
    code = "import pickle, sys; f, ids = pickle.load(sys.stdin.buffer); print(*(int(f(id, 0.2)) for id in ids))"
    sent, other = cloudpickle.dumps((answer, ids)), {**os.environ, "PYTHONHASHSEED": "4242"}
    done = subprocess.run([sys.executable, "-c", code], input=sent, capture_output=True, env=other, timeout=120)
    if done.returncode:
        told = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise NotYet(f"in another process in_canary fails ({''.join(told)}): let it need nothing but id and share")
    if [bool(int(said)) for said in done.stdout.split()] != [_ask(answer, id, 0.2) for id in ids]:
        words = "in another process the answers are others: "
        raise NotYet(f"{words}Python draws the salt of hash() and random numbers anew in each")


@exercise("9.3", hint="by_both and truth hold what you need: a column a version, a row a flight; "
          "harm is a sum, not a mean")
def check_harm_done(harm: float, harm_per_late: float) -> str:
    """What the bad version cost, from the log."""
    rows = _read_labelled_log()
    rows = rows[rows["id"].str.startswith("2013-07-08")]
    errors = rows.pivot(index="id", columns="version", values="error").dropna()
    late = rows.drop_duplicates("id").set_index("id")[LABEL].astype(float).loc[errors.index].sum()
    right = (errors[3] - errors[2]).sum()
    harm, harm_per_late = read_number(harm, "harm"), read_number(harm_per_late, "harm_per_late")
    if is_close(harm, -right, _THREE):
        raise NotYet("harm has the wrong sign: version 3 less version 2, above zero where version 3 is worse")
    if is_close(harm, right / len(errors), _THREE / 10):
        raise NotYet("that is the mean over the flights: add the differences up")
    if not is_close(harm, right, _THREE):
        raise NotYet("harm is the sum of (version 3 - late) ** 2 - (version 2 - late) ** 2 over the labelled flights")
    if not is_close(harm_per_late, right / late, _THREE):
        raise NotYet("harm is right; divide it by the number of these flights that were late")
    return "A number for the report, from records that nobody wrote for it."
