# SPDX-License-Identifier: Apache-2.0
"""Which rows of the catalogue are due for review, in words.

What belongs here: what is said. What does not: the rule (``catalog.review``).
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from cardcheck.catalog.data import origin
from cardcheck.catalog.knowledge import REVIEW_MONTHS
from cardcheck.render.document import (
    Bullet,
    Document,
    Item,
    Listing,
    Paragraph,
    Section,
    Table,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cardcheck.catalog.messages import Messages
    from cardcheck.catalog.review import Row


def review_document(rows: Sequence[Row], messages: Messages) -> Document:
    """The data in use, the rule, and an item for each row that is due, by topic."""
    signer, as_of = origin().signer, origin().as_of
    label = messages.label
    used = label("data-in-use", as_of=as_of)
    if signer is not None:
        used = label("data-signed", as_of=as_of, signer=signer)
    due = sum(bool(row.due) for row in rows)
    none = label("review-none", count=len(rows))
    found = label("review-some", overdue=due, count=len(rows)) if due else none
    told = (used, label("review-rule", months=REVIEW_MONTHS), found)
    return Document(
        lang=messages.lang,
        title=label("review-title"),
        blocks=(
            Section(blocks=tuple(Paragraph(text=text) for text in told)),
            *(
                _topic(topic, tuple(found), messages)
                for topic, found in groupby(filter(_is_due, rows), key=lambda row: row.table)
            ),
        ),
    )


def _topic(topic: str, due: Sequence[Row], messages: Messages) -> Listing:
    """The rows of one table, those of the oldest sources first."""
    rows = sorted(due, key=lambda row: (row.source_date, row.id))
    texts = (f"{row.as_of}  {row.id} ({row.source}; {row.source_date or '-'})" for row in rows)
    title = messages.label("review-topic", topic=topic, count=len(due))
    return Listing(items=tuple(Item(text=text) for text in texts), title=title, bullet=Bullet.DASH)


def _is_due(row: Row) -> bool:
    return bool(row.due)


def review_table(rows: Sequence[Row], messages: Messages) -> Table:
    """The rows that are due."""
    names = ("review-as-of", "review-table", "review-row", "review-source", "review-dated")
    return Table(
        head=tuple(map(messages.label, names)),
        rows=tuple(
            (row.as_of, row.table, row.id, row.source, row.source_date)
            for row in filter(_is_due, rows)
        ),
    )
