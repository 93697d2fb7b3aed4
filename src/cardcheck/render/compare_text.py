# SPDX-License-Identifier: Apache-2.0
"""Two reports compared, in words: is it mended, what is new, what remains.

What belongs here: lines of text. What does not: the comparison (``report.comparison``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cardcheck.render.base import WIDTH, safe, wrapped
from cardcheck.render.marks import Mark
from cardcheck.render.streams import fitted
from cardcheck.report.comparison import Answer
from cardcheck.report.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cardcheck.catalog.messages import Messages
    from cardcheck.report.comparison import Change, Comparison
    from cardcheck.report.loaded import LoadedFinding

_INDENT = "  "
_MARKS = {
    Answer.NOTHING: Mark.OK,
    Answer.ALL_MENDED: Mark.OK,
    Answer.SOME_MENDED: Mark.WARNING,
    Answer.NONE_MENDED: Mark.ERROR,
    Answer.WORSE: Mark.ERROR,
    Answer.UNSURE: Mark.UNKNOWN,
}


def compare_text(
    comparison: Comparison, messages: Messages, *, width: int = WIDTH, encoding: str = "utf-8"
) -> str:
    """The comparison as plain text with a line feed at the end."""
    groups = (
        ("compare-added", Mark.ERROR, comparison.added),
        ("compare-remaining", Mark.ERROR, comparison.remaining),
        ("compare-unseen", Mark.UNKNOWN, comparison.unseen),
        ("compare-mended", Mark.OK, comparison.mended),
    )
    sheet = _Sheet(messages, width, encoding)
    parts = [sheet.head(comparison), *(sheet.group(*group) for group in groups)]
    paragraphs = (list(part) for part in parts)
    return "\n\n".join("\n".join(lines) for lines in paragraphs if lines) + "\n"


class _Sheet:
    def __init__(self, messages: Messages, width: int, encoding: str) -> None:
        self._messages = messages
        self._width = width
        self._encoding = encoding

    def head(self, comparison: Comparison) -> Iterator[str]:
        """The answer, then what it rests on."""
        answer = comparison.answer
        told = self._messages.label(f"compare-{answer.value}")
        yield from wrapped(told, self._width, first=f"{self._sign(_MARKS[answer])} ")
        ahead = (*comparison.added, *comparison.remaining)
        step = self._next(ahead[0].shown) if ahead else None
        if step:
            label = self._messages.label("compare-next", step=step)
            yield from wrapped(label, self._width, first=_INDENT, rest=_INDENT * 2)
        for key, report in (("compare-was", comparison.old), ("compare-is", comparison.new)):
            verdict = self._messages.word("verdict", report.verdict.value)
            line = self._messages.label(key, verdict=verdict)
            yield from wrapped(line, self._width, first=_INDENT)
        for note in comparison.notes:
            line = self._messages.label(f"compare-{note.value}")
            yield from wrapped(line, self._width, first="! ")

    def group(self, key: str, mark: Mark, changes: Sequence[Change]) -> Iterator[str]:
        """A heading and one line a problem."""
        if changes:
            yield from wrapped(f"{self._messages.label(key)}:", self._width)
        for change in changes:
            finding = change.shown
            worse = mark is not Mark.ERROR or finding.severity is Severity.ERROR
            first = f"{_INDENT}{self._sign(mark if worse else Mark.WARNING)} "
            yield from wrapped(self._sentence(finding), self._width, first=first)
            step = self._next(finding) if mark is Mark.ERROR else None
            if step:
                line = self._messages.label("compare-next", step=step)
                yield from wrapped(line, self._width, first=_INDENT * 3)

    def _sentence(self, finding: LoadedFinding) -> str:
        values = {
            name: safe(value) if isinstance(value, str) else value
            for name, value in finding.evidence.items()
        }
        told = self._messages.first(finding.check, finding.state, values)
        title = safe(self._messages.check_title(finding.check))
        return f"{title}: {told}"

    def _next(self, finding: LoadedFinding) -> str | None:
        """The next step, where this version knows the advice."""
        if not finding.advice:
            return None
        step = self._messages.advice(finding.advice[0]).next
        return None if step == finding.advice[0] else step

    def _sign(self, mark: Mark) -> str:
        return fitted(mark.sign, self._encoding)
