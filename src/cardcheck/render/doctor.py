# SPDX-License-Identifier: Apache-2.0
"""A doctor's report: the page of ``text`` with the commands behind it, and ``cardcheck.doctor/1``.

What belongs here: what is different from a scan. Commands are printed as they are, never wrapped:
they are there to be copied.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET
from msgspec.structs import replace

from cardcheck.catalog.doctor import filled, load_doctor, remedy_of
from cardcheck.render import json_report, text
from cardcheck.render.age import age_notes
from cardcheck.render.document import Section, Verbatim
from cardcheck.render.pages.report import report_page, report_screen
from cardcheck.render.support import support_code
from cardcheck.report.documents import DoctorDocument, RemedyRow
from cardcheck.report.model import Finding, Outcome, Report, Severity, Source, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cardcheck.catalog.messages import Messages
    from cardcheck.render.document import Block, Document
    from cardcheck.render.text import Page


def doctor_page(report: Report, messages: Messages) -> Page:
    """What is said on a screen, without the commands (``remedies``)."""
    page = text.page(report, messages)
    snapshot = report.source is not Source.HARDWARE
    page = replace(
        page,
        banner=tuple(load_doctor(lang).label("from-snapshot") for lang in ("ja", "en"))
        if snapshot
        else (),
        notes=age_notes(report, messages),
        footers=(messages.label("footer-changes-nothing"),),
    )
    if report.verdict is not Verdict.READY:
        return page
    said = "only-some" if report.scope.only or report.scope.skip else "doctor-ready"
    headline = messages.label(said)
    return replace(page, headline=headline, verdict=headline, next=messages.label(f"{said}-next"))


def doctor_screen(report: Report, messages: Messages) -> Document:
    """What is said on a screen, with the commands for each problem and those that undo them."""
    shown = report_screen(report, messages, shown=doctor_page(report, messages))
    return replace(shown, blocks=(*shown.blocks, *_remedies(report, messages)))


def doctor_sheet(report: Report, messages: Messages) -> Document:
    """The same as a page."""
    shown = report_page(report, messages, shown=doctor_page(report, messages))
    *blocks, technical = shown.blocks
    return replace(shown, blocks=(*blocks, *_remedies(report, messages), technical))


def _remedies(report: Report, messages: Messages) -> Iterator[Block]:
    for finding in _pressing(report):
        commands, undo = _commands(finding)
        if commands:
            title = f"[{finding.check}] {messages.check_title(finding.check)}"
            told = [Section(title=messages.label("commands"), blocks=(Verbatim(lines=commands),))]
            if undo:
                told.append(Section(title=messages.label("undo"), blocks=(Verbatim(lines=undo),)))
            yield Section(title=title, blocks=tuple(told))


def _pressing(report: Report) -> list[Finding]:
    found = [f for f in report.findings if f.outcome is Outcome.PROBLEM]
    found.sort(key=lambda f: (-f.severity.rank, f.layer.position))
    return [f for f in found if f.severity is not Severity.INFO]


def _commands(finding: Finding) -> tuple[tuple[str, ...], tuple[str, ...]]:
    remedy = remedy_of(finding.check, finding.state)
    if remedy is None:
        return (), ()
    values = text.values_of(finding)
    return filled(remedy.commands, values), filled(remedy.undo, values)


def doctor_data(report: Report, messages: Messages | None = None) -> DoctorDocument:
    """The report as ``cardcheck.doctor/1``: that of a scan without cards, with ``remedies``.

    Args:
        report: what to write.
        messages: where given, findings get their sentences, the report a ``summary``.
    """
    return DoctorDocument(
        tool=json_report.tool(),
        report_id=report.report_id,
        station=report.station,
        generated_at=json_report.instant(report.generated_at),
        milliseconds=report.milliseconds,
        command=report.command,
        source=report.source.value if report.source is Source.HARDWARE else "snapshot",
        simulated_profile=UNSET if report.profile is None else report.profile,
        scope=report.scope,
        platform=report.platform,
        verdict=report.verdict,
        exit_code=report.exit_code,
        summary=json_report.summary_of(report, messages) if messages else UNSET,
        readers=tuple(json_report.reader_row(each) for each in report.readers),
        findings=tuple(
            json_report.finding_row(number, each, messages)
            for number, each in enumerate(report.findings)
        ),
        support_code=support_code(report),
        remedies=tuple(_remedy(finding) for finding in _pressing(report) if finding.advice),
    )


def _remedy(finding: Finding) -> RemedyRow:
    commands, undo = _commands(finding)
    return RemedyRow(
        check=finding.check,
        id=finding.advice[0],
        actor=finding.actor,
        commands=commands,
        undo=undo,
    )
