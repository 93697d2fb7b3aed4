# SPDX-License-Identifier: Apache-2.0
"""``cardcheck exit-codes``, ``checks`` and ``schema``: what other programs may rely on, printed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from cardcheck.checks.exit_codes import ExitCode
from cardcheck.cli.language import group_lang_option, lang_option, language
from cardcheck.cli.options import Instant
from cardcheck.cli.schemas import DOCUMENTS, REPORT, schema

if TYPE_CHECKING:
    from datetime import datetime

    from cardcheck.catalog.messages import Messages


@click.command(name="exit-codes")
@lang_option
def exit_codes_command(lang: str | None) -> None:
    """Print the exit codes and what they mean."""
    messages = _messages(lang)
    rows = ((code.value, messages.word("exit-code", str(code.value))) for code in ExitCode)
    _print("\n".join(f"{value:>3}  {meaning}" for value, meaning in rows))


@click.command(name="checks")
@lang_option
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
@click.option("--overdue", is_flag=True, help="Print the rows of data that are due for review.")
@click.option("--at", type=Instant(), metavar="DATETIME", help="Due at that instant.")
def checks_command(
    lang: str | None, at: datetime | None, *, as_json: bool, overdue: bool
) -> ExitCode:
    """Print every check with its link of the chain.

    With --overdue: where the data behind the checks come from, and which of their rows are due for
    review; ends with 1 where one is.
    """
    if overdue:
        return _overdue(at, _messages(lang), as_json=as_json)

    from cardcheck.catalog.errands import check_causes, rules
    from cardcheck.checks.registry import every_check

    messages = _messages(lang)
    if as_json:
        from cardcheck.render.json_report import dumps
        from cardcheck.render.reference_json import CheckRow

        listed = [
            CheckRow(
                id=check.id,
                layer=check.layer,
                title=messages.check_title(check.id),
                follows_from=check_causes(check.id),
            )
            for check in every_check()
        ]
        _print(dumps(listed).rstrip("\n"))
    else:
        rows = [
            (check.id, check.layer.value, messages.check_title(check.id)) for check in every_check()
        ]
        width = max(len(row[0]) for row in rows)
        _print("\n".join(f"{name:{width}}  {layer:11}  {title}" for name, layer, title in rows))
        _print(f"\n{messages.label('follows-from')}:")
        _print("\n".join(f"{effect}  <-  {', '.join(c)}" for effect, c in rules().items()))
    return ExitCode.OK


def _overdue(at: datetime | None, messages: Messages, *, as_json: bool) -> ExitCode:
    from datetime import UTC, datetime

    from cardcheck.catalog.review import rows
    from cardcheck.facts.calendar import JST
    from cardcheck.render.review_text import review_text

    found = rows((at or datetime.now(UTC)).astimezone(JST).date())
    if as_json:
        from cardcheck.render.json_report import dumps
        from cardcheck.render.reference_json import overdue_document

        _print(dumps(overdue_document(found)).rstrip("\n"))
    else:
        _print(review_text(found, messages))
    return ExitCode.PROBLEM if any(row.due for row in found) else ExitCode.OK


@click.command(name="schema")
@click.argument("name", required=False, type=click.Choice(list(DOCUMENTS)), metavar="[NAME]")
@click.option("--list", "listed", is_flag=True, help="List the documents.")
@group_lang_option
def schema_command(name: str | None, *, listed: bool) -> None:
    """Print the JSON Schema of the document NAME: report, if left out.

    A report is what scan, readers, place and isolate write with --json; the other documents are
    named after their command.
    """
    if listed:
        _print("\n".join(DOCUMENTS))
        return
    from cardcheck.codec import encoded

    _print(encoded(schema(name or REPORT)).rstrip("\n"))


def _messages(lang: str | None) -> Messages:
    from cardcheck.catalog.messages import load

    return load(language(lang))


def _print(text: str) -> None:
    from cardcheck.render.streams import write_text

    write_text(sys.stdout, text + "\n")
