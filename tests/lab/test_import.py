# SPDX-License-Identifier: Apache-2.0
"""``trace import`` on what the real tools log of the virtual card: pcscd, OpenSC, pcsc-spy.

The dump of apdu4j is not here: it is in no Debian package, and is tested on one made by its format.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from cardcheck.cli.main import run
from cardcheck.simulation.profiles import profile
from cardcheck.traces.files import found, read_trace
from cardcheck.traces.judge import Judge, Result
from cardcheck.transports.dump import format_trace
from cardcheck.transports.privacy import looks_real
from lab.daemon import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cardcheck.simulation.card import SimulatedCard
    from cardcheck.transports.trace import Trace
    from lab.conftest import InsertCard, MakePcscd
    from lab.daemon import PcscDaemon
    from lab.program import Completed

SELECT, TOKEN = "00A4040C0AD392F000260100000001", "00A4020C020006"
PIN = b"\x31\x33\x35\x37"


@pytest.fixture
def daemon(make_pcscd: MakePcscd) -> PcscDaemon:
    """A daemon whose log has every APDU."""
    return make_pcscd(debug=True)


@pytest.fixture
def card() -> SimulatedCard:
    """A valid card."""
    make_card = profile("valid").readers[0].make_card
    assert make_card is not None
    return make_card(datetime.now(UTC))


def imported(folder: Path, log: Path, *options: str) -> list[Trace]:
    """The traces that come of a log; none has anything that was on the card."""
    folder.mkdir()
    assert run(["trace", "import", str(log), "-o", str(folder / "t.apdu"), *options]) == 0
    names = sorted(found([str(folder)]), key=lambda name: (len(name), name))
    traces = [read_trace(name) for name in names]
    for trace in traces:
        assert looks_real(trace) == []
    return traces


def asked(trace: Trace) -> list[str]:
    return [each.asked.hex().upper() for each in trace.exchanges if isinstance(each.asked, bytes)]


def without_secrets(traces: list[Trace], card: SimulatedCard) -> bool:
    """Whether none of what must not be shared is in the text of ``traces``."""
    text = "".join(format_trace(trace) for trace in traces)
    return not any(s.hex().upper() in text for s in card.secrets.values() if len(s) > 3)


def test_each_card_session_that_pcscd_logs_is_a_trace(
    daemon: PcscDaemon,
    vcard: InsertCard,
    card: SimulatedCard,
    run_cardcheck: Callable[..., Completed],
    tmp_path: Path,
) -> None:
    inserted = vcard(card, daemon=daemon)
    run_cardcheck("scan", "--json", env=daemon.env())
    inserted.remove()
    inserted.put_back()
    run_cardcheck("scan", "--json", "--quick", env=daemon.env())
    inserted.remove()
    log = tmp_path / "pcscd.log"
    log.write_text(daemon.log(), "utf-8")
    first, second = imported(tmp_path / "out", log)
    judged = Judge().judge(first)
    assert judged.result is Result.PASSED
    assert len(asked(second)) < len(asked(first))
    assert first.header.reader == "Virtual PCD 00 00"
    assert first.header.atr == card.atr
    assert without_secrets([first, second], card)


def test_what_opensc_logs_is_a_trace(
    daemon: PcscDaemon, vcard: InsertCard, card: SimulatedCard, tmp_path: Path
) -> None:
    vcard(card, daemon=daemon)
    traces = []
    for number, command in enumerate(
        (["opensc-tool", "-n"], ["pkcs15-tool", "-c"], ["pkcs15-tool", "--list-pins"])
    ):
        log = tmp_path / f"{number}.log"
        with log.open("wb") as file:
            env = {**os.environ, **daemon.env(), "OPENSC_DEBUG": "9", "HOME": str(tmp_path)}
            subprocess.run(command, env=env, stdout=file, stderr=file, timeout=30, check=False)
        traces += imported(tmp_path / str(number), log)
    assert len(traces) == 3
    assert all(SELECT in asked(trace) for trace in traces)
    assert "00A4020C02000A" in asked(traces[1])
    queries = [each for each in asked(traces[2]) if each.startswith("0020")]
    assert len(queries) >= 2  # for two PINs; OpenSC 0.26 asks twice for each
    assert set(queries) == {"00200080"}
    assert without_secrets(traces, card)


def test_a_pin_that_opensc_logs_is_refused_or_blanked(
    daemon: PcscDaemon, vcard: InsertCard, card: SimulatedCard, tmp_path: Path
) -> None:
    vcard(card, daemon=daemon)
    log = tmp_path / "a.log"
    command = ["opensc-tool", "-s", SELECT, "-s", "00A4020C020018", "-s", f"0020008004{PIN.hex()}"]
    with log.open("wb") as file:
        env = {**os.environ, **daemon.env(), "OPENSC_DEBUG": "9", "HOME": str(tmp_path)}
        subprocess.run(command, env=env, stdout=file, stderr=file, timeout=30, check=False)
    assert card.pin_attempts == 1
    assert run(["trace", "import", str(log), "-o", str(tmp_path / "t.apdu")]) == 2
    assert not (tmp_path / "t.apdu").exists()
    (trace,) = imported(tmp_path / "out", log, "--blank-pins")
    assert asked(trace)[-1] == "0020008004FFFFFFFF"


SPY = "libpcscspy.so.0"


def spying(tmp_path: Path) -> Path:
    """A folder in which pcsc-spy stands in the place of libpcsclite, as its own script does it."""
    listed = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=True)
    paths = {row.split()[0]: row.split()[-1] for row in listed.stdout.splitlines() if "=>" in row}
    if SPY not in paths or shutil.which("pcsc-spy") is None:
        pytest.fail("missing: pcsc-spy; apt-get install libpcsclite-dev", pytrace=False)
    folder = tmp_path / "spy"
    folder.mkdir()
    (folder / "libpcsclite.so.1").symlink_to(paths[SPY])
    (folder / "libpcsclite_nospy.so.1").symlink_to(paths["libpcsclite.so.1"])
    return folder


@pytest.mark.parametrize("options", [[], ["-n"], ["-n", "-d"]], ids=["colour", "plain", "diffable"])
def test_what_pcsc_spy_prints_is_a_trace(
    daemon: PcscDaemon,
    vcard: InsertCard,
    card: SimulatedCard,
    tmp_path: Path,
    options: list[str],
) -> None:
    vcard(card, daemon=daemon)
    libraries, log = spying(tmp_path), tmp_path / "spy.log"
    env = {**os.environ, **daemon.env(), "HOME": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    with log.open("wb") as file:
        spy = subprocess.Popen(["pcsc-spy", *options], env=env, stdout=file, stderr=file)
        try:
            assert wait_until((tmp_path / "pcsc-spy").exists)
            spied = {**env, "LD_LIBRARY_PATH": str(libraries)}
            subprocess.run(
                ["pkcs15-tool", "-c"], env=spied, capture_output=True, timeout=30, check=False
            )
            assert wait_until(lambda: b"total time" in log.read_bytes())
        finally:
            spy.send_signal(signal.SIGKILL)
            spy.wait()
    traces = imported(tmp_path / "out", log)
    (trace,) = [each for each in traces if SELECT in asked(each)]
    assert "00A4020C02000A" in asked(trace)
    assert trace.header.reader == "Virtual PCD 00 00"
    assert without_secrets(traces, card)


DIALOGUE = [SELECT, TOKEN, "00B0000020"]
OBSERVER = """
from smartcard.System import readers
from smartcard.CardConnectionObserver import ConsoleCardConnectionObserver
link = readers()[0].createConnection()
link.addObserver(ConsoleCardConnectionObserver())
link.connect()
for text in {commands}:
    link.transmit(list(bytes.fromhex(text)))
