# SPDX-License-Identifier: Apache-2.0
"""A report as test cases."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from cardcheck.render.junit import Case, CaseResult, Suite
from cardcheck.render.marks import presses
from cardcheck.report.model import Outcome

if TYPE_CHECKING:
    from cardcheck.report.model import Finding, Report


def findings_suite(report: Report) -> Suite:
    """One test case a finding, in ids and states: nothing personal can be in it."""
    cases = tuple(
        Case(
            name=f"{finding.subject}: {finding.check}",
            result=_case_result(finding),
            message=finding.state,
        )
        for finding in report.findings
    )
    return Suite(name=report.command, cases=cases, source=report.source.value)


def _case_result(finding: Finding) -> CaseResult:
    """Only what presses fails; what was not found out is skipped, a bug of ours an error."""
    match finding.outcome:
        case Outcome.OK:
            return CaseResult.PASSED
        case Outcome.PROBLEM:
            return CaseResult.FAILED if presses(finding) else CaseResult.PASSED
        case Outcome.CRASHED:
            return CaseResult.ERROR
        case Outcome.UNKNOWN | Outcome.SKIPPED:
            return CaseResult.SKIPPED
        case _:
            assert_never(finding.outcome)
