# SPDX-License-Identifier: Apache-2.0
"""cardcheck as a user runs it, in a process of its own, for tests.

What belongs here: starting it, waiting with a deadline, and what must hold for every run: no
traceback, no process left behind. What does not: what a run should say.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from lab.daemon import wait_until
from lab.patience import overtime

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """A finished run.

    Attributes:
        rc: the exit code; negative: ended by that signal.
        stdout: the report.
        stderr: progress and logs.
        seconds: wall time.
    """

    rc: int
    stdout: str
    stderr: str
    seconds: float


class Program:
    """A running ``python -m cardcheck``, leader of a process group; a context manager."""

    def __init__(self, arguments: Sequence[str], env: Mapping[str, str], encoding: str) -> None:
        self._encoding = encoding
        self._started = time.monotonic()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "cardcheck", *arguments],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def signal(self, number: int) -> None:
        """Sends a signal to cardcheck alone."""
        self._process.send_signal(number)

    def finish(self, timeout: float = 30.0) -> Completed:
        """The run, once it has ended.

        Raises:
            AssertionError: it did not end within ``timeout`` seconds of a quiet machine, showed a
            traceback, or left a process.
        """
        try:
            stdout, stderr = self._process.communicate(timeout=overtime(timeout))
        except subprocess.TimeoutExpired as late:
            self._kill_group()
            _, stderr = self._process.communicate(timeout=10)
            text = stderr.decode(errors="replace")[-2000:]
            raise AssertionError(f"cardcheck still ran after {timeout} s\n{text}") from late
        seconds = time.monotonic() - self._started
        left_behind = not wait_until(lambda: not self._group_lives(), overtime(1.0))
        self._kill_group()
        done = Completed(
            rc=self._process.returncode,
            stdout=stdout.decode(self._encoding),
            stderr=stderr.decode(self._encoding, errors="replace"),
            seconds=seconds,
        )
        assert "Traceback (most recent call last)" not in done.stdout + done.stderr, done.stderr
        assert not left_behind, "cardcheck left a process behind"
        return done

    def _group_lives(self) -> bool:
        try:
            os.killpg(self._process.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def _kill_group(self) -> None:
        if self._group_lives():
            os.killpg(self._process.pid, signal.SIGKILL)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._kill_group()
        self._process.wait(timeout=10)
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()
