# SPDX-License-Identifier: Apache-2.0
"""Findings about something that ends on a day. The day is personal: it is a birthday.

What belongs here: what a date means for outcome and severity, and when no date can be judged. What
does not: date arithmetic (``cards.validity``).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from cardcheck.cards import validity
from cardcheck.checks.base import Context, Found, unknown
from cardcheck.report.model import Outcome, Severity

if TYPE_CHECKING:
    from datetime import date

YEARS_OF_USE: Final = timedelta(days=15 * 365.25)
_SEVERITY: Final = {
    "valid": (Outcome.OK, Severity.INFO),
    "expiring": (Outcome.PROBLEM, Severity.WARNING),
    "expired": (Outcome.PROBLEM, Severity.ERROR),
    "not-yet-valid": (Outcome.PROBLEM, Severity.ERROR),
}


_CLOCK_WRONG: Final = "clock-wrong"


def status_of(found: Found) -> str:
    """The contract's ``status`` for what was found on a date."""
    return "not-checked" if found.state == _CLOCK_WRONG else found.state


def clock_state(context: Context) -> str | None:
    """``plausible``, ``before-build`` or ``far-future``; None where the clock decides nothing."""
    if not context.judging.clock_matters:
        return None
    now, build = context.host.now, context.judging.build
    if now < build:
        return "before-build"
    return "far-future" if now > build + YEARS_OF_USE else "plausible"


def dated(state: str, last_day: date, context: Context, *, subject: str) -> Found:
    """What was found on something that is ``state`` and ends on ``last_day``.

    The screen may show the year and roughly how long is left; the day only ``--show-personal``
    shows. By a clock that is wrong nothing can be judged, and nobody is sent to renew anything.
    """
    if clock_state(context) not in {"plausible", None}:
        return unknown(_CLOCK_WRONG, subject=subject, decisive=True)
    at = context.judging.at
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
        personal={
            "valid_until": last_day.isoformat(),
            "days_left": validity.days_left(last_day, at),
        },
    )
