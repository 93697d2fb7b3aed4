# SPDX-License-Identifier: Apache-2.0
"""All readers at once: every call that may hang runs off the main thread and can be left behind.

What belongs here: threads, deadlines, interruption. What does not: what is done in one slot (``examine``).
A thread that hangs inside a driver cannot be ended; it is a daemon, it is reported, and the process goes on
without it.
"""

from __future__ import annotations

import copy
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from cardcheck.errors import InputError, LinkError
from cardcheck.facts.reader import Backend, ReaderFacts, ServiceFacts, SlotState, SurveyFacts
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
_SERVICE_LIMIT: Final = 10.0  # seconds that the service may take to list readers
_GONE_RETRIES: Final = 10  # a service that was just restarted needs a moment
_RETRY_PAUSE: Final = 0.2


class _Job(Generic[T]):
    """A function that runs in a daemon thread of its own."""

    def __init__(self, function: Callable[[], T], name: str) -> None:
        self.error: BaseException | None = None
        self._result: list[T] = []
        self._function = function
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._result.append(self._function())
        except BaseException as error:  # noqa: BLE001 - handed to the thread that asks for the result
            self.error = error

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    def wait(self, seconds: float) -> bool:
        """Whether the job has ended within ``seconds``."""
        self._thread.join(max(0.0, seconds))
        return not self.running

    def result(self) -> T:
        if self.error is not None:
            raise self.error
        return self._result[0]


