# SPDX-License-Identifier: Apache-2.0
"""A service that dies or hangs, other programs on the card, odd readers: on real pcscd.

What belongs here: what comes from the service, its readers and its other clients. What does not:
faults of the card (``test_faults``).
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from lab.client import SHARE_EXCLUSIVE, PcscClient
from lab.daemon import wait_until
from lab.patience import overtime
from lab.reports import card_of, sound_report_of, state_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lab.conftest import InsertCard, MakePcscd
    from lab.daemon import PcscDaemon
    from lab.program import Completed, Program

    Run = Callable[..., Completed]
    Start = Callable[..., Program]
    StartClient = Callable[[PcscDaemon], PcscClient]

FIRST = "Virtual PCD 00 00"
SELECT_TEXT_INPUT = bytes.fromhex("00A4040C0AD3921000310001010408")
SLOW = 40.0  # milliseconds an APDU: makes a scan last 1.3 s


def in_mid_scan(program: Program, log: list[bytes], commands: int = 8) -> Program:
    """Comes back when the scan has sent some commands."""
    assert wait_until(lambda: len(log) >= commands, 10)
    return program


def test_a_frozen_daemon(pcscd: PcscDaemon, run_cardcheck: Run) -> None:
    """The service takes the call and does not answer: 3, in time."""
    pcscd.freeze()
    done = run_cardcheck("scan", "--json", "--timeout", "2", env=pcscd.env())
    report = sound_report_of(done)
    assert report["exit_code"] == 3
    assert done.seconds < overtime(6)  # 2, and what start, a closer look and end take
    assert state_of(report, "service.pcscd.listening") == "no-answer"


@pytest.mark.parametrize("commands", [1, 8, 30])
def test_the_daemon_is_restarted_in_mid_scan(
    commands: int, pcscd: PcscDaemon, vcard: InsertCard, start_cardcheck: Start
) -> None:
    """The card is read anew as soon as service and card are back."""
    card = card_of("valid")
    vcard(card, latency_ms=SLOW)
    program = in_mid_scan(start_cardcheck("scan", "--json", env=pcscd.env()), card.log, commands)
    pcscd.restart()
    report = sound_report_of(program.finish(), card)
    assert (report["exit_code"], report["verdict"]) == (0, "ready")
    assert state_of(report, "placement.contact.kept") == "recovered"


def test_the_daemon_dies_in_mid_scan(
    pcscd: PcscDaemon, vcard: InsertCard, start_cardcheck: Start
) -> None:
    """Killed for good: what was read is kept, and that the service has gone is said: 3."""
    card = card_of("valid")
    vcard(card, latency_ms=SLOW)
    program = in_mid_scan(start_cardcheck("scan", "--json", env=pcscd.env()), card.log)
    pcscd.kill()
    report = sound_report_of(program.finish(), card)
    assert report["exit_code"] == 3
    assert [f for f in report["findings"] if f["layer"] == "service" and f["outcome"] == "problem"]
    assert report["cards"][0]["kind"] == "my-number-card"


def test_the_readers_are_gone_after_a_restart(
    pcscd: PcscDaemon, vcard: InsertCard, start_cardcheck: Start
) -> None:
    """The reader is pulled in mid-scan, and with it the service that had it: said to be gone."""
    card = card_of("valid")
    vcard(card, latency_ms=SLOW)
    program = in_mid_scan(start_cardcheck("scan", "--json", env=pcscd.env()), card.log)
    pcscd.stop()
    (pcscd.directory / "conf" / "vpcd").unlink()
    pcscd.ports = ()
    pcscd.start()
    report = sound_report_of(program.finish(), card)
    assert report["exit_code"] == 3
    assert state_of(report, "reader.slot.responding") == "gone"


def test_another_program_holds_the_card_for_itself(
    pcscd: PcscDaemon, vcard: InsertCard, pcsc_client: StartClient, run_cardcheck: Run
) -> None:
    """Exclusive access: no reader can be used, and nothing is sent, not even when told to."""
    card = card_of("valid")
    vcard(card)
    pcsc_client(pcscd).connect(FIRST, SHARE_EXCLUSIVE)
    for options, state in (((), "in-use"), (("--even-if-in-use",), "exclusive")):
        done = run_cardcheck("scan", "--json", "--reader", "0", *options, env=pcscd.env())
        report = sound_report_of(done, card)
        assert report["exit_code"] == 3
        assert report["readers"][0]["slot"] == "in-use"
        assert state_of(report, "reader.slot.free") == state
        assert not card.log


def test_another_program_uses_the_card(
    pcscd: PcscDaemon, vcard: InsertCard, pcsc_client: StartClient, run_cardcheck: Run
) -> None:
    """A shared connection of somebody else: the card is left alone; read when told to."""
    card = card_of("valid")
    vcard(card)
    pcsc_client(pcscd).connect(FIRST)
    report = sound_report_of(run_cardcheck("scan", "--json", env=pcscd.env()), card)
    assert report["readers"][0]["slot"] == "in-use"
    assert state_of(report, "reader.slot.free") == "in-use"
    assert not card.log
    done = run_cardcheck("scan", "--json", "--even-if-in-use", env=pcscd.env())
    assert sound_report_of(done, card)["verdict"] == "ready"


@pytest.mark.slow
def test_another_program_is_in_a_transaction(
    pcscd: PcscDaemon, vcard: InsertCard, pcsc_client: StartClient, run_cardcheck: Run
) -> None:
    """We queue behind it no longer than 10 s, and do not call the card silent."""
    card = card_of("valid")
    vcard(card)
    other = pcsc_client(pcscd)
    handle = other.connect(FIRST)
    other.checked("SCardBeginTransaction", handle)
    done = run_cardcheck("scan", "--json", "--reader", "0", "--even-if-in-use", env=pcscd.env())
    report = sound_report_of(done, card)
    assert report["exit_code"] == 3
    assert report["readers"][0]["slot"] == "in-use"
    assert state_of(report, "reader.slot.free") == "exclusive"
    assert not card.log


@contextmanager
def again_and_again(action: Callable[[], None]) -> Iterator[None]:
    """Does ``action`` from another thread, with breaks, until the end."""
    over = threading.Event()

    def go_on() -> None:
        while not over.wait(0.05):
            action()

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def test_another_program_selects_in_between(
    pcscd: PcscDaemon, vcard: InsertCard, pcsc_client: StartClient, run_cardcheck: Run
) -> None:
    """What another program selects between our transactions does not lead us astray."""
    card = card_of("valid")
    vcard(card, latency_ms=5.0)
    other = pcsc_client(pcscd)
    handle = other.connect(FIRST)
    with again_and_again(lambda: void(other.transmit(handle, SELECT_TEXT_INPUT))):
        done = run_cardcheck("scan", "--json", "--even-if-in-use", env=pcscd.env())
    report = sound_report_of(done, card)
    assert (report["exit_code"], report["verdict"]) == (0, "ready")
    assert card.log.count(SELECT_TEXT_INPUT) > 2


def void(_: object) -> None:
    """Nothing."""


def test_another_program_resets_the_card(run_cardcheck: Run) -> None:
    """A reset is read over, once; a reset each time is said. (pcscd leaves no gap to hit.)"""
    for fault, code, state in (("reset@8", 0, "recovered"), ("reset@8x99", 1, "reset")):
        done = run_cardcheck("scan", "--json", "--simulate", "valid", "--fault", fault)
        report = sound_report_of(done)
        assert report["exit_code"] == code
        assert state_of(report, "placement.contact.kept") == state


def test_another_program_deselects_unseen(run_cardcheck: Run) -> None:
    """A selection that is lost without a word gives no wrong answer, at no command."""
    good = sound_report_of(run_cardcheck("scan", "--json", "--simulate", "valid"))["cards"][0]
    for k in (2, 7, 14, 22, 31):
        done = run_cardcheck("scan", "--json", "--simulate", "valid", "--fault", f"deselected@{k}")
        card = sound_report_of(done)["cards"][0]
        for pin, expected in zip(card["pins"], good["pins"], strict=True):
            assert pin == expected or pin["tries_left"] is None, k


NAMES = {
    "not UTF-8": b"caf\xe9",
    "cut inside a character": ("\u30ab" * 50).encode(),
    "Japanese": "\u30ab\u30fc\u30c9\u30ea\u30fc\u30c0\u30fc".encode(),
    "escapes": b"\x1b[31mred\x1b]0;title\x07\x9b2J",
    "markup": b"[bold red]x[/bold red] [link=file:///]y",
    "HTML": b"<script>alert(1)</script>&amp;",
    "too long": b"N" * 127,
    "right to left": "\u202eabc\u2066".encode(),
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_a_reader_with_an_odd_name(
    name: bytes, make_pcscd: MakePcscd, vcard: InsertCard, run_cardcheck: Run
) -> None:
    """Listed, waited for, connected and read; its name does nothing to a screen."""
    daemon = make_pcscd(name=name)
    timer = threading.Timer(1.0, lambda: vcard(card_of("valid"), daemon=daemon, wait=False))
    timer.start()
    done = run_cardcheck("scan", "--json", "--with-text", "--wait", "9", env=daemon.env())
    timer.join()
    report = sound_report_of(done)
    assert (report["exit_code"], report["verdict"]) == (0, "ready")
    assert is_harmless(done.stdout)
    assert is_harmless(done.stderr)
    for language in ("ja", "en"):
        done = run_cardcheck("scan", "--lang", language, env=daemon.env())
        assert done.rc == 0
        assert is_harmless(done.stdout)


def is_harmless(text: str) -> bool:
    """Whether no character but a line end steers a terminal or the direction of writing."""
    steering = {*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)}
    return not any(ord(character) in steering for character in text if character != "\n")


def test_a_scan_leaves_the_card_to_others(
    pcscd: PcscDaemon, vcard: InsertCard, pcsc_client: StartClient, run_cardcheck: Run
) -> None:
    """Shared, not reset, not switched off: a session of another program lives on."""
    card = card_of("valid")
    vcard(card)
    other = pcsc_client(pcscd)
    handle = other.connect(FIRST)
    done = run_cardcheck("scan", "--json", "--even-if-in-use", env=pcscd.env())
    assert sound_report_of(done, card)["verdict"] == "ready"
    assert other.transmit(handle, SELECT_TEXT_INPUT) == b"\x90\x00"
