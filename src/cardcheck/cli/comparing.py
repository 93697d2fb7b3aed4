# SPDX-License-Identifier: Apache-2.0
"""What ``compare`` says of two reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from cardcheck.catalog.aliases import state_now
from cardcheck.catalog.people import load_people
from cardcheck.checks.exit_codes import ExitCode
from cardcheck.cli.language import language
from cardcheck.cli.output import deliver
from cardcheck.errors import InputError
from cardcheck.inputs import read_input
from cardcheck.render.formats import Views
from cardcheck.render.pages.comparison import comparison_document, comparison_table
from cardcheck.report.comparison import compared
from cardcheck.report.loaded import MAX_BYTES, parse_report
from cardcheck.report.model import Source

if TYPE_CHECKING:
    from cardcheck.catalog.messages import Messages
    from cardcheck.cli.output import Destination
    from cardcheck.render.document import Document, Table
    from cardcheck.report.comparison import Comparison
    from cardcheck.report.loaded import LoadedFinding, LoadedReport


def compare_files(old: str, new: str, lang: str | None, target: Destination) -> int:
    """Says what has changed between two reports, and returns the exit code: 1 where anything has.

    Raises:
        InputError: a file that cannot be read, or is no report.
    """
    comparison = compared(_read(old), _read(new))
    code = ExitCode.OK if comparison.same else ExitCode.PROBLEM
    return deliver(_views(comparison, lang, target.output), target, code)


def _read(name: str) -> LoadedReport:
    data = read_input(name, MAX_BYTES)
    try:
        report = parse_report(data)
    except InputError as error:
        raise InputError(f"{name}: {error}") from None
    return replace(report, findings=tuple(_named_today(each) for each in report.findings))


def _named_today(finding: LoadedFinding) -> LoadedFinding:
    """The finding of an older report under the ids of today."""
    check, state = state_now(finding.check, finding.state)
    return replace(finding, check=check, state=state)


def _views(comparison: Comparison, lang: str | None, file: str | None) -> Views:
    def messages() -> Messages:
        return load_people(language(lang, file))

    def screen() -> Document:
        return comparison_document(comparison, messages())

    def table() -> Table:
        return comparison_table(comparison, messages())

    real = comparison.new.source == comparison.old.source == Source.HARDWARE
    source = None if real else f"{comparison.old.source}/{comparison.new.source}"
    return Views(screen=screen, data=comparison.document, table=table, source=source)
