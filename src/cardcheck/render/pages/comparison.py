# SPDX-License-Identifier: Apache-2.0
"""Two reports compared, in words: is it mended, what is new, what remains.

What belongs here: which sentence is said. What does not: the comparison (``report.comparison``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cardcheck.render.base import safe
from cardcheck.render.document import (
    Document,
    Headline,
    Item,
    Listing,
    Paragraph,
    Section,
    Table,
    Tone,
)
from cardcheck.render.marks import Mark
from cardcheck.render.text import banner
from cardcheck.report.comparison import Answer
from cardcheck.report.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cardcheck.catalog.messages import Messages
    from cardcheck.render.document import Block
    from cardcheck.report.comparison import Change, Comparison
    from cardcheck.report.loaded import LoadedFinding

_MARKS = {
    Answer.NOTHING: Mark.OK,
    Answer.ALL_MENDED: Mark.OK,
    Answer.SOME_MENDED: Mark.WARNING,
    Answer.NONE_MENDED: Mark.ERROR,
    Answer.WORSE: Mark.ERROR,
    Answer.UNSURE: Mark.UNKNOWN,
}


def comparison_document(comparison: Comparison, messages: Messages) -> Document:
    """The answer, what it rests on, and each problem."""
    notes = tuple(
        Paragraph(text=messages.label(f"compare-{note.value}"), mark=Mark.WARNING)
        for note in comparison.notes
    )
    blocks: list[Block] = [_headline(comparison, messages)]
    if notes:
        blocks.append(Section(blocks=notes))
    blocks += [_group(*group, messages) for group in _groups(comparison) if group[2]]
    return Document(
        lang=messages.lang,
        title=messages.label("compare-title"),
        banner=_banner(comparison),
        blocks=tuple(blocks),
    )


def comparison_table(comparison: Comparison, messages: Messages) -> Table:
    """One row a problem."""
    names = ("html-state", "html-check", "next-step")
    return Table(
        head=tuple(map(messages.label, names)),
        rows=tuple(
            (messages.label(key), change.shown.check, _next(change.shown, messages))
            for key, _, changes in _groups(comparison)
            for change in changes
        ),
    )


def _groups(comparison: Comparison) -> Iterator[tuple[str, Mark, Sequence[Change]]]:
    yield "compare-added", Mark.ERROR, comparison.added
    yield "compare-remaining", Mark.ERROR, comparison.remaining
    yield "compare-unseen", Mark.UNKNOWN, comparison.unseen
    yield "compare-mended", Mark.OK, comparison.mended


def _banner(comparison: Comparison) -> tuple[str, ...]:
    """That one of the two reports is of no real card."""
    return banner(comparison.new.source) or banner(comparison.old.source)


def _headline(comparison: Comparison, messages: Messages) -> Headline:
    ahead = (*comparison.added, *comparison.remaining)
    step = _next(ahead[0].shown, messages) if ahead else None
    blocks: list[Block] = []
    if step:
        blocks.append(Paragraph(text=step, label=messages.label("next-step"), tone=Tone.STEP))
    for key, report in (("compare-was", comparison.old), ("compare-is", comparison.new)):
        verdict = messages.word("verdict", report.verdict.value)
        blocks.append(Paragraph(text=messages.label(key, verdict=verdict)))
    answer = comparison.answer
    text = messages.label(f"compare-{answer.value}")
    return Headline(text=text, mark=_MARKS[answer], blocks=tuple(blocks))


def _group(key: str, mark: Mark, changes: Sequence[Change], messages: Messages) -> Listing:
    items = tuple(_item(mark, change.shown, messages) for change in changes)
    return Listing(title=messages.label(key), items=items)


def _item(mark: Mark, finding: LoadedFinding, messages: Messages) -> Item:
    worse = mark is not Mark.ERROR or finding.severity is Severity.ERROR
    step = _next(finding, messages) if mark is Mark.ERROR else None
    below = (Paragraph(text=step, label=messages.label("next-step")),) if step else ()
    return Item(
        text=_sentence(finding, messages), mark=mark if worse else Mark.WARNING, below=below
    )


def _sentence(finding: LoadedFinding, messages: Messages) -> str:
    values = {
        name: safe(value) if isinstance(value, str) else value
        for name, value in finding.evidence.items()
    }
    told = messages.first(finding.check, finding.state, values)
    return f"{messages.check_title(finding.check)}: {told}"


def _next(finding: LoadedFinding, messages: Messages) -> str | None:
    """The next step, where this version knows the advice."""
    if not finding.advice:
        return None
    step = messages.advice(finding.advice[0]).next
    return None if step == finding.advice[0] else step
