# SPDX-License-Identifier: Apache-2.0
"""Presenting cards hands-free: the card's coming and going is detected, nobody presses a key.

What belongs here: one presentation. What does not: how many there are (``accept``), what is
allowed to be read (``transports.guard``; the links used here are confined to the token label).
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Protocol

from msgspec import Struct
from msgspec.structs import replace

from cardcheck.cards import mynumber
from cardcheck.cards.model import read_binary, select_file
from cardcheck.deadline import call
from cardcheck.errors import (
    LinkError,
    PeerError,
)
from cardcheck.facts.link_failure import LinkFailure, Meaning, failure_of, meaning_of
from cardcheck.facts.reader import SlotState
from cardcheck.iso7816 import status
from cardcheck.kiosk.run import Depth, Outcome, Presentation
from cardcheck.transports.guard import LABEL_ONLY, confine
from cardcheck.transports.link import execute

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from cardcheck.facts.reader import ReaderIdentity
    from cardcheck.iso7816.apdu import CommandApdu, ResponseApdu
    from cardcheck.transports.link import ReaderBackend

_POLL: Final = 0.05  # seconds between two looks at a slot
_RETRIES: Final = 2
_OUTCOMES: Final = {
    Meaning.MUTE: Outcome.MUTE,
    Meaning.HELD: Outcome.IN_USE,
    Meaning.SILENCE: Outcome.SILENT,
    Meaning.CONTACT: Outcome.LOST,
    Meaning.RULES: Outcome.MALFORMED,
}


class Hands(Protocol):
    """Who places and removes the card: a person who is told so, or a simulation."""

    def place(self) -> None:
        """Asks for a card to be placed; returns at once."""

    def remove(self) -> None:
        """Asks for the card to be removed; returns at once."""


class Limits(Struct, frozen=True, kw_only=True):
    """How long, in seconds: for a card to come, to answer in full, and to be taken away."""

    detect: float = 20.0
    read: float = 5.0
    remove: float = 30.0


class Bench:
    """One slot at which cards are presented."""

    def __init__(
        self,
        open_backend: Callable[[], ReaderBackend],
        reader: ReaderIdentity,
        hands: Hands,
        limits: Limits,
    ) -> None:
        """Prepares the slot ``reader``; every look opens a backend of its own."""
        self._open = open_backend
        self._reader = reader
        self._hands = hands
        self._limits = limits

    def present(self) -> Presentation:
        """One presentation: a card is asked for, detected and read.

        Raises:
            Interruption: a signal came, inside ``signals.raising``.
        """
        began = time.monotonic()
        self._hands.place()
        state = self._await({SlotState.EMPTY}, self._limits.detect)
        if state is SlotState.EMPTY:
            return Presentation(outcome=Outcome.NOT_DETECTED)
        if state is SlotState.IN_USE:
            return Presentation(outcome=Outcome.IN_USE)
        detect = round((time.monotonic() - began) * 1000)
        return replace(self._read(), detect=detect)

    def clear(self) -> bool:
        """Whether the card was taken away in time, after having been asked for."""
        self._hands.remove()
        occupied = {SlotState.CARD, SlotState.MUTE, SlotState.IN_USE}
        return self._await(occupied, self._limits.remove) not in occupied

    def occupied(self) -> bool:
        """Whether there is something in the slot now."""
        return self._await({SlotState.EMPTY}, 0.0) not in {SlotState.EMPTY, SlotState.UNAVAILABLE}

    def _await(self, states: set[SlotState], seconds: float) -> SlotState:
        """What is in the slot once it is none of ``states``, or after ``seconds``."""
        end = time.monotonic() + seconds
        while (state := self._state()) in states and time.monotonic() < end:
            time.sleep(_POLL)
        return state

    def _state(self) -> SlotState:
        def look() -> SlotState:
            with _opened(self._open) as backend:
                return backend.slot_state(self._reader)

        try:
            return call(look, self._limits.read)
        except LinkError:
            return SlotState.UNAVAILABLE

    def _read(self) -> Presentation:
        """Reads until it succeeds, the time is up, or the retries are."""
        began = time.monotonic()
        end = began + self._limits.read
        result = Presentation(outcome=Outcome.SILENT)
        for retries in range(_RETRIES + 1):
            result = replace(self._attempt(end - time.monotonic()), retries=retries)
            again = result.outcome in {Outcome.LOST, Outcome.MALFORMED, Outcome.MUTE}
            if not again or time.monotonic() + _POLL >= end:
                break
            time.sleep(_POLL)
        return replace(result, read=round((time.monotonic() - began) * 1000))

    def _attempt(self, seconds: float) -> Presentation:
        try:
            depth = call(self._exchange, seconds)
        except (LinkError, PeerError) as error:
            failure = failure_of(error)
            outcome = _OUTCOMES.get(meaning_of(error), Outcome.UNAVAILABLE)
            if failure == LinkFailure.ACCESS_DENIED:
                outcome = Outcome.REFUSED
            return Presentation(outcome=outcome, error=failure)
        return Presentation(outcome=Outcome.ANSWERED, depth=depth)

    def _exchange(self) -> Depth:
        with _opened(self._open) as backend:
            link = confine(backend.connect(self._reader), LABEL_ONLY)
            try:
                with link.transaction():
                    return execute(link, label_answers())
            finally:
                link.close()


def label_answers() -> Generator[CommandApdu, ResponseApdu, Depth]:
    """Selects the JPKI application and reads the token label; what it says is not looked at.

    Any answer to SELECT proves that reader and card talk: a card of another kind is a smaller
    proof, not a failure. The first command after power-on may be answered 6F00
    (soltia48/myna-card) and is repeated.
    """
    select = mynumber.JPKI.select
    answer = yield select
    if answer.sw == status.NO_PRECISE_DIAGNOSIS:
        answer = yield select
    if answer.data or not answer.sw.is_success:  # data that was not asked for: another card's
        return Depth.ANSWER
    answer = yield select_file(mynumber.TOKEN_INFO)
    if answer.data or not answer.sw.is_success:
        return Depth.ANSWER
    answer = yield read_binary(0, mynumber.LABEL_LENGTH)
    return Depth.LABEL if answer.sw.is_success and answer.data else Depth.ANSWER


@contextmanager
def _opened(open_backend: Callable[[], ReaderBackend]) -> Iterator[ReaderBackend]:
    backend = open_backend()
    try:
        yield backend
    finally:
        backend.close()
