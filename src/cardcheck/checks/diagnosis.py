# SPDX-License-Identifier: Apache-2.0
"""The whole way from what was observed to a report: one for every command that diagnoses.

What belongs here: putting checks, verdict and rows together. What does not: decisions, which are
the checks', and sentences.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from msgspec import Struct, field

from cardcheck.checks import errand, registry, runner, verdict
from cardcheck.checks.assessment import assess_readers
from cardcheck.checks.base import Context
from cardcheck.checks.computer import clock_state
from cardcheck.checks.registry import Selection
from cardcheck.checks.station import impersonal, withheld
from cardcheck.report.model import FROM_SNAPSHOT, Report, Scope, Severity, Source, Verdict

if TYPE_CHECKING:
    from cardcheck.checks.assessment import ReaderAssessment
    from cardcheck.checks.card_assessment import CardAssessment
    from cardcheck.checks.exit_codes import ExitCode
    from cardcheck.checks.found import Judging
    from cardcheck.facts.observation import Observation
    from cardcheck.report.model import Finding


class Request(Struct, frozen=True, kw_only=True):
    """What was asked for, as far as it shapes the report.

    Attributes:
        command: the command that asks.
        selection: what is looked at.
        scope: how much was asked for.
        fail_on: from which severity on the exit code is 1.
        station: a label for the computer, or None.
        profile: the simulated profile, or None.
        recorded: the computer is one of a snapshot, not this one.
    """

    command: str = "scan"
    selection: Selection = Selection.CARDS
    scope: Scope = field(default_factory=Scope)
    fail_on: Severity = Severity.ERROR
    station: str | None = None
    profile: str | None = None
    recorded: bool = False


class Diagnosis(Struct, frozen=True, kw_only=True):
    """What was found, and what it comes to; all of a report but its tables.

    Attributes:
        context: what the checks got to see.
        findings: what they found.
        verdict: what that comes to.
        exit_code: how a program ends that says so.
    """

    context: Context
    findings: tuple[Finding, ...]
    verdict: Verdict
    exit_code: ExitCode


def diagnose(
    observation: Observation, judging: Judging, request: Request, milliseconds: int
) -> Report:
    """The report on what was observed.

    Args:
        observation: the computer, the service, the readers and the cards.
        judging: by what cards are judged.
        request: what was asked for.
        milliseconds: how long the observing took.
    """
    return report_of(diagnosis_of(observation, judging, request), request, milliseconds)


def diagnosis_of(observation: Observation, judging: Judging, request: Request) -> Diagnosis:
    """What the checks find on what was observed, and what it comes to."""
    scope, selection = request.scope, request.selection
    every = registry.selected(selection, thorough=observation.details is not None)
    checks = runner.chosen(every, scope.only, scope.skip)
    readers = assess_readers(observation.host, observation.survey)
    context = Context(
        observation=observation,
        readers=readers,
        cards=_cards(observation, judging, request, readers),
        judging=judging,
        about_host=selection is Selection.HOST,
        partial=len(checks) < len(every) and any(c.decisive for c in every if c not in checks),
    )
    seconds = runner.SECONDS if context.about_host else None
    homes = {card.id: card.reader.id for card in context.cards}
    findings = runner.run(checks, context, seconds=seconds)
    if request.station is not None:
        findings = withheld(findings)
    findings = errand.folded(findings, homes)
    findings = errand.joined(verdict.demoted(findings, verdict.deciding(context, findings)))
    found, code = _outcome(context, findings, request)
    return Diagnosis(context=context, findings=findings, verdict=found, exit_code=code)


def report_of(diagnosis: Diagnosis, request: Request, milliseconds: int) -> Report:
    """The report on what was found."""
    context, findings = diagnosis.context, diagnosis.findings
    host, survey = context.host, context.survey
    of_cards = request.selection is Selection.CARDS
    return Report(
        report_id=_new_report_id(),
        command=request.command,
        source=Source.REPLAY if request.recorded else Source(survey.source),
        generated_at=host.now,
        judged_at=context.judging.at,
        milliseconds=milliseconds,
        platform={"system": host.system, "release": host.release, "python": host.python},
        verdict=diagnosis.verdict,
        exit_code=diagnosis.exit_code,
        scope=request.scope,
        readers=tuple(each.row(pcsc_asked=survey.service.asked) for each in context.readers),
        cards=tuple(card.row() for card in context.cards),
        findings=findings,
        readiness=verdict.readiness_of(context, findings) if of_cards else (),
        station=request.station,
        profile=request.profile,
        notes=(FROM_SNAPSHOT,) if request.recorded else (),
    )


def _cards(
    observation: Observation,
    judging: Judging,
    request: Request,
    readers: tuple[ReaderAssessment, ...],
) -> tuple[CardAssessment, ...]:
    """The rows of ``cards``, where cards were asked for; else what judges them is not loaded."""
    if request.selection is not Selection.CARDS:
        return ()
    from cardcheck.checks.card_assessment import assess_cards

    right = clock_state(observation.host.now, judging) in {"clear", None}
    cards = assess_cards(readers, judging, clock_right=right)
    return cards if request.station is None else impersonal(cards)


def _outcome(
    context: Context, findings: tuple[Finding, ...], request: Request
) -> tuple[Verdict, ExitCode]:
    """The verdict and the exit code, by the rules of what was looked at."""
    if request.selection is Selection.CARDS:
        code = verdict.exit_code_of(context, findings, request.fail_on)
        return verdict.verdict_of(context, findings), code
    worst = verdict.worst_of(findings)
    if request.selection is Selection.HOST:
        return worst, verdict.end_of_host(context, findings, request.fail_on)
    early = verdict.end_without_reader(context)
    ended = verdict.end_with_findings(findings, request.fail_on)
    return worst, ended if early is None else early


def _new_report_id() -> str:
    """A UUID of version 7 (RFC 9562, 5.7): 48 bits of milliseconds, version, 74 random bits.

    Ordered by time, otherwise random; says nothing of a person or computer.
    """
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 7 << 76
    text = f"{value & ~(0x3 << 62) | 2 << 62:032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
