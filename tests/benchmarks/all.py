"""The whole table of speed: each measure of the course beside a floor or a rival, as a ratio of times of one run.

    python tests/benchmarks/all.py [--quick] [PART ...]

in the course's environment. Without a name all parts run, one after the other, each in a
process and a workspace of its own; without its group of packages a part, or a row of it, is
left out and says so. The ratio is the time that we take over the time that the other takes:
below 1 we are faster. The table is printed and written to ``workspace/benchmarks`` as
Markdown and CSV. --quick tries everything in a few minutes: less of each, measured once, so
that its ratios are rough. A busy machine disturbs all of them.
"""
import argparse
import os
import runpy
import sys
import time
import traceback
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # uncompiled, MLflow takes twice as long to import

from rows import Row, markdown, save  # noqa: E402

PARTS = {  # name: the script beside this one whose function NAME_rows returns the rows, and the group that it needs
    "setup": ("setup_time.py", None),
    "lab": ("setup_time.py", None),
    "notebooks": ("notebook_speed.py", None),
    "drift": ("drift_speed.py", None),
    "serving": ("live_speed.py", None),
    "replay": ("year_speed.py", None),
    "spark": ("spark_speed.py", "spark"),
    "architectures": ("architectures.py", "architectures"),
}


def measured(part: str, quick: bool) -> list[Row]:
    """Return the rows of a part; this runs in a process of its own."""
    script = runpy.run_path(str(Path(__file__).with_name(PARTS[part][0])))
    return script[f"{part}_rows"](quick)


def apart(part: str, quick: bool) -> list[Row]:
    """Return the rows of a part, from a process that ends with it."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(measured, part, quick).result()


def lacking(part: str) -> str:
    """Return why a part cannot run here, or nothing."""
    from helpers.setup import (  # not above: a part's process imports this file, and sets its workspace later
        groups,
        java,
    )

    group = PARTS[part][1]
    if group and groups.find_missing(group):
        return f"it needs `{groups.command(group)}`"
    return "; ".join(java.find_lack(java.find()) or ()) if group in groups.ON_JAVA else ""


def heading(quick: bool) -> str:
    """Return what stands above the table: the machine, how busy it is, and what the figures are good for."""
    load = f", load average {os.getloadavg()[0]:.1f}" if os.name == "posix" else ""
    rough = " A quick run: its ratios are rough." if quick else ""
    return f"{os.cpu_count()} processors{load}. Ratios are of times in one run; below 1 we are faster.{rough}"


def main() -> int:
    """Run the parts, print and write the table, and return 1 where a part failed."""
    from helpers.paths import WORKSPACE

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--quick", action="store_true", help="less of each, in a few minutes; the ratios are rough")
    chosen = parser.parse_args()
    if unknown := set(chosen.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}: choose of {', '.join(PARTS)}")
    parts, found, failed = chosen.parts or list(PARTS), [], []
    above = heading(chosen.quick)
    for number, part in enumerate(parts, 1):
        if why := lacking(part):
            print(f"[{number}/{len(parts)}] {part}: left out, {why}", flush=True)
            continue
        print(f"[{number}/{len(parts)}] {part} ...", flush=True)
        began = time.perf_counter()
        try:
            found += apart(part, chosen.quick)
        except Exception:  # the other parts are worth having all the same
            traceback.print_exc()
            failed.append(part)
        save(found, above, WORKSPACE / "benchmarks")
        print(f"[{number}/{len(parts)}] {part}: {time.perf_counter() - began:.0f} s", flush=True)
    print(f"\n{above}\n\n{markdown(found)}\n\nWritten to {WORKSPACE / 'benchmarks'}")
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
