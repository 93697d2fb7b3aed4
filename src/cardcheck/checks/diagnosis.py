# SPDX-License-Identifier: Apache-2.0
"""The whole way from what was observed to a report.

What belongs here: putting checks, verdict and rows together. What does not: decisions, which are
the checks', and sentences.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cardcheck.cards import validity
from cardcheck.cards.mynumber import FOREIGN_ATRS
from cardcheck.checks import registry, runner, verdict
from cardcheck.checks.base import Context
from cardcheck.checks.card import validity_state
from cardcheck.checks.certificate import authentication, issuer_state, signature_state, summary_of
from cardcheck.checks.pin import pin_state, tries_max
from cardcheck.checks.subjects import card_subjects, reader_subjects
from cardcheck.errors import MalformedResponseError
from cardcheck.facts.card import PinId, ReadState
from cardcheck.facts.reader import Backend, SlotState
from cardcheck.report.model import (
    CardReport,
    CertificateReport,
    PinReport,
    ReaderReport,
    Report,
    Scope,
    Severity,
    Source,
)

if TYPE_CHECKING:
    from cardcheck.checks.base import CardSubject, Judging, ReaderSubject
    from cardcheck.facts.host import HostFacts
    from cardcheck.facts.reader import SurveyFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What was asked for, as far as it shapes the report.

    Attributes:
        command: the command that asks.
        scope: how much was asked for.
        fail_on: from which severity on the exit code is 1.
        station: a label for the computer, or None.
        profile: the simulated profile, or None.
    """

    command: str = "scan"
    scope: Scope = field(default_factory=Scope)
    fail_on: Severity = Severity.ERROR
    station: str | None = None
    profile: str | None = None


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
    scope = question.scope
    checks = runner.chosen(registry.SCAN, scope.only, scope.skip)
    readers = reader_subjects(host, survey)
    context = Context(
        host=host,
        survey=survey,
        readers=readers,
        cards=card_subjects(readers),
        judging=judging,
        partial=any(check.decisive for check in set(registry.SCAN) - set(checks)),
    )
    findings = runner.run(checks, context)
    findings = verdict.demoted(findings, verdict.deciding(context, findings))
    return Report(
        report_id=_uuid7(),
        command=question.command,
        source=Source(survey.source),
        generated_at=host.now,
        judged_at=judging.at,
        milliseconds=milliseconds,
        platform={"system": host.system, "release": host.release, "python": host.python},
        verdict=verdict.verdict_of(context, findings),
        exit_code=verdict.exit_code_of(context, findings, question.fail_on),
        scope=scope,
        readers=tuple(_reader(reader, context) for reader in readers),
        cards=tuple(_card(card, context) for card in context.cards),
        findings=findings,
        readiness=verdict.readiness_of(context, findings),
        station=question.station,
        profile=question.profile,
    )


def _reader(reader: ReaderSubject, context: Context) -> ReaderReport:
    facts = reader.facts
    usb = reader.device.id if reader.device else facts.identity.usb if facts else None
    backends, why = _ways_to(reader, context)
    return ReaderReport(
        id=reader.id,
        name=reader.name,
        backend=facts.identity.backend.value if facts else "none",
        interface=reader.interface,
        virtual=reader.virtual,
        usb=usb,
        model=reader.model,
        compatibility=reader.compatibility,
        slot=(facts.slot if facts else SlotState.UNAVAILABLE).value,
        serial=reader.serial,
        backends=backends,
        why=why,
    )


def _ways_to(reader: ReaderSubject, context: Context) -> tuple[tuple[str, ...], str | None]:
    """The backends that reach a reader, and why the one that was used was taken."""
    if reader.facts is None:
        return (), None
    if reader.facts.identity.backend is Backend.NFC:
        asked = context.survey.service.asked
        return ("nfc",), "not-in-pcsc" if asked else "pcsc-not-asked"
    if reader.nfcpy is None:
        return ("pcsc",), None
    return ("pcsc", "nfc"), "pcsc-first"


def _card(card: CardSubject, context: Context) -> CardReport:
    facts = card.facts
    mine = facts.kind.has_jpki
    shown = mine or bytes(facts.atr) in FOREIGN_ATRS
    return CardReport(
        id=card.id,
        reader=card.reader.id,
        kind=facts.kind.value,
        applications=tuple(facts.applications),
        atr=facts.atr if shown and facts.atr else None,
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
    state = authentication(card, context).state
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


def _uuid7() -> str:
    """A time-ordered random id (RFC 9562, 5.7): milliseconds, version, 74 random bits."""
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 7 << 76
    text = f"{value & ~(0x3 << 62) | 2 << 62:032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
