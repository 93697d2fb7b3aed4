# SPDX-License-Identifier: Apache-2.0
"""How old the facts are: every row of the catalogue with its month and its source.

What belongs here: which tables hold facts, and when a row is due for review. What does not: what
the rows say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct
from msgspec.structs import replace

from cardcheck.catalog.authorities import authorities
from cardcheck.catalog.codes import TABLES as CODE_TABLES
from cardcheck.catalog.data import table
from cardcheck.catalog.knowledge import AREAS, is_overdue

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

TABLES: Final = (
    "advice",
    "authorities",
    "remedies",
    "readers",
    "reader_names",
    "usb_devices",
    *(f"knowledge/{name}" for name in (*AREAS, *CODE_TABLES)),
)
"""The tables of facts; the others hold words, numbers and the names of checks."""

_SHARED: Final = ("as_of", "source", "confidence")
_LISTS: Final = {
    "authorities": ("authority",),
    "readers": ("reader",),
    "reader_names": ("name", "family"),
}
_WHOLE: Final = ("usb_devices",)
"""Tables from one source, reviewed as one."""
_GROUPS: Final = {"knowledge/messages": ("families", "code")}


class Row(Struct, frozen=True, kw_only=True):
    """One row, as far as its age goes.

    Attributes:
        table: the file that it stands in, without its ending.
        id: its id there.
        as_of: year and month of its review, ``YYYY-MM``; its own, else that of its file.
        source: where it comes from; its own, else that of its file.
        source_date: how old that is (``YYYY``, ``YYYY-MM``, ``undated``); empty where the source
            says it itself.
        due: why it is due for review: ``age``, or ``ended`` for a fingerprint whose authority
            ended after the review. Empty where it is not due.
    """

    table: str
    id: str
    as_of: str
    source: str
    source_date: str = ""
    due: str = ""


def rows(at: date) -> tuple[Row, ...]:
    """Every row of every table of facts, as it stands on the day ``at``.

    A row is due ``REVIEW_MONTHS`` after its month. A fingerprint can never change, so it is due
    when its authority ends, and never again after a review later than that; until then it is due
    like any other row, because a new generation may have come.

    Raises:
        KeyError: a row without month or source (a bug of ours, kept out by a test).
    """
    ends = {row.id: row.not_after for row in authorities()}
    found = (_row(name, key, row) for name in TABLES for key, row in _rows_of(name))
    return tuple(_judged(row, at, ends) for row in found)


def overdue(at: date) -> tuple[Row, ...]:
    """The rows that are due for review on the day ``at``."""
    return tuple(row for row in rows(at) if row.due)


def _judged(row: Row, at: date, ends: Mapping[str, date]) -> Row:
    end = ends.get(row.id) if row.table == "authorities" else None
    if end is not None and end < at:
        due = "ended" if row.as_of <= f"{end:%Y-%m}" else ""
    else:
        due = "age" if is_overdue(row.as_of, at) else ""
    return replace(row, due=due)


def _row(name: str, key: str, row: Mapping[str, Any]) -> Row:
    source = row["source"] if "source" in row else "; ".join(row["sources"])
    dated = row.get("source_date", "")
    return Row(table=name, id=key, as_of=row["as_of"], source=source, source_date=dated)


def _rows_of(name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The rows of one table by id, what they share with the others of their file filled in."""
    document = table(f"{name}.toml")
    shared: dict[str, Any] = {key: document[key] for key in _SHARED if key in document}
    for key, row in _own_rows(name, document):
        yield key, {**shared, **row}


def _own_rows(name: str, document: Mapping[str, Any]) -> Iterable[tuple[str, Mapping[str, Any]]]:
    if name in _LISTS:
        listed = [row for key in _LISTS[name] for row in document[key]]
        return [(row.get("id") or row["pattern"], row) for row in listed]
    if name in _WHOLE:
        return [(name, document)]
    if name in _GROUPS:
        return [pair for group in _GROUPS[name] for pair in document[group].items()]
    return [(key, row) for key, row in document.items() if key not in {*_SHARED, "for"}]
