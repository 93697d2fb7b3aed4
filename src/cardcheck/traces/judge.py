# SPDX-License-Identifier: Apache-2.0
"""The diagnosis of a recorded trace, and whether it is the one that the trace asks for.

What belongs here: the way from a trace to a judgement. What does not: files, text, exit codes.

A trace is judged by itself: at the instant of its recording, on a computer of which nothing is
known, without anybody's cache. So the same trace gets the same judgement everywhere.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from cardcheck import BUILD_DATE
from cardcheck.catalog.authorities import pinned_fingerprints
from cardcheck.catalog.readers import never_counts
from cardcheck.checks.diagnosis import Diagnosis, Request, diagnosis_of, report_of
from cardcheck.checks.found import Judging
from cardcheck.facts.host import HostFacts
from cardcheck.facts.observation import Observation
from cardcheck.report.model import Outcome, Scope, Severity
from cardcheck.survey.inline import replayed
from cardcheck.traces.expectation import Difference, differences, expectation_of, require_known
from cardcheck.transports.trace import Extent

if TYPE_CHECKING:
    from cardcheck.facts.reader import SurveyFacts
    from cardcheck.report.model import Report
    from cardcheck.transports.trace import Expectation, Trace

SYSTEM: Final = "any"
"""The system of the computer on which traces are judged: none that has a name."""


class Result(StrEnum):
    """How the replay of one file ended."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNREADABLE = "unreadable"


class Judgement(Struct, frozen=True, kw_only=True):
    """What became of one trace.

    Attributes:
        result: passed, failed or skipped.
        diagnosis: what was found, or None where nothing could be diagnosed.
        differences: what is not as its header expects, or, without an expectation, every problem
            at or above the severity that counts as a failure.
    """

    result: Result
    diagnosis: Diagnosis | None = None
    differences: tuple[Difference, ...] = ()


class Judge:
    """Judges traces, one like the other."""

    def __init__(
        self,
        *,
        skip_unknown: bool = False,
        fail_on: Severity = Severity.ERROR,
        command: str = "replay",
    ) -> None:
        """Prepares to judge.

        Args:
            skip_unknown: pass over exchanges that are not asked for.
            fail_on: from which severity on a trace without an expectation fails.
            command: what a report says that was asked for.
        """
        self._skip_unknown = skip_unknown
        self._request = Request(command=command, fail_on=fail_on)
        self._build = datetime.fromisoformat(BUILD_DATE).replace(tzinfo=UTC)
        self._pinned = pinned_fingerprints()

    def diagnose(self, trace: Trace, *, at: datetime | None = None) -> Diagnosis:
        """What the checks find in ``trace``.

        Args:
            trace: what was recorded.
            at: the instant by which is judged; by default that of the recording, and without one
                that of this release.

        Raises:
            ReplayMismatchError: the reading asks for something else than was recorded.
            ReplayUnfinishedError: exchanges are left over.
        """
        survey = replayed(trace, skip_unknown=self._skip_unknown, excluded=never_counts)
        return self.diagnose_facts(survey, at or trace.header.recorded or self._build)

    def diagnose_facts(self, survey: SurveyFacts, at: datetime) -> Diagnosis:
        """What the checks find in what was observed, at the instant ``at``."""
        host = HostFacts(system=SYSTEM, release="", python="", now=at)
        judging = Judging(at=at, build=self._build, clock_matters=False, pinned=self._pinned)
        return diagnosis_of(Observation(host=host, survey=survey), judging, self._request)

    def report(self, diagnosis: Diagnosis) -> Report:
        """The whole report on what was found."""
        readers = diagnosis.context.survey.readers
        backends = tuple({reader.identity.backend.value: None for reader in readers}) or ("pcsc",)
        request = replace(self._request, scope=Scope(backends=backends))
        return report_of(diagnosis, request, 0)

    def judge(self, trace: Trace) -> Judgement:
        """Whether ``trace`` still comes to what it says it does.

        Raises:
            ReplayMismatchError: the reading asks for something else than was recorded.
            ReplayUnfinishedError: exchanges are left over.
            InputError: it expects something of a check that there is not.
        """
        if trace.header.expect is not None:
            require_known(trace.header.expect)
        if trace.header.scope is Extent.PARTIAL:
            return Judgement(result=Result.SKIPPED)
        diagnosis = self.diagnose(trace)
        found = self._differences(trace.header.expect, diagnosis)
        result = Result.FAILED if found else Result.PASSED
        return Judgement(result=result, diagnosis=diagnosis, differences=found)

    def expectation(self, diagnosis: Diagnosis) -> Expectation:
        """What a trace with these findings should say of itself."""
        return expectation_of(diagnosis.verdict, diagnosis.findings)

    def _differences(
        self, expected: Expectation | None, diagnosis: Diagnosis
    ) -> tuple[Difference, ...]:
        if expected is not None:
            return differences(expected, diagnosis.verdict, diagnosis.findings)
        least = self._request.fail_on.rank
        return tuple(
            Difference(finding.check, "", finding.state)
            for finding in diagnosis.findings
            if finding.outcome is Outcome.PROBLEM and finding.severity.rank >= least
        )
