# SPDX-License-Identifier: Apache-2.0
"""Which rows of the catalogue are due for review, as text.

What belongs here: layout. What does not: the rule (``catalog.review``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cardcheck.catalog.data import origin
from cardcheck.catalog.knowledge import REVIEW_MONTHS
from cardcheck.render.base import safe, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cardcheck.catalog.messages import Messages
    from cardcheck.catalog.review import Row


def review_text(rows: Sequence[Row], messages: Messages) -> str:
    """The data in use, the rule, and a line for each row that is due."""
    return "\n".join(_lines(rows, messages))


def _lines(rows: Sequence[Row], messages: Messages) -> Iterator[str]:
    signer, as_of = origin().signer, origin().as_of
    if signer is None:
        yield messages.label("data-in-use", as_of=as_of)
    else:
        yield messages.label("data-signed", as_of=as_of, signer=safe(signer))
    yield from wrapped(messages.label("review-rule", months=REVIEW_MONTHS))
    due = [row for row in rows if row.due]
    if not due:
        yield messages.label("review-none", count=len(rows))
        return
    yield messages.label("review-some", overdue=len(due), count=len(rows))
    yield from (f"  {row.as_of}  {row.table}: {row.id} ({row.source})" for row in due)
