# SPDX-License-Identifier: Apache-2.0
"""Dates of certificates and of the card: what state they are in, and how much of them may be told.

What belongs here: date arithmetic in Japanese time and the card's expiry record. What does not: how
a certificate is parsed (``certificate``) and who signed it (``trust``). Instants are aware.
"""

from __future__ import annotations

import calendar
from datetime import MAXYEAR, date, datetime
from enum import StrEnum
from typing import Final

from cardcheck.errors import MalformedResponseError
from cardcheck.facts.calendar import JST

RENEWAL_MONTHS: Final = 3  # certificates and cards are renewed from three months before their end

_RECORD_HEAD: Final = b"\x01\x1c"
_RECORD_DIGITS: Final = 28  # serial 15, municipality 5, expiry YYYYMMDD 8
_EXPIRY_DIGITS: Final = 8
_ERAS: Final = (("reiwa", date(2019, 5, 1)), ("heisei", date(1989, 1, 8)))
_BUCKETS: Final = ((24, "years-2"), (12, "year-1"), (6, "months-6"), (3, "months-3"))


class ValidityStatus(StrEnum):
    """The state of an interval at an instant; values of the contract."""

    VALID = "valid"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    NOT_YET_VALID = "not-yet-valid"


def day_in_japan(instant: datetime) -> date:
    """The date that a calendar in Japan shows at ``instant``.

    99991231235959Z, by which RFC 5280, 4.1.2.5 says "no end", stays the last day that there is.
    """
    try:
        return instant.astimezone(JST).date()
    except OverflowError:
        return date.max if instant.year == MAXYEAR else date.min


def status_of_interval(not_before: datetime, not_after: datetime, at: datetime) -> ValidityStatus:
    """The state at ``at`` of what is valid from ``not_before`` to ``not_after``, both included.

    The last second counts whole (RFC 5280, 4.1.2.5 knows no fractions).
    """
    if at < not_before:
        return ValidityStatus.NOT_YET_VALID
    if at.replace(microsecond=0) > not_after:
        return ValidityStatus.EXPIRED
    return status_of_last_day(day_in_japan(not_after), at)


def status_of_last_day(last_day: date, at: datetime) -> ValidityStatus:
    """The state at ``at`` of what is valid through ``last_day`` in Japan.

    It is expiring from the day that follows the date three calendar months before the last day.
    """
    today = day_in_japan(at)
    if today > last_day:
        return ValidityStatus.EXPIRED
    if today > _months_before(last_day, RENEWAL_MONTHS):
        return ValidityStatus.EXPIRING
    return ValidityStatus.VALID


def days_left(last_day: date, at: datetime) -> int:
    """Days from today in Japan to the last day: 0 on it, negative behind it. Personal data."""
    return (last_day - day_in_japan(at)).days


def left_bucket(last_day: date, at: datetime) -> str:
    """Roughly how long is left: an expiry date is a birthday, so no day can be told from this.

    Returns:
        ``expired``, ``within-month``, ``within-3-months`` (these two while it is expiring),
        ``months-3`` (three to six), ``months-6`` (six to twelve), ``year-1`` (one to two) or
        ``years-2`` (two or more).
    """
    today = day_in_japan(at)
    if today > last_day:
        return "expired"
    if today > _months_before(last_day, 1):
        return "within-month"
    return next(
        (name for months, name in _BUCKETS if today <= _months_before(last_day, months)),
        "within-3-months",
    )


def era_year(day: date) -> tuple[str, int]:
    """The Japanese era and the year in it: ``("reiwa", 8)`` for 2026.

    Days before 1989-01-08, which no My Number card has, come back as ``("common", 1985)``.
    """
    for era, first_day in _ERAS:
        if day >= first_day:
            return era, day.year - first_day.year + 1
    return "common", day.year


def card_expiry_of(record: bytes) -> date:
    """The card's last day, from record 1 of EF 0001 of the common-card application. Personal data.

    The record is ``01 1C`` and 28 ASCII digits; filler behind them is left alone.

    Raises:
        MalformedResponseError: anything else, or digits that are no date.
    """
    end = len(_RECORD_HEAD) + _RECORD_DIGITS
    digits = record[len(_RECORD_HEAD) : end]
    if not record.startswith(_RECORD_HEAD) or len(digits) < _RECORD_DIGITS or not digits.isdigit():
        raise MalformedResponseError("not the record with the card's expiry date")
    expiry = digits[-_EXPIRY_DIGITS:]
    try:
        return date(int(expiry[:4]), int(expiry[4:6]), int(expiry[6:]))
    except ValueError:
        # The digits are personal: neither message nor cause may show them.
        raise MalformedResponseError("the card's expiry is no date") from None


def _months_before(day: date, months: int) -> date:
    """The same day of an earlier month, or that month's last: 31 May, less three: 28 February."""
    month_number = day.year * 12 + day.month - 1 - months
    year, month = divmod(month_number, 12)
    if year < date.min.year:
        return date.min
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
