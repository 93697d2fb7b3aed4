# SPDX-License-Identifier: Apache-2.0
"""One slot: connect, read the card by application, begin again when contact was lost.

What belongs here: what one worker does, in a thread of its own; whatever happens ends up in the
facts. What does not: threads and deadlines (``engine``).
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from cardcheck.cards import plan
from cardcheck.errors import (
    CardResetError,
    ForeignCardError,
    LinkError,
    LinkTimeoutError,
    NoServiceError,
    PeerError,
)
from cardcheck.facts.card import CardFacts, CardKind
from cardcheck.facts.link_failure import TABLE, LinkFailure, Meaning, failure_of, meaning_of
from cardcheck.facts.reader import SlotState
from cardcheck.transports.link import execute
from cardcheck.transports.meter import Meter

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Event

    from cardcheck.facts.reader import ReaderFacts
    from cardcheck.survey.request import SurveyRequest
    from cardcheck.transports.link import CardLink, ReaderBackend

_ATTEMPTS: Final = 3
_POLL: Final = 0.05  # seconds between two looks at a slot whose card was lost


class Examiner:
    """Examines one slot.

    Attributes:
        facts: what has been observed so far; valid at any time, also from another thread.
        lost: contact was lost and the card is being waited for.
        overdue: the call under way has taken too long; set by who watches.
    """

    def __init__(
        self,
        facts: ReaderFacts,
        open_backend: Callable[[], ReaderBackend],
        request: SurveyRequest,
        stop: Event,
    ) -> None:
        """Prepares to look at the slot in ``facts``; ``stop`` ends it between two exchanges."""
        self.facts = facts
        self.lost = False
        self.overdue = False
        self._open = open_backend
        self._wanted = request.read or plan.ReadRequest()
        self._request = request
        self._stop = stop
        self._began: float | None = None
        self._meter: Meter | None = None
        self._queueing = False

    def silent_for(self, now: float) -> float:
        """How many seconds before ``now`` (monotonic) the call under way began; 0 between calls."""
        meter = self._meter
        since = self._began if meter is None or meter.since is None else meter.since
        return 0.0 if since is None else now - since

    def give_up(self) -> None:
        """Notes what a call that has not come back in time was waiting for."""
        if self._queueing or self.facts.slot is SlotState.IN_USE:
            self.facts.slot, self.facts.error = SlotState.IN_USE, LinkFailure.SHARING_VIOLATION
            self.facts.card = None
        else:
            self.facts.stalled = True

    def run(self) -> None:
        """Reads the card; begins again, with nothing kept, when it was lost and comes back."""
        for attempt in range(_ATTEMPTS):
            retry = self._attempt(attempt)
            if not retry or attempt == _ATTEMPTS - 1 or not self._await_card():
                break
        self.facts.finished = not self._stop.is_set()

    def _attempt(self, restarts: int) -> bool:
        """One reading; tells whether another one may do better."""
        backend: ReaderBackend | None = None
        link: CardLink | None = None
        card: CardFacts | None = None
        self._began, self._queueing = time.monotonic(), False
        try:
            backend = self._open()
            card = CardFacts(restarts=restarts)
            self._meter = Meter(card, self._stop)
            link = backend.connect(self.facts.identity, self._meter)
            self._began = None
            card.atr, card.protocol = link.atr, link.protocol
            self.facts.card, self.facts.slot, self.facts.error = card, SlotState.CARD, None
            self._read(link, card)
        except ForeignCardError as error:
            self._note_foreign(error, restarts)
        except LinkError as error:
            return self._note_link_error(error, card if link is not None else None)
        except PeerError as error:
            if card is not None:
                card.complaint = str(error)
        finally:
            self._began = None
            with suppress(LinkError):
                if link is not None:
                    link.close()
                if backend is not None:
                    backend.close()
        return False

    def _read(self, link: CardLink, card: CardFacts) -> None:
        for step in plan.applications(card, self._wanted):
            self._began, self._queueing = time.monotonic(), True
            with link.transaction():
                self._began, self._queueing = None, False
                execute(link, step)

    def _note_link_error(self, error: LinkError, card: CardFacts | None) -> bool:
        """Notes why the reading ended; tells whether it may be begun again."""
        if self._stop.is_set() and isinstance(error, LinkTimeoutError):
            return False
        if card is None:
            note_closed(self.facts, error)
            return isinstance(error, (CardResetError, NoServiceError))
        if meaning_of(error) is Meaning.NO_WAY:
            note_closed(self.facts, error)
        else:
            card.interruption, card.code = failure_of(error), error.code
        _note_silence(self.facts, error)
        return not self.facts.stalled

    def _note_foreign(self, error: ForeignCardError, restarts: int) -> None:
        """Notes a card that polling has told all about: there is nothing to read."""
        self.facts.slot, self.facts.error = SlotState.CARD, None
        self.facts.card = CardFacts(
            protocol="none",
            kind=CardKind(error.kind),
            restarts=restarts,
            quick=self._wanted.quick,
            complete=True,
        )

    def _await_card(self) -> bool:
        """Whether the card is back within the patience that was asked for."""
        self.lost = True
        end = time.monotonic() + self._request.patience
        try:
            while time.monotonic() < end and not self._stop.wait(_POLL):
                if self._card_present():
                    return True
            return False
        finally:
            self.lost = False

    def _card_present(self) -> bool:
        try:
            backend = self._open()
        except LinkError:
            return False
        try:
            state = backend.slot_state(self.facts.identity)
        except LinkError:
            return False
        finally:
            backend.close()
        return state in {SlotState.CARD, SlotState.IN_USE}


def note_closed(facts: ReaderFacts, error: LinkError) -> None:
    """Notes why a slot could not be looked into."""
    failure = failure_of(error)
    slot = TABLE[failure].slot
    facts.slot = SlotState.UNAVAILABLE if slot is SlotState.CARD else slot  # nothing is known of it
    facts.error, facts.code = failure, error.code
    _note_silence(facts, error)


def _note_silence(facts: ReaderFacts, error: LinkError) -> None:
    """Notes a device that hung until its driver was given up."""
    if isinstance(error, LinkTimeoutError) and error.seconds is not None:
        facts.stalled, facts.silence = True, error.seconds
