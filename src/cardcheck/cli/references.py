# SPDX-License-Identifier: Apache-2.0
"""What other programs may rely on, as tables: exit codes, checks, data that are due for review."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from msgspec.structs import replace

from cardcheck.catalog.errands import check_causes, rules
from cardcheck.catalog.messages import load
from cardcheck.catalog.review import rows
from cardcheck.checks.exit_codes import ExitCode
from cardcheck.checks.registry import every_check
from cardcheck.cli.language import language
from cardcheck.cli.output import deliver
from cardcheck.facts.calendar import JST
from cardcheck.render.document import Document, Table
from cardcheck.render.formats import Views
from cardcheck.render.pages.review import review_document, review_table
from cardcheck.render.reference_json import CheckRow, overdue_document

if TYPE_CHECKING:
    from cardcheck.catalog.messages import Messages
    from cardcheck.cli.output import Destination


def say_exit_codes(lang: str | None, target: Destination) -> int:
    """Prints the exit codes and what they mean."""
    messages = load(language(lang))
    head = (messages.label("exit-code"), messages.label("meaning"))
    rows = tuple((code.value, messages.word("exit-code", str(code.value))) for code in ExitCode)
    views = _table_views(Table(head=head, rows=rows), ("code", "meaning"), messages)
    return deliver(views, target, ExitCode.OK)


def say_checks(lang: str | None, target: Destination) -> int:
    """Prints every check, and which states follow from which."""
    return deliver(_checks(load(language(lang))), target, ExitCode.OK)


def _checks(messages: Messages) -> Views:
    """Every check, and which states follow from which."""
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


def say_overdue(at: datetime | None, lang: str | None, target: Destination) -> int:
    """Prints where the data are from and which rows are due, and returns the exit code."""
    messages = load(language(lang))
    found = rows((at or datetime.now(UTC)).astimezone(JST).date())
    views = Views(
        screen=lambda: review_document(found, messages),
        data=lambda: overdue_document(found),
        table=lambda: review_table(found, messages),
    )
    due = any(row.due for row in found)
    return deliver(views, target, ExitCode.PROBLEM if due else ExitCode.OK)
