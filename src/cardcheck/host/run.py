# SPDX-License-Identifier: Apache-2.0
"""The one place that starts another program: a fixed list of arguments, no shell, a deadline.

What belongs here: running a query. What does not: which query, and what its output means.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def output_of(command: Sequence[str], seconds: float) -> str | None:
    """Standard output of ``command`` as text, whatever its exit code.

    Args:
        command: the program and its arguments; never through a shell.
        seconds: the deadline; the program is killed when it passes.

    Returns:
        The output, undecodable bytes replaced, or None where the program is missing, cannot be
        started or did not end in time. Never raises.
    """
    import subprocess

    # A console program that is started from a window would open one of its own.
    flags: int = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    try:
        done = subprocess.run(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=seconds,
            check=False,
            creationflags=flags,
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return done.stdout.decode("utf-8", errors="replace")
