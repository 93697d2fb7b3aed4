# SPDX-License-Identifier: Apache-2.0
"""How findings and the links of the chain are marked: fine, a remark, a warning, an error, unknown.

What belongs here: the marks and their signs, and the worst mark of a link. What does not: sentences
and their order (``text``), colours (``console``).
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from cardcheck.report.model import HOST, HOST_ONLY, UNDECIDED, Layer, Outcome, Severity, Verdict

if TYPE_CHECKING:
    from cardcheck.report.model import Finding, Report

_INFO = Severity.INFO.value

LOGIN_HERE = "host.login.supported"
"""The check that says whether one can log in on this kind of computer."""
_OF_CARD = frozenset({Layer.CERTIFICATE, Layer.PIN})
_LACKING = frozenset({"locked", "absent"})


class Mark(StrEnum):
    """How a line is marked; its sign is never the only thing that says so."""

    OK = "ok"
    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"
    UNKNOWN = "unknown"
    NONE = "none"

    @property
    def sign(self) -> str:
        """One character; ``output.encoding.fitted`` has substitutes for poorer encodings."""
        return _SIGNS[self]


_SIGNS = {
    Mark.OK: "\u2713",
    Mark.NOTE: "-",
    Mark.WARNING: "!",
    Mark.ERROR: "\u2717",
    Mark.UNKNOWN: "?",
    Mark.NONE: "-",
}
_OF_SEVERITY = {
    Severity.ERROR: Mark.ERROR,
    Severity.WARNING: Mark.WARNING,
    Severity.INFO: Mark.NOTE,
}


_OF_VERDICT = {
    Verdict.READY: Mark.OK,
    Verdict.ATTENTION: Mark.WARNING,
    Verdict.PROBLEM: Mark.ERROR,
    Verdict.UNDETERMINED: Mark.UNKNOWN,
}


def presses(finding: Finding) -> bool:
    """Whether it is more than a remark."""
    return finding.severity is not Severity.INFO or finding.outcome is Outcome.CRASHED


def mark_of(finding: Finding) -> Mark:
    """How one finding is marked."""
    if finding.outcome is Outcome.OK:
        return Mark.OK
    if finding.outcome in UNDECIDED and (presses(finding) or finding.decisive):
        return Mark.UNKNOWN
    return _OF_SEVERITY[finding.severity]


def set_aside(report: Report) -> list[Finding]:
    """What is wrong with this computer, where a simulated card stands in for a reader."""
    mine = [f for f in report.findings if f.subject == HOST and f.outcome is not Outcome.OK]
    return [f for f in mine if f.evidence.get("severity_alone", _INFO) != _INFO]


def links(report: Report) -> list[Layer]:
    """The links of the chain that were looked at, and no other."""
    asked = {finding.layer for finding in report.findings}
    return [item for item in Layer if item in asked]


def link(report: Report, layer: Layer) -> Mark:
    """The worst mark of a link; remarks do not spoil it, and a remark alone does not praise it.

    A trouble of this computer that was set aside, beside a simulated card, leaves the link open.
    """
    if any(item.layer is layer for item in set_aside(report)):
        return Mark.NONE
    marks = {mark_of(item) for item in report.findings if item.layer is layer and _counts(item)}
    order = (Mark.ERROR, Mark.UNKNOWN, Mark.WARNING, Mark.OK, Mark.NOTE)
    return next((mark for mark in order if mark in marks), Mark.NONE)


def _counts(finding: Finding) -> bool:
    return finding.outcome is not Outcome.SKIPPED


def headline_mark(report: Report) -> Mark:
    """The mark of the headline: no tick where a login is not possible from here."""
    login = report.login
    elsewhere = report.verdict is Verdict.READY and login is not None and login.state != "ready"
    return Mark.WARNING if elsewhere else _OF_VERDICT[report.verdict]


def remarks_beside(report: Report, chief: Finding | None) -> list[Finding]:
    """What the person must know right below the headline: where a login fails, what is locked."""
    if report.command == HOST_ONLY:
        return []
    return [
        finding
        for finding in report.findings
        if finding.outcome is Outcome.PROBLEM
        and finding.severity is Severity.INFO
        and finding is not chief
        and finding.because_of is None
        and (finding.check == LOGIN_HERE or _lacks(finding))
    ]


def _lacks(finding: Finding) -> bool:
    """Whether something of the card is locked or not there."""
    return finding.layer in _OF_CARD and finding.state in _LACKING