"""


def opensc_tool(folder: Path) -> tuple[list[str], str]:
    return ["opensc-tool", *(part for each in DIALOGUE for part in ("-s", each))], ""


def scriptor(folder: Path) -> tuple[list[str], str]:
    return ["scriptor", "-p", "T=1"], "reset\n" + "".join(f"{each}\n" for each in DIALOGUE)


def pyscard(folder: Path) -> tuple[list[str], str]:
    return [sys.executable, "-c", OBSERVER.format(commands=DIALOGUE)], ""


@pytest.mark.parametrize("program", [opensc_tool, scriptor, pyscard])
def test_what_other_programs_print_is_a_trace(
    program: Callable[[Path], tuple[list[str], str]],
    daemon: PcscDaemon,
    vcard: InsertCard,
    card: SimulatedCard,
    tmp_path: Path,
) -> None:
    command, lines = program(tmp_path)
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    vcard(card, daemon=daemon)
    env = {**os.environ, **daemon.env(), "HOME": str(tmp_path)}
    done = subprocess.run(
        command, env=env, input=lines.encode(), capture_output=True, timeout=30, check=False
    )
    log = tmp_path / "printed.log"
    log.write_bytes(done.stdout)
    traces = imported(tmp_path / "out", log)
    commands = [each for trace in traces for each in asked(trace)]
    assert commands[-len(DIALOGUE) :] == DIALOGUE, done.stdout
    assert without_secrets(traces, card)
