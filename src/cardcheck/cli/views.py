# SPDX-License-Identifier: Apache-2.0
"""A report as each format needs it; everything is loaded only when its format is asked for."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from cardcheck.catalog.people import load_people
from cardcheck.cli.language import language
from cardcheck.render.formats import Views
from cardcheck.report.model import Source

if TYPE_CHECKING:
    from cardcheck.catalog.messages import Messages
    from cardcheck.cli.options import Options
    from cardcheck.render.document import Document, Table
    from cardcheck.render.junit import Suite
    from cardcheck.render.nagios import Status
    from cardcheck.report.model import Report


def views_of_report(report: Report, messages: Messages, options: Options) -> Views:
    """A report as each format needs it."""

    def screen() -> Document:
        from cardcheck.render.pages.report import BRIEF, report_screen

        return report_screen(
            report,
            messages,
            show_personal=options.show_personal,
            technical=options.technical or options.show_personal or report.command not in BRIEF,
        )

    def page() -> Document:
        from cardcheck.render.pages.report import report_page

        return report_page(report, load_people(language(options.lang, options.html or "page")))

    def data() -> object:
        from cardcheck.render.json_report import document

        words = messages if options.with_text else None
        return document(report, show_personal=options.show_personal, messages=words)

    def table() -> Table:
        from cardcheck.render.pages.report import findings_table

        return findings_table(report, load_people(messages.lang))

    source = None if report.source is Source.HARDWARE else report.source.value
    return Views(
        screen=screen,
        page=page,
        data=data,
        table=table,
        suite=partial(_suite, report),
        status=partial(_status, report),
        source=source,
    )


def _suite(report: Report) -> Suite:
    from cardcheck.render.pages.cases import findings_suite

    return findings_suite(report)


def _status(report: Report) -> Status:
    from cardcheck.kiosk.monitoring import status_of_report

    return status_of_report(report)
