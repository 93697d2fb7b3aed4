# SPDX-License-Identifier: Apache-2.0
"""A JSON report read back, as far as it is needed to compare it. Trusts nothing in it.

What belongs here: decoding in any encoding that a shell may have written, and refusing what is no
report. What does not: files (``cli``), and what two reports differ in (``comparison``).
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar

from msgspec import Struct

from cardcheck.errors import InputError
from cardcheck.report.model import Layer, Outcome, Severity, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cardcheck.report.model import Scalar

_Member = TypeVar("_Member", Outcome, Severity, Verdict)

MAX_BYTES: Final = 4 << 20
"""The largest report that is read; a real one has some ten thousand bytes."""
SCHEMA: Final = "cardcheck.report/"
_LONGEST: Final = 2000  # characters of one value
_MOST: Final = 5000  # readers, cards or findings


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
        InputError: no JSON, or no report of cardcheck; says what is wrong with it.
    """
    document = _decoded(data)
    if not isinstance(document, dict) or not _text(document, "schema").startswith(SCHEMA):
        raise InputError("is no report of cardcheck (made with --json)")
    readers = _rows(document, "readers")
    cards = _rows(document, "cards")
    subjects = _subjects(readers, cards)
    return LoadedReport(
        report_id=_text(document, "report_id"),
        generated_at=_instant(document.get("generated_at")),
        source=_text(document, "source"),
        verdict=_member(Verdict, document.get("verdict"), Verdict.UNDETERMINED),
        readers=tuple(_text(row, "name") for row in readers),
        kinds=tuple(_text(row, "kind") for row in cards),
        findings=tuple(_finding(row, subjects) for row in _rows(document, "findings")),
    )


def _decoded(data: bytes) -> object:
    if not data.strip(b"\0 \t\r\n"):
        raise InputError("is empty")
    try:
        return json.loads(data, parse_constant=_no_constant)
    except RecursionError:
        raise InputError("is nested too deeply to be a report") from None
    except UnicodeDecodeError:
        raise InputError("is neither UTF-8 nor UTF-16 text") from None
    except json.JSONDecodeError as error:
        raise InputError(f"is no JSON (line {error.lineno}, column {error.colno})") from None
    except ValueError:
        raise InputError("holds a number that no report holds") from None


def _no_constant(_name: str) -> None:
    raise ValueError  # NaN and Infinity are no JSON


def _rows(document: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """A list of objects.

    Raises:
        InputError: it is none.
    """
    rows = document.get(name)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InputError(f'"{name}" is not a list of objects')
    if len(rows) > _MOST:
        raise InputError(f'"{name}" has {len(rows)} entries, too many for a report')
    return rows


def _text(row: Mapping[str, Any], name: str) -> str:
    """A required text.

    Raises:
        InputError: missing, or no text.
    """
    value = row.get(name)
    if not isinstance(value, str):
        raise InputError(f'"{name}" is missing or not a text')
    return value[:_LONGEST]


def _instant(value: object) -> datetime | None:
    try:
        instant = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return instant if instant is not None and instant.tzinfo is not None else None


def _member(kind: type[_Member], value: object, otherwise: _Member) -> _Member:
    """The member of an enumeration; of a later version's value we know nothing."""
    return next((member for member in kind if member.value == value), otherwise)


def _subjects(readers: list[Mapping[str, Any]], cards: list[Mapping[str, Any]]) -> dict[str, str]:
    """What the ids of a report mean, comparable with those of another one."""
    names = [(_text(row, "id"), f"reader {_text(row, 'name')}") for row in readers]
    names += [(_text(row, "id"), f"card {_text(row, 'kind')}") for row in cards]
    seen: Counter[str] = Counter()
    subjects: dict[str, str] = {}
    for identity, name in names:
        seen[name] += 1
        subjects[identity] = name if seen[name] == 1 else f"{name} #{seen[name]}"
    return subjects


def _finding(row: Mapping[str, Any], subjects: Mapping[str, str]) -> LoadedFinding:
    subject = _text(row, "subject")
    evidence = row.get("evidence")
    advice = row.get("advice")
    state = row.get("state")
    layer = next((layer for layer in Layer if layer.value == row.get("layer")), None)
    return LoadedFinding(
        check=_text(row, "check"),
        subject=subjects.get(subject, subject),
        outcome=_member(Outcome, row.get("outcome"), Outcome.UNKNOWN),
        severity=_member(Severity, row.get("severity"), Severity.INFO),
        layer=layer,
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
