# SPDX-License-Identifier: Apache-2.0
"""``cardcheck compare``: is it mended?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from msgspec.structs import replace

from cardcheck.checks.exit_codes import ExitCode
from cardcheck.cli.language import lang_option, language
from cardcheck.cli.named import Input
from cardcheck.cli.options import formats
from cardcheck.render.formats import View, Views
from cardcheck.report.model import Source

if TYPE_CHECKING:
    from cardcheck.catalog.messages import Messages
    from cardcheck.render.document import Document, Table
    from cardcheck.report.comparison import Comparison
    from cardcheck.report.loaded import LoadedFinding, LoadedReport


@click.command(name="compare")
@click.argument("old", type=Input())
@click.argument("new", type=Input())
@formats(View.SCREEN, View.PAGE, View.DATA, View.TABLE)
@click.option("--plain", is_flag=True, help="Plain text, also on a terminal.")
@lang_option
def compare_command(old: str, new: str, *, lang: str | None, **target: Any) -> int:  # noqa: ANN401
    """Say what has changed between two reports.

    OLD and NEW are reports made with --json. Ends with 0 where nothing differs, with 1 where
    something does, with 2 where one is no report.
    """
    from cardcheck.cli.output import Destination, deliver
    from cardcheck.report.comparison import compared

    comparison = compared(_read(old), _read(new))
    code = ExitCode.OK if comparison.same else ExitCode.PROBLEM
    return deliver(_views(comparison, lang, target["output"]), Destination(**target), code)


def _read(name: str) -> LoadedReport:
    from cardcheck.errors import InputError
    from cardcheck.inputs import read_input
    from cardcheck.report.loaded import MAX_BYTES, parse_report

    data = read_input(name, MAX_BYTES)
    try:
        report = parse_report(data)
    except InputError as error:
        raise InputError(f"{name}: {error}") from None
    return replace(report, findings=tuple(_named_today(each) for each in report.findings))


def _named_today(finding: LoadedFinding) -> LoadedFinding:
    """The finding of an older report under the ids of today."""
    from cardcheck.catalog.aliases import state_now

    check, state = state_now(finding.check, finding.state)
    return replace(finding, check=check, state=state)


def _views(comparison: Comparison, lang: str | None, file: str | None) -> Views:
    def messages() -> Messages:
        from cardcheck.catalog.people import load_people

        return load_people(language(lang, file))

    def screen() -> Document:
        from cardcheck.render.pages.comparison import comparison_document

        return comparison_document(comparison, messages())

    def table() -> Table:
        from cardcheck.render.pages.comparison import comparison_table

        return comparison_table(comparison, messages())

    real = comparison.new.source == comparison.old.source == Source.HARDWARE
    source = None if real else f"{comparison.old.source}/{comparison.new.source}"
    return Views(screen=screen, data=comparison.document, table=table, source=source)
