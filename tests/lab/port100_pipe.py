# SPDX-License-Identifier: Apache-2.0
"""The modelled RC-S380 in a process of its own: ``Port100`` behind two pipes.

What belongs here: both ends of the pipes. What does not: the model. The end that writes needs the
standard library alone, for the system's Python has neither cardcheck's libraries nor its version
of Python; the other end runs under the Python of the tests::

    python port100_pipe.py CARDS

``CARDS`` is a file with pickled pairs of profile and card. A line in is ``w`` and a frame in
hexadecimal, or ``r``; the line out is the frame to read in hexadecimal, which may be empty, or
``-`` where there is none.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path


class PipedPort100:
    """What ``Port100`` does, done by another process, which ends with the pipe."""

    def __init__(self, python: str, cards: str) -> None:
        """Starts the model under ``python``."""
        command = [python, str(Path(__file__).resolve()), cards]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    def write(self, frame: bytes) -> None:
        """Takes a frame from the computer."""
        self._ask(f"w {frame.hex()}")

    def read(self) -> bytes | None:
        """The next frame for the computer, or None while there is none."""
        answer = self._ask("r")
        return None if answer == "-" else bytes.fromhex(answer)

    def _ask(self, line: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise EOFError("the model of the RC-S380 has ended")
        return answer.rstrip("\n")


def main() -> None:
    """Serves the model until the pipe is closed."""
    from cardcheck.simulation.picc import picc_of
    from lab.port100 import Port100

    pickled = pickle.loads(Path(sys.argv[1]).read_bytes())
    firmware = Port100([picc_of(name, card) for name, card in pickled])
    for line in sys.stdin:
        what, _, frame = line.strip().partition(" ")
        answer = None
        if what == "w":
            firmware.write(bytes.fromhex(frame))
        else:
            answer = firmware.read()
        print("-" if answer is None else answer.hex(), flush=True)


if __name__ == "__main__":
    main()
