# SPDX-License-Identifier: Apache-2.0
"""What ``explain`` says of what was asked."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cardcheck.catalog.messages import load
from cardcheck.checks.exit_codes import ExitCode
from cardcheck.cli.asking import ask
from cardcheck.cli.language import language
from cardcheck.cli.output import deliver
from cardcheck.composition.explanation import explain
from cardcheck.render.formats import Views
from cardcheck.render.pages.explanation import explanation_document
from cardcheck.render.pages.support import support_text
from cardcheck.render.reference_json import explain_document

if TYPE_CHECKING:
    from cardcheck.catalog.messages import Messages
    from cardcheck.cli.output import Destination
    from cardcheck.composition.explanation import Explanation


def explained(asked: str, limit: int, lang: str | None, target: Destination) -> int:
    """Says what ``asked`` means, and returns the exit code: 0 where something was found.

    Where nothing was asked, questions lead to it.
    """
    messages = load(language(lang, target.output))
    explanation = explain(asked or ask(messages.lang), limit=limit)
    code = ExitCode.OK if explanation.found else ExitCode.PROBLEM
    return deliver(_views(explanation, messages), target, code)


def _views(explanation: Explanation, messages: Messages) -> Views:
    answer, code = explanation.answer, explanation.support_code
    support = None if code is None else support_text(code, messages.lang)
    document = None if support is None else support.document
    today = datetime.now(UTC).date()
    return Views(
        screen=lambda: explanation_document(answer, messages, support, today),
        data=lambda: explain_document(answer, messages, document),
    )
