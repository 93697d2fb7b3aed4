# SPDX-License-Identifier: Apache-2.0
"""How fast a scan is, with OpenSC beside it in the same run.

    .venv/bin/python benchmarks/scan.py [--runs 5] [--json]

What belongs here: the numbers that were set as goals, measured. What does not: assertions; a time
is never a test, because machines differ and are busy.

The card is virtual (certificate 1571 bytes, CA 1319), the rest is real: pcscd of its own, vpcd,
libpcsclite, pyscard, pkcs15-tool. Each APDU takes 20 ms and 85 µs a byte (a public log of an
RC-S300 shows 27 to 33 ms; 106 kbit/s). Each time is the median of the runs; cardcheck and OpenSC
take turns, so that a machine that grows slower is slower for both. Cards on vpcd are at most two;
sixteen readers are simulated in this process, with the same link model.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]

from cardcheck.cards import mynumber  # noqa: E402 - the tree beside this file
from cardcheck.iso7816 import der  # noqa: E402
from cardcheck.simulation.files import TransparentFile  # noqa: E402
from cardcheck.simulation.profiles import Profile, SimulatedReader, profile  # noqa: E402
from cardcheck.simulation.vpcd import VpcdCard  # noqa: E402
from cardcheck.survey.engine import Survey  # noqa: E402
from cardcheck.survey.request import SurveyRequest  # noqa: E402
from cardcheck.transports.simulated import SimulatedWorld  # noqa: E402
from lab.daemon import PcscDaemon, missing_parts  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from cardcheck.simulation.card import SimulatedCard, VirtualCard

LATENCY_MS: Final = 20.0
BYTE_US: Final = 85.0
MANY: Final = 16
CARDCHECK: Final = (sys.executable, "-m", "cardcheck")
REMEMBERING: Final = (sys.executable, str(ROOT / "benchmarks" / "remembering.py"))
FULL: Final = ("scan", "--json")
OPENSC: Final = (("pkcs15-tool", "-c"), ("pkcs15-tool", "--list-pins"))
# A process starts with the peak of the one that forked it, so a small one has to do that.
_PEAK: Final = """
import os, sys
pid = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ,
                     file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)])
print(os.wait4(pid, 0)[2].ru_maxrss)
"""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One goal and what was measured.

    Attributes:
        what: what was measured.
        measured: the number.
        most: what it may be at most.
        unit: of both; empty for a ratio or a count.
        how: the numbers behind it.
    """

    what: str
    measured: float
    most: float
    unit: str = ""
    how: str = ""

    @property
    def reached(self) -> bool:
        """Whether the goal was reached in this run."""
        return self.measured <= self.most


class Bench:
    """One private pcscd with virtual cards, and the programs that are timed on it."""

    def __init__(self, daemon: PcscDaemon, home: Path, runs: int) -> None:
        """Times programs against ``daemon`` in a home of their own."""
        self.runs = runs
        self._daemon = daemon
        self._env = {
            **os.environ,
            **daemon.env(),
            "HOME": str(home),
            "XDG_CACHE_HOME": str(home / "cache"),
            "PYTHONPATH": str(ROOT / "src"),
        }
        # Bytecode is kept as where people use it: the first round, which does not count, writes it.
        self._env.pop("PYTHONDONTWRITEBYTECODE", None)

    @contextmanager
    def card(self, slot: int = 0) -> Iterator[VirtualCard]:
        """A good card on the virtual reader in ``slot``, behind the link model."""
        make_card = profile("valid").readers[0].make_card
        assert make_card is not None
        card = make_card(datetime.now(UTC))
        port = self._daemon.ports[slot]
        with VpcdCard(card, port=port, latency_ms=LATENCY_MS, byte_us=BYTE_US):
            self._daemon.await_card(slot, present=True)
            yield card
        self._daemon.await_card(slot, present=False)

    def seconds(self, *commands: Sequence[str]) -> float:
        """Wall time of ``commands``, one after another."""
        started = time.perf_counter()
        for command in commands:
            done = subprocess.run(
                command, env=self._env, stdin=subprocess.DEVNULL, capture_output=True, check=False
            )
            if done.returncode:
                sys.exit(f"{' '.join(command)}: {done.returncode}\n{done.stderr.decode()}")
        return time.perf_counter() - started

    def medians(self, *programs: Sequence[Sequence[str]]) -> list[float]:
        """The median wall time of each of ``programs``, by turns; the first round is free."""
        rounds = [[self.seconds(*program) for program in programs] for _ in range(self.runs + 1)]
        return [statistics.median(times) for times in zip(*rounds[1:], strict=True)]

    def report(self, *command: str) -> dict[str, Any]:
        """The JSON report of a run."""
        done = subprocess.run(command, env=self._env, stdout=subprocess.PIPE, check=True)
        report: dict[str, Any] = json.loads(done.stdout)
        return report

    def peak(self, *command: str) -> float:
        """Peak memory of a run, MB: the kernel's account of the process."""
        launcher = (sys.executable, "-S", "-E", "-c", _PEAK, *command)
        done = subprocess.run(launcher, env=self._env, stdout=subprocess.PIPE, check=True)
        return int(done.stdout) / 1024


def fingerprint_of_ca(card: VirtualCard) -> str:
    """SHA-256 of the CA on ``card``, as cardcheck pins it."""
    files = next(a.files for a in card.applications if a.aid == mynumber.JPKI.aid)
    file = files[mynumber.AUTHENTICATION_CA]
    assert isinstance(file, TransparentFile)
    return hashlib.sha256(file.data[: der.total_length(file.data)]).hexdigest().upper()


