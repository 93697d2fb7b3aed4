# SPDX-License-Identifier: Apache-2.0
"""The one loop that does card I/O, and the meter that counts it."""

from __future__ import annotations

from contextlib import contextmanager
from threading import Event
from typing import TYPE_CHECKING

import pytest

from cardcheck.cards.model import read_binary
from cardcheck.errors import CardRemovedError, LinkTimeoutError, MalformedResponseError
from cardcheck.facts.card import CardFacts
from cardcheck.transports.layers import MeterLink, StopLink
from cardcheck.transports.link import execute
from cardcheck.transports.meter import Meter

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from cardcheck.iso7816.apdu import CommandApdu, ResponseApdu


class Answering:
    """A link that answers in order; an exception is raised."""

    atr = b""
    protocol = "T=1"

    def __init__(self, *answers: bytes | Exception) -> None:
        self._answers = list(answers)

    def transmit(self, _command: bytes) -> bytes:
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    @contextmanager
    def transaction(self) -> Iterator[None]:
        yield

    def close(self) -> None:
        """Nothing to do."""


def two_reads(log: list[str]) -> Generator[CommandApdu, ResponseApdu, bytes]:
    """Reads twice; notes what went wrong the first time, and that it was closed."""
    try:
        try:
            first = (yield read_binary(0, 1)).data
        except MalformedResponseError as error:
            log.append(str(error))
            first = b"?"
        return first + (yield read_binary(1, 1)).data
    finally:
        log.append("closed")


def test_the_plan_gets_the_answers_and_its_value_comes_back() -> None:
    log: list[str] = []
    assert execute(Answering(b"\x01\x90\x00", b"\x02\x90\x00"), two_reads(log)) == b"\x01\x02"
    assert log == ["closed"]


@pytest.mark.parametrize("answer", [b"", b"\x90", MalformedResponseError("no status word")])
def test_a_plan_may_deal_with_an_answer_against_the_rules(answer: bytes | Exception) -> None:
    log: list[str] = []
    assert execute(Answering(answer, b"\x02\x90\x00"), two_reads(log)) == b"?\x02"
    assert "no status word" in log[0]


def test_a_lost_card_ends_the_plan_at_once() -> None:
    log: list[str] = []
    with pytest.raises(CardRemovedError):
        execute(Answering(CardRemovedError("gone")), two_reads(log))
    assert log == ["closed"]


def test_an_answer_that_the_plan_does_not_deal_with_comes_through() -> None:
    log: list[str] = []
    with pytest.raises(MalformedResponseError):
        execute(Answering(b"\x01\x90\x00", b"\x90"), two_reads(log))
    assert log == ["closed"]


def test_the_meter_counts_what_was_sent_and_came_back() -> None:
    facts, stop = CardFacts(), Event()
    meter = Meter(facts, stop)
    link = MeterLink(Answering(b"\x01\x90\x00", CardRemovedError("gone")), meter)
    link.transmit(bytes(5))
    assert (facts.commands, facts.bytes) == (1, 8)
    with pytest.raises(CardRemovedError):
        link.transmit(bytes(4))
    assert (facts.commands, facts.bytes) == (2, 12)
    assert facts.milliseconds >= 0
    assert meter.since is None


def test_a_stopped_meter_lets_nothing_through() -> None:
    facts, stop = CardFacts(), Event()
    meter = Meter(facts, stop)
    link = StopLink(MeterLink(Answering(b"\x90\x00"), meter), meter)
    stop.set()
    with pytest.raises(LinkTimeoutError):
        link.transmit(bytes(5))
    assert facts.commands == 0
