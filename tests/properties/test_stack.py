# SPDX-License-Identifier: Apache-2.0
"""The card plans over the whole stack, against cards that answer anything: safe, bounded, judged.

What belongs here: properties of plans, layers, guard and checks together. What does not: the guard
alone (``test_guard``).
"""

from __future__ import annotations

from datetime import UTC, datetime
from threading import Event
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cardcheck.cards import plan
from cardcheck.checks.diagnosis import Request, diagnose
from cardcheck.checks.found import Judging
from cardcheck.errors import LinkError, PeerError
from cardcheck.facts.card import CardFacts, CardKind
from cardcheck.facts.host import HostFacts
from cardcheck.facts.observation import Observation
from cardcheck.facts.reader import Backend, ReaderFacts, ReaderIdentity, SlotState, SurveyFacts
from cardcheck.report.model import Outcome, Verdict
from cardcheck.simulation.faults import FaultKind, FaultyCard, parse_fault
from cardcheck.simulation.mynumber import Variant, build
from cardcheck.transports.guard import guarded
from cardcheck.transports.link import execute
from cardcheck.transports.meter import Meter
from properties import hostile, oracle

if TYPE_CHECKING:
    from collections.abc import Callable

    from cardcheck.report.model import Report
    from properties.hostile import Answer

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)
VERIFY = bytes.fromhex(oracle.VERIFY)
MOST_COMMANDS = 3000
"""More than any of these cards may cost: 64 fetches, 130 reads, twice."""
ENDLESS = 400
"""A label twice and three files once, 66 commands each, and the ways back."""


class Hostile:
    """A card that has a few answers for each instruction and gives the last one for ever."""

    def __init__(self, answers: dict[int, list[Answer]]) -> None:
        self._answers = {ins: list(given_) for ins, given_ in answers.items()}

    def __call__(self, command: bytes) -> Answer:
        left = self._answers.get(command[1]) or [b"\x90\x00"]
        return left.pop(0) if len(left) > 1 else left[0]


def read_card(
    card: Callable[[bytes], Answer], *, quick: bool = False, protocol: str = "T=1"
) -> tuple[CardFacts, hostile.WatchedLink]:
    """What the survey would make of ``card``: errors of card and link end up in the facts."""
    facts = CardFacts(atr=hostile.WatchedLink.atr, protocol=protocol)
    raw = hostile.WatchedLink(card, protocol)
    link = guarded(raw, meter=Meter(facts, Event()))
    try:
        for step in plan.applications(facts, plan.ReadRequest(quick=quick)):
            with link.transaction():
                execute(link, step)
    except LinkError as error:
        facts.interruption = type(error).__name__
    except PeerError as error:
        facts.complaint = str(error)
    return facts, raw


def report_on(facts: CardFacts) -> Report:
    """The report on one card in a virtual reader."""
    name = "Virtual PCD 00 00"
    identity = ReaderIdentity(name=name, backend=Backend.PCSC, path=name, virtual=True)
    reader = ReaderFacts(identity=identity, slot=SlotState.CARD, card=facts, finished=True)
    host = HostFacts(system="Windows", release="11", python="3.11.0", now=NOW)
    judging = Judging(at=NOW, build=NOW)
    return diagnose(
        Observation(host=host, survey=SurveyFacts(readers=[reader])), judging, Request(), 0
    )


def policies() -> st.SearchStrategy[Hostile]:
    """Cards by what they answer to SELECT, READ, VERIFY, …"""
    some = st.lists(hostile.answers(may_raise=False), min_size=1, max_size=6)
    ending = st.lists(hostile.answers(), min_size=1, max_size=6)
    good = st.just([b"\x90\x00"])
    return st.builds(
        Hostile,
        st.fixed_dictionaries(
            {
                0xA4: st.one_of(good, good, some),
                0xB0: st.one_of(
                    st.builds(lambda label, rest: [label, *rest], hostile.labels(), ending),
                    ending,
                    some,
                ),
                0xB2: some,
                0x20: some,
                0xC0: some,
            }
        ),
    )


