# SPDX-License-Identifier: Apache-2.0
"""Findings about something that ends on a day. The day is personal: it is a birthday."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cardcheck.cards import validity
from cardcheck.checks.base import Found
from cardcheck.report.model import Outcome, Severity

if TYPE_CHECKING:
    from datetime import date, datetime

_SEVERITY: Final = {
    "valid": (Outcome.OK, Severity.INFO),
    "expiring": (Outcome.PROBLEM, Severity.WARNING),
    "expired": (Outcome.PROBLEM, Severity.ERROR),
    "not-yet-valid": (Outcome.PROBLEM, Severity.ERROR),
}


def dated(state: str, last_day: date, at: datetime, *, subject: str) -> Found:
    """What was found on something that is ``state`` and ends on ``last_day``.

    The screen may show the year and roughly how long is left; the day only ``--show-personal`` shows.
    """
    outcome, severity = _SEVERITY[state]
    era, year = validity.era_year(last_day)
    return Found(
        state=state,
        outcome=outcome,
        severity=severity,
        subject=subject,
        screen={
            "left": validity.left_bucket(last_day, at),
            "year": last_day.year,
            "era": era,
            "era_year": year,
        },
        personal={"valid_until": last_day.isoformat(), "days_left": validity.days_left(last_day, at)},
    )
