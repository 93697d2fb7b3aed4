# SPDX-License-Identifier: Apache-2.0
"""All readers at once: every call that may hang runs off the main thread and can be left behind.

What belongs here: limits, interruption. What does not: what is done in one slot (``examine``), and
the threads that can be left behind (``deadline``).
"""

from __future__ import annotations

import copy
import threading
import time
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from msgspec.structs import replace

from cardcheck.deadline import Background
from cardcheck.errors import InputError, LinkError, place_of
from cardcheck.facts.link_failure import LinkFailure, failure_of
from cardcheck.facts.reader import (
    SILENCE_LIMIT,
    Backend,
    ReaderFacts,
    ServiceFacts,
    SlotState,
    SurveyFacts,
)
from cardcheck.signals import Interruption, raising

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cardcheck.facts.reader import ReaderIdentity
    from cardcheck.survey.examine import Examiner
    from cardcheck.survey.request import Progress, SurveyRequest
    from cardcheck.transports.link import ReaderBackend

T = TypeVar("T")

_TICK: Final = 0.05  # seconds between two looks at the workers
_GRACE: Final = 0.3  # seconds that workers get to let go of their cards
_GONE_RETRIES: Final = 10  # a service that was just restarted needs a moment
_RETRY_PAUSE: Final = 0.2
_GONE: Final = {LinkFailure.NO_READER, LinkFailure.NO_SERVICE}
_TURN: Final = 0.5  # seconds that each backend is watched in turn where there are two


