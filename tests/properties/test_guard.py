# SPDX-License-Identifier: Apache-2.0
"""Whatever is sent and whatever is answered: nothing reaches a card that the rules do not allow."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from cardcheck.errors import LinkError, PeerError, WriteRefusedError
from cardcheck.transports.guard import LABEL_ONLY, ReadOnlyGuard, confine, guarded
from properties import hostile, oracle

if TYPE_CHECKING:
    from properties.hostile import Answer

OK = b"\x90\x00"
VERIFY = bytes.fromhex(oracle.VERIFY)
JPKI, PIN = bytes.fromhex(f"00A4040C0A{oracle.JPKI}"), bytes.fromhex("00A4020C020018")
SEEN: Counter[str] = Counter()
PROTOCOLS = st.sampled_from(["T=1", "T=1", "ISO-DEP", "T=0", "", "T=15"])
NEARLY_ALWAYS_OK = st.one_of(st.just(OK), st.just(OK), st.just(OK), hostile.answers())
EXPECTED = (LinkError, PeerError, KeyboardInterrupt, RuntimeError)


class CarelessCaller(RuleBasedStateMachine):
    """Sends anything, gets any answer, loses the card, opens and leaves transactions."""

    def __init__(self) -> None:
        super().__init__()
        self.answer: Answer = OK
        self.transaction = ExitStack()
        self.open = False
        self.connect("T=1")

    @rule(protocol=PROTOCOLS)
    def connect(self, protocol: str) -> None:
        """Another connection: nothing of the last one counts."""
        self.leave(None)
        self.link = hostile.WatchedLink(lambda _: self.answer, protocol)
        self.guard = ReadOnlyGuard(self.link)

    @rule(command=hostile.commands(), answer=hostile.answers())
    def send(self, command: bytes, answer: Answer) -> None:
        """Sends one command; the link below asks the oracle."""
        before = len(self.link.sent)
        self.answer = answer
        try:
            self.guard.transmit(command)
        except WriteRefusedError:
            SEEN["refused"] += 1
            assert len(self.link.sent) == before
        except EXPECTED:
            SEEN["failed"] += 1
        else:
            SEEN["verify" if command == VERIFY else "passed"] += 1
            assert self.link.sent[before:] == [command]

    @rule(
        place=st.sampled_from(sorted(oracle.PINS)),
        between=st.lists(st.tuples(hostile.commands(), hostile.answers()), max_size=1),
        answers=st.tuples(NEARLY_ALWAYS_OK, NEARLY_ALWAYS_OK, NEARLY_ALWAYS_OK),
        inside=st.booleans(),
    )
    def approach(
        self,
        place: tuple[str, int],
        between: list[tuple[bytes, Answer]],
        answers: tuple[Answer, Answer, Answer],
        *,
        inside: bool,
    ) -> None:
        """Comes close to a VERIFY, or does one, with at most one thing in between."""
        if inside and not self.open:
            self.enter()
        application, file = place
        self.send(JPKI, answers[0])
        self.send(bytes.fromhex(f"00A4040C0A{application}"), answers[1])
        self.send(bytes.fromhex(f"00A4020C02{file:04X}"), answers[2])
        for command, other in between:
            self.send(command, other)
        self.send(VERIFY, OK)
        self.send(VERIFY, OK)

    @precondition(lambda self: not self.open)
    @rule()
    def enter(self) -> None:
        self.transaction.enter_context(self.guard.transaction())
        self.open = True

    @rule(
        error=st.sampled_from([None, LinkError("lost"), RuntimeError("a bug"), KeyboardInterrupt()])
    )
    def leave(self, error: BaseException | None) -> None:
        """Leaves the transaction, with an error or without."""
        stack, self.transaction, self.open = self.transaction, ExitStack(), False
        if error is None:
            stack.close()
            return
        with suppress(*EXPECTED), stack:
            raise error

    @rule()
    def close(self) -> None:
        self.guard.close()


def test_nothing_reaches_the_card_that_the_rules_do_not_allow() -> None:
    SEEN.clear()
    run_state_machine_as_test(
        CarelessCaller,
        settings=settings(max_examples=150, stateful_step_count=30, deadline=None),
    )
    assert min(SEEN[kind] for kind in ("verify", "passed", "refused", "failed")) > 5, SEEN


@given(command=hostile.commands(), inside=st.booleans())
def test_a_fresh_guard_lets_pass_what_names_an_application_and_little_else(
    command: bytes, *, inside: bool
) -> None:
    link = hostile.WatchedLink(lambda _: OK)
    guard = ReadOnlyGuard(link)
    with ExitStack() as stack:
        if inside:
            stack.enter_context(guard.transaction())
        with suppress(WriteRefusedError):
            guard.transmit(command)
    assert all(command.hex().upper()[:6] in {"00A404", "00CA00", "00CA5F"} for command in link.sent)


def selected(protocol: str = "T=1") -> tuple[hostile.WatchedLink, ReadOnlyGuard]:
    """A guard that would let a VERIFY pass inside a transaction, and its link."""
    link = hostile.WatchedLink(lambda _: OK, protocol)
    return link, ReadOnlyGuard(link)


@pytest.mark.parametrize("protocol", ["T=1", "ISO-DEP"])
def test_the_counter_query_passes_where_it_may(protocol: str) -> None:
    link, guard = selected(protocol)
    with guard.transaction():
        for command in (JPKI, PIN, VERIFY):
            assert guard.transmit(command) == OK
        with pytest.raises(WriteRefusedError):
            guard.transmit(VERIFY)  # once for each SELECT
    assert link.sent == [JPKI, PIN, VERIFY]


@pytest.mark.parametrize("protocol", ["T=0", "", "T=15", "RAW"])
def test_no_counter_query_over_other_protocols(protocol: str) -> None:
    _, guard = selected(protocol)
    with guard.transaction():
        guard.transmit(JPKI)
        guard.transmit(PIN)
        with pytest.raises(WriteRefusedError):
            guard.transmit(VERIFY)


def test_nothing_is_read_or_asked_outside_a_transaction() -> None:
    """Another program may select something else at any time: a name selects, and no more."""
    link, guard = selected()
    guard.transmit(JPKI)
    sent = list(link.sent)
    for command in (PIN, VERIFY, bytes.fromhex("00B08A0000"), bytes.fromhex("00CA006600")):
        with pytest.raises(WriteRefusedError):
            guard.transmit(command)
    assert link.sent == sent


@pytest.mark.parametrize(
    "answer", ["6103", "6C03", "6100", "6C00", "009000", "3132333463C3", "90", ""]
)
def test_a_wrong_answer_to_the_query_ends_everything(answer: str) -> None:
    """Through the whole stack: the query is not repeated, nothing is fetched, all is forgotten."""
    link = hostile.WatchedLink(lambda command: bytes.fromhex(answer) if command == VERIFY else OK)
    top = guarded(link)
    with top.transaction():
        top.transmit(JPKI)
        top.transmit(PIN)
        with pytest.raises(PeerError):
            top.transmit(VERIFY)
        with pytest.raises(WriteRefusedError):
            top.transmit(PIN)
    assert link.sent == [JPKI, PIN, VERIFY]


def test_identification_outlives_a_transaction_and_no_error() -> None:
    link, guard = selected()
    common = bytes.fromhex(f"00A4040C0A{oracle.COMMON}")
    steps = (common, bytes.fromhex("00A4020C02001C"), VERIFY)
    with guard.transaction():
        guard.transmit(JPKI)
    with guard.transaction():
        for command in steps:
            guard.transmit(command)
    with pytest.raises(LinkError), guard.transaction():
        raise LinkError("lost")
    with guard.transaction():
        for command in steps[:2]:
            guard.transmit(command)
        with pytest.raises(WriteRefusedError):
            guard.transmit(VERIFY)
    assert link.sent.count(VERIFY) == 1


def test_a_refusal_names_the_header_alone() -> None:
    _, guard = selected()
    with pytest.raises(WriteRefusedError, match=r"00200080$") as refused:
        guard.transmit(bytes.fromhex("002000800431323334"))
    assert "31" not in str(refused.value)


@given(command=hostile.commands())
def test_a_confined_link_passes_on_even_less(command: bytes) -> None:
    link = hostile.WatchedLink(lambda _: b"\0" * 32 + OK if command[1:2] == b"\xb0" else OK)
    with suppress(WriteRefusedError, PeerError):
        confine(guarded(link), LABEL_ONLY).transmit(command)
    assert set(link.sent) <= LABEL_ONLY
