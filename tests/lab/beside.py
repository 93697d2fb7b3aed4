# SPDX-License-Identifier: Apache-2.0
"""cardcheck beside login programs that use no transactions, on one card, and what that costs.

What belongs here: the runs and their tally. As a script (``scripts/lab-beside``) it does as many as
it is told. What does not: the card that counts (``witness``) and who logs in (``victim``).
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from lab import victim, witness

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lab.daemon import PcscDaemon

VICTIMS = (
    ("low", witness.JPKI, 0x18),
    ("high", witness.TEXT, 0x11),
    ("low", witness.JPKI, 0x1B),
    ("high", witness.COMMON, 0x1C),
    ("low", witness.RESIDENT, 0x1C),
    ("high", witness.VISUAL, 0x11),
)
"""Who logs in: by which layer of pyscard, into which application, with which PIN."""
SCAN, QUICK = (
    ("scan", "--json", "--even-if-in-use"),
    ("scan", "--quick", "--json", "--even-if-in-use"),
)
PLACE = ("place", "--json", "--timeout", "3", "--even-if-in-use")
KIOSK = ("kiosk", "check", "--json", "--operator", "ab", "--station", "a/b", "--seconds", "2")
ISOLATE = ("isolate", "--json", "--timeout", "5", "--even-if-in-use")
PLAIN = ("scan", "--json")
RUNS = (
    (SCAN, None), (QUICK, None), (SCAN, signal.SIGINT), (PLACE, None), (QUICK, signal.SIGTERM),
    (PLAIN, None), (KIOSK, None), (SCAN, signal.SIGTERM), (PLACE, signal.SIGINT), (ISOLATE, None),
    (SCAN, signal.SIGKILL), (QUICK, None),
)  # fmt: skip
"""What runs beside them, and the signal that ends it in the middle."""


class Tally(Counter[str]):
    """How often what happened."""


def one_run(
    arguments: tuple[str, ...], end: signal.Signals | None, delay: float, env: dict[str, str]
) -> int:
    """The exit code of one run of cardcheck, interrupted after ``delay`` seconds where told so."""
    program = subprocess.Popen(
        [sys.executable, "-m", "cardcheck", *arguments],
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    if end is not None:
        time.sleep(delay)
        program.send_signal(end)
    return program.wait(timeout=60)


@contextlib.contextmanager
def somebody_logging_in(number: int, env: dict[str, str], seed: int) -> Iterator[str]:
    """One login program at work, and its name: two of them would hit each other's PINs."""
    turn = number % (len(VICTIMS) + 1)
    layer, aid, ef = VICTIMS[turn] if turn < len(VICTIMS) else ("OpenSC", witness.JPKI, 0x18)
    command: list[str] = [sys.executable, victim.__file__, layer, aid, f"{ef:04X}"]
    command += [witness.PINS[aid, ef][0].decode(), str(seed)]
    process = subprocess.Popen(
        command, env=env, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True
    )
    try:
        yield layer
    finally:
        process.kill()
        process.communicate()


def beside(
    card: witness.Witness, daemon: PcscDaemon, home: Path, *, runs: int, seed: int = 0
) -> Tally:
    """What ``runs`` runs of cardcheck came to, each beside one login program."""
    env = {**os.environ, **daemon.env(), "HOME": str(home), "CARDCHECK_LANG": "en"}
    dice, tally = random.Random(seed), Tally()
    for number in range(runs):
        arguments, end = RUNS[number % len(RUNS)]
        with somebody_logging_in(number, env, seed * 1000 + number) as layer:
            time.sleep(dice.uniform(0.05, 0.4))
            code = one_run(arguments, end, dice.uniform(0.15, 0.9), env)
            time.sleep(0.7)  # longer than anybody types here: what was left behind is met
        tally.update([f"exit {code}", f"beside {layer}", "runs"])
    tally.update(sent=card.sent, right=card.right, refused=card.refused, spent=len(card.spent))
    tally["asked"] = card.asked
    return tally


def public_files() -> dict[int, bytes]:
    """The public files of JPKI as the simulated good card has them: content, nothing else."""
    from datetime import UTC, datetime

    from cardcheck.simulation.mynumber import Variant, build

    card = build(Variant(), datetime.now(UTC))
    files = card.applications[0].files
    return {ef: bytes(getattr(files[ef], "data", b"")) for ef in (0x06, 0x08, 0x0A, 0x0B)}


def main() -> int:
    """Does as many runs as are asked for; 1 where a PIN landed elsewhere."""
    from cardcheck.simulation.vpcd import VpcdCard
    from lab.daemon import PcscDaemon

    parser = argparse.ArgumentParser(prog="scripts/lab-beside", description=__doc__)
    parser.add_argument("runs", type=int, nargs="?", default=300)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    card = witness.Witness(public_files())
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        daemon = stack.enter_context(PcscDaemon(readers=2, name="Virtual PCD"))
        stack.enter_context(VpcdCard(card, "127.0.0.1", daemon.ports[0], latency_ms=15.0))
        daemon.await_card(0, present=True)
        tally = beside(card, daemon, home, runs=options.runs, seed=options.seed)
    for name, count in sorted(tally.items()):
        print(f"{count:6} {name}")
    print(
        "PINs that landed elsewhere:", ", ".join(f"{aid}/{ef:04X}" for aid, ef in card.spent) or 0
    )
    return 1 if card.spent or not card.right else 0


if __name__ == "__main__":
    sys.exit(main())
