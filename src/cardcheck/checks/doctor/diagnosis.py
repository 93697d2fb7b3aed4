# SPDX-License-Identifier: Apache-2.0
"""From host facts to a report: rows of readers, findings, verdict, exit code. No I/O.

``doctor`` is about the host: a missing service or reader is something it has diagnosed (1), not
something that kept it from diagnosing (3).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from cardcheck.checks.doctor import runner
from cardcheck.checks.doctor.base import DoctorContext
from cardcheck.checks.doctor.readers import reader_rows
from cardcheck.checks.doctor.registry import DOCTOR
from cardcheck.checks.exit_codes import ExitCode
from cardcheck.checks.report_id import new_report_id
from cardcheck.report.model import Outcome, Report, Scope, Severity, Source, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from cardcheck.facts.doctor import DoctorFacts
    from cardcheck.report.model import Finding

_CODES: Final = {"SIGINT": ExitCode.INTERRUPTED, "SIGTERM": ExitCode.TERMINATED}


class DoctorQuestion(Struct, frozen=True, kw_only=True):
    """What was asked for.

    Attributes:
        build: the day of this release.
        scope: which checks.
        fail_on: from which severity on the exit code is 1.
        recorded: whether the facts come from a snapshot.
        station: a label for the computer, or None.
        interrupted: ``SIGINT`` or ``SIGTERM`` ended the look, or None.
    """

    build: datetime
    scope: Scope = field(default_factory=Scope)
    fail_on: Severity = Severity.ERROR
    recorded: bool = False
    station: str | None = None
    interrupted: str | None = None


def examined(facts: DoctorFacts, question: DoctorQuestion, milliseconds: int) -> Report:
    """The report on one computer."""
    context = DoctorContext(facts=facts, build=question.build)
    scope, host = question.scope, facts.host
    findings = runner.run(DOCTOR, context, only=scope.only, skip=scope.skip)
    cut_short = _CODES.get(question.interrupted or "")
    return Report(
        report_id=new_report_id(),
        command="doctor",
        source=Source.REPLAY if question.recorded else Source.HARDWARE,
        generated_at=host.now,
        judged_at=host.now,
        milliseconds=milliseconds,
        platform={"system": host.system, "release": host.release, "python": host.python},
        verdict=verdict_of(findings),
        exit_code=cut_short or exit_code_of(findings, question.fail_on),
        scope=scope,
        readers=reader_rows(context),
        cards=(),
        findings=findings,
        readiness=(),
        station=question.station,
        notes=("from-snapshot",) if question.recorded else (),
    )


def verdict_of(findings: Sequence[Finding]) -> Verdict:
    """Problem, else undetermined, else attention, else ready."""
    problems = {f.severity for f in findings if f.outcome is Outcome.PROBLEM}
    if Severity.ERROR in problems:
        return Verdict.PROBLEM
    if any(f.decisive and f.outcome is not Outcome.OK for f in findings):
        return Verdict.UNDETERMINED
    return Verdict.ATTENTION if Severity.WARNING in problems else Verdict.READY


def exit_code_of(findings: Sequence[Finding], fail_on: Severity) -> ExitCode:
    """1 where a problem is bad enough, 70 where a check or a probe failed, else 0."""
    if any(f.outcome is Outcome.PROBLEM and f.severity.rank >= fail_on.rank for f in findings):
        return ExitCode.PROBLEM
    failed = any(f.decisive and f.outcome is not Outcome.OK for f in findings)
    return ExitCode.BUG if failed else ExitCode.OK
