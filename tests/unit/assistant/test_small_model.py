"""The small language model computes what its authors' own program does."""
import subprocess

import pytest

from helpers.assistant import small_model
from helpers.paths import ROOT
from helpers.setup import groups
from helpers.setup.venv import PYTHON, VENV

CODE = """
from helpers.assistant.small_model import SmallModel
messages = [{"role": "system", "content": "You are helpful."},
    {"role": "user", "content": "What is the capital of France? Answer in one word."}]
print(SmallModel().complete(messages, most=8))
"""


@pytest.mark.needs_group("applications")
def test_it_answers_and_counts_its_tokens():
    """A wrong sign or order anywhere in the network makes nonsense of this."""
    python = groups.find_home("applications") / PYTHON.relative_to(VENV)
    done = subprocess.run([python, "-c", CODE], cwd=ROOT, capture_output=True, text=True, timeout=300)
    text, asked, said = eval(done.stdout)
    assert "Paris" in text and asked == 30 and 0 < said <= 8, done


def test_without_its_package_it_names_the_command(monkeypatch):
    """So that a reader knows what to do."""
    monkeypatch.setattr(small_model.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match="add applications"):
        small_model.find_weights()
