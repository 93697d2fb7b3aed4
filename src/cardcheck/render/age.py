# SPDX-License-Identifier: Apache-2.0
"""That what is said rests on old data.

What belongs here: which rows of the catalogue a report rests on. What does not: when a row is old
(``catalog.knowledge``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cardcheck.catalog.authorities import authorities
from cardcheck.catalog.knowledge import is_overdue
from cardcheck.catalog.messages import advice_of
from cardcheck.catalog.readers import known_reader
from cardcheck.report.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cardcheck.catalog.messages import Messages
    from cardcheck.report.model import Report


def age_notes(report: Report, messages: Messages) -> tuple[str, ...]:
    """A sentence with the month of the oldest data behind a report; empty where none is old."""
    oldest = min(_months(report), default=None)
    if oldest is None or not is_overdue(oldest, report.generated_at.date()):
        return ()
    year, month = map(int, oldest.split("-"))
    return (messages.label("old-data", year=year, month=month),)


def _months(report: Report) -> Iterator[str]:
    """The months of the remedies, reader rows and fingerprints that a report rests on."""
    for finding in report.findings:
        if finding.outcome is not Outcome.OK and finding.advice:
            known = (advice_of(key) for key in finding.advice)
            yield from (advice.as_of for advice in known if advice is not None)
    for reader in report.readers:
        yield from (model.as_of for model in known_reader(reader.name, reader.usb).models)
    if any(card.certificates for card in report.cards):
        yield max(row.as_of for row in authorities())
