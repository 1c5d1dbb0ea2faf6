"""JupyterLab as the course starts it, heard from outside."""
import os
import subprocess
import sys

import pytest

from helpers.paths import ROOT

LOSES = """
import signal, sys, weakref
from helpers.setup import lab

class Thing: pass

signal.signal(signal.SIGINT, getattr(signal, sys.argv[1]))
{call}
heard = []
signal.signal(signal.SIGTERM, lambda *_: heard.append("heard"))  # JupyterLab's asks its loop to stop
thing = Thing()
watched = weakref.ref(thing, lambda _: signal.raise_signal(signal.SIGINT))
del thing
print(heard)
"""


@pytest.mark.skipif(os.name != "posix", reason="looks at what a Unix signal does")
@pytest.mark.parametrize(
    ("before", "call", "heard"),
    [
        ("default_int_handler", "lab._hear_each_interrupt()", "['heard']"),
        ("default_int_handler", "", "[]"),  # what Python does by itself: it reports the exception, and goes on
        ("SIG_IGN", "lab._hear_each_interrupt()", "[]"),  # as nohup asks
    ],
)
def test_an_interrupt_in_the_callback_of_a_weak_reference_is_heard(before, call, heard):
    """Python loses KeyboardInterrupt there, and JupyterLab would go on."""
    program = [sys.executable, "-c", LOSES.format(call=call), before]
    done = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout.strip()) == (0, heard), done.stderr
