# SPDX-License-Identifier: Apache-2.0
"""How long commands take that touch no card: wall and processor time of several runs.

    .venv/bin/python benchmarks/start.py [--runs 9]

Run it on an idle machine: every figure grows with what else is going on. The bare interpreter comes
first, since it is what every command pays before a line of ours runs.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import time

COMMANDS = (
    ("python -c pass", ("-c", "pass"), None),
    ("--version", ("-m", "cardcheck", "--version"), "60 ms above the first line"),
    ("readers --json", ("-m", "cardcheck", "readers", "--json"), "150 ms"),
    ("doctor --json", ("-m", "cardcheck", "doctor", "--json"), "400 ms"),
    ("explain 6984 --json", ("-m", "cardcheck", "explain", "6984", "--json"), None),
    ("scan --json, no card", ("-m", "cardcheck", "scan", "--simulate", "no-card", "--json"), None),
)


def timed(arguments: tuple[str, ...]) -> tuple[float, float]:
    """Wall and processor seconds of one run."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, check=False)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Prints one line a command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=9)
    runs = parser.parse_args().runs
    print(f"{'command':34} {'best':>7} {'median':>7} {'cpu':>7}   must reach")
    for name, arguments, goal in COMMANDS:
        timed(arguments)  # fills the caches
        found = [timed(arguments) for _ in range(runs)]
        wall, cpu = [w for w, _ in found], [c for _, c in found]
        figures = (min(wall), statistics.median(wall), min(cpu))
        print(
            f"{name:34} {' '.join(f'{value * 1000:4.0f} ms' for value in figures)}   {goal or ''}"
        )


if __name__ == "__main__":
    main()
