# SPDX-License-Identifier: Apache-2.0
"""``cardcheck exit-codes``, ``checks`` and ``schema``: what other programs may rely on, printed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from cardcheck.cli.language import group_lang_option, lang_option
from cardcheck.cli.options import Instant, formats
from cardcheck.cli.output import Destination
from cardcheck.cli.schemas import DOCUMENTS, REPORT, schema
from cardcheck.render.formats import View

if TYPE_CHECKING:
    from datetime import datetime


_FORMATS = formats(View.SCREEN, View.PAGE, View.DATA, View.TABLE, pages=False)


@click.command(name="exit-codes")
@lang_option
@_FORMATS
def exit_codes_command(lang: str | None, **target: Any) -> int:  # noqa: ANN401 - from click
    """Print the exit codes and what they mean."""
    from cardcheck.cli.references import say_exit_codes

    return say_exit_codes(lang, Destination(**target))


@click.command(name="checks")
@lang_option
@_FORMATS
@click.option("--overdue", is_flag=True, help="Print the rows of data that are due for review.")
@click.option("--at", type=Instant(), metavar="DATETIME", help="Due at that instant.")
def checks_command(
    lang: str | None,
    at: datetime | None,
    *,
    overdue: bool,
    **target: Any,  # noqa: ANN401 - from click
) -> int:
    """Print every check with its link of the chain.

    With --overdue: where the data behind the checks come from, and which of their rows are due for
    review; ends with 1 where one is.
    """
    from cardcheck.cli.references import say_checks, say_overdue

    if overdue:
        return say_overdue(at, lang, Destination(**target))
    return say_checks(lang, Destination(**target))


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


def _print(text: str) -> None:
    from cardcheck.output.streams import write_text

    write_text(sys.stdout, text + "\n")
