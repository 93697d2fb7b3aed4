# SPDX-License-Identifier: Apache-2.0
"""``cardcheck exit-codes``, ``checks`` and ``schema``: what other programs may rely on, printed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click
from msgspec.structs import replace

from cardcheck.checks.exit_codes import ExitCode
from cardcheck.cli.language import group_lang_option, lang_option, language
from cardcheck.cli.options import Instant, formats
from cardcheck.cli.output import Destination, deliver
from cardcheck.cli.schemas import DOCUMENTS, REPORT, schema
from cardcheck.render.document import Document, Table
from cardcheck.render.formats import View, Views

if TYPE_CHECKING:
    from datetime import datetime

    from cardcheck.catalog.messages import Messages

_FORMATS = formats(View.SCREEN, View.PAGE, View.DATA, View.TABLE, pages=False)


@click.command(name="exit-codes")
@lang_option
@_FORMATS
def exit_codes_command(lang: str | None, **target: Any) -> int:  # noqa: ANN401 - from click
    """Print the exit codes and what they mean."""
    messages = _messages(lang)
    head = (messages.label("exit-code"), messages.label("meaning"))
    rows = tuple((code.value, messages.word("exit-code", str(code.value))) for code in ExitCode)
    views = _table_views(Table(head=head, rows=rows), ("code", "meaning"), messages)
    return deliver(views, Destination(**target), ExitCode.OK)


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
    if overdue:
        return _overdue(at, _messages(lang), Destination(**target))
    return deliver(_checks(_messages(lang)), Destination(**target), ExitCode.OK)


def _checks(messages: Messages) -> Views:
    """Every check, and which states follow from which."""
    from cardcheck.catalog.errands import check_causes, rules
    from cardcheck.checks.registry import every_check
    from cardcheck.render.reference_json import CheckRow

    head = tuple(messages.label(key) for key in ("check", "link", "meaning"))
    listed = [
        CheckRow(
            id=check.id,
            layer=check.layer,
            title=messages.check_title(check.id),
            follows_from=check_causes(check.id),
        )
        for check in every_check()
    ]
    table = Table(head=head, rows=tuple((row.id, row.layer.value, row.title) for row in listed))
    follows = Table(
        title=messages.label("follows-from"),
        head=(messages.label("check"), messages.label("follows-from")),
        rows=tuple((effect, ", ".join(causes)) for effect, causes in rules().items()),
    )
    return replace(
        _table_views(table, (), messages),
        screen=lambda: Document(lang=messages.lang, title=table.head[0], blocks=(table, follows)),
        data=lambda: listed,
    )


def _table_views(table: Table, names: tuple[str, ...], messages: Messages) -> Views:
    """A table by itself; ``names`` are those of its columns in JSON."""
    return Views(
        screen=lambda: Document(lang=messages.lang, title=table.head[0], blocks=(table,)),
        data=lambda: [dict(zip(names, row, strict=True)) for row in table.rows],
        table=lambda: table,
    )


def _overdue(at: datetime | None, messages: Messages, target: Destination) -> int:
    from datetime import UTC, datetime

    from cardcheck.catalog.review import rows
    from cardcheck.facts.calendar import JST
    from cardcheck.render.pages.review import review_document, review_table
    from cardcheck.render.reference_json import overdue_document

    found = rows((at or datetime.now(UTC)).astimezone(JST).date())
    views = Views(
        screen=lambda: review_document(found, messages),
        data=lambda: overdue_document(found),
        table=lambda: review_table(found, messages),
    )
    due = any(row.due for row in found)
    return deliver(views, target, ExitCode.PROBLEM if due else ExitCode.OK)


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
    from cardcheck.output.streams import write_text

    write_text(sys.stdout, text + "\n")
