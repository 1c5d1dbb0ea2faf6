"""Run the steps of the workflow on this machine, in their order, and stop at the first that fails.

A step with a condition runs where the condition is true here.
"""
import os
import shlex
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent
WORKFLOW = ROOT / ".github" / "workflows" / "model.yml"


def find_branch() -> str:
    """Return the name of the branch that is checked out."""
    done = subprocess.run(["git", "branch", "--show-current"], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def main() -> None:
    """Run each command of the job."""
    holds = {None: True, "runner.environment == 'github-hosted'": False,
             "github.ref_name == 'main'": find_branch() == "main"}
    job = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"]["candidate"]
    known = {name: value for name, value in job["env"].items() if "${{" not in value}
    env = os.environ | {"CI": "true"} | known  # as GitHub sets it
    for step in [step for step in job["steps"] if "run" in step]:
        if step.get("if") not in holds:
            sys.exit(f"Refused: whether {step['if']!r} is true cannot be told here: add it to ci.py.")
        if not holds[step.get("if")]:
            print(f"-- {step['name']}: left out, as it is false here: {step['if']}", flush=True)
            continue
        print(f"== {step['name']}: {step['run']}", flush=True)
        command = [sys.executable if word == "python" else word for word in shlex.split(step["run"])]
        if subprocess.run(command, cwd=ROOT, env=env).returncode:
            sys.exit(f"Refused: the step {step['name']!r} failed, and no later step has run.")
    print("All steps passed.")


if __name__ == "__main__":
    main()
