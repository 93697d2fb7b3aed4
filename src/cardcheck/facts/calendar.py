# SPDX-License-Identifier: Apache-2.0
"""Japanese time, the era, and how an instant is written: one home for each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Final

JST: Final = timezone(timedelta(hours=9), "JST")
"""Japanese time: no daylight saving since 1951."""
BEFORE_REIWA: Final = 2018
"""The year before the first of the era Reiwa, which began on 2019-05-01."""


def utc_text(moment: datetime) -> str:
    """An instant in UTC to the second, as documents hold it: ``2026-11-28T03:00:00Z``."""
    return f"{moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat()}Z"
