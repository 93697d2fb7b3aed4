# SPDX-License-Identifier: Apache-2.0
"""Login programs without transactions beside cardcheck: none of their PINs lands elsewhere.

What belongs here: the short version; ``scripts/lab-beside`` does hundreds of runs. What does not:
that we take no try ourselves (everywhere).
"""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from lab import beside
from lab.daemon import wait_until
from lab.witness import JPKI, PINS, Witness

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lab.client import PcscClient
    from lab.conftest import InsertCard
    from lab.daemon import PcscDaemon
    from lab.program import Completed, Program

FIRST = "Virtual PCD 00 00"
LATENCY = 15.0  # milliseconds an APDU, as a contactless card takes


@pytest.fixture
def witness(vcard: InsertCard) -> Witness:
    card = Witness(beside.public_files())
    vcard(card, latency_ms=LATENCY)
    return card


def test_no_pin_lands_elsewhere(pcscd: PcscDaemon, witness: Witness, tmp_path: Path) -> None:
    tally = beside.beside(witness, pcscd, tmp_path, runs=5)
    assert tally["runs"] == 5
    assert tally["right"] > 0
    assert tally["asked"] > 0
    assert witness.spent == []


COMMANDS = {
    "scan": beside.PLAIN,
    "quick": ("scan", "--quick", "--json"),
    "place": ("place", "--json", "--timeout", "3"),
    "kiosk": beside.KIOSK,
}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_login_that_was_half_done_spends_nothing_after_us(
    command: str,
    pcscd: PcscDaemon,
    witness: Witness,
    pcsc_client: Callable[[PcscDaemon], PcscClient],
    run_cardcheck: Callable[..., Completed],
) -> None:
    """What current file we leave takes no PIN: 6981 or 6986, as JICSAP has it."""
    run_cardcheck(*COMMANDS[command], env=pcscd.env())
    assert witness.log
    assert not witness.on_pin_file
    client = pcsc_client(pcscd)
    pin, _ = PINS[JPKI, 0x18]
    answer = client.transmit(client.connect(FIRST), b"\0\x20\0\x80" + bytes([len(pin)]) + pin)
    assert answer in {b"\x69\x81", b"\x69\x86"}
    assert witness.spent == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_scan_that_is_ended_on_a_pin_file_leaves_it(
    number: signal.Signals,
    pcscd: PcscDaemon,
    vcard: InsertCard,
    start_cardcheck: Callable[..., Program],
) -> None:
    """At SIGKILL it is pcscd that resets a card whose program has died in a transaction."""
    card = Witness(beside.public_files())
    vcard(card, latency_ms=80.0)
    program = start_cardcheck("scan", "--json", env=pcscd.env())
    assert wait_until(lambda: card.on_pin_file, 10)
    program.signal(number)
    program.finish(timeout=10)
    assert wait_until(lambda: not card.on_pin_file, 3)
