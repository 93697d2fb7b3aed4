# SPDX-License-Identifier: Apache-2.0
"""The known certification authorities of JPKI and which of them are pinned.

What belongs here: the typed loader of ``authorities.toml``. What does not: verification (see
``cards.trust``).
"""

from __future__ import annotations

import functools

# Not only for type checkers: the table is read by the types of the fields.
from datetime import date, datetime

from msgspec import Struct, convert

from cardcheck.catalog.data import table


class Authority(Struct, frozen=True, kw_only=True):
    """One certification authority.

    Attributes:
        id: its id in this catalogue.
        purpose: what its certificates are for, ``authentication`` or ``signature``.
        generation: 1, 2, 3, as J-LIS counts them.
        serial: its serial number, upper-case hexadecimal.
        sha256: of its certificate, upper-case hexadecimal; None where it is not pinned.
        ski: its subject key identifier, upper-case hexadecimal, or None.
        sources: where the row comes from.
        confidence: ``A`` or ``B``, as the table explains.
        as_of: year and month of the research, ``YYYY-MM``.
        not_after: the last day of its certificate.
    """

    id: str
    purpose: str
    generation: int
    serial: str
    sha256: str | None = None
    ski: str | None = None
    sources: tuple[str, ...]
    confidence: str
    as_of: str
    not_after: date


@functools.cache
def authorities() -> tuple[Authority, ...]:
    """All known authorities, in the order of the table."""
    document = table("authorities.toml")
    rows = [
        {"as_of": document["as_of"], **row, "not_after": _day(row["not_after"])}
        for row in document["authority"]
    ]
    return convert(rows, tuple[Authority, ...])


@functools.cache
def pinned_fingerprints() -> frozenset[str]:
    """SHA-256 of every pinned authority, upper-case hexadecimal (as ``cards.trust`` has them)."""
    return frozenset(row.sha256 for row in authorities() if row.sha256 is not None)


def _day(moment: date | datetime) -> date:
    return moment.date() if isinstance(moment, datetime) else moment
