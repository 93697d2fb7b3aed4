# SPDX-License-Identifier: Apache-2.0
"""The knowledge base: why a login fails and what to do, an entry a cause, in both languages.

What belongs here: loading ``knowledge/*.toml``, and what links entries with checks and advice.
What does not: finding the entry that is asked for (``search``), codes (``codes``), layout.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, convert

from cardcheck.catalog.data import table
from cardcheck.catalog.messages import LANGUAGES, Language, advice_for

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

AREAS: Final = ("card", "pin", "reader", "computer", "phone", "service", "tool", "triage")
"""The files of entries; each begins with the month of its review."""

ASKING: Final = "triage"
"""The area of the entries that ask back."""

REVIEW_MONTHS: Final = 12
"""After so many months without a review an entry is said to be old."""

COMMON: Final = "common"


class EntryText(Struct, frozen=True, kw_only=True):
    """One entry in one language.

    Attributes:
        title: the symptom or cause, a noun phrase or a quoted message.
        means: what it means for the person who has it.
        next: the one next step.
        cause: why it is so.
        steps: what else helps, in order.
        never: what not to do.
    """

    title: str
    means: str
    next: str
    cause: str
    steps: tuple[str, ...]
    never: tuple[str, ...]


class Entry(Struct, frozen=True, kw_only=True):
    """One cause of trouble.

    Attributes:
        id: stable id; never changed, never reused.
        area: the file that it stands in.
        actor: who acts, a value of the contract's ``actor``.
        findings: pairs of check and state that are this; empty where cardcheck cannot see it.
        related: ids of entries that are easily taken for it.
        words: what people call it, in both languages; only for finding it.
        source: where it comes from.
        confidence: ``high``, ``medium`` or ``low``.
        source_date: how old the newest source is: ``YYYY``, ``YYYY-MM``, or ``undated``.
        as_of: year and month in which the entry was last looked at, ``YYYY-MM``.
        texts: what it says, by language.
    """

    id: str
    area: str
    actor: str
    findings: tuple[tuple[str, str], ...]
    related: tuple[str, ...]
    words: tuple[str, ...]
    source: str
    confidence: str
    source_date: str
    as_of: str
    texts: Mapping[Language, EntryText]


@cache
def entries() -> Mapping[str, Entry]:
    """All entries by id; read at the first call (about 40 ms), then kept."""
    found: dict[str, Entry] = {}
    for area in AREAS:
        rows = dict(table(f"knowledge/{area}.toml"))
        as_of = rows.pop("as_of")
        found.update((key, _entry(key, area, {"as_of": as_of, **row})) for key, row in rows.items())
    return found


def entries_for(check: str, state: str) -> tuple[str, ...]:
    """Ids of the entries about a finding, of ``scan`` or ``doctor``.

    Those of ``common`` where the check has none of its own.
    """
    found = _by_finding()
    return found.get((check, state)) or found.get((COMMON, state)) or _of_doctor(check)


def entries_for_check(check: str) -> tuple[str, ...]:
    """Ids of the entries about any state of a check, of ``scan`` or ``doctor``."""
    named = (
        key for key, row in entries().items() if any(name == check for name, _ in row.findings)
    )
    return tuple(named) or _of_doctor(check)


def entries_for_advice(advice: str) -> tuple[str, ...]:
    """Ids of the entries about findings that lead to a piece of advice."""
    return tuple(
        key
        for key, row in entries().items()
        if any(advice in advice_for(check, state) for check, state in row.findings)
    )


def is_overdue(as_of: str, today: date) -> bool:
    """Whether ``as_of`` (``YYYY-MM``) lies more than ``REVIEW_MONTHS`` before ``today``."""
    year, month = map(int, as_of.split("-"))
    return (today.year - year) * 12 + today.month - month > REVIEW_MONTHS


@cache
def labels(lang: Language) -> Mapping[str, str]:
    """The words of the user interface around entries."""
    words: Mapping[str, str] = table("knowledge/labels.toml")[lang]
    return words


def _of_doctor(check: str) -> tuple[str, ...]:
    links: Mapping[str, list[str]] = table("knowledge/doctor.toml")["links"]
    parts = check.split(".")
    starts = (".".join(parts[:count]) for count in range(len(parts), 0, -1))
    return next((tuple(links[start]) for start in starts if start in links), ())


@cache
def _by_finding() -> Mapping[tuple[str, str], tuple[str, ...]]:
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for key, row in entries().items():
        for finding in row.findings:
            found[finding] = (*found.get(finding, ()), key)
    return found


def _entry(key: str, area: str, row: Mapping[str, Any]) -> Entry:
    pairs = (finding.partition(":") for finding in row.get("findings", ()))
    return Entry(
        id=key,
        area=area,
        actor=row["actor"],
        findings=tuple((check, state) for check, _, state in pairs),
        related=tuple(row["related"]),
        words=tuple(row["words"]),
        source=row["source"],
        confidence=row["confidence"],
        source_date=row["source_date"],
        as_of=row["as_of"],
        texts={lang: convert(row[lang], EntryText) for lang in LANGUAGES},
    )
