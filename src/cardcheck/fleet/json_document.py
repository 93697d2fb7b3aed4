# SPDX-License-Identifier: Apache-2.0
"""A roll-up as JSON, ``cardcheck.fleet/1``.

What belongs here: names, order and meaning of fields. What does not: counting (``rollup``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from msgspec import Meta, Struct

# Not only for type checkers: the schema is made from the types of the fields.
from cardcheck.fleet.summary import Group, Presence, Refused
from cardcheck.kiosk.health import State
from cardcheck.render.json_report import instant
from cardcheck.report.rows import Instant  # noqa: TC001
from cardcheck.report.schema import known

if TYPE_CHECKING:
    from cardcheck.fleet.summary import Incident, Station, Summary

_Number = Annotated[int, Meta(ge=0)]


class StationRow(Struct, frozen=True, kw_only=True):
    """One station.

    Attributes:
        station: its label; empty where the reports have none.
        office: the part of the label before the first stroke.
        reports: how many were counted.
        failing: how many of them had an error of computer, service, driver or reader.
        availability: per cent of the reports in service without such an error; null without any.
        incidents: how often it went from working to failing.
        reader_swaps: how often its readers were others than in the report before.
        last_report: when the last report was made, UTC; null where there never was one.
        state: the state in that report.
        cause: the commonest cause of failing, or null.
        presence: whether it still reports.
        silent_days: whole days since its last report; null where there never was one.
        listed: whether it stands in the list of stations; null where none was given.
    """

    station: str
    office: str
    reports: _Number
    failing: _Number
    availability: float | None
    incidents: _Number
    reader_swaps: _Number
    last_report: Instant | None
    state: Annotated[str, known(*State)]
    cause: str | None
    presence: Annotated[str, known(*Presence)]
    silent_days: _Number | None
    listed: bool | None


class TrialRow(Struct, frozen=True, kw_only=True):
    """The last acceptance or morning check of a station's readers.

    Attributes:
        station: which.
        command: ``kiosk accept`` or ``kiosk check``.
        readers: which readers were tried, by model.
        at: when, UTC.
        outcome: how it ended.
    """

    station: str
    command: str
    readers: tuple[str, ...]
    at: Instant
    outcome: Annotated[str, known("passed", "passed-with-remarks", "not-passed", "inconclusive")]


class IncidentRow(Struct, frozen=True, kw_only=True):
    """One time at which a station failed.

    Attributes:
        station: which.
        begin: the first report with the error, UTC.
        end: the first one without, or null where it lasts.
        cause: what was wrong.
    """

    station: str
    begin: Instant
    end: Instant | None
    cause: str | None


class FleetDocument(Struct, frozen=True, kw_only=True, tag_field="schema", tag="cardcheck.fleet/1"):
    """Many stations' reports rolled up.

    Attributes:
        generated_at: when it was made, UTC.
        month: the month that it is about (2026-11, Japanese time), or null for all.
        reports: how many were counted.
        files: how many were read.
        first: the day of the first report, Japanese time, or null without any.
        last: the day of the last one.
        refused: what was not counted.
        stations: worst first.
        by_office: worst first.
        by_model: reports by model of the reader, worst first.
        by_driver: reports by version of the driver, worst first.
        by_cause: reports by what was wrong, worst first.
        by_day: reports by day, in order.
        incidents: in order of time; the latest ones where there are very many.
        trials: the last acceptance and the last morning check of each station.
    """

    generated_at: Instant
    month: str | None
    reports: _Number
    files: _Number
    first: str | None
    last: str | None
    refused: tuple[Refused, ...]
    stations: tuple[StationRow, ...]
    by_office: tuple[Group, ...]
    by_model: tuple[Group, ...]
    by_driver: tuple[Group, ...]
    by_cause: tuple[Group, ...]
    by_day: tuple[Group, ...]
    incidents: tuple[IncidentRow, ...]
    trials: tuple[TrialRow, ...]


def document(summary: Summary) -> FleetDocument:
    """The roll-up as a JSON document."""
    return FleetDocument(
        generated_at=instant(summary.at),
        month=summary.month,
        reports=summary.reports,
        files=summary.files,
        first=summary.first.isoformat() if summary.first else None,
        last=summary.last.isoformat() if summary.last else None,
        refused=summary.refused,
        stations=tuple(_station(each) for each in summary.stations),
        **{f"by_{name}": rows for name, rows in summary.groups.items()},
        incidents=tuple(_incident(each) for each in summary.incidents),
        trials=tuple(
            TrialRow(
                station=each.station,
                command=each.command,
                readers=each.readers,
                at=instant(each.at),
                outcome=each.outcome,
            )
            for each in summary.trials
        ),
    )


def _station(station: Station) -> StationRow:
    share = station.availability
    return StationRow(
        station=station.name,
        office=station.office,
        reports=station.reports,
        failing=station.failing,
        availability=None if share is None else round(share, 4),
        incidents=station.incidents,
        reader_swaps=station.swaps,
        last_report=instant(station.last) if station.last else None,
        state=station.state,
        cause=station.cause,
        presence=station.presence,
        silent_days=station.silent_days,
        listed=station.listed,
    )


def _incident(incident: Incident) -> IncidentRow:
    return IncidentRow(
        station=incident.station,
        begin=instant(incident.begin),
        end=instant(incident.end) if incident.end else None,
        cause=incident.cause,
    )