class Survey:
    """One look at all readers.

    Attributes:
        facts: what has been observed so far; also after an interruption.
    """

    def __init__(self, request: SurveyRequest, progress: Progress) -> None:
        """Prepares a survey; nothing is opened yet."""
        self.facts = SurveyFacts(
            source=request.source, timeout=request.timeout, nfc=request.open_nfc is not None
        )
        self._request = request
        self._progress = progress
        self._stop = threading.Event()
        self._examiners: list[tuple[Examiner, Background[None]]] = []
        self._meanwhile = False
        self._end = 0.0

    def run(self) -> SurveyFacts:
        """Looks at all readers and reads the cards in them.

        Raises:
            InputError: the selection of readers names none.
            ImportError: the backend cannot be loaded.
        """
        self._end = time.monotonic() + max(0.0, self._request.timeout - _GRACE)
        try:
            with raising():
                self._list()
                if self._request.read_cards:
                    self._wait_for_card()
                    self._examine()
        except Interruption as interruption:
            self.facts.interrupted = interruption.signal
            self._halt()
        except KeyboardInterrupt:  # Ctrl-C in a program that takes no signals in charge
            self._halt()
            raise
        return self.facts

    def _list(self) -> None:
        self._progress.looking()
        if not self._request.open_backends:
            self.facts.service = ServiceFacts(asked=False)
        listed = [facts for opener in self._request.open_backends for facts in self._listed(opener)]
        known = [facts.identity for facts in listed]
        if self._request.select is None:  # nothing that is listed later can change what is read
            self._take_over(listed)
            self._begin()
            listed = []
        self._start_meanwhile()
        self._take_over(listed + self._nfc_devices(known))

    def _start_meanwhile(self) -> None:
        if not self._meanwhile:
            self._meanwhile = True
            self._request.meanwhile()

    def _listed(self, opener: Callable[[], ReaderBackend]) -> list[ReaderFacts]:
        """What one service lists; where it cannot be asked, why, and nothing."""
        job = Background(lambda: _list_with_states(opener), "list")
        self._join(job)
        if job.running:
            self.facts.deadline = time.monotonic() >= self._end
            self.facts.service = ServiceFacts(stalled=True)
            return []
        try:
            return job.result()
        except LinkError as error:
            self.facts.service = ServiceFacts(error=failure_of(error), code=error.code)
        except ImportError as error:
            reason = str(error).splitlines()[0]
            self.facts.service = ServiceFacts(error=LinkFailure.NO_BINDING, detail=reason)
        return []

    def _nfc_devices(self, known: Sequence[ReaderIdentity]) -> list[ReaderFacts]:
        """The NFC devices that are none of ``known``, all asked at once for a card."""
        opener = self._request.open_nfc
        if opener is None:
            return []
        listing = Background(lambda: _identities(opener), "list-nfc")
        self._join(listing)
        if listing.running:
            return []
        jobs = [
            (identity, Background(partial(_look_into, opener, identity), identity.path))
            for identity in listing.result()
            if self._request.unlisted(identity, known)
        ]
        return [self._settled(identity, job) for identity, job in jobs]

    def _settled(self, identity: ReaderIdentity, job: Background[ReaderFacts]) -> ReaderFacts:
        """What came of the look at one device, also where it has not ended."""
        self._join(job)
        if not job.running:
            return job.result()
        self.facts.deadline = time.monotonic() >= self._end
        return ReaderFacts(identity=identity, slot=SlotState.UNAVAILABLE, stalled=True)

    def _join(self, job: Background[T]) -> None:
        left = self._end - time.monotonic()
        job.wait(min(left, SILENCE_LIMIT, self._request.exchange_limit))

    def _take_over(self, listed: Sequence[ReaderFacts]) -> None:
        counting = [facts for facts in listed if not self._request.excluded(facts.identity.name)]
        self.facts.ignored += len(listed) - len(counting)
        if self._request.select is not None:
            chosen = self._request.select([facts.identity for facts in counting])
            for facts in counting:
                facts.selected = facts.identity in chosen
        self.facts.readers.extend(counting)

    def _wait_for_card(self) -> None:
        """Waits while every slot is empty; the wait does not count against the deadline."""
        end = time.monotonic() + self._request.wait
        while self._all_empty() and (began := time.monotonic()) < end:
            came = self._watch_slots(end)
            waited = time.monotonic() - began
            self.facts.waited += waited
            self._end += waited
            if not came:
                break
            self._refresh()

    def _watch_slots(self, end: float) -> bool:
        """Whether something changed in a slot, or with the readers, before ``end``."""
        job = Background(lambda: self._wait_once(end - time.monotonic()), "wait")
        while not job.wait(_TICK) and time.monotonic() < end + 1:
            self._progress.waiting(end - time.monotonic())
        return not job.running and _came(job)

    def _all_empty(self) -> bool:
        if self._examiners:  # a card was there, whatever became of it
            return False
        readers = [reader for reader in self.facts.readers if reader.selected]
        return bool(readers) and all(reader.slot is SlotState.EMPTY for reader in readers)

    def _wait_once(self, seconds: float) -> bool:
        """Watches all slots; two backends by turns."""
        end = time.monotonic() + seconds
        watched = [reader.identity for reader in self.facts.readers if reader.selected]
        groups = [[i for i in watched if i.backend is backend] for backend in Backend]
        groups = [group for group in groups if group]
        turn = seconds if len(groups) == 1 else _TURN
        while True:
            for group in groups:
                if _wait_at(self._opener_of(group[0]), group, turn):
                    return True
            if time.monotonic() >= end or self._stop.is_set():
                return False

    def _refresh(self) -> None:
        """Lists everything anew after a change; a service that restarts gets a moment."""
        for _ in range(_GONE_RETRIES):
            self.facts.readers.clear()
            self.facts.service, self.facts.ignored = ServiceFacts(), 0
            self._list()
            if self.facts.service.error is None:
                return
            time.sleep(_RETRY_PAUSE)

    def _begin(self) -> None:
        """Starts to read the cards that are known and not yet being read."""
        begun = [id(examiner.facts) for examiner, _ in self._examiners]
        targets = [reader for reader in self._targets() if id(reader) not in begun]
        if not targets or not self._request.read_cards:
            return
        from cardcheck.survey.examine import Examiner

        for reader in targets:
            examiner = Examiner(reader, self._opener_of(reader.identity), self._request, self._stop)
            self._examiners.append((examiner, Background(examiner.run, reader.identity.path)))
        self._progress.reading(len(targets))

    def _examine(self) -> None:
        self._begin()
        self._watch_workers()
        self._halt()
        for _, job in self._examiners:
            if isinstance(job.error, InputError):  # a replay that does not fit is no crash
                raise job.error
        if any(examiner.facts.error in _GONE for examiner, _ in self._examiners):
            self._look_again()

    def _look_again(self) -> None:
        """Notes what else has gone with the service or a reader that went away in mid-scan."""
        listed = [facts for opener in self._request.open_backends for facts in self._listed(opener)]
        there = {facts.identity for facts in listed}
        for reader in self.facts.readers:
            if reader.identity not in there and reader.identity.backend is not Backend.NFC:
                reader.slot = SlotState.UNAVAILABLE
                reader.error = self.facts.service.error or LinkFailure.NO_READER

    def _targets(self) -> list[ReaderFacts]:
        """The slots to be read: a card that somebody else uses only when told so."""
        slots = {SlotState.CARD, SlotState.MUTE}
        if self._request.even_if_in_use:
            slots.add(SlotState.IN_USE)
        return [reader for reader in self.facts.readers if reader.selected and reader.slot in slots]

    def _watch_workers(self) -> None:
        """Comes back when every worker has ended or hangs, at the deadline at the latest."""
        while running := [pair for pair in self._examiners if pair[1].running]:
            now = time.monotonic()
            for examiner, _ in running:
                examiner.overdue = examiner.silent_for(now) > self._request.exchange_limit
            if all(examiner.overdue for examiner, _ in running):
                return
            if any(examiner.lost for examiner, _ in running):
                self._progress.interrupted_contact()
            if now >= self._end:
                self.facts.deadline = True
                return
            next(job for examiner, job in running if not examiner.overdue).wait(_TICK)

    def _opener_of(self, identity: ReaderIdentity) -> Callable[[], ReaderBackend]:
        if identity.backend is Backend.NFC and self._request.open_nfc is not None:
            return self._request.open_nfc
        return self._request.open_backends[0]

    def _halt(self) -> None:
        """Asks the workers to let go of their cards, and leaves behind those that cannot."""
        self._stop.set()
        end = time.monotonic() + _GRACE
        for examiner, job in self._examiners:
            if job.wait(end - time.monotonic()):
                examiner.facts.crash = _crash_of(job.error)
            else:
                self._detach(examiner)
            if examiner.overdue and not examiner.facts.finished:
                examiner.give_up()
            elif self.facts.deadline and not examiner.facts.finished:
                examiner.facts.deadline = True

    def _detach(self, examiner: Examiner) -> None:
        """Puts a copy in the place of facts that a thread left behind might still write to."""
        facts = examiner.facts
        examiner.facts = replace(facts, card=copy.deepcopy(facts.card))
        index = next(i for i, reader in enumerate(self.facts.readers) if reader is facts)
        self.facts.readers[index] = examiner.facts


