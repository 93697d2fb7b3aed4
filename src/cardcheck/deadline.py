# SPDX-License-Identifier: Apache-2.0
"""Calls that may hang, each in a daemon thread that can be left behind.

What belongs here: threads, limits, and what a signal does to them. What does not: what is called. A
thread that hangs inside a driver cannot be ended; the process goes on, and ends, without it.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from msgspec import Struct, field

from cardcheck import signals
from cardcheck.errors import LinkTimeoutError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

T = TypeVar("T")

_TICK: Final = 0.05  # seconds after which a waiting thread looks at signals again
_LITTLE: Final = 0.2  # seconds for what is not known at a signal; a report must follow within one


class Background(Generic[T]):
    """A function in a thread of its own; what it returned or raised can be asked for later.

    Attributes:
        error: what the function raised, or None.
    """

    def __init__(self, function: Callable[[], T], name: str, *, start: bool = True) -> None:
        """Runs ``function``, or prepares to: see ``start``. The thread is called ``name``."""
        self.error: BaseException | None = None
        self._function = function
        self._results: list[T] = []
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._started = False
        if start:
            self.start()

    def start(self) -> None:
        """Runs the function, once however often it is asked."""
        if not self._started:
            self._started = True
            self._thread.start()

    def _run(self) -> None:
        try:
            self._results.append(self._function())
        except BaseException as error:  # noqa: BLE001 - handed to the thread that asks for the result
            self.error = error

    @property
    def running(self) -> bool:
        """Whether it has been started and has not ended."""
        return self._thread.is_alive()

    def wait(self, seconds: float, until: Callable[[], object] = lambda: None) -> bool:
        """Whether it has ended within ``seconds``; waits no longer once ``until`` is true."""
        end = time.monotonic() + seconds
        while self.running and (left := end - time.monotonic()) > 0 and not until():
            self._thread.join(min(left, _TICK))
        return not self.running

    def result(self) -> T:
        """What the function returned; to be asked when it has ended.

        Raises:
            BaseException: whatever the function raised.
        """
        if self.error is not None:
            raise self.error
        return self._results[0]

    def found(self, seconds: float) -> T | None:
        """What it returned, or None where it raised an error or takes longer than ``seconds``.

        Starts it where nobody has. After SIGINT or SIGTERM it has little time left.
        """
        self.start()
        if not self.wait(seconds, signals.pending) and signals.pending():
            self.wait(min(seconds, _LITTLE))
        return None if self.failed() or not self._results else self._results[0]

    def failed(self) -> bool:
        """Whether it raised an error.

        Raises:
            BaseException: what it raised that is no error, and so not to be swallowed.
        """
        if self.error is not None and not isinstance(self.error, Exception):
            raise self.error
        return self.error is not None


def call(function: Callable[[], T], seconds: float) -> T:
    """What ``function`` returns, where it does within ``seconds``.

    Raises:
        LinkTimeoutError: it did not; its thread is left behind.
        Interruption: a signal came while waiting, inside ``signals.raising``.
        BaseException: whatever ``function`` raised.
    """
    job = Background(function, "call")
    if not job.wait(seconds):
        raise LinkTimeoutError("no answer")
    return job.result()


class Gathered(Struct, frozen=True):
    """What came of several calls at once.

    Attributes:
        values: what each returned, by name, of those that did.
        unread: the names of the others.
        hung: those of them that did not end in time; their threads are left behind. Empty where
            the gathering was broken off, for then they may have been only slow.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    unread: tuple[str, ...] = ()
    hung: tuple[str, ...] = ()


def all_within(
    probes: Mapping[str, Callable[[], object]],
    seconds: float,
    broken_off: Callable[[], object] = lambda: None,
) -> Gathered:
    """What ``probes`` return, run at once; one that hangs or fails takes nothing else with it.

    Args:
        probes: functions by name.
        seconds: how long all of them together may take.
        broken_off: asked again and again; what is true ends the wait.
    """
    end = time.monotonic() + seconds
    jobs = {name: Background(probe, name) for name, probe in probes.items()}
    for job in jobs.values():
        job.wait(end - time.monotonic(), broken_off)
    hung = tuple(name for name, job in jobs.items() if job.running)
    failed = [name for name, job in jobs.items() if job.failed()]
    values = {name: job.result() for name, job in jobs.items() if name not in {*hung, *failed}}
    return Gathered(
        values=values,
        unread=tuple(name for name in probes if name not in values),
        hung=() if broken_off() else hung,
    )
