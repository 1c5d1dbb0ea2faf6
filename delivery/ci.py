"""Run the steps of the workflow on this machine, in their order, and stop at the first that fails."""
import os
import shlex
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent
WORKFLOW = ROOT / ".github" / "workflows" / "model.yml"


def main() -> None:
    """Run each command of the job, but those that have a condition: they are for GitHub's own machines."""
    job = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"]["candidate"]
    known = {name: value for name, value in job["env"].items() if "${{" not in value}
    env = os.environ | {"CI": "true"} | known  # as GitHub sets it
    for step in job["steps"]:
        if "run" in step and "if" not in step:
            print(f"== {step['name']}: {step['run']}", flush=True)
            command = [sys.executable if word == "python" else word for word in shlex.split(step["run"])]
            if subprocess.run(command, cwd=ROOT, env=env).returncode:
                sys.exit(f"Refused: the step {step['name']!r} failed, and no later step has run.")
    print("All steps passed.")


if __name__ == "__main__":
    main()
