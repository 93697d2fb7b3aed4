# SPDX-License-Identifier: Apache-2.0
"""A JSON report read back, as far as it is needed to compare it. Trusts nothing in it.

What belongs here: refusing what is no report, and taking what a later version may have written.
What does not: files (``cli``), and what two reports differ in (``comparison``).
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar

from msgspec import Struct

from cardcheck.codec import converted, json_value
from cardcheck.errors import InputError
from cardcheck.report.model import Layer, Outcome, Severity, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cardcheck.report.model import Scalar

_Member = TypeVar("_Member", Outcome, Severity, Verdict)

MAX_BYTES: Final = 4 << 20
"""The largest report that is read; a real one has some ten thousand bytes."""
SCHEMA: Final = "cardcheck.report/"
_LONGEST: Final = 2000  # characters of one value that are kept


class _Reader(Struct):
    id: str
    name: str


class _Card(Struct):
    id: str
    kind: str


class _Finding(Struct):
    """What a later version may have changed has any type here, and is looked at afterwards."""

    check: str
    subject: str
    outcome: Any = None
    severity: Any = None
    layer: Any = None
    state: Any = None
    evidence: Any = None
    advice: Any = None


class _Report(Struct):
    report_id: str
    source: str
    readers: tuple[_Reader, ...]
    cards: tuple[_Card, ...]
    findings: tuple[_Finding, ...]
    verdict: Any = None
    generated_at: Any = None


class LoadedFinding(Struct, frozen=True, kw_only=True):
    """One finding of a stored report.

    Attributes:
        check: id of the check.
        subject: what it is about, comparable between two reports: ``host``, ``reader NAME``,
            ``card KIND``, with ``#2`` … for the second of its name.
        outcome: how the check ended; ``unknown`` for a value of a later version.
        severity: how bad; ``info`` for a value of a later version.
        layer: link of the chain, or None for one of a later version.
        state: state of the check, or ``undescribed``.
        evidence: values for its sentences.
        advice: ids of its advice.
    """

    check: str
    subject: str
    outcome: Outcome
    severity: Severity
    layer: Layer | None
    state: str
    evidence: Mapping[str, Scalar]
    advice: tuple[str, ...]

    @property
    def presses(self) -> bool:
        """Whether it is a problem worse than a remark."""
        return self.outcome is Outcome.PROBLEM and self.severity is not Severity.INFO


class LoadedReport(Struct, frozen=True, kw_only=True):
    """A stored report, as far as it is compared."""

    report_id: str
    generated_at: datetime | None
    source: str
    verdict: Verdict
    readers: tuple[str, ...]
    kinds: tuple[str, ...]
    findings: tuple[LoadedFinding, ...]


def parse_report(data: bytes) -> LoadedReport:
    """The report in ``data``: UTF-8 or UTF-16, with or without a byte order mark.

    Raises:
        InputError: no JSON, or no report of cardcheck; names the place and the reason.
    """
    document = json_value(data)
    if not isinstance(document, dict) or not str(document.get("schema")).startswith(SCHEMA):
        raise InputError(f'is not a cardcheck report (made with --json): no "schema" of {SCHEMA}')
    report = converted(_Report, document)
    subjects = _subjects(report)
    return LoadedReport(
        report_id=report.report_id[:_LONGEST],
        generated_at=_instant(report.generated_at),
        source=report.source[:_LONGEST],
        verdict=_member(Verdict, report.verdict, Verdict.UNDETERMINED),
        readers=tuple(reader.name[:_LONGEST] for reader in report.readers),
        kinds=tuple(card.kind[:_LONGEST] for card in report.cards),
        findings=tuple(_finding(row, subjects) for row in report.findings),
    )


def _instant(value: object) -> datetime | None:
    try:
        instant = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return instant if instant is not None and instant.tzinfo is not None else None


def _member(kind: type[_Member], value: object, otherwise: _Member) -> _Member:
    """The member of an enumeration; of a later version's value we know nothing."""
    return next((member for member in kind if member.value == value), otherwise)


def _subjects(report: _Report) -> dict[str, str]:
    """What the ids of a report mean, comparable with those of another one."""
    names = [(reader.id, f"reader {reader.name[:_LONGEST]}") for reader in report.readers]
    names += [(card.id, f"card {card.kind[:_LONGEST]}") for card in report.cards]
    seen: Counter[str] = Counter()
    subjects: dict[str, str] = {}
    for identity, name in names:
        seen[name] += 1
        subjects[identity] = name if seen[name] == 1 else f"{name} #{seen[name]}"
    return subjects


def _finding(row: _Finding, subjects: Mapping[str, str]) -> LoadedFinding:
    evidence, advice, state = row.evidence, row.advice, row.state
    return LoadedFinding(
        check=row.check[:_LONGEST],
        subject=subjects.get(row.subject, row.subject[:_LONGEST]),
        outcome=_member(Outcome, row.outcome, Outcome.UNKNOWN),
        severity=_member(Severity, row.severity, Severity.INFO),
        layer=next((layer for layer in Layer if layer.value == row.layer), None),
        state=state[:_LONGEST] if isinstance(state, str) else "undescribed",
        evidence=_scalars(evidence) if isinstance(evidence, dict) else {},
        advice=tuple(a for a in advice if isinstance(a, str)) if isinstance(advice, list) else (),
    )


def _scalars(values: Mapping[str, object]) -> dict[str, Scalar]:
    """The values that a sentence may name; numbers too long to be written are left out."""
    kept: dict[str, Scalar] = {}
    for name, value in values.items():
        if isinstance(value, str):
            kept[name] = value[:_LONGEST]
        elif value is None or (isinstance(value, int) and abs(value) < 1 << 63):
            kept[name] = value
    return kept
