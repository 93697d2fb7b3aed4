# SPDX-License-Identifier: Apache-2.0
"""SIGINT, SIGTERM and what Windows has beside: noted at once, raised where one may have to wait.

What belongs here: the handlers and the end of the process. What does not: what is done about an
interruption (``survey.engine``). Imports nothing of cardcheck, so that it can be in force before
anything else is loaded.
"""

from __future__ import annotations

# The bare modules below ``signal``, ``threading``, ``contextlib`` and ``typing``: those take 10 ms
# to load, in which Ctrl-C would still end in a traceback.
import _signal
import _thread
import os
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

_NAMES = {int(_signal.SIGINT): "SIGINT", int(_signal.SIGTERM): "SIGTERM"}
_CODES = {"SIGINT": 130, "SIGTERM": 143}
_LAST_MOMENT = 0.95  # seconds after a signal; the contract leaves one
_OVERTIME = 2.0  # more seconds for a machine that is so busy that even a report takes longer
_LOOK = 0.2  # seconds between two looks at whether anything is still being done
_IDLE = 0.004  # seconds of processor time in between; what does less hangs


class Interruption(BaseException):
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
        self.settled = False

    def handle(self, number: int, _frame: FrameType | None) -> None:
        if self.pending is not None:
            return  # the end is near already
        name = _NAMES[number]
        # not a Timer: the handler may stand in the middle of another thread's start
        _thread.start_new_thread(_leave, (_CODES[name],))
        if self.settled:
            return
        self.pending = name
        if self.raising:
            self.raising = False
            raise Interruption(name)


_state = _State()


def install() -> None:
    """Takes SIGINT and SIGTERM in charge; to be called from the main thread."""
    for number in _NAMES:
        _signal.signal(number, _state.handle)
    if sys.platform == "win32":
        _watch_console()


if sys.platform == "win32":
    _CTRL_C = 0
    _CTRL_BREAK = 1
    _kept: list[object] = []  # what Windows may call must stay

    def _watch_console() -> None:
        """Takes Ctrl-Break, a closed window, and the end of the session as SIGINT.

        Windows tells of them in a thread of its own, and ends the process when that comes back
        from anything but Ctrl-Break.
        """
        import ctypes

        def told(event: int) -> int:
            if event == _CTRL_C:
                return 0  # Python's own affair
            _thread.interrupt_main()
            if event != _CTRL_BREAK:
                _leave(_CODES["SIGINT"])
            return 1

        handler = ctypes.WINFUNCTYPE(ctypes.c_int, ctypes.c_uint)(told)
        _kept.append(handler)
        ctypes.windll.kernel32.SetConsoleCtrlHandler(handler, 1)


class raising:  # noqa: N801 - used like a function
    """Within it a signal raises ``Interruption``, at once where it has already come."""

    def __enter__(self) -> None:
        """Begins to raise.

        Raises:
            Interruption: SIGINT or SIGTERM has come.
        """
        _state.settled = False
        _state.raising = True
        if _state.pending is not None:
            _state.raising = False
            raise Interruption(_state.pending)

    def __exit__(self, *_: object) -> None:
        """Ends raising."""
        _state.raising = False


def pending() -> str | None:
    """The signal that has come, or None."""
    return _state.pending


def settle() -> str | None:
    """The signal that has come, or None; one that comes later no longer changes the exit code.

    Called when the exit code is about to be written into a report: both must say the same.
    """
    _state.settled = True
    return _state.pending


def end(code: int) -> int:
    """The exit code, 130 or 143 where a signal came.

    Does not return while another thread lives, in a driver that hangs or in an import: a process
    that takes itself down around a running thread may crash.
    """
    if _state.pending is not None:
        code = _CODES[_state.pending]
    import threading

    if threading.active_count() == 1:
        return code
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):
            continue
    os._exit(code)


def _leave(code: int) -> None:
    """Ends the process where it has not ended in time, whatever hangs."""
    time.sleep(_LAST_MOMENT - _LOOK)
    end = time.monotonic() + _LOOK + _OVERTIME
    while time.monotonic() < end:
        used = time.process_time()
        time.sleep(_LOOK)
        if time.process_time() - used < _IDLE:
            break
    os._exit(code)
