# SPDX-License-Identifier: Apache-2.0
"""The outcomes of a replay as JUnit XML, which CI systems read.

What belongs here: the form. Nothing personal can be in it: names of files, ids, states.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import quoteattr

from cardcheck.traces.judge import Result

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cardcheck.traces.batch import Outcome

# XML 1.0, 2.2: the characters that no document may have, not even escaped
_UNFIT: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class JunitSuite:
    """A test suite that is filled case by case."""

    def __init__(self) -> None:
        self._cases: list[str] = []
        self._counts = dict.fromkeys(Result, 0)

    def add(self, outcome: Outcome) -> None:
        """Notes one file."""
        self._counts[outcome.result] += 1
        named = f"<testcase classname={_quoted('cardcheck.replay')} name={_quoted(outcome.name)}"
        inside = _inside(outcome)
        self._cases.append(f"  {named}>{inside}</testcase>" if inside else f"  {named}/>")

    def text(self) -> str:
        """The whole document."""
        counts = self._counts
        head = (
            f'<testsuite name="cardcheck replay" tests="{sum(counts.values())}"'
            f' failures="{counts[Result.FAILED]}" errors="{counts[Result.UNREADABLE]}"'
            f' skipped="{counts[Result.SKIPPED]}">'
        )
        lines = ['<?xml version="1.0" encoding="UTF-8"?>', head, *self._cases, "</testsuite>"]
        return "\n".join(lines) + "\n"


def _inside(outcome: Outcome) -> str:
    """What a test case says of itself; nothing where it passed."""
    if outcome.result is Result.SKIPPED:
        return '<skipped message="a part of a session; it cannot be diagnosed"/>'
    if outcome.result is Result.UNREADABLE:
        return f"<error message={_quoted(outcome.reason or '')}/>"
    if outcome.result is Result.FAILED:
        return f"<failure message={_quoted('; '.join(told(outcome)))}/>"
    return ""


def told(outcome: Outcome) -> Iterable[str]:
    """What is not as it should be, one line each, in ids and states."""
    if outcome.reason is not None:
        yield outcome.reason
    for about, expected, got in outcome.differences:
        yield f"{about}: expected {expected}, got {got}" if expected else f"{about}: {got}"


def _quoted(text: str) -> str:
    return quoteattr(_UNFIT.sub("?", text))
