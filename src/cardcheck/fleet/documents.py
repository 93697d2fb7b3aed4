# SPDX-License-Identifier: Apache-2.0
"""A roll-up as CSV and as text.

What belongs here: names and order of fields. What does not: counting (``rollup``), JSON
(``json_document``), the page (``page``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cardcheck.kiosk.documents import japanese_time, table
from cardcheck.render.base import safe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cardcheck.catalog.messages import Messages
    from cardcheck.fleet.summary import Summary

_SHOWN: Final = 20  # rows of a table on a screen


def stations_csv(summary: Summary, messages: Messages) -> str:
    """One row a station, worst first, for spreadsheets."""
    labels = (
        "station", "office", "reports", "failing", "availability",
        "incidents", "swaps", "last-seen", "state", "cause",
    )  # fmt: skip
    rows = (
        (
            each.name, each.office, each.reports, each.failing,
            None if each.availability is None else round(each.availability, 2),
            each.incidents, each.swaps, japanese_time(each.last),
            messages.word("state", each.state), each.cause,
        )
        for each in summary.stations
    )  # fmt: skip
    return table((messages.label(label) for label in labels), rows)


def text(summary: Summary, messages: Messages) -> str:
    """The roll-up for a screen: its extent, the worst stations, groups, what was left out."""
    return "".join(f"{safe(line)}\n" for line in _lines(summary, messages))


def headline(summary: Summary, messages: Messages) -> str:
    """What the roll-up covers, one sentence."""
    if not summary.reports:
        return messages.label("nothing")
    return messages.label(
        "counted",
        counted=summary.reports,
        stations=len(summary.stations),
        first=summary.first,
        last=summary.last,
    )


def per_cent(value: float | None) -> str:
    """Per cent with one digit, rounded down: 100.0 stands only where nothing failed."""
    return "-" if value is None else f"{int(value * 10) / 10:.1f}"


def _lines(summary: Summary, messages: Messages) -> Iterator[str]:
    yield headline(summary, messages)
    if summary.stations:
        yield f"{messages.label('worst-first')}:"
    for station in summary.stations[:_SHOWN]:
        state = messages.word("state", station.state)
        share = f"{messages.label('availability')} {per_cent(station.availability)}"
        cause = f", {station.cause}" if station.cause else ""
        yield f"- {station.name or messages.label('other-name')}: {state}, {share}{cause}"
    for name, rows in summary.groups.items():
        if name != "day" and rows:
            yield f"{messages.label(f'by-{name}')}:"
            for group in rows[:_SHOWN]:
                yield f"- {group.name}: {messages.label('failing')} {group.failing}/{group.reports}"
    if summary.refused:
        yield f"{messages.label('refused')}:"
    for each in summary.refused[:_SHOWN]:
        yield f"- {each.file}: {messages.word('refused', each.reason)} ({each.reports})"
