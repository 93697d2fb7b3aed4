# SPDX-License-Identifier: Apache-2.0
"""How long a full scan takes through nfcpy, beside the same card through PC/SC.

    python benchmarks/nfc.py [RUNS]

Both cards follow one link model (20 ms an APDU and 85 us a byte, as a public log of an RC-S300
shows). PC/SC is a private pcscd with vpcd, NFC is nfcpy's ``udp``; each run is one process.
Budgets: NFC takes at most 1.3 times as long; a hung device costs no more than its deadline. Exits
with 1 where a budget is missed.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
# In the place of this directory, where this very file would be taken for nfcpy.
sys.path[:1] = [str(ROOT / "src"), str(ROOT / "tests")]

from cardcheck.facts.reader import Backend, ReaderIdentity  # noqa: E402 - after the path is set
from cardcheck.simulation.nfc_udp import NfcUdpCard  # noqa: E402
from cardcheck.simulation.picc import LinkModel, picc_of  # noqa: E402
from cardcheck.simulation.profiles import PROFILES  # noqa: E402
from cardcheck.simulation.vpcd import VpcdCard  # noqa: E402
from cardcheck.survey.engine import Survey  # noqa: E402
from cardcheck.survey.request import Silence, SurveyRequest  # noqa: E402
from cardcheck.transports.nfc.backend import OPEN_SECONDS, NfcWorld  # noqa: E402
from lab.daemon import PcscDaemon  # noqa: E402
from lab.port100_child import PATH, Scenario  # noqa: E402

LATENCY_MS, BYTE_US = 20.0, 85.0
MOST_TIMES_AS_LONG: Final = 1.3
GRACE: Final = 1.0  # seconds beside a deadline, for starting and ending the child


def card() -> object:
    """A valid card."""
    make = PROFILES["valid"].readers[0].make_card
    assert make is not None
    return make(datetime.now(UTC))


def scan(*options: str, env: dict[str, str]) -> tuple[float, int, int]:
    """Seconds of the whole command, milliseconds in exchanges, and how many there were."""
    command = [sys.executable, "-m", "cardcheck", "scan", "--json", "--no-cache", *options]
    began = time.monotonic()
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=60)
    seconds = time.monotonic() - began
    (only,) = json.loads(done.stdout)["cards"]
    return seconds, only["exchange"]["milliseconds"], only["exchange"]["commands"]


def compare(runs: int) -> bool:
    """Whether NFC keeps to its budget; prints what was measured."""
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    with ExitStack() as stack:
        daemon = stack.enter_context(PcscDaemon())
        stack.enter_context(
            VpcdCard(  # type: ignore[arg-type]
                card(), "127.0.0.1", daemon.ports[0], latency_ms=LATENCY_MS, byte_us=BYTE_US
            )
        )
        daemon.await_card(0, present=True)
        link = LinkModel(LATENCY_MS / 1e3, BYTE_US / 1e6)
        served = stack.enter_context(NfcUdpCard(picc_of("valid", card(), link), 0))  # type: ignore[arg-type]
        nfc = ("--backend", "nfc", "--nfc-path", f"udp:localhost:{served.port}")
        ways = {"pcsc": ("--backend", "pcsc"), "nfc": nfc}
        found: dict[str, list[tuple[float, int, int]]] = {name: [] for name in ways}
        for _ in range(runs):
            for name, options in ways.items():
                found[name].append(scan(*options, env={**env, **daemon.env()}))
    middle = {name: statistics.median(row[0] for row in rows) for name, rows in found.items()}
    for name, rows in found.items():
        exchange = statistics.median(row[1] for row in rows)
        print(f"{name:5} {middle[name]:.3f} s, of it {exchange:.0f} ms in {rows[0][2]} exchanges")
    times = middle["nfc"] / middle["pcsc"]
    print(f"nfc / pcsc: {times:.2f} (at most {MOST_TIMES_AS_LONG}); median of {runs}")
    return times <= MOST_TIMES_AS_LONG


def hang() -> bool:
    """Whether a device that hangs costs no more than its deadline; prints what was measured."""
    device = ReaderIdentity(name="RC-S380", backend=Backend.NFC, path=PATH)
    hung = Scenario(firmware={"kind": "hang", "code": 0x2A})
    kept = True
    for timeout in (30.0, 1.0):
        world = NfcWorld(lambda: (device,), command=hung.command())
        began = time.monotonic()
        Survey(
            SurveyRequest(open_backends=(), open_nfc=world.open, timeout=timeout), Silence()
        ).run()
        world.close()
        seconds, most = time.monotonic() - began, min(timeout, OPEN_SECONDS) + GRACE
        print(f"hung device, --timeout {timeout:.0f}: {seconds:.2f} s (at most {most:.0f})")
        kept = kept and seconds <= most
    return kept


def main() -> int:
    """The exit code."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    kept = [compare(runs), hang()]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
