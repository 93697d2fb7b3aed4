# SPDX-License-Identifier: Apache-2.0
"""SIGINT and SIGTERM: noted at once, raised only where something may have to be waited for.

What belongs here: the handlers and the end of the process. What does not: what is done about an interruption
(``survey.engine``). Imports nothing of cardcheck, so that it can be in force before anything else is loaded.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

_CODES: Final = {"SIGINT": 130, "SIGTERM": 143}


class Interruption(BaseException):  # noqa: N818 - like KeyboardInterrupt, not an error
    """SIGINT or SIGTERM, raised in the main thread.

    Attributes:
        signal: ``SIGINT`` or ``SIGTERM``.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.signal = name


class _State:
    """What has come in, and whether it is to be raised. One for the process: so are signals."""

    def __init__(self) -> None:
        self.pending: str | None = None
        self.raising = False
        self.abandoned = False

    def handle(self, number: int, _frame: FrameType | None) -> None:
        name = signal.Signals(number).name
        if self.pending is not None:
            os._exit(_CODES[self.pending])  # asked twice: go, whatever hangs
        self.pending = name
        if self.raising:
            self.raising = False
            raise Interruption(name)


_state: Final = _State()


def install() -> None:
    """Takes SIGINT and SIGTERM in charge; does nothing off the main thread."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, _state.handle)
        signal.signal(signal.SIGTERM, _state.handle)


@contextmanager
def raising() -> Iterator[None]:
    """Within it a signal raises ``Interruption``, at once where it has already come.

    Raises:
        Interruption: SIGINT or SIGTERM came.
    """
    if _state.pending is not None:
        raise Interruption(_state.pending)
    _state.raising = True
    try:
        yield
    finally:
        _state.raising = False


def pending() -> str | None:
    """The signal that has come, or None."""
    return _state.pending


def abandon() -> None:
    """Notes that a thread hangs in a driver: the process must end without waiting for it."""
    _state.abandoned = True


def end(code: int) -> int:
    """The exit code, 130 or 143 where a signal came; leaves at once where a thread was left behind."""
    if _state.pending is not None:
        code = _CODES[_state.pending]
    if not _state.abandoned:
        return code
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):
            continue
    os._exit(code)
