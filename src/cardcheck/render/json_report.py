# SPDX-License-Identifier: Apache-2.0
"""A report as JSON, ``cardcheck.report/1``; ``report.documents`` describes it.

What belongs here: what stands in the fields, and what of a person may. What does not: judgement
(``checks``) and the layout of text (``plain``, ``console``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import UNSET, to_builtins

from cardcheck import __version__
from cardcheck.catalog.data import origin
from cardcheck.catalog.messages import advice_of
from cardcheck.codec import encoded
from cardcheck.facts.calendar import utc_text
from cardcheck.render.base import safe
from cardcheck.render.remedy import remedy_of
from cardcheck.render.support import support_code
from cardcheck.report import documents, rows
from cardcheck.report.model import FROM_SNAPSHOT, Outcome

if TYPE_CHECKING:
    from datetime import datetime

    from msgspec import UnsetType

    from cardcheck.catalog.messages import Messages
    from cardcheck.report.model import CardReport, CertificateReport, Finding, ReaderReport, Report
    from cardcheck.report.placement import PlacementDocument


def document(
    report: Report,
    *,
    show_personal: bool = False,
    messages: Messages | None = None,
    placement: PlacementDocument | None = None,
    isolation: documents.IsolationDocument | None = None,
) -> documents.ReportFields:
    """The report as a JSON document.

    Args:
        report: what to write.
        show_personal: adds dates, days left and reader serial numbers.
        messages: where given, findings get their sentences (``text``), the report a ``summary``.
        placement: what ``place`` came to.
        isolation: what ``isolate`` came to.
    """
    shared: dict[str, Any] = {
        **_head(report),
        "summary": summary_of(report, messages) if messages else UNSET,
        "readiness": report.readiness,
        "support_code": support_code(report),
        "placement": placement or UNSET,
        "isolation": isolation or UNSET,
    }
    numbered = list(enumerate(report.findings))
    if show_personal:
        return documents.PersonalReportDocument(
            **shared,
            readers=tuple(_personal_reader(each) for each in report.readers),
            cards=tuple(_personal_card(each) for each in report.cards),
            findings=tuple(_personal_finding(n, each, messages) for n, each in numbered),
        )
    return documents.ReportDocument(
        **shared,
        readers=tuple(reader_row(each) for each in report.readers),
        cards=tuple(_card(each) for each in report.cards),
        findings=tuple(finding_row(n, each, messages) for n, each in numbered),
    )


def host_document(report: Report, messages: Messages | None = None) -> documents.DoctorDocument:
    """A report on this computer alone: without cards, by the fields of ``cardcheck.doctor/1``."""
    head = _head(report)
    del head["judged_at"]
    return documents.DoctorDocument(
        **head,
        summary=summary_of(report, messages) if messages else UNSET,
        support_code=support_code(report),
        readers=tuple(reader_row(each) for each in report.readers),
        findings=tuple(
            finding_row(number, each, messages) for number, each in enumerate(report.findings)
        ),
    )


def _head(report: Report) -> dict[str, Any]:
    return {
        "tool": tool(),
        "report_id": report.report_id,
        "station": report.station,
        "generated_at": instant(report.generated_at),
        "judged_at": instant(report.judged_at),
        "milliseconds": report.milliseconds,
        "command": report.command,
        "source": "snapshot" if FROM_SNAPSHOT in report.notes else report.source.value,
        "simulated_profile": UNSET if report.profile is None else report.profile,
        "scope": report.scope,
        "platform": report.platform,
        "verdict": report.verdict,
        "exit_code": report.exit_code,
        "remedies": tuple(_remedy(finding) for finding in _pressing(report) if finding.advice),
    }


def _pressing(report: Report) -> list[Finding]:
    """The problems that somebody must act on, the worst first."""
    found = [f for f in report.findings if f.outcome is Outcome.PROBLEM and f.severity.rank]
    return sorted(found, key=lambda f: (-f.severity.rank, f.layer.position))


def _remedy(finding: Finding) -> documents.RemedyRow:
    remedy = remedy_of(finding)
    return documents.RemedyRow(
        check=finding.check,
        id=finding.advice[0],
        actor=finding.actor,
        commands=remedy.commands,
        undo=remedy.undo,
    )


def dumps(value: object, *, one_line: bool = False) -> str:
    """A document as text, every text in it made harmless, a line feed at the end.

    Two spaces of indentation, or all on one line; Japanese as it is.
    """
    return encoded(cleaned(to_builtins(value)), indent=0 if one_line else 2)


def tool() -> rows.Tool:
    """What makes the documents."""
    return rows.Tool(version=__version__, catalog=origin().as_of)


def instant(moment: datetime) -> str:
    """ISO 8601 in UTC, to the second, with ``Z``."""
    return utc_text(moment)


def reader_row(reader: ReaderReport) -> rows.ReaderRow:
    """A row of ``readers``, without anything personal."""
    return rows.ReaderRow(**_of_reader(reader))


def _personal_reader(reader: ReaderReport) -> rows.PersonalReaderRow:
    return rows.PersonalReaderRow(**_of_reader(reader), serial=reader.serial)


def _of_reader(reader: ReaderReport) -> dict[str, Any]:
    return {
        "id": reader.id,
        "name": reader.name,
        "backend": reader.backend,
        "interface": reader.interface,
        "virtual": reader.virtual,
        "usb": rows.Usb(*reader.usb) if reader.usb else None,
        "model": reader.model,
        "compatibility": reader.compatibility,
        "slot": reader.slot,
        "backends": reader.backends or UNSET,
        "why": UNSET if reader.why is None else reader.why,
    }


def _card(card: CardReport) -> rows.CardRow:
    return rows.CardRow(
        **_of_card(card),
        validity=None if card.validity is None else rows.Validity(status=card.validity),
        certificates=tuple(_certificate(each) for each in card.certificates),
    )


def _personal_card(card: CardReport) -> rows.PersonalCardRow:
    status, until = card.validity, card.valid_until
    return rows.PersonalCardRow(
        **_of_card(card),
        validity=None
        if status is None
        else rows.PersonalValidity(status=status, valid_until=until),
        certificates=tuple(_personal_certificate(each) for each in card.certificates),
    )


def _of_card(card: CardReport) -> dict[str, Any]:
    after = None if card.counters_after is None else dict(card.counters_after)
    return {
        "id": card.id,
        "reader": card.reader,
        "kind": card.kind,
        "applications": card.applications,
        "atr": None if card.atr is None else card.atr.hex().upper(),
        "pins": card.pins,
        "safety": rows.Safety(counters_after=after),
        "exchange": rows.Exchange(card.commands, card.bytes, card.milliseconds),
    }


def _certificate(row: CertificateReport) -> rows.CertificateRow:
    return rows.CertificateRow(id=row.id, status=row.status, issuer=row.issuer)


def _personal_certificate(row: CertificateReport) -> rows.PersonalCertificateRow:
    begin, end = row.not_before, row.not_after
    return rows.PersonalCertificateRow(
        id=row.id,
        status=row.status,
        issuer=row.issuer,
        not_before=None if begin is None else instant(begin),
        not_after=None if end is None else instant(end),
        days_left=row.days_left,
    )


def finding_row(number: int, finding: Finding, messages: Messages | None) -> rows.FindingRow:
    """A row of ``findings``, without anything personal."""
    return rows.FindingRow(**_of_finding(number, finding), text=_sentences(finding, messages))


def _personal_finding(
    number: int, finding: Finding, messages: Messages | None
) -> rows.PersonalFindingRow:
    return rows.PersonalFindingRow(
        **_of_finding(number, finding),
        personal=dict(finding.personal) or UNSET,
        text=_sentences(finding, messages),
    )


def _of_finding(number: int, finding: Finding) -> dict[str, Any]:
    return {
        "id": f"f{number}",
        "check": finding.check,
        "layer": finding.layer,
        "outcome": finding.outcome,
        "severity": finding.severity,
        "subject": finding.subject,
        "actor": finding.actor,
        "evidence": dict(finding.evidence),
        "advice": finding.advice,
        "because_of": UNSET if finding.because_of is None else finding.because_of,
        "state": finding.state,
        **({} if finding.because_of is None else {"because_of": finding.because_of}),
    }


def _sentences(finding: Finding, messages: Messages | None) -> rows.FindingText | UnsetType:
    """The sentences of a finding, from its evidence alone: a file may be passed on."""
    if messages is None:
        return UNSET
    from cardcheck.render.text import values_of  # needed with --with-text only

    values = values_of(finding, screen=False)
    return rows.FindingText(
        title=messages.check_title(finding.check),
        first=messages.first(finding.check, finding.state, values),
        technical=messages.technical(finding.check, finding.state, values),
        advice=tuple(_advice(identity, messages) for identity in finding.advice),
    )


def _advice(identity: str, messages: Messages) -> rows.AdviceText:
    words, row = messages.advice(identity), advice_of(identity)
    actor = None if row is None else row.actor
    return rows.AdviceText(id=identity, next=words.next, more=tuple(words.more), actor=actor)


def summary_of(report: Report, messages: Messages) -> documents.Summary:
    """What the report says first."""
    from cardcheck.render.text import summary

    first, following = summary(report, messages, screen=False)
    return documents.Summary(first=first, next=following)


def cleaned(value: Any) -> Any:  # noqa: ANN401 - a JSON value
    """The value with every text in it made harmless; sentences keep their line feeds."""
    if isinstance(value, str):
        return "\n".join(safe(line) for line in value.split("\n"))
    if isinstance(value, dict):
        return {key: cleaned(item) for key, item in value.items()}
    return [cleaned(item) for item in value] if isinstance(value, (list, tuple)) else value
