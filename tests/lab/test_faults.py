# SPDX-License-Identifier: Apache-2.0
"""Cards that go, hang or lie, on real pcscd: each time a whole report that says what happened.

What belongs here: faults of the card and of contact with it. What does not: those of the service
and of other programs (``test_disturbance``), signals (``test_interruption``), and the surroundings
of the program (``test_surroundings``).
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from cardcheck.simulation.faults import FaultyCard, parse_fault
from lab.daemon import wait_until
from lab.patience import overtime
from lab.reports import COUNTER_QUERY, card_of, problems_in, report_of, sound_report_of, state_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from lab.conftest import InsertCard, MakePcscd
    from lab.daemon import PcscDaemon
    from lab.program import Completed

    Run = Callable[..., Completed]

COMMANDS = 32  # of a full scan of a good card
MUTE_FROM = (1, 2, 7, 22, 32)  # first SELECT, first file, a counter, another application, the last


def faulty(fault: str, name: str = "valid") -> FaultyCard:
    return FaultyCard(card_of(name), parse_fault(fault))


def test_a_card_that_never_answers_ends_at_the_deadline(
    make_pcscd: MakePcscd, vcard: InsertCard, run_cardcheck: Run
) -> None:
    """Silent from the k-th command on, with ``--timeout 3``: 3, in time, and what was read is kept.

    pcscd itself hangs with such a card, so each has a daemon of its own.
    """

    def scan(k: int) -> tuple[int, dict[str, Any], float]:
        daemon, card = make_pcscd(), faulty(f"mute@{k}")
        vcard(card, daemon=daemon)
        done = run_cardcheck("scan", "--json", "--timeout", "3", env=daemon.env())
        return k, sound_report_of(done, card), done.seconds

    with ThreadPoolExecutor(len(MUTE_FROM)) as pool:
        for k, report, seconds in pool.map(scan, MUTE_FROM):
            assert (report["exit_code"], report["verdict"]) == (3, "undetermined"), k
            assert state_of(report, "scan.run.finished") == "deadline"
            assert report["cards"][0]["exchange"]["commands"] == k
            assert seconds < overtime(5)  # 3, and what start and end take


@pytest.mark.slow
def test_a_card_that_never_answers_is_said_to_be_silent(
    pcscd: PcscDaemon, vcard: InsertCard, run_cardcheck: Run
) -> None:
    """No answer for 10 s, within the usual deadline: 1, and that the card went silent."""
    card = faulty("mute@7")
    vcard(card)
    report = sound_report_of(run_cardcheck("scan", "--json", env=pcscd.env()), card)
    assert (report["exit_code"], report["verdict"]) == (1, "problem")
    assert state_of(report, "card.exchange.answered") == "stalled"


def test_a_card_that_is_silent_in_one_reader_does_not_keep_the_other_from_being_read(
    pcscd: PcscDaemon, vcard: InsertCard, run_cardcheck: Run
) -> None:
    vcard(faulty("mute@1"), 0)
    good = card_of("valid")
    vcard(good, 1)
    done = run_cardcheck("scan", "--json", "--timeout", "3", env=pcscd.env())
    report = sound_report_of(done, good)
    assert report["exit_code"] == 3
    assert report["cards"][1]["exchange"]["commands"] == COMMANDS
    assert report["cards"][1]["certificates"][0]["status"] == "valid"


def test_a_card_pulled_at_every_command(
    make_pcscd: MakePcscd, vcard: InsertCard, run_cardcheck: Run
) -> None:
    """Pulled for good at the k-th command, for every k: 1, contact lost, nothing made up."""
    daemons = [make_pcscd() for _ in range(4)]
    places = [(daemon, slot) for daemon in daemons for slot in range(2)]
    free = list(places)
    lock = threading.Semaphore(len(places))

    def scan(k: int) -> tuple[int, dict[str, Any]]:
        with lock:
            daemon, slot = free.pop()
            card = faulty(f"removed@{k}")
            inserted = vcard(card, slot, daemon=daemon)
            done = run_cardcheck("scan", "--json", "--reader", str(slot), env=daemon.env())
            inserted.remove()
            free.append((daemon, slot))
            return k, sound_report_of(done, card)

    with ThreadPoolExecutor(len(places)) as pool:
        for k, report in pool.map(scan, range(1, COMMANDS + 1)):
            assert (report["exit_code"], report["verdict"]) == (1, "problem"), k
            assert state_of(report, "placement.contact.kept") == "lost", k
            assert report["cards"][0]["exchange"]["commands"] == k
            assert "card.exchange.well-formed" not in problems_in(report), k


@pytest.mark.parametrize("k", [1, 7, 22, COMMANDS])
def test_a_card_pulled_and_put_back(
    k: int, pcscd: PcscDaemon, vcard: InsertCard, run_cardcheck: Run
) -> None:
    """Back after a second: read anew from the beginning, and said so."""
    card = faulty(f"removed@{k}x1")
    vcard(card)
    report = sound_report_of(run_cardcheck("scan", "--json", env=pcscd.env()), card)
    assert (report["exit_code"], report["verdict"]) == (0, "ready")
    assert state_of(report, "placement.contact.kept") == "recovered"
    assert report["cards"][0]["exchange"]["commands"] == COMMANDS


@pytest.mark.parametrize("k", [5, 22, COMMANDS])
def test_another_card_in_its_place(
    k: int, pcscd: PcscDaemon, vcard: InsertCard, run_cardcheck: Run
) -> None:
    """Nothing of the first card stays: the report is that of the second alone."""
    first, second = faulty(f"removed@{k}", "valid"), card_of("sign-pin-low")
    inserted = vcard(first)

    def swap() -> None:
        assert wait_until(lambda: not first.present)
        pcscd.await_card(0, present=False)
        vcard(second, wait=False)

    swapping = threading.Thread(target=swap)
    swapping.start()
    done = run_cardcheck("scan", "--json", env=pcscd.env())
    swapping.join()
    report = sound_report_of(done, first, second)
    inserted.remove(wait=False)
    assert state_of(report, "placement.contact.kept") == "recovered"
    alone = report_of(run_cardcheck("scan", "--json", "--simulate", "sign-pin-low"))
    for field in ("kind", "validity", "certificates", "pins", "applications"):
        assert report["cards"][0][field] == alone["cards"][0][field]


# A fault, the exit code and a finding that must be there with its state.
LIES = {
    "sw=6f00@1": (0, "card.kind.my-number", "my-number-card"),
    "6c-forever@3": (1, "card.exchange.well-formed", "malformed"),
    "6c-forever@23": (1, "card.exchange.well-formed", "malformed"),
    "6cxx@6": (1, "card.exchange.well-formed", "malformed"),  # to a SELECT
    "6cxx@7": (0, "card.exchange.well-formed", "well-formed"),  # to a read: repeated
    "61-forever@1": (1, "card.exchange.well-formed", "malformed"),
    "61-forever@3": (1, "card.exchange.well-formed", "malformed"),
    "short@3": (1, "card.exchange.well-formed", "malformed"),
    "long@3": (1, "card.exchange.well-formed", "malformed"),
    "long@9": (1, "card.exchange.well-formed", "malformed"),
    "bitflip@7": (1, "card.certificate.authentication-valid", "malformed"),
    "bitflip@9": (1, "card.certificate.authentication-issuer", "signature-invalid"),
}


@pytest.mark.parametrize("fault", LIES)
def test_a_card_that_breaks_the_rules(
    fault: str, pcscd: PcscDaemon, vcard: InsertCard, run_cardcheck: Run
) -> None:
    """Whatever the card answers: a finding, no try spent, no end without an end."""
    card = faulty(fault)
    vcard(card)
    report = sound_report_of(run_cardcheck("scan", "--json", env=pcscd.env()), card)
    print(fault, report["exit_code"], problems_in(report), report["verdict"])
    code, check, state = LIES[fault]
    assert report["exit_code"] == code
    if check is not None:
        assert state_of(report, check) == state


def test_wrong_length_to_the_counter_query_is_never_repeated(
    pcscd: PcscDaemon, vcard: InsertCard, run_cardcheck: Run
) -> None:
    """6Cxx, 61xx, and 6Cxx for ever, each to the first counter query: asked once, and said."""
    whole = card_of("valid")
    inserted = vcard(whole)
    report_of(run_cardcheck("scan", "--json", env=pcscd.env()))
    first = whole.log.index(COUNTER_QUERY) + 1
    inserted.remove()
    for fault in (f"sw=6c02@{first}", f"sw=6110@{first}", f"6c-forever@{first}", f"long@{first}"):
        card = faulty(fault)
        inserted = vcard(card)
        report = sound_report_of(run_cardcheck("scan", "--json", env=pcscd.env()), card)
        inserted.remove()
        assert state_of(report, "card.exchange.well-formed") == "malformed", fault
        pins = report["cards"][0]["pins"]
        assert pins[0]["state"] == "unknown", fault
        assert card.log.count(COUNTER_QUERY) <= whole.log.count(COUNTER_QUERY), fault


ATRS = {
    "33 bytes": "3b9f95803fc7a08031e073fa21106300000083f09000bb" + "00" * 10,
    "cut": "3b88800100",
    "wrong TCK": "3b888001000041e0b381a100ff",
    "none": "",
    "no ATR at all": "ffffffff",
}


@pytest.mark.parametrize("atr", ATRS.values(), ids=ATRS)
def test_an_answer_to_reset_that_is_none(
    atr: str, pcscd: PcscDaemon, vcard: InsertCard, run_cardcheck: Run
) -> None:
    """Such a card is read where pcscd lets us, and said to be mute where it does not."""
    card = faulty(f"atr={atr}")
    vcard(card, wait=False)
    report = sound_report_of(run_cardcheck("scan", "--json", "--wait", "2", env=pcscd.env()), card)
    slot = report["readers"][0]["slot"]
    assert (report["exit_code"], slot) in {(0, "card"), (1, "mute"), (4, "empty")}
    print(atr, slot, report["exit_code"])
