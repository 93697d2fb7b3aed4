# SPDX-License-Identifier: Apache-2.0
"""Whatever is sent and whatever is answered: nothing reaches a card that the rules do not allow."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack, suppress
from threading import Event
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from cardcheck.errors import LinkError, LinkTimeoutError, PeerError, WriteRefusedError
from cardcheck.facts.card import CardFacts
from cardcheck.transports.guard import LABEL_ONLY, ReadOnlyGuard, confine, guarded
from cardcheck.transports.meter import Meter
from properties import hostile, oracle

if TYPE_CHECKING:
    from properties.hostile import Answer

OK = b"\x90\x00"
VERIFY = bytes.fromhex(oracle.VERIFY)
JPKI, PIN = bytes.fromhex(f"00A4040C0A{oracle.JPKI}"), bytes.fromhex("00A4020C020018")
LABEL, READ = bytes.fromhex("00A4020C020006"), bytes.fromhex("00B0000020")
PROOF = (JPKI, LABEL, READ)
TOKEN = b"JPKIAPICCTOKEN2".ljust(32) + OK
SEEN: Counter[str] = Counter()
MOST_AT_THE_END = 5
"""Commands of its own that the guard may send when a transaction ends."""
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
        self.link = hostile.WatchedLink(lambda _: self.answer)
        self.connect("T=1")

    @rule(protocol=PROTOCOLS)
    def connect(self, protocol: str) -> None:
        """Another connection: nothing of the last one counts."""
        self.leave(None, losing=True)
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
        answers=st.tuples(*[NEARLY_ALWAYS_OK] * 4),
        label=hostile.labels(),
        inside=st.booleans(),
    )
    def approach(
        self,
        place: tuple[str, int],
        between: list[tuple[bytes, Answer]],
        answers: tuple[Answer, Answer, Answer, Answer],
        label: bytes,
        *,
        inside: bool,
    ) -> None:
        """Comes close to a VERIFY, or does one, with at most one thing in between."""
        if inside and not self.open:
            self.enter()
        application, file = place
        for command, answer in zip(PROOF, (*answers[:2], label), strict=True):
            self.send(command, answer)
        if application != oracle.JPKI:
            self.send(bytes.fromhex(f"00A4040C0A{application}"), answers[2])
        self.send(bytes.fromhex(f"00A4020C02{file:04X}"), answers[3])
        for command, other in between:
            self.send(command, other)
        self.send(VERIFY, OK)
        self.send(VERIFY, OK)

    @precondition(lambda self: not self.open)
    @rule()
    def enter(self) -> None:
        """The card can be reached; what the last transaction had to leave is put right first."""
        self.answer = OK
        self.transaction.enter_context(self.guard.transaction())
        self.open = True
        assert not self.link.card.usable

    @rule(
        error=st.sampled_from(
            [None, None, LinkError("lost"), RuntimeError("a bug"), KeyboardInterrupt()]
        ),
        ending=st.one_of(st.just(OK), st.just(OK), hostile.answers()),
        losing=st.booleans(),
    )
    def leave(self, error: BaseException | None, ending: Answer = OK, *, losing: bool) -> None:
        """Leaves the transaction, with an error or without: no PIN file is current after that."""
        stack, self.transaction, was_open, self.open = (
            self.transaction,
            ExitStack(),
            self.open,
            False,
        )
        self.answer, self.link.card.losing = ending, losing
        before = len(self.link.sent)
        with suppress(*EXPECTED), stack:
            if error is not None:
                raise error
        if was_open and ending == OK:
            SEEN["settled" if len(self.link.sent) > before else "left as it was"] += 1
            assert not self.link.card.usable
        if was_open:
            assert len(self.link.sent) - before <= MOST_AT_THE_END

    @rule()
    def close(self) -> None:
        self.guard.close()


def test_nothing_reaches_the_card_that_the_rules_do_not_allow() -> None:
    SEEN.clear()
    run_state_machine_as_test(
        CarelessCaller,
        settings=settings(max_examples=150, stateful_step_count=30, deadline=None),
    )
    assert len(SEEN) == 6, SEEN
    assert min(SEEN.values()) > 5, SEEN


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
    sent = [sent for sent in link.sent if sent != LABEL]  # the guard's own, behind PIN files alone
    assert all(command.hex().upper()[:6] in {"00A404", "00CA00", "00CA5F"} for command in sent)


def token(command: bytes) -> Answer:
    """A card with the right label that says 9000 to all else."""
    return TOKEN if command == READ else OK


def selected(protocol: str = "T=1") -> tuple[hostile.WatchedLink, ReadOnlyGuard]:
    """A guard that would let a VERIFY pass inside a transaction, and its link."""
    link = hostile.WatchedLink(token, protocol)
    return link, ReadOnlyGuard(link)


@pytest.mark.parametrize("protocol", ["T=1", "ISO-DEP"])
def test_the_counter_query_passes_where_it_may(protocol: str) -> None:
    link, guard = selected(protocol)
    with guard.transaction():
        for command in (*PROOF, PIN, VERIFY):
            assert guard.transmit(command) == token(command)
        with pytest.raises(WriteRefusedError):
            guard.transmit(VERIFY)  # once for each SELECT
    assert link.sent == [*PROOF, PIN, VERIFY, LABEL]


@pytest.mark.parametrize("protocol", ["T=0", "", "T=15", "RAW"])
def test_no_counter_query_over_other_protocols(protocol: str) -> None:
    _, guard = selected(protocol)
    with guard.transaction():
        for command in (*PROOF, PIN):
            guard.transmit(command)
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
    link = hostile.WatchedLink(
        lambda command: bytes.fromhex(answer) if command == VERIFY else token(command)
    )
    top = guarded(link)
    with top.transaction():
        for command in (*PROOF, PIN):
            top.transmit(command)
        with pytest.raises(PeerError):
            top.transmit(VERIFY)
        with pytest.raises(WriteRefusedError):
            top.transmit(PIN)
    assert link.sent == [*PROOF, PIN, VERIFY, JPKI, LABEL]


def test_the_proof_outlives_a_transaction_and_no_error() -> None:
    link, guard = selected()
    common = bytes.fromhex(f"00A4040C0A{oracle.COMMON}")
    steps = (common, bytes.fromhex("00A4020C02001C"), VERIFY)
    with guard.transaction():
        for command in PROOF:
            guard.transmit(command)
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


COMMON = bytes.fromhex(f"00A4040C0A{oracle.COMMON}")
TEXT = bytes.fromhex(f"00A4040C0A{oracle.TEXT_INPUT}")
ENDINGS = [None, LinkError("a deadline"), KeyboardInterrupt(), RuntimeError("a bug")]


@pytest.mark.parametrize("error", ENDINGS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize(
    ("steps", "closing"),
    [
        ((JPKI, PIN), [LABEL]),
        ((JPKI, PIN, LABEL), []),
        ((COMMON, bytes.fromhex("00A4020C02001C")), [bytes.fromhex("00A4020C020001")]),
        ((TEXT, bytes.fromhex("00A4020C020011")), [JPKI, LABEL]),
        ((TEXT,), [JPKI, LABEL]),
    ],
)
def test_no_transaction_ends_on_a_pin_file(
    steps: tuple[bytes, ...], closing: list[bytes], error: BaseException | None
) -> None:
    """And what the good order of commands has done already costs nothing."""
    link, guard = selected()
    with suppress(*EXPECTED), guard.transaction():
        for command in steps:
            guard.transmit(command)
        if error is not None:
            raise error
    assert link.sent == [*steps, *closing]
    assert not link.card.usable


def test_what_could_not_be_left_clean_is_put_right_first() -> None:
    """The card cannot be reached when the transaction ends; the next one begins with it."""
    link, guard = selected()
    with guard.transaction():
        for command in (JPKI, PIN):
            guard.transmit(command)
        link.answer_with(lambda _: LinkError("lost"))
        link.card.losing = False
    assert link.card.usable
    link.answer_with(token)
    with guard.transaction():
        assert not link.card.usable
    assert link.sent[-2:] == [JPKI, LABEL]


def test_a_stopped_reading_still_leaves_the_card_clean() -> None:
    """The stop stands above the guard: nothing more of the plan goes out, the last SELECT does."""
    stop = Event()
    link = hostile.WatchedLink(token)
    top = guarded(link, meter=Meter(facts := CardFacts(), stop))
    with top.transaction():
        top.transmit(JPKI)
        top.transmit(PIN)
        stop.set()
        with pytest.raises(LinkTimeoutError):
            top.transmit(VERIFY)
    assert link.sent == [JPKI, PIN, LABEL]
    assert facts.commands == 3


@pytest.mark.parametrize("held_back", [["20"], ["10", "10"], ["0A", "0A", "0C"]])
def test_a_label_that_61xx_held_back_proves_as_well(held_back: list[str]) -> None:
    """It came in one go: GET RESPONSE directly after 61xx, and again."""
    left = b"JPKIAPICCTOKEN2".ljust(32)

    def answer(command: bytes) -> Answer:
        nonlocal left
        if command[1] == 0xB0:
            return bytes.fromhex("61" + held_back[0])
        if command[1] != 0xC0:
            return OK
        part, left = left[: command[4]], left[command[4] :]
        return part + (bytes([0x61, command[4]]) if left else OK)

    link = hostile.WatchedLink(answer)
    top = guarded(link)
    with top.transaction():
        for command in (*PROOF, PIN, VERIFY):
            top.transmit(command)
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
