# SPDX-License-Identifier: Apache-2.0
"""What a symptom, a message or a code means."""

from __future__ import annotations

from msgspec import Struct

from cardcheck.catalog.search import Answer, named, search
from cardcheck.render.pages.support import support_text
from cardcheck.report.support_code import code_in


class Explanation(Struct, frozen=True, kw_only=True):
    """What was found for a symptom, a message or a code.

    Attributes:
        found: whether anything was.
        answer: the entries, codes and states.
        support_code: the support code that was asked about, or None.
    """

    found: bool
    answer: Answer
    support_code: str | None = None


def explain(query: str, *, limit: int = 5) -> Explanation:
    """What a symptom, a message, an error code, a check or a support code means, offline.

    Args:
        query: free text in Japanese or English, or a code in any spelling.
        limit: how many entries at most.
    """
    code = code_in(query)
    if code is None:
        answer = search(query, limit)
        return Explanation(found=bool(answer.hits), answer=answer)
    support = support_text(code, "en")
    answer = Answer(
        hits=named(support.entries, limit),
        codes=(),
        unknown=(),
        nearest=(),
        states=tuple(pair for pair in support.findings if pair[0]),
    )
    return Explanation(found=support.valid, answer=answer, support_code=code)
