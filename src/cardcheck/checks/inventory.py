# SPDX-License-Identifier: Apache-2.0
"""From what was observed to a list of readers: the chain up to the reader, and no card.

What belongs here: the report of ``cardcheck readers``. What does not: the report on a card
(``diagnosis``), whose checks are not even loaded here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cardcheck.checks import registry, runner
from cardcheck.checks.base import Context
from cardcheck.checks.report_id import new_report_id
from cardcheck.checks.rows import reader_row
from cardcheck.checks.subjects import reader_subjects
from cardcheck.checks.weighing import end_with_findings, end_without_reader, worst_of
from cardcheck.report.model import Report, Source

if TYPE_CHECKING:
    from cardcheck.checks.base import Judging
    from cardcheck.checks.question import Question
    from cardcheck.facts.host import HostFacts
    from cardcheck.facts.reader import SurveyFacts


def take(
    host: HostFacts, survey: SurveyFacts, judging: Judging, question: Question, milliseconds: int
) -> Report:
    """The list of readers as a report; its verdict is on the chain up to the reader.

    Args:
        host: this computer.
        survey: what was observed.
        judging: the instant and the day of this release.
        question: what was asked for.
        milliseconds: how long the observing took.
    """
    scope = question.scope
    checks = runner.chosen(registry.READERS, scope.only, scope.skip)
    readers = reader_subjects(host, survey)
    context = Context(host=host, survey=survey, readers=readers, cards=(), judging=judging)
    findings = runner.run(checks, context)
    early = end_without_reader(context)
    return Report(
        report_id=new_report_id(),
        command=question.command,
        source=Source(survey.source),
        generated_at=host.now,
        judged_at=judging.at,
        milliseconds=milliseconds,
        platform={"system": host.system, "release": host.release, "python": host.python},
        verdict=worst_of(findings),
        exit_code=early if early is not None else end_with_findings(findings, question.fail_on),
        scope=scope,
        readers=tuple(reader_row(reader, context) for reader in readers),
        cards=(),
        findings=findings,
        readiness=(),
        station=question.station,
        profile=question.profile,
    )
