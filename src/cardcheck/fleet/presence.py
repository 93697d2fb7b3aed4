# SPDX-License-Identifier: Apache-2.0
"""Which stations are silent: those of a list that never reported, and those that ceased to.

What belongs here: the list, and comparing it with a roll-up, pure. What does not: files (``cli``).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from cardcheck.errors import InputError
from cardcheck.facts.calendar import JST
from cardcheck.fleet.summary import Presence, Station
from cardcheck.kiosk.health import State

if TYPE_CHECKING:
    from cardcheck.fleet.summary import Summary

SILENT_DAYS: Final = 7
_LONGEST: Final = 128  # characters of a label, as reports are cut


def stations_in(data: bytes) -> tuple[str, ...]:
    """The labels in a list of stations: one a line; what follows ``#`` is a comment.

    Raises:
        InputError: it is not UTF-8, names none, or one is too long or there twice; says which.
    """
    try:
        lines = data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise InputError("is not UTF-8") from None
    names: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        name = line.partition("#")[0].strip()
        if len(name) > _LONGEST:
            raise InputError(f"line {number}: longer than {_LONGEST} characters")
        if name in names:
            raise InputError(f"line {number}: {name} stands in line {names[name]} already")
        if name:
            names[name] = number
    if not names:
        raise InputError("names no station; write one label a line, office/terminal")
    return tuple(names)


def with_presence(
    summary: Summary, listed: tuple[str, ...] | None = None, days: int = SILENT_DAYS
) -> Summary:
    """The roll-up with the stations that are silent for ``days`` or have never reported.

    Failing stations come first, silent ones next.
    """
    until = min(summary.at, _end_of(summary.month)) if summary.month else summary.at
    known = {each.name for each in summary.stations}
    judged = [_judged(each, until, listed, days) for each in summary.stations]
    judged += [_never(name) for name in listed or () if name not in known]
    return replace(summary, stations=tuple(sorted(judged, key=_rank)))


def is_alarm(station: Station) -> bool:
    """Whether somebody has to look: it fails now, or stands in the list and is not heard of."""
    silent = station.presence is not Presence.REPORTING
    return station.state == State.CRITICAL or bool(silent and station.listed)


def _rank(station: Station) -> int:
    if station.presence is not Presence.REPORTING:
        return 1
    return 0 if station.state == State.CRITICAL else 2


def _judged(
    station: Station, until: datetime, listed: tuple[str, ...] | None, days: int
) -> Station:
    silence = until - station.last if station.last else timedelta(0)
    return replace(
        station,
        presence=Presence.SILENT if silence >= timedelta(days=days) else Presence.REPORTING,
        silent_days=max(0, silence.days),
        listed=None if listed is None else station.name in listed,
    )


def _never(name: str) -> Station:
    return Station(
        name=name,
        office=name.partition("/")[0],
        reports=0,
        failing=0,
        availability=None,
        incidents=0,
        swaps=0,
        last=None,
        state=State.UNKNOWN,
        cause=None,
        presence=Presence.NEVER,
        listed=True,
    )


def _end_of(month: str) -> datetime:
    """The first instant after a month in Japan."""
    year, number = (int(part) for part in month.split("-"))
    return datetime(year + number // 12, number % 12 + 1, 1, tzinfo=JST).astimezone(UTC)