def measure_scans(bench: Bench) -> Iterator[Row]:
    """Commands, wall times beside OpenSC, overhead and memory, on one card."""
    full, quick = (*CARDCHECK, *FULL), (*CARDCHECK, *FULL, "--quick")
    with bench.card() as card:
        remembered = (*REMEMBERING, fingerprint_of_ca(card), *FULL)
        bench.report(*remembered)  # keeps the CA
        reports = [bench.report(*command) for command in (full, remembered, quick)]
        goals = (("full scan", 33, 0.50), ("CA remembered", 26, 0.40), ("--quick", 10, 0.18))
        for (name, count, _), report in zip(goals, reports, strict=True):
            sent = report["cards"][0]["exchange"]["commands"]
            yield Row(what=f"commands, {name}", measured=sent, most=count)
        card.log.clear()
        bench.seconds(*OPENSC)
        commands = len(card.log)
        *times, opensc, version = bench.medians(
            (full,), (remembered,), (quick,), OPENSC, ((*CARDCHECK, "--version"),)
        )
        for (name, _, most), seconds in zip(goals, times, strict=True):
            yield Row(
                what=f"wall time against OpenSC, {name}",
                measured=seconds / opensc,
                most=most,
                how=f"{seconds:.2f} s; OpenSC {opensc:.2f} s, {commands} commands",
            )
        exchange = reports[0]["cards"][0]["exchange"]
        model = (exchange["commands"] * LATENCY_MS + exchange["bytes"] * BYTE_US / 1e3) / 1e3
        yield Row(
            what="full scan less --version, less 0.1 s, over the link model",
            measured=(times[0] - version - 0.1) / model,
            most=1.2,
            how=f"({times[0]:.2f} - {version:.2f} - 0.10) s / {model:.2f} s",
        )
        yield Row(what="peak memory of a scan", measured=bench.peak(*full), most=64, unit="MB")


def measure_readers(bench: Bench) -> Iterator[Row]:
    """Two readers against one; they are read at once."""
    with bench.card(0):
        one = bench.medians(((*CARDCHECK, *FULL),))[0]
        with bench.card(1):
            two = bench.medians(((*CARDCHECK, *FULL),))[0]
    yield Row(
        what="2 readers with cards against 1",
        measured=two / one,
        most=1.1,
        how=f"{two:.2f} s / {one:.2f} s",
    )


def measure_start(bench: Bench) -> Iterator[Row]:
    """Starting, and listing readers."""
    bare, version, readers = bench.medians(
        ((sys.executable, "-c", "pass"),),
        ((*CARDCHECK, "--version"),),
        ((*CARDCHECK, "readers", "--json"),),
    )
    how = f"{version * 1e3:.0f} ms - {bare * 1e3:.0f} ms"
    above = (version - bare) * 1e3
    yield Row(what="--version above a bare Python", measured=above, most=60, unit="ms", how=how)
    yield Row(what="readers --json", measured=readers * 1e3, most=150, unit="ms")


class SlowCard:
    """A card whose every answer takes what the link model says."""

    def __init__(self, card: SimulatedCard) -> None:
        """Slows ``card`` down."""
        self._card = card

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - everything else is the card's own
        """What the card itself has."""
        return getattr(self._card, name)

    def transmit(self, command: bytes) -> bytes | None:
        """The card's answer, later."""
        answer = self._card.transmit(command)
        size = len(command) + len(answer or b"")
        time.sleep(LATENCY_MS / 1e3 + size * BYTE_US / 1e6)
        return answer


class Quiet:
    """Progress that nobody follows."""

    def __getattr__(self, _: str) -> Callable[..., None]:
        """Takes any news and does nothing."""
        return lambda *_: None


def measure_many(runs: int) -> Iterator[Row]:
    """Sixteen in-process links against one."""

    def survey(count: int) -> float:
        make_card = profile("valid").readers[0].make_card
        readers = tuple(
            SimulatedReader(name=f"reader {i:02} 00", make_card=make_card) for i in range(count)
        )
        system = Profile(name="many", summary="", readers=readers)
        world = SimulatedWorld(system, datetime.now(UTC), overlay=SlowCard)
        started = time.perf_counter()
        Survey(SurveyRequest(open_backends=(world.open,)), Quiet()).run()
        return time.perf_counter() - started

    survey(1)
    one, many = (statistics.median(survey(n) for _ in range(runs)) for n in (1, MANY))
    yield Row(
        what=f"{MANY} in-process links against 1",
        measured=many / one,
        most=1.5,
        how=f"{many:.2f} s / {one:.2f} s",
    )


def table(rows: Sequence[Row]) -> str:
    """The rows as text."""
    lines = [f"{'':57}{'measured':>10}{'at most':>10}"]
    for row in rows:
        digits = 0 if row.unit or row.most >= 5 else 2
        measured, most = (f"{n:.{digits}f} {row.unit}".strip() for n in (row.measured, row.most))
        mark = "" if row.reached else "  MISSED"
        lines.append(f"{row.what:57}{measured:>10}{most:>10}{mark}")
        if row.how:
            lines.append(f"    {row.how}")
    return "\n".join(lines)


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=5, help="counted runs of each program (5)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args()
    if missing := missing_parts():
        sys.exit(f"missing: {', '.join(missing)}")
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        bench = Bench(stack.enter_context(PcscDaemon()), home, options.runs)
        rows = [*measure_start(bench), *measure_scans(bench), *measure_readers(bench)]
    rows += measure_many(options.runs)
    if options.json:
        print(json.dumps([{**asdict(row), "reached": row.reached} for row in rows], indent=2))
    else:
        print(table(rows))


if __name__ == "__main__":
    main()
