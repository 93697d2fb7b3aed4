# SPDX-License-Identifier: Apache-2.0
"""Run by the Python of Windows: starts a command in a console of its own and disturbs it there.

    press.py c|break|close SECONDS COMMAND...

Waits SECONDS, then sends Ctrl-C or Ctrl-Break to the console, or closes its window. Prints one line
of JSON: the exit code, how long the end took, and what the command wrote (in base64).
"""

from __future__ import annotations

import base64
import ctypes
import json
import subprocess
import sys
import tempfile
import time
from typing import Any

WM_CLOSE = 0x0010
ATTACH_SECONDS = 5.0
WINDLL: Any = getattr(ctypes, "windll", None)
KERNEL = WINDLL and WINDLL.kernel32
USER = WINDLL and WINDLL.user32


def attach(process: int) -> None:
    """Becomes part of the console of another process."""
    KERNEL.FreeConsole()
    deadline = time.monotonic() + ATTACH_SECONDS
    while not KERNEL.AttachConsole(process):
        assert time.monotonic() < deadline, "no console"
        time.sleep(0.05)


def disturb(how: str, process: int) -> None:
    """Does what a person does; in a process of its own, which may be ended by that, too."""
    attach(process)
    print(time.time(), flush=True)
    if how == "close":
        KERNEL.GetConsoleWindow.restype = ctypes.c_void_p
        USER.PostMessageW(ctypes.c_void_p(KERNEL.GetConsoleWindow()), WM_CLOSE, 0, 0)
    else:
        KERNEL.GenerateConsoleCtrlEvent({"c": 0, "break": 1}[how], 0)


def main() -> None:
    how, seconds, *command = sys.argv[1:]
    if how.startswith("only-"):
        disturb(how.removeprefix("only-"), int(seconds))
        return
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen(
            command,
            stdout=out,
            stderr=err,
            creationflags=getattr(subprocess, "CREATE_NEW_CONSOLE", 0),
        )
        time.sleep(float(seconds))
        alive = process.poll() is None
        sender = [sys.executable, __file__, f"only-{how}", str(process.pid)]
        began = float(subprocess.run(sender, stdout=subprocess.PIPE, check=False).stdout)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
        took = time.time() - began
        out.seek(0)
        err.seek(0)
        told = {
            "alive": alive,
            "rc": process.wait(),
            "seconds": took,
            "stdout": base64.b64encode(out.read()).decode(),
            "stderr": base64.b64encode(err.read()).decode(),
        }
        print(json.dumps(told))


if __name__ == "__main__":
    main()
