#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What replaying, importing and hostile cards cost.

usage: benchmarks/replay.py [throughput [N]] [memory [N]] [import [MB]] [hostile [N]]

Without arguments all four, with 5,000 traces, 100,000 files, 100 MB and 100,000 cards: about ten
minutes. The limits are those that were promised: at least 1,000 traces of a full scan a second on
one core, at most 150 MB for 100,000 files, an import in constant memory, and no card that makes the
program crash, hang, send what it must not or spend a try. The exit code is 1 where one is missed.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WHOLE_SCAN = ROOT / "fixtures" / "apdu" / "mynumber-valid.apdu"
PCSCD_SESSION = ROOT / "tests" / "traces" / "importing" / "pcscd-scan.log"
DIFFERENT = 64  # traces that differ in certificate and key, so that nothing can be remembered
LINKS = 10_000  # names of one file; ext4 allows 65,000
LEAST_RATE = 1_000  # traces a second
MOST_MEMORY = 150  # MB
GROWTH = 20  # MB that a ten times larger log may take more
LONGEST = 5.0  # seconds that one hostile card may take
NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)


def throughput(count: int = 5_000) -> bool:
    """Full scans replayed a second of processor, file included: one scan, and many different ones.

    Of a hundred rounds the fastest counts: on a busy machine the rest says more of the machine.
    """
    with tempfile.TemporaryDirectory() as folder:
        alike, different = [str(WHOLE_SCAN)], _different_scans(Path(folder))
        rates = [_rate(files, count // 100) for files in (alike, different)]
    print(f"  of {DIFFERENT} cards with keys of their own: {rates[1]:,.0f} a second")
    return _say(f"replay: {rates[0]:,.0f} full scans a second", good=rates[0] >= LEAST_RATE)


def _rate(files: list[str], count: int) -> float:
    """The best of a hundred rounds over ``files``, in files a second."""
    from cardcheck.traces.files import read_trace
    from cardcheck.traces.judge import Judge, Result

    judge, best = Judge(), 0.0
    for _ in range(100):
        began = time.process_time()
        for number in range(count):
            trace = read_trace(files[number % len(files)])
            assert judge.judge(trace).result is Result.PASSED
        best = max(best, count / (time.process_time() - began))
    return best


def memory(count: int = 100_000) -> bool:
    """The largest resident size of a process that replays so many files, and the time it takes."""
    sizes = {}
    for files in (count // 10, count):
        with tempfile.TemporaryDirectory() as folder:
            original = ""
            for number in range(files):
                name = f"{folder}/{number:07}.apdu"
                if number % LINKS:
                    os.link(original, name)
                else:
                    original = shutil.copy(WHOLE_SCAN, name)
            seconds, sizes[files] = _child("replay", folder)
        print(f"  {files:>7,} files: {seconds:6.1f} s of processor, {sizes[files]:.0f} MB")
    return _say(
        f"memory: {sizes[count]:.0f} MB for {count:,} files", good=sizes[count] <= MOST_MEMORY
    )


def importing(megabytes: int = 100) -> bool:
    """The memory that the import of a log of pcscd takes, and that of a tenth of it."""
    session = PCSCD_SESSION.read_text("utf-8")
    sizes = {}
    for size in (megabytes // 10, megabytes):
        sessions = size * 1_000_000 // len(session)
        with tempfile.TemporaryDirectory() as folder:
            with Path(folder, "pcscd.log").open("w") as file:
                file.writelines(session for _ in range(sessions))
            log = f"{folder}/pcscd.log"
            seconds, sizes[size] = _child("trace", "import", log, "-o", f"{folder}/t.apdu")
        print(f"  {size:>4} MB, {sessions:,} sessions: {seconds:6.1f} s, {sizes[size]:.0f} MB")
    few, many = sizes.values()
    return _say(f"import: {many:.0f} MB of memory for {megabytes} MB", good=many <= few + GROWTH)


def _child(*arguments: str) -> tuple[float, float]:
    """Seconds of processor and MB of memory that cardcheck takes with these arguments."""
    command = [sys.executable, "-c", _CHILD, *arguments]
    done = subprocess.run(command, capture_output=True, check=True)
    seconds, size = done.stderr.rpartition(b"USED ")[2].split()
    return float(seconds), int(size) / 1024


def hostile(count: int = 100_000) -> bool:
    """So many cards that do what they like: no crash or hang, nothing forbidden, no spent try."""
    from cardcheck.report.model import Outcome
    from cardcheck.simulation.hostile import HostileCard
    from cardcheck.simulation.profiles import PROFILES
    from cardcheck.survey.inline import surveyed
    from cardcheck.testing import CardBackend
    from cardcheck.traces.judge import Judge

    makers = [r.make_card for p in PROFILES.values() for r in p.readers[:1] if r.make_card]
    models = [maker(NOW) for maker in makers if maker is not None]
    judge, slowest, commands, began = Judge(), 0.0, 0, time.monotonic()
    for seed in range(count):
        card = HostileCard(random.Random(seed).randrange, models[seed % len(models)])  # noqa: S311
        backend, at = CardBackend(card), time.monotonic()
        weighed = judge.weigh_facts(surveyed(lambda opened=backend: opened, "simulation"), NOW)
        slowest = max(slowest, time.monotonic() - at)
        commands += len(card.log)
        crashed = any(finding.outcome is Outcome.CRASHED for finding in weighed.findings)
        if crashed or slowest > LONGEST or any(model.pin_attempts for model in models):
            told = f"hostile: card {seed} crashed a check, took too long, or lost a try"
            return _say(told, good=False)
        if (seed + 1) % 100_000 == 0:
            print(f"  {seed + 1:,} cards, {time.monotonic() - began:.0f} s", flush=True)
    rate = count / (time.monotonic() - began)
    told = f"{count:,} cards, {commands:,} commands, {rate:,.0f} a second"
    return _say(f"hostile: {told}, the slowest {slowest * 1000:.0f} ms", good=True)


_CHILD = """
import resource, sys
from cardcheck.cli.main import run
code = run(sys.argv[1:])
used = resource.getrusage(resource.RUSAGE_SELF)
print(f"USED {used.ru_utime + used.ru_stime} {used.ru_maxrss}", file=sys.stderr)
sys.exit(code)
"""


def _different_scans(folder: Path) -> list[str]:
    """Recordings of full scans of as many different cards."""
    from cardcheck.survey.inline import surveyed
    from cardcheck.testing import CardBackend, virtual_card
    from cardcheck.transports.dump import format_trace
    from cardcheck.transports.record import Recorder, RecordingBackend

    files = []
    for number in range(DIFFERENT):
        recorder = Recorder(NOW, "benchmark", "valid")
        backend = RecordingBackend(CardBackend(virtual_card("valid", now=NOW), recorder), recorder)
        surveyed(lambda backend=backend: backend, "simulation")
        _forget_keys()
        file = folder / f"{number}.apdu"
        file.write_text(format_trace(recorder.finish()), "utf-8")
        files.append(str(file))
    return files


def _forget_keys() -> None:
    """Makes the next recording use another key."""
    from cardcheck.cards.redaction import redact

    redact._authority_of.cache_clear()  # noqa: SLF001 - what a new process would do


def _say(line: str, *, good: bool) -> bool:
    print(f"{'ok  ' if good else 'MISS'} {line}", flush=True)
    return good


RUNS = {"throughput": throughput, "memory": memory, "import": importing, "hostile": hostile}


def main(arguments: list[str]) -> int:
    """Runs what is named, each with the number behind its name."""
    words = arguments or list(RUNS)
    good = True
    for place, word in enumerate(words):
        if word in RUNS:
            following = words[place + 1] if place + 1 < len(words) else ""
            good &= RUNS[word](int(following)) if following.isdigit() else RUNS[word]()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
