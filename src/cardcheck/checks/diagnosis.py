# SPDX-License-Identifier: Apache-2.0
"""The whole way from what was observed to a report.

What belongs here: putting checks, verdict and rows together. What does not: decisions, which are
the checks', and sentences.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from cardcheck.cards import validity
from cardcheck.cards.identity import redact_atr
from cardcheck.cards.mynumber import FOREIGN_ATRS
from cardcheck.checks import runner, verdict
from cardcheck.checks.base import Context
from cardcheck.checks.card import validity_state
from cardcheck.checks.certificate import authentication, issuer_state, signature_state, summary_of
from cardcheck.checks.dates import status_of
from cardcheck.checks.pin import pin_state, tries_max
from cardcheck.checks.report_id import new_report_id
from cardcheck.checks.rows import reader_row
from cardcheck.checks.scan import SCAN
from cardcheck.checks.station import impersonal, withheld
from cardcheck.checks.subjects import card_subjects, reader_subjects
from cardcheck.errors import MalformedResponseError
from cardcheck.facts.card import PinId, ReadState
from cardcheck.report.model import (
    CardReport,
    CertificateReport,
    PinReport,
    Report,
    Source,
)

if TYPE_CHECKING:
    from cardcheck.checks.base import CardSubject, Judging
    from cardcheck.checks.exit_codes import ExitCode
    from cardcheck.checks.question import Question
    from cardcheck.facts.host import HostFacts
    from cardcheck.facts.reader import SurveyFacts
    from cardcheck.report.model import Finding, Verdict


class Weighed(Struct, frozen=True, kw_only=True):
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
    host: HostFacts, survey: SurveyFacts, judging: Judging, question: Question, milliseconds: int
) -> Report:
    """The report on ``host`` and ``survey``.

    Args:
        host: this computer.
        survey: what was observed.
        judging: by what cards are judged.
        question: what was asked for.
        milliseconds: how long the observing took.
    """
    return report_of(weigh(host, survey, judging, question), question, milliseconds)


def weigh(host: HostFacts, survey: SurveyFacts, judging: Judging, question: Question) -> Weighed:
    """What the checks find on ``host`` and ``survey``, and what it comes to."""
    scope = question.scope
    checks = runner.chosen(SCAN, scope.only, scope.skip)
    readers = reader_subjects(host, survey)
    cards = card_subjects(readers)
    context = Context(
        host=host,
        survey=survey,
        readers=readers,
        cards=cards if question.station is None else impersonal(cards),
        judging=judging,
        partial=len(checks) < len(SCAN) and any(c.decisive for c in SCAN if c not in checks),
    )
    findings = runner.run(checks, context)
    if question.station is not None:
        findings = withheld(findings)
    findings = verdict.demoted(findings, verdict.deciding(context, findings))
    return Weighed(
        context=context,
        findings=findings,
        verdict=verdict.verdict_of(context, findings),
        exit_code=verdict.exit_code_of(context, findings, question.fail_on),
    )


def report_of(weighed: Weighed, question: Question, milliseconds: int) -> Report:
    """The report on what was found."""
    context, findings = weighed.context, weighed.findings
    host = context.host
    return Report(
        report_id=new_report_id(),
        command=question.command,
        source=Source(context.survey.source),
        generated_at=host.now,
        judged_at=context.judging.at,
        milliseconds=milliseconds,
        platform={"system": host.system, "release": host.release, "python": host.python},
        verdict=weighed.verdict,
        exit_code=weighed.exit_code,
        scope=question.scope,
        readers=tuple(reader_row(reader, context) for reader in context.readers),
        cards=tuple(_card(card, context) for card in context.cards),
        findings=findings,
        readiness=verdict.readiness_of(context, findings),
        station=question.station,
        profile=question.profile,
    )


def _card(card: CardSubject, context: Context) -> CardReport:
    facts = card.facts
    mine = facts.kind.has_jpki
    shown = mine or bytes(facts.atr) in FOREIGN_ATRS
    return CardReport(
        id=card.id,
        reader=card.reader.id,
        kind=facts.kind.value,
        applications=tuple(facts.applications),
        atr=redact_atr(facts.atr) if shown and facts.atr else None,
        validity=_validity(card, context) if mine else None,
        valid_until=_valid_until(card) if mine else None,
        certificates=(_authentication(card, context), _signature(card)) if mine else (),
        pins=tuple(_pin(card, pin) for pin in PinId) if mine else (),
        commands=facts.commands,
        bytes=facts.bytes,
        milliseconds=round(facts.milliseconds),
    )


def _validity(card: CardSubject, context: Context) -> str:
    return validity_state(card, context) if card.facts.kind.is_my_number else "not-checked"


def _valid_until(card: CardSubject) -> str | None:
    try:
        return validity.card_expiry_of(card.facts.common_record.data).isoformat()
    except MalformedResponseError:
        return None


def _authentication(card: CardSubject, context: Context) -> CertificateReport:
    state = status_of(authentication(card, context))
    reading = card.facts.certificate
    summary = summary_of(reading) if reading.state is ReadState.READ else None
    if summary is None:
        return CertificateReport(id="authentication", status=state)
    last_day = validity.day_in_japan(summary.not_after)
    return CertificateReport(
        id="authentication",
        status=state,
        issuer=issuer_state(card, context),
        not_before=summary.not_before,
        not_after=summary.not_after,
        days_left=validity.days_left(last_day, context.judging.at),
    )


def _signature(card: CardSubject) -> CertificateReport:
    return CertificateReport(id="signature", status=signature_state(card))


def _pin(card: CardSubject, pin: PinId) -> PinReport:
    state, left = pin_state(card, pin)
    return PinReport(id=pin.value, state=state, tries_left=left, tries_max=tries_max(pin, left))
