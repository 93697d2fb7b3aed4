# SPDX-License-Identifier: Apache-2.0
"""A roll-up as a document: for a screen, a page with charts, a spreadsheet.

What belongs here: what is said, and how many rows. What does not: words (``catalog``), numbers
(``summary``), layout (``render``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cardcheck.fleet.summary import Presence
from cardcheck.kiosk.documents import japanese_time
from cardcheck.render.document import (
    Document,
    Drawing,
    Figure,
    Headline,
    Paragraph,
    Section,
    Share,
    Table,
    Tone,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from cardcheck.catalog.messages import Messages
    from cardcheck.fleet.summary import Group, Station, Summary
    from cardcheck.render.document import Block, Cell

_ON_SCREEN: Final = 20  # rows of a table
_ON_PAGE: Final = 100
_GROUPS: Final = 15


def summary_screen(summary: Summary, messages: Messages) -> Document:
    """The roll-up for a screen: its extent, the worst stations, groups, what was left out."""
    names = [name for name in summary.groups if name != "day"]
    blocks: tuple[Block, ...] = (
        Headline(text=extent(summary, messages)),
        _stations(summary, messages, _ON_SCREEN),
        *(_group(name, summary.groups[name][:_ON_SCREEN], messages) for name in names),
        *_trials(summary, messages, _ON_SCREEN),
        _refused(summary, messages, _ON_SCREEN),
    )
    return _document(summary, messages, blocks)


def summary_page(summary: Summary, messages: Messages) -> Document:
    """The roll-up as a page, with charts."""
    blocks: tuple[Block, ...] = (
        Headline(text=extent(summary, messages)),
        *_days(summary.groups["day"], messages),
        _stations(summary, messages, _ON_PAGE),
        *(
            _group(name, summary.groups[name][:_GROUPS], messages)
            for name in ("office", "model", "driver", "cause")
        ),
        *_trials(summary, messages, _ON_PAGE),
        _incidents(summary, messages),
        _refused(summary, messages, _ON_PAGE),
        Paragraph(text=messages.label("availability-note"), tone=Tone.QUIET),
    )
    return _document(summary, messages, blocks)


def stations_table(summary: Summary, messages: Messages) -> Table:
    """One row a station, worst first, for spreadsheets."""
    labels = (
        "station", "office", "reports", "failing", "availability",
        "incidents", "swaps", "last-seen", "state", "cause",
    )  # fmt: skip
    rows = (
        (
            each.name, each.office, each.reports, each.failing,
            None if each.availability is None else round(each.availability, 2),
            each.incidents, each.swaps, japanese_time(each.last) if each.last else None,
            _state(each, messages), each.cause,
        )
        for each in summary.stations
    )  # fmt: skip
    return _table(labels, rows, messages)


def extent(summary: Summary, messages: Messages) -> str:
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


def _document(summary: Summary, messages: Messages, blocks: Iterable[Block]) -> Document:
    title = messages.label("fleet-title")
    if summary.month:
        title = messages.label("fleet-month", month=summary.month)
    return Document(
        lang=messages.lang, title=title, made=japanese_time(summary.at), blocks=tuple(blocks)
    )


def _days(days: Sequence[Group], messages: Messages) -> Iterator[Section]:
    """A column a day: the share of reports that were failing, over how many reports there were."""
    if not days:
        return
    label = messages.label
    title = f"{label('by-day')}: {label('failing')}/{label('reports')}"
    span = f"{days[0].name} - {days[-1].name}"
    counts = tuple((day.reports, day.failing) for day in days)
    drawn = Drawing(figure=Figure.DAYS, name=f"{title}, {span}", caption=span, days=counts)
    yield Section(title=title, blocks=(drawn,))


def _stations(summary: Summary, messages: Messages, most: int) -> Table:
    labels = ("station", "state", "availability", "incidents", "swaps", "last-seen", "cause")
    rows = (
        (
            each.name or messages.label("other-name"),
            _state(each, messages),
            per_cent(each.availability),
            each.incidents,
            each.swaps,
            japanese_time(each.last) if each.last else "-",
            each.cause or "-",
        )
        for each in summary.stations[:most]
    )
    return _table(labels, rows, messages, "worst-first")


def _state(station: Station, messages: Messages) -> str:
    """The state in the last report, or that there is none, or for how long."""
    if station.presence is Presence.NEVER:
        return messages.label("never-reported")
    if station.presence is Presence.SILENT:
        return messages.label("no-report", days=station.silent_days)
    return messages.word("state", station.state)


def _trials(summary: Summary, messages: Messages, most: int) -> Iterator[Table]:
    """How the last acceptance and the last morning check of each station ended, where any did."""
    if not summary.trials:
        return
    rows = (
        (
            each.station or messages.label("other-name"),
            messages.label("acceptance" if each.command == "kiosk accept" else "check-title"),
            ", ".join(each.readers) or "-",
            japanese_time(each.at),
            messages.label(each.outcome),
        )
        for each in summary.trials[:most]
    )
    yield _table(("station", "trial", "reader", "date", "outcome"), rows, messages, "trials")


def _group(name: str, groups: Sequence[Group], messages: Messages) -> Table:
    """A bar a group: how many of its reports were failing."""
    rows = (
        (
            group.name,
            Share(group.failing / group.reports if group.reports else 0.0),
            f"{group.failing}/{group.reports}",
        )
        for group in groups
    )
    title = messages.label(f"by-{name}")
    label = messages.label
    head = (title, label("failing"), f"{label('failing')}/{label('reports')}")
    return Table(head=head, rows=tuple(rows), title=title)


def _incidents(summary: Summary, messages: Messages) -> Table:
    rows = (
        (
            each.station or messages.label("other-name"),
            japanese_time(each.begin),
            japanese_time(each.end) if each.end else "-",
            each.cause or "-",
        )
        for each in summary.incidents[-_ON_PAGE:]
    )
    return _table(("station", "date", "last-seen", "cause"), rows, messages, "incidents")


def _refused(summary: Summary, messages: Messages, most: int) -> Table:
    rows = (
        (each.file, messages.word("refused", each.reason), each.reports)
        for each in summary.refused[:most]
    )
    return _table(("file", "outcome", "lines"), rows, messages, "refused")


def _table(
    labels: Iterable[str],
    rows: Iterable[tuple[Cell, ...]],
    messages: Messages,
    title: str | None = None,
) -> Table:
    named = messages.label(title) if title else None
    return Table(head=tuple(map(messages.label, labels)), rows=tuple(rows), title=named)
