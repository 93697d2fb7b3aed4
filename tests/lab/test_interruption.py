# SPDX-License-Identifier: Apache-2.0
"""SIGINT and SIGTERM at any time: a whole report, the right code, within a second, nothing held.

What belongs here: signals. What does not: deadlines (``test_faults``).
"""

from __future__ import annotations

import re
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cardcheck.simulation.faults import FaultyCard, parse_fault
from lab.client import SHARE_EXCLUSIVE, PcscError
from lab.daemon import wait_until
from lab.patience import overtime
from lab.reports import card_of, sound_report_of, state_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from lab.client import PcscClient
    from lab.conftest import InsertCard
    from lab.daemon import PcscDaemon
    from lab.program import Completed, Program

    Start = Callable[..., Program]

FIRST = "Virtual PCD 00 00"
CODES = {signal.SIGINT: 130, signal.SIGTERM: 143}
SOON = 2.0  # seconds on a quiet machine: one, and what ending a process takes
SLOW = 100.0  # milliseconds an APDU: makes a scan last 3 s


def takes_signals(program: Program) -> bool:
    """Whether the program has taken SIGTERM in charge (proc(5): the mask of caught signals)."""
    try:
        status = Path(f"/proc/{program.pid}/status").read_text("ascii")
    except OSError:
        return False
    caught = re.search(r"^SigCgt:\s*([0-9a-f]+)", status, re.MULTILINE)
    return caught is not None and bool(int(caught[1], 16) >> (signal.SIGTERM - 1) & 1)


def interrupt(program: Program, number: signal.Signals) -> dict[str, Any]:
    """The report of a program that is sent a signal, checked: code, whole, within a second."""
    sent = time.monotonic()
    program.signal(number)
    done = program.finish()
    took = time.monotonic() - sent
    assert done.rc == CODES[number], done
    assert took < overtime(SOON), took
    report = sound_report_of(done)
    assert state_of(report, "scan.run.finished") == "interrupted"
    return report


@pytest.mark.parametrize("number", CODES, ids=lambda number: number.name)
@pytest.mark.parametrize("delay", [0.0, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 0.8])
def test_at_any_moment(
    delay: float,
    number: signal.Signals,
    pcscd: PcscDaemon,
    vcard: InsertCard,
    start_cardcheck: Start,
) -> None:
    """From the first instruction of ours on: during imports, listing, connecting, reading."""
    card = card_of("valid")
    vcard(card, latency_ms=SLOW)
    program = start_cardcheck("scan", "--json", env=pcscd.env())
    assert wait_until(lambda: takes_signals(program))
    time.sleep(delay)
    interrupt(program, number)
    assert card.pin_attempts == 0


@pytest.mark.parametrize("commands", [1, 7, 22, 31])
def test_the_card_is_released(
    commands: int,
    pcscd: PcscDaemon,
    vcard: InsertCard,
    pcsc_client: Callable[[PcscDaemon], PcscClient],
    start_cardcheck: Start,
) -> None:
    """Another program gets the card, and what was read by then is in the report."""
    card = card_of("valid")
    vcard(card, latency_ms=SLOW)
    other = pcsc_client(pcscd)
    assert other.readers()
    program = start_cardcheck("scan", "--json", env=pcscd.env())
    assert wait_until(lambda: len(card.log) >= commands)
    report = interrupt(program, signal.SIGINT)
    assert report["cards"][0]["exchange"]["commands"] >= commands
    # pcscd notices a client that had to be ended a moment later
    assert wait_until(lambda: gets_the_card(other), 3.0)


def gets_the_card(other: PcscClient) -> bool:
    """Whether the card can be had exclusively."""
    try:
        other.connect(FIRST, SHARE_EXCLUSIVE)
    except PcscError:
        return False
    return True


def test_while_the_card_hangs(pcscd: PcscDaemon, vcard: InsertCard, start_cardcheck: Start) -> None:
    card = FaultyCard(card_of("valid"), parse_fault("mute@7"))
    vcard(card)
    program = start_cardcheck("scan", "--json", env=pcscd.env())
    assert wait_until(lambda: card.commands == 7)
    time.sleep(0.3)
    assert interrupt(program, signal.SIGTERM)["cards"][0]["exchange"]["commands"] == 7


def test_while_the_service_hangs(pcscd: PcscDaemon, start_cardcheck: Start) -> None:
    pcscd.freeze()
    program = start_cardcheck("scan", "--json", env=pcscd.env())
    assert wait_until(lambda: takes_signals(program))
    time.sleep(0.7)
    interrupt(program, signal.SIGINT)


def test_while_another_program_is_in_a_transaction(
    pcscd: PcscDaemon,
    vcard: InsertCard,
    pcsc_client: Callable[[PcscDaemon], PcscClient],
    start_cardcheck: Start,
) -> None:
    vcard(card_of("valid"))
    other = pcsc_client(pcscd)
    other.checked("SCardBeginTransaction", other.connect(FIRST))
    program = start_cardcheck("scan", "--json", "--even-if-in-use", env=pcscd.env())
    assert wait_until(lambda: takes_signals(program))
    time.sleep(0.7)
    interrupt(program, signal.SIGINT)


def test_while_waiting_for_a_card(pcscd: PcscDaemon, start_cardcheck: Start) -> None:
    program = start_cardcheck("scan", "--json", "--wait", "30", env=pcscd.env())
    assert wait_until(lambda: takes_signals(program))
    time.sleep(0.7)
    interrupt(program, signal.SIGINT)


def test_while_waiting_for_a_lost_card(
    pcscd: PcscDaemon, vcard: InsertCard, start_cardcheck: Start
) -> None:
    card = FaultyCard(card_of("valid"), parse_fault("removed@7"))
    vcard(card)
    program = start_cardcheck("scan", "--json", env=pcscd.env())
    assert wait_until(lambda: card.commands == 7)
    time.sleep(0.7)
    report = interrupt(program, signal.SIGINT)
    assert state_of(report, "placement.contact.kept") == "lost"


def test_asked_twice(pcscd: PcscDaemon, vcard: InsertCard, start_cardcheck: Start) -> None:
    """A second signal does not spoil what the first one brought about."""
    card = card_of("valid")
    vcard(card, latency_ms=SLOW)
    program = start_cardcheck("scan", "--json", env=pcscd.env())
    assert wait_until(lambda: len(card.log) >= 7)
    program.signal(signal.SIGINT)
    time.sleep(0.02)
    program.signal(signal.SIGTERM)
    interrupt(program, signal.SIGINT)


def test_other_commands_and_texts(pcscd: PcscDaemon, start_cardcheck: Start) -> None:
    """``readers`` and a report for people end the same way."""
    for arguments in (("readers", "--json"), ("scan",), ("scan", "--lang", "ja")):
        program = start_cardcheck(*arguments, env=pcscd.env())
        assert wait_until(lambda: takes_signals(program))  # noqa: B023 - called at once
        program.signal(signal.SIGTERM)
        done: Completed = program.finish()
        assert done.rc == 143
        assert done.stdout
