# SPDX-License-Identifier: Apache-2.0
"""Bounds on time for tests, on a machine that has other things to do.

What belongs here: how long is too long. What does not: waiting for an event
(``daemon.wait_until``).
"""

from __future__ import annotations

import os

_UNKNOWN = 2.0  # where the system tells no load


def overtime(seconds: float) -> float:
    """What takes ``seconds`` at most on a quiet machine may take this long on this one, now.

    As many processes as the load says wait for each core (proc(5), loadavg).
    """
    load = os.getloadavg()[0] / (os.cpu_count() or 1) if hasattr(os, "getloadavg") else _UNKNOWN
    return seconds * (1 + load)
