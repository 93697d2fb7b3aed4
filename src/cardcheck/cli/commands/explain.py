# SPDX-License-Identifier: Apache-2.0
"""``cardcheck explain``: what a symptom, a message or a code means, offline."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import click

from cardcheck.catalog.messages import load
from cardcheck.checks.exit_codes import ExitCode
from cardcheck.cli.language import lang_option, language
from cardcheck.cli.options import formats
from cardcheck.cli.output import Destination, deliver
from cardcheck.composition.library import explain
from cardcheck.render.formats import View, Views
from cardcheck.render.pages.explanation import explanation_document
from cardcheck.render.pages.support import support_text
from cardcheck.render.reference_json import explain_document

if TYPE_CHECKING:
    from cardcheck.catalog.messages import Messages
    from cardcheck.composition.library import Explanation

_MOST: Final = 50


@click.command(name="explain", context_settings={"ignore_unknown_options": True})
@click.argument("query", nargs=-1)
@formats(View.SCREEN, View.PAGE, View.DATA)
@click.option("--plain", is_flag=True, help="Plain text, also on a terminal.")
@lang_option
@click.option(
    "--limit", type=click.IntRange(1, _MOST), default=5, help="How many entries at most (5)."
)
def explain_command(
    query: tuple[str, ...],
    *,
    lang: str | None,
    limit: int,
    **target: Any,  # noqa: ANN401 - from click
) -> int:
    """Explain a symptom, a message, an error code or a support code.

    QUERY is free text in Japanese or English, a pasted message, a code in any spelling (0x8010001D,
    -2146435043, SCARD_E_NO_SERVICE, 6984, EW044-C300), the id of a check, a reader's model or USB
    id, or a support code (CC-...). Without QUERY, on a terminal, it asks some questions and leads
    to one cause. Never type a PIN. Ends with 0 where something was found, with 1 where nothing was.
    """
    from cardcheck.cli.asking import ask, can_ask

    asked = " ".join(query).strip()
    messages = _messages(lang, target["output"])
    if not asked and (query or not can_ask()):
        raise click.UsageError("say what to explain")
    explanation = explain(asked or ask(messages.lang), limit=limit)
    code = ExitCode.OK if explanation.found else ExitCode.PROBLEM
    return deliver(_views(explanation, messages), Destination(**target), code)


def _views(explanation: Explanation, messages: Messages) -> Views:
    answer, code = explanation.answer, explanation.support_code
    support = None if code is None else support_text(code, messages.lang)
    document = None if support is None else support.document
    today = datetime.now(UTC).date()
    return Views(
        screen=lambda: explanation_document(answer, messages, support, today),
        data=lambda: explain_document(answer, messages, document),
    )


def _messages(lang: str | None, file: str | None) -> Messages:
    return load(language(lang, file))
