# SPDX-License-Identifier: Apache-2.0
"""No command speaks to a network: an audit hook in each process sees every socket that is made.

What belongs here: sockets, addresses, name lookups. What does not: files and processes
(``test_footprint``), and the hook (``audit``).
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cardcheck.simulation.nfc_udp import NfcUdpCard
from cardcheck.simulation.picc import picc_of
from lab.reports import card_of, report_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from lab.audit import Audit
    from lab.conftest import InsertCard
    from lab.daemon import PcscDaemon
    from lab.program import Completed, Program

    Run = Callable[..., Completed]

ROOT = Path(__file__).parents[2]

COMMANDS = (
    ("scan", "--json"),
    ("scan", "--lang", "ja", "--html", "{tmp}/page.html", "--record", "{tmp}/trace.apdu"),
    ("scan", "--json", "--quick"),
    ("readers", "--json"),
    ("doctor", "--json"),
    ("scan", "--json", "--simulate", "valid", "--trust-anchor", "{tmp}/missing.pem"),
    ("scan", "--json", "--simulate", "bad-signature"),
    ("scan", "--json", "--replay", str(ROOT / "fixtures" / "apdu" / "jukicard.apdu")),
    ("checks",),
    ("schema",),
    ("--help",),
)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_command_makes_an_internet_socket(
    command: tuple[str, ...],
    audit: Audit,
    pcscd: PcscDaemon,
    vcard: InsertCard,
    run_cardcheck: Run,
    tmp_path: Path,
) -> None:
    vcard(card_of("valid"))
    arguments = [part.format(tmp=tmp_path) for part in command]
    done = run_cardcheck(*arguments, env={**pcscd.env(), **audit.env})
    assert done.rc in {0, 1, 2, 3}
    assert audit.internet() == []


def test_the_virtual_reader_is_reached_on_loopback_alone(
    audit: Audit, pcscd: PcscDaemon, start_cardcheck: Callable[..., Program]
) -> None:
    """``simulate --vpcd``: 127.0.0.1 and the port that was named."""
    port = pcscd.ports[0]
    program = start_cardcheck("simulate", "valid", "--vpcd", f"127.0.0.1:{port}", env=audit.env)
    pcscd.await_card(0, present=True, seconds=10)
    program.signal(signal.SIGINT)
    assert program.finish(timeout=5).rc == 130
    calls = [call for call in audit.internet() if not call.startswith("socket.__new__")]
    assert calls
    assert all("'127.0.0.1'" in call and str(port) in call for call in calls)


def test_nfcpy_udp_is_reached_on_loopback_alone(audit: Audit, run_cardcheck: Run) -> None:
    """``--nfc-path udp:``: the driver in the child process speaks to this computer."""
    name = "valid"
    with NfcUdpCard(picc_of(name, card_of(name)), 0) as served:
        path = f"udp:127.0.0.1:{served.port}"
        options = ("--backend", "nfc", "--nfc-path", path)
        done = run_cardcheck("scan", "--json", *options, env=audit.env)
    assert report_of(done)["cards"]
    calls = [call for call in audit.internet() if not call.startswith("socket.__new__")]
    assert calls
    for call in calls:
        assert "127.0.0.1" in call or "localhost" in call, call


OUTSIDE = ("192.0.2.1", "example.com", "0.0.0.0", "[2001:db8::1]", "10.0.0.1", "127.0.0.1.example")


@pytest.mark.parametrize("host", OUTSIDE)
def test_another_computer_is_refused(host: str, audit: Audit, run_cardcheck: Run) -> None:
    """2, one line, and not a packet, not even to look the name up."""
    for arguments in (
        ("simulate", "valid", "--vpcd", f"{host}:35963"),
        ("scan", "--json", "--backend", "nfc", "--nfc-path", f"udp:{host}:54321"),
    ):
        done = run_cardcheck(*arguments, env=audit.env, timeout=10)
        assert done.rc == 2, done
        assert done.stderr.count("\n") == 1
        assert not done.stdout
    assert audit.internet() == []


def test_the_spy_sees_what_it_should(audit: Audit) -> None:
    """Proof that an internet socket in cardcheck would be seen, in a child process too."""
    code = "import socket; socket.socket(); socket.create_connection(('127.0.0.1', 9), 1)"
    nested = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {code!r}])"
    env = {**os.environ, **audit.env}
    subprocess.run([sys.executable, "-c", nested], env=env, capture_output=True, check=True)
    assert len(audit.internet()) > 1
