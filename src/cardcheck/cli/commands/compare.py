# SPDX-License-Identifier: Apache-2.0
"""``cardcheck compare``: is it mended?"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click
from msgspec.structs import replace

from cardcheck.checks.exit_codes import ExitCode
from cardcheck.cli.language import lang_option, language
from cardcheck.cli.named import Input, Output

if TYPE_CHECKING:
    from cardcheck.report.comparison import Comparison
    from cardcheck.report.loaded import LoadedFinding, LoadedReport


@click.command(name="compare")
@click.argument("old", type=Input())
@click.argument("new", type=Input())
@click.option("--json", "as_json", is_flag=True, help="Write the comparison as JSON.")
@click.option("--output", type=Output(), metavar="FILE", help="Write to FILE (always UTF-8).")
@lang_option
def compare_command(
    old: str, new: str, *, as_json: bool, output: str | None, lang: str | None
) -> int:
    """Say what has changed between two reports.

    OLD and NEW are reports made with --json. Ends with 0 where nothing differs, with 1 where
    something does, with 2 where one is no report.
    """
    from cardcheck.render.streams import write_file_atomically, write_text
    from cardcheck.report.comparison import compared

    comparison = compared(_read(old), _read(new))
    text = _text_of(comparison, lang, as_json=as_json)
    if output is None:
        write_text(sys.stdout, text)
    else:
        write_file_atomically(output, text)
    return ExitCode.OK if comparison.same else ExitCode.PROBLEM


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


def _text_of(comparison: Comparison, lang: str | None, *, as_json: bool) -> str:
    if as_json:
        from cardcheck.render.json_report import dumps

        return dumps(comparison.document())
    from cardcheck.catalog.people import load_people
    from cardcheck.render.compare_text import compare_text

    return compare_text(comparison, load_people(language(lang)))