def _list_with_states(open_backend: Callable[[], ReaderBackend]) -> list[ReaderFacts]:
    """All slots with what is in them."""
    with closing(open_backend()) as backend:
        return [_facts_of(backend, reader) for reader in backend.readers()]


def _identities(open_backend: Callable[[], ReaderBackend]) -> Sequence[ReaderIdentity]:
    with closing(open_backend()) as backend:
        return backend.readers()


def _look_into(open_backend: Callable[[], ReaderBackend], reader: ReaderIdentity) -> ReaderFacts:
    with closing(open_backend()) as backend:
        return _facts_of(backend, reader)


def _facts_of(backend: ReaderBackend, reader: ReaderIdentity) -> ReaderFacts:
    facts = ReaderFacts(identity=reader)
    try:
        facts.slot = backend.slot_state(reader)
    except LinkError as error:
        from cardcheck.survey.examine import note_closed

        note_closed(facts, error)
    return facts


def _wait_at(
    open_backend: Callable[[], ReaderBackend], readers: Sequence[ReaderIdentity], seconds: float
) -> bool:
    with closing(open_backend()) as backend:
        return backend.wait_for_card(readers, seconds)


def _came(job: Background[bool]) -> bool:
    try:
        return job.result()
    except LinkError:
        return True  # the service went away: listing anew says what is left


def _crash_of(error: BaseException | None) -> str | None:
    """Type and place of an exception that is a bug of ours; its message might hold card data."""
    if error is None:
        return None
    return f"{type(error).__name__} at {place_of(error)}"
