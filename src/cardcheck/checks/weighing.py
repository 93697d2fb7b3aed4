# SPDX-License-Identifier: Apache-2.0
"""How much one finding weighs in a verdict, and how the first links of the chain end a run.

What belongs here: the rules that need no card. What does not: the rules about cards (``verdict``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cardcheck.checks.exit_codes import ExitCode
from cardcheck.checks.reader import listed
from cardcheck.facts.reader import SlotState
from cardcheck.report.model import UNDECIDED, Outcome, Severity, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cardcheck.checks.base import Context
    from cardcheck.report.model import Finding

CLOCK: Final = "host.clock.plausible"
ORDER: Final = (Verdict.READY, Verdict.ATTENTION, Verdict.UNDETERMINED, Verdict.PROBLEM)
_USABLE: Final = frozenset({SlotState.CARD, SlotState.MUTE, SlotState.EMPTY})


def worst_of(findings: Iterable[Finding]) -> Verdict:
    """The worst that any of the findings stands for."""
    worst = Verdict.READY
    for finding in findings:
        if finding.outcome is Outcome.OK:
            continue
        worst = max(worst, meaning_of(finding), key=ORDER.index)
    return worst


def meaning_of(finding: Finding) -> Verdict:
    """The verdict that one finding alone leads to."""
    if finding.outcome in UNDECIDED:
        return Verdict.UNDETERMINED if finding.decisive else Verdict.READY
    if finding.outcome is not Outcome.PROBLEM or finding.severity is Severity.INFO:
        return Verdict.READY
    if finding.check == CLOCK:  # no link of the chain is at fault; it is the judging that fails
        return Verdict.UNDETERMINED
    return Verdict.PROBLEM if finding.severity is Severity.ERROR else Verdict.ATTENTION


def end_without_reader(context: Context) -> ExitCode | None:
    """130, 143 or 3 where one of these applies, whatever was found on cards."""
    survey = context.survey
    if survey.interrupted:
        return ExitCode.TERMINATED if survey.interrupted == "SIGTERM" else ExitCode.INTERRUPTED
    slots = {reader.facts.slot for reader in listed(context) if reader.facts is not None}
    return ExitCode.NO_READER if survey.deadline or not slots & _USABLE else None


def end_with_findings(findings: Sequence[Finding], fail_on: Severity) -> ExitCode:
    """1, 70 or 0, by what was found."""
    if any(f.outcome is Outcome.PROBLEM and f.severity.rank >= fail_on.rank for f in findings):
        return ExitCode.PROBLEM
    crashed = any(f.outcome is Outcome.CRASHED for f in findings)
    return ExitCode.BUG if crashed else ExitCode.OK
