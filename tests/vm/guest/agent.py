# SPDX-License-Identifier: Apache-2.0
"""Runs in the guest: obeys the host, line by line, over a serial line.

What belongs here: running what comes. What does not: knowing what it is. A request is a line of
JSON, ``{"script": ..., "seconds": ...}``; the answer is one too, ``{"rc", "out", "err"}``. The
first line says who listens.
"""

from __future__ import annotations

import getpass
import json
import subprocess
import sys
import tty
from pathlib import Path
from typing import IO


def run(script: str, seconds: float) -> dict[str, object]:
    """What bash made of ``script``; rc 124 where it took longer than ``seconds``."""
    try:
        done = subprocess.run(
            ["/bin/bash", "-c", script],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"rc": 124, "out": "", "err": f"not done after {seconds} s"}
    return {
        "rc": done.returncode,
        "out": done.stdout.decode(errors="replace"),
        "err": done.stderr.decode(errors="replace"),
    }


def serve(line: IO[bytes]) -> None:
    """Answers until the line is closed."""
    tty.setraw(line.fileno())
    line.write(json.dumps({"user": getpass.getuser()}).encode() + b"\n")
    for request in line:
        answer = json.dumps(run(**json.loads(request))).encode() + b"\n"
        while answer:  # a serial line takes what it can
            answer = answer[line.write(answer) :]


if __name__ == "__main__":
    with Path(sys.argv[1]).open("r+b", buffering=0) as serial_line:
        serve(serial_line)
