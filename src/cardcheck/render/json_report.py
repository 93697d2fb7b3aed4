# SPDX-License-Identifier: Apache-2.0
"""A report as JSON, ``cardcheck.report/1``; ``report/schema.json`` describes it.

What belongs here: the order and the names of the fields, and what of a person may stand in them.
What does not: judgement (``checks``) and the layout of text (``plain``, ``console``).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cardcheck import __version__
from cardcheck.catalog.data import origin
from cardcheck.catalog.messages import advice_table
from cardcheck.render.base import safe
from cardcheck.render.support import support_code

if TYPE_CHECKING:
    from cardcheck.catalog.messages import Messages
    from cardcheck.report.model import CardReport, CertificateReport, Finding, ReaderReport, Report

SCHEMA_ID = "cardcheck.report/1"

Document = dict[str, Any]


def document(
    report: Report, *, show_personal: bool = False, messages: Messages | None = None
) -> Document:
    """The report as a JSON object, fields in the order of the contract.

    Args:
        report: what to write.
        show_personal: adds dates, days left and reader serial numbers.
        messages: where given, findings get their sentences (``text``), the report a ``summary``.
    """
    result: Document = {
        "schema": SCHEMA_ID,
        "tool": {"name": "cardcheck", "version": __version__, "catalog": origin().as_of},
        "report_id": report.report_id,
        "station": report.station,
        "generated_at": _instant(report.generated_at),
        "judged_at": _instant(report.judged_at),
        "milliseconds": report.milliseconds,
        "command": report.command,
        "source": report.source.value,
        **({"simulated_profile": report.profile} if report.profile is not None else {}),
        "scope": {
            "quick": report.scope.quick,
            "backends": list(report.scope.backends),
            "only": list(report.scope.only),
            "skip": list(report.scope.skip),
        },
        "platform": dict(report.platform),
        "verdict": report.verdict.value,
        "exit_code": report.exit_code,
        **(_summary(report, messages) if messages else {}),
        "readiness": [
            {"purpose": item.purpose, "state": item.state, "because": list(item.because)}
            for item in report.readiness
        ],
        "readers": [_reader(reader, show_personal=show_personal) for reader in report.readers],
        "cards": [_card(card, show_personal=show_personal) for card in report.cards],
        "findings": [
            {"id": f"f{number}", **_finding(finding, messages, show_personal=show_personal)}
            for number, finding in enumerate(report.findings)
        ],
        "support_code": support_code(report),
    }
    return {key: cleaned(value) for key, value in result.items()}


def schema() -> str:
    """The JSON Schema of the report, as the file in the package has it."""
    from importlib import resources

    return resources.files("cardcheck.report").joinpath("schema.json").read_text(encoding="utf-8")


def _instant(moment: datetime) -> str:
    """ISO 8601 in UTC, to the second, with ``Z``."""
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def _reader(reader: ReaderReport, *, show_personal: bool) -> Document:
    usb = {"vendor_id": reader.usb[0], "product_id": reader.usb[1]} if reader.usb else None
    return {
        "id": reader.id,
        "name": reader.name,
        "backend": reader.backend,
        "interface": reader.interface,
        "virtual": reader.virtual,
        "usb": usb,
        "model": reader.model,
        "compatibility": reader.compatibility,
        "slot": reader.slot,
        **({"backends": list(reader.backends)} if reader.backends else {}),
        **({"why": reader.why} if reader.why is not None else {}),
        **({"serial": reader.serial} if show_personal else {}),
    }


def _card(card: CardReport, *, show_personal: bool) -> Document:
    validity: Document | None = None
    if card.validity is not None:
        validity = {"status": card.validity}
        if show_personal:
            validity["valid_until"] = card.valid_until
    after = None if card.counters_after is None else dict(card.counters_after)
    return {
        "id": card.id,
        "reader": card.reader,
        "kind": card.kind,
        "applications": list(card.applications),
        "atr": None if card.atr is None else card.atr.hex().upper(),
        "validity": validity,
        "certificates": [
            _certificate(item, show_personal=show_personal) for item in card.certificates
        ],
        "pins": [
            {
                "id": pin.id,
                "state": pin.state,
                "tries_left": pin.tries_left,
                "tries_max": pin.tries_max,
            }
            for pin in card.pins
        ],
        "safety": {"pin_attempts": 0, "counters_after": after},
        "exchange": {
            "commands": card.commands,
            "bytes": card.bytes,
            "milliseconds": card.milliseconds,
        },
    }


def _certificate(certificate: CertificateReport, *, show_personal: bool) -> Document:
    result: Document = {
        "id": certificate.id,
        "status": certificate.status,
        "issuer": certificate.issuer,
        "revocation": "not-checked",
    }
    if show_personal:
        begin, end = certificate.not_before, certificate.not_after
        result["not_before"] = None if begin is None else _instant(begin)
        result["not_after"] = None if end is None else _instant(end)
        result["days_left"] = certificate.days_left
    return result


def _finding(finding: Finding, messages: Messages | None, *, show_personal: bool) -> Document:
    result: Document = {
        "check": finding.check,
        "layer": finding.layer.value,
        "outcome": finding.outcome.value,
        "severity": finding.severity.value,
        "subject": finding.subject,
        "actor": None if finding.actor is None else finding.actor.value,
        "evidence": dict(finding.evidence),
        "advice": list(finding.advice),
        "state": finding.state,
    }
    if show_personal and finding.personal:
        result["personal"] = dict(finding.personal)
    if messages is not None:
        result["text"] = _sentences(finding, messages)
    return result


def _sentences(finding: Finding, messages: Messages) -> Document:
    """The sentences of a finding, from its evidence alone: a file may be passed on."""
    from cardcheck.render.text import values_of  # needed with --with-text only

    values = values_of(finding, screen=False)
    return {
        "title": messages.check_title(finding.check),
        "first": messages.first(finding.check, finding.state, values),
        "technical": messages.technical(finding.check, finding.state, values),
        "advice": [_advice(identity, messages) for identity in finding.advice],
    }


def _advice(identity: str, messages: Messages) -> Document:
    words, row = messages.advice(identity), advice_table().get(identity)
    actor = None if row is None else row.actor
    return {"id": identity, "next": words.next, "more": list(words.more), "actor": actor}


def _summary(report: Report, messages: Messages) -> Document:
    from cardcheck.render.text import summary

    first, following = summary(report, messages, screen=False)
    return {"summary": {"first": first, "next": following}}


def cleaned(value: Any) -> Any:  # noqa: ANN401 - a JSON value
    """The value with every text in it made harmless; sentences keep their line feeds."""
    if isinstance(value, str):
        return "\n".join(safe(line) for line in value.split("\n"))
    if isinstance(value, dict):
        return {key: cleaned(item) for key, item in value.items()}
    return [cleaned(item) for item in value] if isinstance(value, list) else value
