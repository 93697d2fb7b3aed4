# SPDX-License-Identifier: Apache-2.0
"""What was asked for, as far as it shapes a report."""

from __future__ import annotations

from msgspec import Struct, field

from cardcheck.report.model import Scope, Severity


class Question(Struct, frozen=True, kw_only=True):
    """What was asked for, as far as it shapes the report.

    Attributes:
        command: the command that asks.
        scope: how much was asked for.
        fail_on: from which severity on the exit code is 1.
        station: a label for the computer, or None.
        profile: the simulated profile, or None.
    """

    command: str = "scan"
    scope: Scope = field(default_factory=Scope)
    fail_on: Severity = Severity.ERROR
    station: str | None = None
    profile: str | None = None
