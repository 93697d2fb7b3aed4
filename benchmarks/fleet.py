# SPDX-License-Identifier: Apache-2.0
"""A million reports rolled up: time, memory, and whether the cost is linear.

    python benchmarks/fleet.py [REPORTS]

Writes REPORTS (default 1,000,000) generated reports of about 3 KB each, a year of 700 stations,
and rolls up a tenth of them and all of them, each in a process of its own. The exit code is 1
where the whole takes more than 20 s or 1 GB, or ten times as many reports cost more than thirteen
times as much.
"""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

REPORTS = 1_000_000
MOST_SECONDS, MOST_BYTES, MOST_RATIO = 20.0, 1 << 30, 13.0
BEGIN = datetime(2025, 1, 1, tzinfo=UTC)  # reports of the future are refused
STATIONS = 700
MODELS = ("Sony RC-S300/P", "ACS ACR39U", "Identiv uTrust 4701 F", "Alcor AU9540")
CHECKS = [
    (f"{area}.{name}.condition", area)
    for area in ("computer", "service", "driver", "reader", "placement", "card", "certificate")
    for name in ("first", "second")
]
ROLL_UP = "import sys; from cardcheck.cli.main import run; sys.exit(run(sys.argv[1:]))"


def failing(number: int) -> bool:
    """Whether the station fails then; each does now and then, for five days."""
    return (number // STATIONS // 20 + number % STATIONS) % 29 == 0


def model(number: int) -> str:
    """The reader that the station has then; one is exchanged in the course of the year."""
    return MODELS[(number % STATIONS + (number // STATIONS > 1000)) % len(MODELS)]


def head(number: int, chance: random.Random) -> dict[str, Any]:
    """What is different in every report."""
    station, turn = number % STATIONS, number // STATIONS
    return {
        "schema": "cardcheck.report/1",
        "report_id": f"{chance.getrandbits(128):032x}",
        "station": f"office-{station // 10:02d}/window-{station % 10}",
        "generated_at": (BEGIN + timedelta(minutes=360 * turn + station % 60)).isoformat(),
    }


def rest(number: int) -> dict[str, Any]:
    """What many reports share."""
    bad = failing(number)
    findings: list[dict[str, Any]] = [
        {
            "id": f"f{index}", "check": check, "layer": layer,
            "outcome": "problem" if bad and layer == "reader" else "ok",
            "severity": "error" if bad and layer == "reader" else "info",
            "subject": "r0", "actor": None, "evidence": {"model": model(number)}, "advice": [],
            "state": "x",
        }
        for index, (check, layer) in enumerate(CHECKS)
    ]  # fmt: skip
    return {
        "tool": {"name": "cardcheck", "version": "0.1.0", "catalog": "2026-11-21"},
        "command": "scan", "source": "hardware",
        "platform": {"system": "Linux", "release": f"6.{number % STATIONS % 3}"},
        "verdict": "problem" if bad else "ready", "exit_code": int(bad),
        "readers": [{"id": "r0", "name": model(number), "model": model(number), "slot": "card"}],
        "cards": [], "findings": findings,
    }  # fmt: skip


def line(number: int, chance: random.Random, kinds: dict[tuple[object, ...], str]) -> str:
    """One report as a line; all but id, station and time is made once for each kind."""
    value = head(number, chance)
    kind = failing(number), model(number), number % STATIONS % 3
    if kind not in kinds:
        kinds[kind] = json.dumps(rest(number), separators=(",", ":"))[1:]
    return json.dumps(value, separators=(",", ":"))[:-1] + "," + kinds[kind] + "\n"


def write(path: Path, count: int) -> int:
    """Writes the reports into files of 100,000; returns their bytes."""
    chance, total = random.Random(1), 0  # noqa: S311 - no secret
    kinds: dict[tuple[object, ...], str] = {}
    for begin in range(0, count, 100_000):
        with (path / f"{begin:08d}.jsonl").open("w") as file:
            for number in range(begin, min(begin + 100_000, count)):
                total += file.write(line(number, chance, kinds))
    return total


def rolled_up(places: list[str]) -> tuple[float, int, dict[str, Any]]:
    """Seconds, most memory of any child so far in bytes, and the summary."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    command = [sys.executable, "-c", ROLL_UP, "fleet", "summary", *places, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if not done.stdout:
        raise SystemExit(done.stderr)
    seconds = time.monotonic() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"{seconds:.1f} s, {busy:.1f} s of processor time")
    memory = after.ru_maxrss * 1024
    return seconds, memory, json.loads(done.stdout)


def main(arguments: list[str]) -> int:
    """Prints what was measured; returns the exit code."""
    count = int(arguments[0]) if arguments else REPORTS
    with tempfile.TemporaryDirectory() as folder:
        small, large = Path(folder) / "small", Path(folder) / "large"
        small.mkdir()
        large.mkdir()
        write(small, count // 10)
        size = write(large, count)
        rolled_up([str(small)])  # once for the caches
        tenth, _, _ = rolled_up([str(small)])
        seconds, memory, summary = rolled_up([str(large)])
    print(f"{count} reports, {size / count:.0f} bytes each: {seconds:.1f} s, {memory / 1e6:.0f} MB")
    print(f"{count // 10} reports: {tenth:.1f} s; ratio {seconds / tenth:.1f}")
    print(f"{len(summary['stations'])} stations, {summary['reports']} reports counted")
    wrong = summary["reports"] != count or seconds > MOST_SECONDS * count / REPORTS + 2
    wrong |= memory > MOST_BYTES or seconds / tenth > MOST_RATIO
    print("FAILED" if wrong else "ok")
    return int(wrong)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