@settings(max_examples=150)
@given(card=policies(), quick=st.booleans(), protocol=st.sampled_from(["T=1", "T=0", "ISO-DEP"]))
def test_any_card_at_all(card: Hostile, *, quick: bool, protocol: str) -> None:
    """The oracle has no objection, the guard refuses nothing, and nothing goes on for ever."""
    try:
        facts, link = read_card(card, quick=quick, protocol=protocol)
    except (KeyboardInterrupt, RuntimeError):
        return  # a bug of a driver is none of ours
    assert len(link.sent) < MOST_COMMANDS
    assert facts.commands == len(link.sent)
    queries = [index for index, command in enumerate(link.sent) if command == VERIFY]
    assert all(link.sent[index - 1].hex().startswith("00a4020c02") for index in queries)
    assert len(queries) <= (0 if protocol == "T=0" else 2 if quick else 5)
    report = report_on(facts)
    assert [f.check for f in report.findings if f.outcome is Outcome.CRASHED] == []
    assert report.verdict is not Verdict.READY


def test_a_card_that_says_9000_to_everything() -> None:
    """Also to names of other cards: they are not even asked for, as JPKI comes first."""
    facts, link = read_card(Hostile({}))
    assert facts.kind is CardKind.UNKNOWN_JPKI
    assert not {command.hex().upper() for command in link.sent} & oracle.FOREIGN
    report = report_on(facts)
    assert report.verdict is Verdict.PROBLEM
    assert VERIFY not in link.sent
    assert [pin.state for pin in report.cards[0].pins] == ["not-checked"] * 4
    assert report.cards[0].certificates[0].status == "absent"


@pytest.mark.parametrize("word", ["6100", "6110", "6C00", "6C10"])
@pytest.mark.parametrize("quick", [False, True])
def test_endless_61_and_6c_end(word: str, *, quick: bool) -> None:
    endless: list[Answer] = [bytes.fromhex(word)]
    for instructions in ({0xB0, 0xC0}, {0xA4, 0xB0, 0xB2, 0xC0, 0x20}):
        facts, link = read_card(Hostile(dict.fromkeys(instructions, endless)), quick=quick)
        assert len(link.sent) < ENDLESS
        assert facts.complaint


def test_a_byte_at_a_time_is_given_up() -> None:
    """A certificate in single bytes would be 1571 reads; eight more than it takes are enough."""
    one: list[Answer] = [bytes.fromhex("30829000"), bytes.fromhex("829000")]
    facts, link = read_card(Hostile({0xB0: one}))
    assert len(link.sent) < 250
    assert report_on(facts).cards[0].certificates[0].status == "malformed"


def test_every_foreign_application_is_asked_for_even_after_odd_answers() -> None:
    refusals: list[Answer] = [
        bytes.fromhex("6A82"),
        b"\x6a",
        bytes.fromhex("6C10"),
        b"",
        b"\x6d\x00",
    ]
    facts, link = read_card(Hostile({0xA4: refusals}))
    assert {command.hex().upper() for command in link.sent[1:]} == oracle.FOREIGN
    assert (facts.kind, facts.complete) == (CardKind.UNKNOWN, True)


@pytest.mark.parametrize("kind", [kind for kind in FaultKind if kind not in {"mute", "slow"}])
def test_every_fault_at_every_command(kind: FaultKind) -> None:
    """A good card with one fault: whatever it is, no rule of ours is broken by it."""
    argument = {"sw": "=6F00", "atr": "=3B00", "loss": "=50"}.get(kind, "")
    for number in range(1, 36):
        fault = parse_fault(f"{kind}@{number}{argument}")
        card = FaultyCard(build(Variant(), NOW), fault)
        card.power_on()
        facts, link = read_card(answering(card))
        assert len(link.sent) < 150
        assert card.pin_attempts == 0
        report = report_on(facts)
        assert [f.check for f in report.findings if f.outcome is Outcome.CRASHED] == []


def answering(card: FaultyCard) -> Callable[[bytes], Answer]:
    """A card as what the watched link asks; what it raises is an answer too."""

    def answer(command: bytes) -> Answer:
        try:
            return card.transmit(command) or b""
        except LinkError as error:
            return error

    return answer
