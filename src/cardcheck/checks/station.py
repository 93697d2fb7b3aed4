# SPDX-License-Identifier: Apache-2.0
"""What does not stand beside the label of a station: what says something about the card's owner.

PIN counters and a missing 署名用 certificate tell of a person; the label tells where and, with the
time, who was there. Verdict and exit code stay: they are on the chain as a whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from cardcheck.report.model import OF_A_PERSON, Outcome, Severity

if TYPE_CHECKING:
    from cardcheck.report.model import CardReport, CertificateReport, Finding, Report

_UNTOLD: Final = "not-checked"


def withheld(report: Report) -> Report:
    """The report without what is said of a person, where it has a station; else as it is."""
    if report.station is None:
        return report
    return replace(
        report,
        cards=tuple(_card(card) for card in report.cards),
        findings=tuple(_finding(finding) for finding in report.findings),
        readiness=tuple(
            replace(item, because=tuple(b for b in item.because if not b.startswith(OF_A_PERSON)))
            for item in report.readiness
        ),
    )


def _card(card: CardReport) -> CardReport:
    pins = tuple(replace(pin, state=_UNTOLD, tries_left=None) for pin in card.pins)
    certificates = tuple(_certificate(certificate) for certificate in card.certificates)
    return replace(card, pins=pins, certificates=certificates)


def _certificate(certificate: CertificateReport) -> CertificateReport:
    return replace(certificate, status=_UNTOLD) if certificate.id == "signature" else certificate


def _finding(finding: Finding) -> Finding:
    if not finding.check.startswith(OF_A_PERSON):
        return finding
    return replace(
        finding,
        outcome=Outcome.SKIPPED,
        severity=Severity.INFO,
        state="withheld",
        actor=None,
        evidence={},
        advice=(),
        decisive=False,
    )
