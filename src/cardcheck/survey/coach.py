# SPDX-License-Identifier: Apache-2.0
"""Reads the card in one slot again and again, while a person looks for a good spot.

What belongs here: the loop, its thread, reconnection, deadline. What does not: whether a spot is
good (``checks.placement``, handed in as ``judge``) and what is shown (``cli``).
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from cardcheck.cards import probe
from cardcheck.deadline import Background
from cardcheck.errors import (
    LinkError,
    PeerError,
)
from cardcheck.facts.card import CardFacts
from cardcheck.facts.link_failure import Meaning, meaning_of
from cardcheck.facts.placement import ContactRead, ContactResult, PlacementFacts, SpotFacts
from cardcheck.facts.reader import SlotState
from cardcheck.survey.engine import Survey
from cardcheck.transports.link import execute
from cardcheck.transports.meter import Meter

if TYPE_CHECKING:
    from collections.abc import Callable

    from cardcheck.facts.reader import ReaderFacts
    from cardcheck.survey.request import Progress, SurveyRequest
    from cardcheck.transports.link import CardLink, ReaderBackend

_TICK: Final = 0.1  # seconds between two looks at the reader, and between two pictures of the meter
_GRACE: Final = 0.5  # seconds that the thread gets to let go of the card
_FAREWELL: Final = 1.0  # seconds that it gets before that to ask the counters once more
_COUNTER_TRIES: Final = 5
_RESULTS: Final = {
    Meaning.NO_WAY: ContactResult.READER_GONE,
    Meaning.CONTACT: ContactResult.LOST,
    Meaning.RULES: ContactResult.GARBLED,
}


class Advice(StrEnum):
    """What the spot calls for."""

    GO_ON = "go-on"
    GOOD = "good"
    MOVE = "move"


class Coaching(Struct, frozen=True, kw_only=True):
    """How a card's contact is tried.

    Attributes:
        judge: what a spot calls for.
        watch: is told, from the main thread, how it gets on and how many seconds are left;
            returns at once.
        pace: seconds between two reads: a hand needs time to move.
        gap: seconds without a card after which it lies in a new spot.
        impersonal: ask no counters, as beside a station's label.
        rest: seconds given to move the card; None: end where a move is called for (nobody sits
            there).
    """

    judge: Callable[[SpotFacts], Advice]
    watch: Callable[[PlacementFacts, float], None] = lambda *_: None
    pace: float = 0.1
    gap: float = 1.0
    impersonal: bool = False
    rest: float | None = None


class PlacementSurvey(Survey):
    """A survey that stays with one card.

    Attributes:
        placement: what has been observed so far; None until a card was there.
    """

    def __init__(self, request: SurveyRequest, progress: Progress, coaching: Coaching) -> None:
        """Prepares a survey; nothing is opened yet."""
        super().__init__(request, progress)
        self.placement: PlacementFacts | None = None
        self._coaching = coaching

    def _begin(self) -> None:
        """Begins nothing: there is one card, and it is read when all is known."""

    def _examine(self) -> None:
        targets = self._targets()
        if not targets:
            return
        target = targets[0]
        self.placement = PlacementFacts(row=self.facts.readers.index(target))
        opener = self._opener_of(target.identity)
        reading = ContactReading(target, opener, self.placement, self._coaching, self._stop)
        job = Background(reading.run, "place")
        try:
            self._watch(reading, job, self.placement)
        finally:
            reading.finish.set()
            self._stop.set()
            job.wait(_GRACE)

    def _watch(
        self, reading: ContactReading, job: Background[None], placement: PlacementFacts
    ) -> None:
        while job.running:
            now = time.monotonic()
            self._coaching.watch(placement, max(0.0, self._end - now))
            since = reading.silent_since
            if since is not None and now - since > self._request.exchange_limit:
                placement.stalled = reading.facts.stalled = True
                return
            if now >= self._end:
                placement.deadline = True
                reading.finish.set()
                job.wait(_FAREWELL)
                return
            job.wait(_TICK)


class ContactReading:
    """The reads of one slot, in a thread of their own; nothing is raised.

    Attributes:
        facts: the slot; gets the card once it is known.
        finish: when set, no further reads begin, but the counters are asked once more.
    """

    def __init__(
        self,
        facts: ReaderFacts,
        open_backend: Callable[[], ReaderBackend],
        placement: PlacementFacts,
        coaching: Coaching,
        stop: threading.Event,
    ) -> None:
        """Prepares the reads; ``stop`` ends them between two exchanges."""
        self.facts = facts
        self._open = open_backend
        self.finish = threading.Event()
        self._placement = placement
        self._coaching = coaching
        self._stop = stop
        self._cards: dict[tuple[bytes, bool], int] = {}
        self._backend: ReaderBackend | None = None
        self._link: CardLink | None = None
        self._cost = CardFacts()
        self._meter = Meter(self._cost, stop)
        self._counter_tries = _COUNTER_TRIES
        self._began = time.monotonic()

    @property
    def silent_since(self) -> float | None:
        """When the exchange that is under way began (monotonic seconds), or None between two."""
        return self._meter.since

    def run(self) -> None:
        """Reads until the spot is good, nobody is there to move the card, or ``stop`` is set."""
        try:
            self._read_on()
            self._compare_counters()
        except Exception as error:  # noqa: BLE001 - a crash becomes a finding, as in a survey
            self.facts.crash = type(error).__name__
        finally:
            self._disconnect()
            self._note_cost()
            self.facts.finished = not self._stop.is_set()

    def _read_on(self) -> None:
        while not self._ending:
            advice = self._read_once()
            if advice is Advice.GOOD or (advice is Advice.MOVE and not self._let_move()):
                return
            self.finish.wait(self._coaching.pace)

    @property
    def _ending(self) -> bool:
        return self._stop.is_set() or self.finish.is_set()

    def _read_once(self) -> Advice:
        """One read, noted; what the spot calls for by then."""
        spot = self._placement.spots[-1]
        began = time.monotonic()
        try:
            link = self._connected()
            with link.transaction():
                began = time.monotonic()
                ours = execute(link, probe.probe())
            took = (time.monotonic() - began) * 1000
        except (LinkError, PeerError) as error:
            if self._ending:
                return Advice.GO_ON
            self._disconnect()
            spot.reads.append(ContactRead(at=began - self._began, result=_result_of(error)))
            self._await_card()
        else:
            card = self._cards.setdefault((link.atr, ours), len(self._cards))
            spot.reads.append(
                ContactRead(
                    at=began - self._began,
                    result=ContactResult.ANSWERED,
                    milliseconds=took,
                    card=card,
                )
            )
            self._identify()
        return self._coaching.judge(self._placement.spots[-1])

    def _connected(self) -> CardLink:
        if self._link is None:
            self._backend = self._backend or self._open()
            self._link = self._backend.connect(self.facts.identity, self._meter)
            self.facts.slot = SlotState.CARD
        return self._link

    def _disconnect(self) -> None:
        with suppress(LinkError):
            if self._link is not None:
                self._link.close()
            if self._backend is not None:
                self._backend.close()
        self._link = self._backend = None

    def _await_card(self) -> None:
        """Waits for a card that is not there; after a while where it comes back is another spot."""
        lost = time.monotonic()
        while not self._ending and not self._present():
            self._placement.absent = True
            self.finish.wait(_TICK / 2)
        self._placement.absent = False
        if time.monotonic() - lost >= self._coaching.gap:
            self._new_spot()

    def _present(self) -> bool:
        try:
            self._backend = self._backend or self._open()
            return self._backend.slot_state(self.facts.identity) is not SlotState.EMPTY
        except LinkError:
            self._disconnect()
            return False

    def _new_spot(self) -> None:
        """Begins another spot; reads while the card was lifted count for none."""
        reads = self._placement.spots[-1].reads
        while reads and reads[-1].result is not ContactResult.ANSWERED:
            reads.pop()
        if reads:
            self._placement.spots.append(SpotFacts())

    def _let_move(self) -> bool:
        """Gives time to move the card; False where nobody is there to do so."""
        if self._coaching.rest is None:
            return False
        self._placement.moving = True
        self.finish.wait(self._coaching.rest)
        self._placement.moving = False
        self._placement.spots.append(SpotFacts())
        return not self._ending

    def _identify(self) -> None:
        """Once: what card it is, and its counters before all that follows."""
        if self.facts.card is not None or not self._counter_tries:
            return
        self._counter_tries -= 1
        card = self._asked()
        if card is not None:
            self.facts.card = card
            self._placement.before = dict(card.pins)

    def _compare_counters(self) -> None:
        """The counters at the end, where they were known at the beginning."""
        for _ in range(_COUNTER_TRIES if self._placement.before else 0):
            card = self._asked()
            if card is not None:
                self._placement.after = dict(card.pins)
                return

    def _asked(self) -> CardFacts | None:
        """What the card says of itself, or None where contact was lost on the way."""
        try:
            link = self._connected()
            card = CardFacts(
                atr=link.atr,
                protocol=link.protocol,
                impersonal=self._coaching.impersonal,
                complete=True,
            )
            with link.transaction():
                execute(link, probe.identify(card))
        except (LinkError, PeerError):
            self._disconnect()
            return None
        return card

    def _note_cost(self) -> None:
        card, cost = self.facts.card, self._cost
        if card is not None:
            card.commands, card.bytes = cost.commands, cost.bytes
            card.milliseconds = cost.milliseconds


def _result_of(error: LinkError | PeerError) -> ContactResult:
    """How a read ended that raised."""
    return _RESULTS.get(meaning_of(error), ContactResult.SILENT)
