# SPDX-License-Identifier: Apache-2.0
"""What is not said beside the label of a station: what tells of the card's owner.

PIN counters and a missing 署名用 certificate tell of a person; the label tells where and, with the
time, who was there. The card is not even asked (``ReadRequest.impersonal``); here the findings on
what was not asked are made to say so, before anything is derived from them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from cardcheck.facts.card import NOT_READ
from cardcheck.report.model import OF_A_PERSON, Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cardcheck.checks.card_assessment import CardAssessment
    from cardcheck.report.model import Finding


def impersonal(cards: Iterable[CardAssessment]) -> tuple[CardAssessment, ...]:
    """The cards without counters and without their list of files, should they be known at all."""
    return tuple(
        replace(card, facts=replace(card.facts, pins={}, directory=NOT_READ, impersonal=True))
        for card in cards
    )


def withheld(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings; those on what is not asked beside a station's label decide nothing."""
    return tuple(map(_finding, findings))


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
