"""The table that compares platforms: notes of what was seen, licences, and the lines that it took to read a run."""
import inspect
import os
import re
import subprocess
import textwrap
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import pandas as pd

from helpers.platforms import tracker_files


class Notes:
    """What was seen of each platform, by question; the table has nothing else."""

    def __init__(self) -> None:
        """Begin with nothing seen."""
        self._seen: dict[str, dict[str, list[str]]] = {}

    def add(self, platform: str, question: str, answer: str) -> None:
        """Note an answer; the same one again, as of a cell that is run twice, changes nothing."""
        answers = self._seen.setdefault(platform, {}).setdefault(question, [])
        if answer not in answers:
            answers.append(answer)

    def compare(self, platform: str, found: list[dict], runs: dict[str, dict]) -> None:
        """Print and note how many of a platform's records have the job's numbers, and print the best run."""
        equal = sum(tracker_files.agrees(record, runs) for record in found)
        first = min(found, key=lambda record: record["metrics"]["brier"])
        print(f"{equal} of {len(runs)} runs have the job's numbers; the best is {first['name']!r}")
        self.add(platform, "worked here", f"{equal} of {len(runs)} runs equal")

    def refused(self, platform: str, function: Callable, *arguments: object, **named: object) -> None:
        """Call a function that is going to refuse; print and note why."""
        reason = find_refusal(function, *arguments, **named)
        print(f"refused: {reason}")
        self.add(platform, "refused here", reason)

    def add_licences(self, packages: dict[str, str]) -> None:
        """Note the licence that each platform's installed package names."""
        for platform, package in packages.items():
            self.add(platform, "licence", f"{package}: {licence(package)}")

    def add_lines(self, readers: dict[str, list[Callable]]) -> None:
        """Note how many lines of Python each platform's records took."""
        for platform, functions in readers.items():
            self.add(platform, "to read a run", f"{count_lines(functions)} lines")

    def table(self) -> pd.DataFrame:
        """Return a row for each platform and a column for each question, with a dash where there is no answer."""
        rows = {name: {question: "; ".join(answers) for question, answers in noted.items()}
                for name, noted in self._seen.items()}
        return pd.DataFrame(rows).T.fillna("-")


def find_refusal(function: Callable, *arguments: object, **named: object) -> str:
    """Call a function that is going to refuse, and return its reason in short; raise AssertionError if it does not."""
    try:
        function(*arguments, **named)
    except Exception as error:
        first = str(error).splitlines()[0]
        sentence = re.match(r".{20,}?(?=\. [A-Z]|\.?$)", first)  # what follows often has ids
        return textwrap.shorten(sentence[0] if sentence else first, 170, placeholder=" ...")
    raise AssertionError("this call was to be refused, and was not")


def show_refusal(function: Callable, *arguments: object) -> None:
    """Call a function that is going to refuse, and print its reason in short."""
    print(f"refused: {find_refusal(function, *arguments)}")


def licence(package: str) -> str:
    """Return the licence that an installed package names."""
    about = metadata.metadata(package)
    named = [line.split(" :: ")[-1] for line in about.get_all("Classifier", []) if line.startswith("License ::")]
    return (named or [about["License"]])[0]


def count_lines(functions: list[Callable]) -> int:
    """Return how many lines some functions have."""
    return sum(len(inspect.getsource(function).splitlines()) for function in functions)


def run_in_a_file(command: list[str], file: Path, text: str) -> str:
    """Write a text to a file, run a command on it, and return in one line what the command prints."""
    file.write_text(text, encoding="utf-8")
    plain = {**os.environ, "FORCE_COLOR": "", "NO_COLOR": "1", "COLUMNS": "200"}
    done = subprocess.run([*command, str(file)], capture_output=True, env=plain, timeout=120)
    return " ".join(done.stdout.decode().split())
