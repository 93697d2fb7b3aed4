# SPDX-License-Identifier: Apache-2.0
"""Where the frozen program begins.

What belongs here: what differs from the installed command. That is what a double click needs, a
scan without being asked and a window that stays; the encoding of an old terminal; and the processes
of ``replay --jobs``, which Python starts as its own program, here this one. What does not: anything
else.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from io import TextIOWrapper
from typing import Final

from cardcheck.__main__ import main

# Also what Python takes an ASCII terminal for (PEP 538).
_UTF8: Final = {"UTF-8", "utf-8", "ANSI_X3.4-1968", "US-ASCII"}
# What multiprocessing.resource_tracker lets Python run, which this program is not.
_TRACKER: Final = "from multiprocessing.resource_tracker import main"  # then ";main(NUMBER)"


def serve_pool() -> None:
    """Becomes what ``multiprocessing`` started this program for, and ends; else does nothing.

    PyInstaller's hook does the same, and loads all of ``multiprocessing`` at every start to do it.
    """
    if sys.argv[1:2] == ["--multiprocessing-fork"]:
        from multiprocessing.spawn import freeze_support

        freeze_support()
    if sys.argv[-1].startswith(_TRACKER):
        from multiprocessing.resource_tracker import main as track

        track(int(sys.argv[-1].rpartition("(")[2].rstrip(")")))
        sys.exit()


def speak_as_the_terminal() -> None:
    """Turns to the encoding of the locale, where that is an old one; the spec says why."""
    if not sys.flags.utf8_mode:
        return
    import _locale

    encoding = _locale.getencoding()
    if encoding not in _UTF8:
        for stream in (sys.stdin, sys.stdout, sys.stderr):
            with suppress(LookupError):  # Python does not know every encoding of a system
                if isinstance(stream, TextIOWrapper):
                    stream.reconfigure(encoding=encoding)


def has_own_window() -> bool:
    """Whether Windows opened a console for this process alone, to close it with it."""
    if sys.platform != "win32":
        return False
    import ctypes

    processes = (ctypes.c_uint * 2)()
    return bool(ctypes.windll.kernel32.GetConsoleProcessList(processes, 2) == 1)


def start() -> int:
    """Runs the command line; after a double click a scan, whose window waits for Enter."""
    serve_pool()
    speak_as_the_terminal()
    if not has_own_window():
        return main()
    if not sys.argv[1:]:
        sys.argv.append("scan")
    try:
        return main()
    finally:
        with suppress(EOFError, KeyboardInterrupt):  # the window was closed; there is no keyboard
            input("\n[Enter] ")


if __name__ == "__main__":
    sys.exit(start())
