# SPDX-License-Identifier: Apache-2.0
"""The rules of the contract about findings as a whole: verdict, exit code, readiness."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cardcheck.checks.found import Judging
from cardcheck.checks.registry import Selection, selected
from cardcheck.facts.card import CardFacts, CardKind, PinId, ReadState
from cardcheck.facts.reader import ReaderFacts, ServiceFacts, SlotState
from cardcheck.report.model import Outcome, Report, Scope, Severity
from checks import scenes

SCAN = selected(Selection.CARDS, thorough=False)
GOOD = scenes.card()
LOW = scenes.with_pin(PinId.AUTHENTICATION, 0x63C1)
LOCKED = scenes.with_pin(PinId.AUTHENTICATION, 0x63C0)
UNSURE = scenes.with_pin(PinId.AUTHENTICATION, 0x6F00)
EXPIRED = scenes.card(-1700, -1)
LICENCE = scenes.other_card(CardKind.DRIVERS_LICENCE)
MUTE = scenes.slot(slot=SlotState.MUTE)
IN_USE = scenes.slot(slot=SlotState.IN_USE)
GONE = scenes.slot(slot=SlotState.UNAVAILABLE, error="NoReaderError")
EMPTY = scenes.slot()
LOST = scenes.card(interruption="CardRemovedError", complete=False)
SECOND = "Virtual PCD 00 01"


def summed_up(result: Report) -> tuple[str, int]:
    return result.verdict.value, result.exit_code


@pytest.mark.parametrize(
    ("slots", "expected"),
    [
        ([GOOD], ("ready", 0)),
        ([LOW], ("attention", 0)),
        ([UNSURE], ("undetermined", 0)),
        ([LOCKED], ("problem", 1)),
        ([EXPIRED], ("problem", 1)),
        ([LICENCE], ("problem", 1)),
        ([LOST], ("problem", 1)),
        ([MUTE], ("problem", 1)),
        ([EMPTY], ("undetermined", 4)),
        ([IN_USE], ("problem", 3)),
        ([GONE], ("problem", 3)),
        ([], ("problem", 3)),
        # the best My Number card decides
        ([GOOD, EXPIRED], ("ready", 0)),
        ([EXPIRED, LOW], ("attention", 0)),
        ([UNSURE, LOW], ("attention", 0)),
        ([LOCKED, UNSURE], ("undetermined", 0)),
        ([LICENCE, GOOD], ("ready", 0)),
        ([MUTE, scenes.slot(GOOD, name=SECOND)], ("ready", 0)),
        ([IN_USE, scenes.slot(GOOD, name=SECOND)], ("ready", 0)),
        ([GONE, scenes.slot(GOOD, name=SECOND)], ("ready", 0)),
        ([EMPTY, scenes.slot(GOOD, name=SECOND)], ("ready", 0)),
        ([CardFacts(interruption="CardRemovedError"), GOOD], ("ready", 0)),
        # without one, the worst card
        ([LICENCE, EMPTY], ("problem", 1)),
        ([MUTE, scenes.slot(LICENCE, name=SECOND)], ("problem", 1)),
        # readers work, nothing in them
        ([EMPTY, scenes.slot(name=SECOND)], ("undetermined", 4)),
        ([GONE, scenes.slot(name=SECOND)], ("problem", 4)),
    ],
)
def test_verdict_and_exit_code(
    slots: list[CardFacts | ReaderFacts], expected: tuple[str, int]
) -> None:
    assert summed_up(scenes.report(*slots)) == expected


@pytest.mark.parametrize("good_first", [True, False])
def test_what_does_not_decide_is_information(*, good_first: bool) -> None:
    cards = [GOOD, EXPIRED] if good_first else [EXPIRED, GOOD]
    result = scenes.report(*cards)
    bad = f"c{cards.index(EXPIRED)}"
    for finding in result.findings:
        if finding.subject == bad:
            assert finding.severity is Severity.INFO
            assert not finding.decisive
    (expired,) = [f for f in result.findings if f.state == "expired"]
    assert expired.evidence["severity_alone"] == "error"
    assert expired.outcome is Outcome.PROBLEM


@pytest.mark.parametrize("worse_first", [True, False])
def test_of_two_cards_alike_the_one_with_less_to_complain_of_decides(*, worse_first: bool) -> None:
    """Both need attention; the second warning of one of them must not count."""
    worse = scenes.with_pin(PinId.AUTHENTICATION, 0x63C1, starts=-1700, ends=30)
    cards = [worse, LOW] if worse_first else [LOW, worse]
    result = scenes.report(*cards)
    assert summed_up(result) == ("attention", 0)
    bad = f"c{cards.index(worse)}"
    warned = {f.subject for f in result.findings if f.severity is Severity.WARNING}
    assert bad not in warned
    assert warned


@pytest.mark.parametrize(
    ("survey", "slots", "expected"),
    [
        ({"interrupted": "SIGINT"}, [LOCKED], 130),
        ({"interrupted": "SIGTERM", "deadline": True}, [GOOD], 143),
        ({"deadline": True}, [LOCKED], 3),
        ({"deadline": True}, [EMPTY], 3),
        ({"service": ServiceFacts(error="NoServiceError", code=0x8010001D)}, [], 3),
        ({"service": ServiceFacts(error="AccessDeniedError", code=0x8010006A)}, [], 3),
        ({"service": ServiceFacts(error="ImportError")}, [], 3),
        ({"service": ServiceFacts(stalled=True)}, [], 3),
        ({"ignored": 1}, [], 3),
    ],
)
def test_what_comes_before_findings(
    survey: dict[str, Any], slots: list[CardFacts | ReaderFacts], expected: int
) -> None:
    result = scenes.report(*slots, survey=survey)
    assert result.exit_code == expected
    assert result.verdict.value != "ready"


@pytest.mark.parametrize(
    ("facts", "code"), [(GOOD, 0), (LOW, 1), (scenes.card(-1700, 30), 1), (LOCKED, 1), (UNSURE, 0)]
)
def test_fail_on_warning(facts: CardFacts, code: int) -> None:
    assert scenes.report(facts, fail_on=Severity.WARNING).exit_code == code


def test_the_card_in_the_reader_that_was_chosen() -> None:
    """A reader that was not chosen is listed and counts for nothing."""
    left_out = scenes.slot(slot=SlotState.CARD, selected=False)
    result = scenes.report(left_out, scenes.slot(EXPIRED, name=SECOND))
    assert summed_up(result) == ("problem", 1)
    assert len(result.readers) == 2
    alone = scenes.report(left_out, scenes.slot(name=SECOND))
    assert alone.exit_code == 4


def test_a_crash_of_ours_counts_only_where_all_else_is_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from cardcheck.checks import registry
    from cardcheck.checks.base import check
    from cardcheck.report.model import Layer

    def breaks(_context: object) -> list[Any]:
        raise ValueError("20300217")

    for decisive, verdict in ((True, "undetermined"), (False, "ready")):
        broken = check("card.test.broken", Layer.CARD, decisive=decisive)(breaks)
        checks = (*SCAN, broken)
        monkeypatch.setattr(registry, "selected", lambda _, thorough, checks=checks: checks)
        result = scenes.report(GOOD)
        assert summed_up(result) == (verdict, 70)
        finding = scenes.only(result, "card.test.broken")
        assert (finding.state, finding.outcome) == ("crashed", Outcome.CRASHED)
        assert finding.evidence["error"] == "ValueError"
        assert "20300217" not in str(finding)
        assert summed_up(scenes.report(LOCKED)) == ("problem", 1)
        assert scenes.report(EMPTY).exit_code == 4


def test_a_crash_while_reading_is_one_too() -> None:
    slot = scenes.slot(GOOD, crash="WriteRefusedError", finished=False)
    result = scenes.report(slot)
    assert summed_up(result) == ("undetermined", 70)
    first, last = scenes.found(result, "scan.run.finished")
    assert (first.outcome, first.evidence["error"]) == (Outcome.CRASHED, "WriteRefusedError")
    assert last.state == "finished"
    twice = scenes.report(slot, scenes.slot(LOCKED, name=SECOND, crash="WriteRefusedError"))
    assert len(scenes.found(twice, "scan.run.finished")) == 2


@pytest.mark.parametrize(
    ("shift", "state"),
    [(timedelta(days=-1), "past"), (timedelta(days=16 * 365), "future")],
)
@pytest.mark.parametrize("facts", [GOOD, EXPIRED, scenes.card(10, 1800), LOW])
def test_by_a_wrong_clock_nothing_is_judged(facts: CardFacts, shift: timedelta, state: str) -> None:
    """Nobody is sent to renew a certificate because a battery on a mainboard is empty."""
    wrong = scenes.host(now=scenes.BUILD + shift)
    result = scenes.report(facts, on=wrong)
    assert summed_up(result) == ("undetermined", 1)
    assert scenes.only(result, "computer.clock.right").state == state
    assert result.cards[0].certificates[0].status == "not-checked"
    assert result.cards[0].validity == "not-checked"
    undated = ("card.validity.current", "card.certificate.authentication-valid")
    assert [scenes.only(result, check).state for check in undated] == ["clock-wrong"] * 2
    assert {row.state for row in result.readiness} == {"unknown"}
    locked = scenes.report(LOCKED, on=wrong)
    assert summed_up(locked) == ("problem", 1)


def test_a_given_instant_leaves_the_clock_out() -> None:
    judging = Judging(at=scenes.NOW, build=scenes.BUILD, clock_matters=False)
    wrong = scenes.host(now=scenes.BUILD - timedelta(days=4000))
    result = scenes.report(GOOD, on=wrong, judging=judging)
    assert summed_up(result) == ("ready", 0)
    assert scenes.found(result, "computer.clock.right") == []


@pytest.mark.parametrize(
    ("scope", "verdict", "code"),
    [
        (Scope(), "problem", 1),
        (Scope(only=("card.pin",)), "problem", 1),
        (Scope(skip=("card.pin",)), "undetermined", 0),
        (Scope(only=("host",)), "undetermined", 0),
        (Scope(only=("card",), skip=("card.pin.authentication-usable",)), "undetermined", 0),
        (Scope(skip=("host.login.supported",)), "problem", 1),
    ],
)
def test_a_check_that_was_left_out_decides_nothing(scope: Scope, verdict: str, code: int) -> None:
    """No ``ready`` comes of not having looked."""
    result = scenes.report(LOCKED, scope=scope)
    assert summed_up(result) == (verdict, code)
    assert all(row.state != "ready" for row in result.readiness)


def test_leaving_out_what_no_verdict_needs() -> None:
    scope = Scope(skip=("host.login.supported", "card.pin.text-input-usable"))
    assert summed_up(scenes.report(GOOD, scope=scope)) == ("ready", 0)
    assert scenes.report(EMPTY, scope=Scope(skip=("placement",))).exit_code == 4


NO_SIGNATURE = scenes.card(directory=scenes.read_file(bytes.fromhex("008F00")))
SIGNATURE_LOCKED = scenes.with_pin(PinId.SIGNATURE, 0x63C0)
SIGNATURE_LOW = scenes.with_pin(PinId.SIGNATURE, 0x63C1)
SIGNATURE_OPEN = scenes.with_pin(PinId.SIGNATURE, 0x9000)
TEXT_LOCKED = scenes.with_pin(PinId.TEXT_INPUT, 0x63C0)
SIGNATURE_UNSURE = scenes.with_pin(PinId.SIGNATURE, 0x6F00)
QUICK = scenes.card(
    directory=scenes.failed(ReadState.NOT_READ), common_record=scenes.failed(ReadState.NOT_READ)
)


@pytest.mark.parametrize(
    ("facts", "login", "e_tax", "because"),
    [
        (GOOD, "ready", "ready", ()),
        (LOW, "ready", "ready", ()),
        (scenes.card(-1700, 30), "ready", "ready", ()),
        (SIGNATURE_LOW, "ready", "ready", ()),
        (SIGNATURE_OPEN, "ready", "ready", ()),
        (SIGNATURE_LOCKED, "ready", "not-ready", ("card.pin.signature-usable",)),
        (NO_SIGNATURE, "ready", "not-ready", ("card.certificate.signature-present",)),
        (SIGNATURE_UNSURE, "ready", "unknown", ("card.pin.signature-usable",)),
        (TEXT_LOCKED, "ready", "unknown", ("card.pin.text-input-usable",)),
        (QUICK, "ready", "unknown", ("card.certificate.signature-present",)),
        (LOCKED, "not-ready", "not-ready", ("card.pin.authentication-usable",)),
        (EXPIRED, "not-ready", "not-ready", ("card.certificate.authentication-valid",)),
        (UNSURE, "unknown", "unknown", ("card.pin.authentication-usable",)),
        (LICENCE, "not-ready", "not-ready", ("card.kind.my-number",)),
    ],
)
def test_readiness(facts: CardFacts, login: str, e_tax: str, because: tuple[str, ...]) -> None:
    result = scenes.report(facts)
    assert [(row.purpose, row.state) for row in result.readiness] == [
        ("mynaportal", login),
        ("nenkin", login),
        ("e-tax", e_tax),
    ]
    assert result.readiness[2].because == because


def test_a_locked_signature_pin_is_nothing_to_a_login() -> None:
    result = scenes.report(SIGNATURE_LOCKED)
    assert summed_up(result) == ("attention", 0)
    assert result.readiness[0].because == ()


@pytest.mark.parametrize(
    ("system", "facts", "state"),
    [
        ("Darwin", GOOD, "ready"),
        ("Linux", GOOD, "not-here"),
        ("Linux", UNSURE, "not-here"),
        ("Linux", LOCKED, "not-ready"),
        ("FreeBSD", GOOD, "unknown"),
    ],
)
def test_where_login_is_offered(system: str, facts: CardFacts, state: str) -> None:
    result = scenes.report(facts, on=scenes.host(system=system))
    assert result.readiness[0].state == state
    if system != "Darwin":
        assert "host.login.supported" in result.readiness[0].because


def test_no_card_is_no_answer() -> None:
    result = scenes.report(EMPTY)
    assert {row.state for row in result.readiness} == {"unknown"}
    assert result.readiness[0].because == ("placement.card.present",)
