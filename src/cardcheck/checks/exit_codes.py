# SPDX-License-Identifier: Apache-2.0
"""How the program ends: the table of the contract, first that applies from the bottom up."""

from __future__ import annotations

from enum import IntEnum, unique
from typing import Final


@unique
class ExitCode(IntEnum):
    """The exit codes; "found a problem" and "I failed" never share one."""

    OK = 0
    PROBLEM = 1
    USAGE = 2
    NO_READER = 3
    NO_CARD = 4
    BUG = 70
    INTERRUPTED = 130
    TERMINATED = 143


STOPPED: Final = frozenset({ExitCode.INTERRUPTED, ExitCode.TERMINATED})
"""The codes of a run that a signal ended."""
