# SPDX-License-Identifier: Apache-2.0
"""Where the frozen program begins.

What belongs here: what differs from the installed command, which is what a double click needs: a
scan without being asked, and a window that stays. What does not: anything else.
"""

from __future__ import annotations

import sys
from contextlib import suppress

from cardcheck.__main__ import main


def has_own_window() -> bool:
    """Whether Windows opened a console for this process alone, to close it with it."""
    if sys.platform != "win32":
        return False
    import ctypes

    processes = (ctypes.c_uint * 2)()
    return bool(ctypes.windll.kernel32.GetConsoleProcessList(processes, 2) == 1)


def start() -> int:
    """Runs the command line; after a double click a scan, whose window waits for Enter."""
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
