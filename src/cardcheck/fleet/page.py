# SPDX-License-Identifier: Apache-2.0
"""A roll-up as one HTML page with charts: one file, nothing fetched, no script.

What belongs here: HTML and SVG. What does not: words (``catalog``), numbers (``summary``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cardcheck.fleet.documents import headline, per_cent
from cardcheck.kiosk.documents import japanese_time
from cardcheck.kiosk.sheet import page, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from cardcheck.catalog.messages import Messages
    from cardcheck.fleet.summary import Group, Summary

_STATIONS: Final = 100
_GROUPS: Final = 15
_INCIDENTS: Final = 100
_WIDTH, _HEIGHT = 700, 120  # of the chart of days, in its own units
_BAR: Final = 300


def summary_page(summary: Summary, messages: Messages) -> str:
    """The page of a roll-up, a whole HTML document."""
    title = messages.label("fleet-title")
    if summary.month:
        title = messages.label("fleet-month", month=summary.month)
    return page(title, messages.lang, _body(summary, messages, title))


def _body(summary: Summary, messages: Messages, title: str) -> Iterator[str]:
    yield f"<h1>{text(title)}</h1><p>{text(headline(summary, messages))}</p>"
    yield _days(summary.groups["day"], messages)
    yield _stations(summary, messages)
    for name in ("office", "model", "driver", "cause"):
        yield _bars(summary.groups[name][:_GROUPS], messages.label(f"by-{name}"))
    yield _incidents(summary, messages)
    yield _refused(summary, messages)
    yield f"<p>{text(messages.label('availability-note'))}</p>"


def _days(days: Sequence[Group], messages: Messages) -> str:
    """A column a day: the share of reports that were failing, over how many reports there were."""
    if not days:
        return ""
    most = max(day.reports for day in days)
    step = _WIDTH / len(days)
    columns = []
    for index, day in enumerate(days):
        whole, bad = (_HEIGHT * count / most for count in (day.reports, day.failing))
        tip = text(f"{day.name}: {day.failing}/{day.reports}")
        total = _rectangle(index * step, _HEIGHT - whole, step, whole, "#cdd")
        failing = _rectangle(index * step, _HEIGHT - bad, step, bad, "#a00")
        columns.append(f"<g><title>{tip}</title>{total}{failing}</g>")
    head = f"{messages.label('by-day')}: {messages.label('failing')}/{messages.label('reports')}"
    span = f"{text(days[0].name)} - {text(days[-1].name)}"
    chart = f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">{"".join(columns)}</svg>'
    return f"<h2>{text(head)}</h2>{chart}<p>{span}</p>"


def _rectangle(x: float, y: float, width: float, height: float, colour: str) -> str:
    size = f'x="{x:.2f}" y="{y:.2f}" width="{width * 0.9:.2f}" height="{height:.2f}"'
    return f'<rect {size} fill="{colour}"/>'


def _stations(summary: Summary, messages: Messages) -> str:
    labels = ("station", "state", "availability", "incidents", "swaps", "last-seen", "cause")
    rows = (
        (
            each.name or messages.label("other-name"),
            messages.word("state", each.state),
            per_cent(each.availability),
            each.incidents,
            each.swaps,
            japanese_time(each.last),
            each.cause or "-",
        )
        for each in summary.stations[:_STATIONS]
    )
    return _table(messages.label("worst-first"), [messages.label(key) for key in labels], rows)


def _bars(groups: Sequence[Group], title: str) -> str:
    """A bar a group: how many of its reports were failing."""
    rows = []
    for group in groups:
        share = group.failing / group.reports if group.reports else 0.0
        bar = f'<svg width="{_BAR}" height="10">{_rectangle(0, 0, _BAR, 10, "#cdd")}'
        bar += f"{_rectangle(0, 0, _BAR * share, 10, '#a00')}</svg>"
        count = f"{group.failing}/{group.reports}"
        rows.append(f"<tr><td>{text(group.name)}</td><td>{bar}</td><td>{count}</td></tr>")
    return f"<h2>{text(title)}</h2><table>{''.join(rows)}</table>" if rows else ""


def _incidents(summary: Summary, messages: Messages) -> str:
    labels = ("station", "date", "last-seen", "cause")
    rows = (
        (
            each.station or messages.label("other-name"),
            japanese_time(each.begin),
            japanese_time(each.end) if each.end else "-",
            each.cause or "-",
        )
        for each in summary.incidents[-_INCIDENTS:]
    )
    return _table(messages.label("incidents"), [messages.label(key) for key in labels], rows)


def _refused(summary: Summary, messages: Messages) -> str:
    rows = (
        (each.file, messages.word("refused", each.reason), each.reports)
        for each in summary.refused[:_STATIONS]
    )
    labels = ("file", "outcome", "lines")
    return _table(messages.label("refused"), [messages.label(key) for key in labels], rows)


def _table(title: str, head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    lines = ["".join(f"<td>{text(value)}</td>" for value in row) for row in rows]
    if not lines:
        return ""
    names = "".join(f"<th>{text(name)}</th>" for name in head)
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f"<h2>{text(title)}</h2><table><tr>{names}</tr>{body}</table>"
