# SPDX-License-Identifier: Apache-2.0
"""What a roll-up comes to, as values.

What belongs here: names of what is counted. What does not: counting (``rollup``), layout
(``documents``).
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from datetime import date, datetime


class Refusal(StrEnum):
    """Why something was not counted."""

    UNREADABLE = "unreadable"
    NOT_A_FILE = "not-a-file"
    HUGE = "huge"
    MALFORMED = "malformed"
    DUPLICATE = "duplicate"
    FUTURE = "future"
    NOT_HARDWARE = "not-hardware"


class Refused(Struct, frozen=True, kw_only=True):
    """Reports of one file that were not counted.

    Attributes:
        file: its name.
        reason: why.
        reports: how many; 1 where the whole file was left out.
    """

    file: str
    reason: Refusal
    reports: int


class Presence(StrEnum):
    """Whether anything is heard of a station."""

    REPORTING = "reporting"
    SILENT = "no-report"
    NEVER = "never-reported"


class Station(Struct, frozen=True, kw_only=True):
    """One station.

    Attributes:
        name: its label; empty where the reports have none.
        office: the part of the label before the first stroke.
        reports: how many were counted.
        failing: how many of them had an error of computer, service, driver or reader.
        availability: per cent of the reports in service without such an error; None without any.
        incidents: how often it went from working to failing.
        swaps: how often its readers were others than in the report before.
        last: when the last report was made, UTC; None where there never was one.
        state: the state in that report.
        cause: the commonest cause of failing, or None.
        presence: whether it still reports.
        silent_days: whole days since its last report; None where there never was one.
        listed: whether it stands in the list of stations, or None where none was given.
    """

    name: str
    office: str
    reports: int
    failing: int
    availability: float | None
    incidents: int
    swaps: int
    last: datetime | None
    state: str
    cause: str | None
    presence: Presence = Presence.REPORTING
    silent_days: int | None = None
    listed: bool | None = None


class Group(Struct, frozen=True, kw_only=True):
    """Reports with something in common: an office, a model, a system, a cause, a day."""

    name: str
    reports: int
    failing: int
    stations: int


class Trial(Struct, frozen=True, kw_only=True):
    """The last acceptance or morning check of a station's readers.

    Attributes:
        station: which.
        command: ``kiosk accept`` or ``kiosk check``.
        readers: which readers were tried, by model.
        at: when, UTC.
        outcome: ``passed``, ``passed-with-remarks``, ``not-passed`` or ``inconclusive``.
    """

    station: str
    command: str
    readers: tuple[str, ...]
    at: datetime
    outcome: str


class Incident(Struct, frozen=True, kw_only=True):
    """One time at which a station failed.

    Attributes:
        station: which.
        begin: the first report with the error, UTC.
        end: the first one without, or None where it lasts.
        cause: what was wrong.
    """

    station: str
    begin: datetime
    end: datetime | None
    cause: str | None


class Summary(Struct, frozen=True, kw_only=True):
    """A whole roll-up.

    Attributes:
        at: when it was made, UTC.
        month: the month that it is about (``2026-11``, Japanese time), or None for all.
        reports: how many were counted.
        files: how many were read.
        first: the day of the first report, Japanese time, or None without any.
        last: the day of the last one.
        stations: worst first.
        trials: the last acceptance and the last morning check of each station.
        groups: ``office``, ``model``, ``driver`` and ``cause``, each worst first; ``day`` in order.
        incidents: in order of time; the latest ones where there are very many.
        refused: what was not counted.
    """

    at: datetime
    month: str | None
    reports: int
    files: int
    first: date | None
    last: date | None
    stations: tuple[Station, ...]
    groups: dict[str, tuple[Group, ...]]
    incidents: tuple[Incident, ...]
    refused: tuple[Refused, ...]
    trials: tuple[Trial, ...] = ()
