# SPDX-License-Identifier: Apache-2.0
"""Looking at all readers again and again, for days, without ever connecting to a card.

What belongs here: the loop, and what it does when the service goes away or hangs. What does not:
what a look means (``health``). The only calls made are those of ``Onlooker``, which cannot
connect.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Protocol

from cardcheck.deadline import Background
from cardcheck.errors import LinkError
from cardcheck.facts.link_failure import LinkFailure, failure_of
from cardcheck.facts.reader import SILENCE_LIMIT, SlotState
from cardcheck.kiosk.health import Health, Look, after
from cardcheck.signals import Interruption, raising

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cardcheck.facts.reader import ReaderIdentity

LOOK_LIMIT: Final = float(SILENCE_LIMIT)
"""Seconds that one look may take before the service counts as stalled."""
_SLEPT: Final = 5.0  # seconds by which the clock may run ahead of the time awake
_TICK: Final = 0.5

_Answer = tuple[tuple[tuple[str, SlotState], ...], str | None]
"""What is in each slot by name, or nothing and the name of the error."""


class Onlooker(Protocol):
    """As much of a ``ReaderBackend`` as can be done without a card: no ``connect``."""

    def readers(self) -> Sequence[ReaderIdentity]:
        """All slots."""

    def slot_state(self, reader: ReaderIdentity) -> SlotState:
        """What is in a slot."""

    def close(self) -> None:
        """Lets go of the service."""


class Watcher:
    """Looks at an interval. One context is kept open between looks; one call is made at a time.

    Attributes:
        health: as of the last look.
    """

    def __init__(
        self,
        open_backend: Callable[[], Onlooker],
        health: Health,
        *,
        excluded: Callable[[str], bool] = lambda _: False,
        closed: Callable[[], bool] = lambda: False,
        limit: float = LOOK_LIMIT,
    ) -> None:
        """Prepares the watch; ``health`` is that of the last one, with the interval."""
        self.health = health
        self._open = open_backend
        self._excluded = excluded
        self._closed = closed
        self._limit = limit
        self._backend: Onlooker | None = None
        self._looking: Background[_Answer] | None = None
        self._clock = (time.time(), time.monotonic())

    def run(self, publish: Callable[[Health], None], cycles: int | None = None) -> None:
        """Looks and publishes until a signal comes, or ``cycles`` times.

        Raises:
            InputError: from ``publish``.
        """
        try:
            with raising():
                done = 0
                while True:
                    began = time.monotonic()
                    self.health = after(self.health, self._look())
                    publish(self.health)
                    done += 1
                    if cycles is not None and done >= cycles:
                        break
                    _sleep_until(began + self.health.interval)
        except Interruption:
            return  # the exit code is that of the signal

    def _look(self) -> Look:
        """One look; while a call hangs, no further one is made."""
        if self._looking is None or not self._looking.running:
            self._looking = Background(self._answer, "onlooker")
        answered = self._looking.wait(self._limit)
        slots, error = self._looking.result() if answered else ((), LinkFailure.TIMEOUT)
        return Look(
            at=datetime.now(UTC),
            slots=slots,
            error=error,
            closed=self._closed(),
            slept=self._slept(),
        )

    def _slept(self) -> bool:
        """Whether the clock ran on while nothing else did (or was set ahead)."""
        before, self._clock = self._clock, (time.time(), time.monotonic())
        return self._clock[0] - before[0] - (self._clock[1] - before[1]) > _SLEPT

    def _answer(self) -> _Answer:
        fresh = self._backend is None
        answer = self._looked()
        if answer[1] is not None and not fresh:
            return self._looked()  # the service was restarted: a new context may do
        return answer

    def _looked(self) -> _Answer:
        """What is in all slots, or the name of the error."""
        try:
            return self._slots(), None
        except LinkError as error:
            self._drop()
            return (), failure_of(error)
        except ImportError:
            return (), LinkFailure.NO_BINDING

    def _slots(self) -> tuple[tuple[str, SlotState], ...]:
        if self._backend is None:
            self._backend = self._open()
        listed = [each for each in self._backend.readers() if not self._excluded(each.name)]
        return tuple((each.name, self._state(self._backend, each)) for each in listed)

    @staticmethod
    def _state(backend: Onlooker, reader: ReaderIdentity) -> SlotState:
        try:
            return backend.slot_state(reader)
        except LinkError:
            return SlotState.UNAVAILABLE

    def _drop(self) -> None:
        """Closes a context that may be dead; the next look opens a new one."""
        backend, self._backend = self._backend, None
        if backend is not None:
            backend.close()


def _sleep_until(end: float) -> None:
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(_TICK, left))