class Survey:
    """One look at all readers.

    Attributes:
        facts: what has been observed so far; also after an interruption.
        abandoned: whether a thread was left behind in a driver.
    """

    def __init__(self, request: SurveyRequest, progress: Progress) -> None:
        """Prepares a survey; nothing is opened yet."""
        self.facts = SurveyFacts(source=request.source, timeout=request.timeout)
        self.abandoned = False
        self._request = request
        self._progress = progress
        self._stop = threading.Event()
        self._examiners: list[tuple[Examiner, _Job[None]]] = []
        self._end = 0.0

    def run(self) -> SurveyFacts:
        """Looks at all readers and reads the cards in them.

        Raises:
            InputError: the selection of readers names none.
            ImportError: the backend cannot be loaded.
        """
        self._end = time.monotonic() + self._request.timeout
        try:
            with raising():
                self._list()
                if self._request.read_cards:
                    self._wait_for_card()
                    self._examine()
        except Interruption as interruption:
            self.facts.interrupted = interruption.signal
            self._halt()
        return self.facts

    def _list(self) -> None:
        self._progress.looking()
        for open_backend in self._request.open_backends:
            job = _Job(lambda opener=open_backend: _list_with_states(opener), "list")  # type: ignore[misc]
            self._join(job)
            if job.running:
                self.abandoned = True
                self.facts.deadline = time.monotonic() >= self._end
                self.facts.service = ServiceFacts(stalled=True)
                continue
            try:
                listed = job.result()
            except LinkError as error:
                self.facts.service = ServiceFacts(error=type(error).__name__, code=error.code)
            except ImportError as error:
                self.facts.service = ServiceFacts(error="ImportError", detail=str(error).splitlines()[0])
            else:
                self._take_over(listed)

    def _join(self, job: _Job[T]) -> None:
        limit = min(self._end, time.monotonic() + min(_SERVICE_LIMIT, self._request.exchange_limit))
        while not job.wait(_TICK) and time.monotonic() < limit:
            pass

    def _take_over(self, listed: Sequence[tuple[ReaderIdentity, SlotState]]) -> None:
        states = {identity: state for identity, state in listed if not self._request.excluded(identity.name)}
        self.facts.ignored += len(listed) - len(states)
        chosen = self._request.select(tuple(states))
        for identity, slot in states.items():
            taken = slot is SlotState.IN_USE and self._request.even_if_in_use
            self.facts.readers.append(
                ReaderFacts(
                    identity=identity,
                    slot=SlotState.CARD if taken else slot,
                    selected=identity in chosen,
                )
            )

    def _wait_for_card(self) -> None:
        """Waits while every slot is empty; the wait does not count against the deadline."""
        began = time.monotonic()
        end = began + self._request.wait
        while self._all_empty() and (left := end - time.monotonic()) > 0:
            job = _Job(lambda seconds=left: self._wait_once(seconds), "wait")  # type: ignore[misc]
            while not job.wait(_TICK) and time.monotonic() < end + 1:
                self._progress.waiting(end - time.monotonic())
            if job.running or not _came(job):
                self.abandoned = self.abandoned or job.running
                break
            self._refresh()
        self.facts.waited = time.monotonic() - began
        self._end += self.facts.waited

    def _all_empty(self) -> bool:
        readers = [reader for reader in self.facts.readers if reader.selected]
        return bool(readers) and all(reader.slot is SlotState.EMPTY for reader in readers)

    def _wait_once(self, seconds: float) -> bool:
        backend = self._request.open_backends[0]()
        try:
            watched = [reader.identity for reader in self.facts.readers if reader.selected]
            return backend.wait_for_card(watched, seconds)
        finally:
            backend.close()

    def _refresh(self) -> None:
        """Lists everything anew after something has changed; a service that restarts gets a moment."""
        for _ in range(_GONE_RETRIES):
            self.facts.readers.clear()
            self.facts.service, self.facts.ignored = ServiceFacts(), 0
            self._list()
            if self.facts.service.error is None:
                return
            time.sleep(_RETRY_PAUSE)

    def _examine(self) -> None:
        occupied = {SlotState.CARD, SlotState.MUTE}
        targets = [r for r in self.facts.readers if r.selected and r.slot in occupied]
        if not targets:
            return
        from cardcheck.survey.examine import Examiner

        self._progress.reading(len(targets))
        for reader in targets:
            examiner = Examiner(reader, self._opener_of(reader.identity), self._request, self._stop)
            self._examiners.append((examiner, _Job(examiner.run, reader.identity.path)))
        while any(job.running and not examiner.facts.stalled for examiner, job in self._examiners):
            now = time.monotonic()
            for examiner, job in self._examiners:
                job.wait(_TICK / len(self._examiners))
                since = examiner.silent_since
                if job.running and since is not None and now - since > self._request.exchange_limit:
                    examiner.facts.stalled = True
            if any(examiner.lost for examiner, _ in self._examiners):
                self._progress.interrupted_contact()
            if now >= self._end:
                self.facts.deadline = True
                break
        self._halt()
        for _, job in self._examiners:
            if isinstance(job.error, InputError):  # a replay that does not fit: no fault of ours or the card's
                raise job.error

    def _opener_of(self, identity: ReaderIdentity) -> Callable[[], ReaderBackend]:
        openers = self._request.open_backends
        if len(openers) > 1 and identity.backend is Backend.NFC:
            return openers[1]
        return openers[0]

    def _halt(self) -> None:
        """Asks the workers to let go of their cards, and leaves behind those that cannot."""
        self._stop.set()
        end = time.monotonic() + _GRACE
        for examiner, job in self._examiners:
            if job.wait(end - time.monotonic()):
                examiner.facts.crash = type(job.error).__name__ if job.error else None
                continue
            self.abandoned = True
            facts = examiner.facts
            facts.deadline = self.facts.deadline and not facts.stalled
            self._detach(facts)
        for examiner, job in self._examiners:
            if self.facts.deadline and not job.running and not examiner.facts.finished:
                examiner.facts.deadline = True

    def _detach(self, facts: ReaderFacts) -> None:
        """Puts a copy in the place of facts that a thread left behind might still write to."""
        for index, reader in enumerate(self.facts.readers):
            if reader is facts:
                self.facts.readers[index] = replace(facts, card=copy.deepcopy(facts.card))


def _list_with_states(
    open_backend: Callable[[], ReaderBackend],
) -> list[tuple[ReaderIdentity, SlotState]]:
    """All slots with what is in them."""
    backend = open_backend()
    try:
        return [(reader, _state_of(backend, reader)) for reader in backend.readers()]
    finally:
        backend.close()


def _state_of(backend: ReaderBackend, reader: ReaderIdentity) -> SlotState:
    try:
        return backend.slot_state(reader)
    except LinkError:
        return SlotState.UNAVAILABLE


def _came(job: _Job[bool]) -> bool:
    try:
        return job.result()
    except LinkError:
        return True  # the service went away: listing anew says what is left
