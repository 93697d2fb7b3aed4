# SPDX-License-Identifier: Apache-2.0
"""What is said of a replayed trace, and of all of them.

What belongs here: what is said. What does not: layout (``render``), when it is written (``cli``).
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Protocol

from cardcheck.render.document import Document, Item, Listing, Paragraph, Section, Table
from cardcheck.render.junit import Case, CaseResult, Suite
from cardcheck.render.marks import Mark
from cardcheck.render.text import banner
from cardcheck.report.model import Source
from cardcheck.traces.judge import Result

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from cardcheck.catalog.messages import Messages
    from cardcheck.traces.batch import Outcome

_MARKS = {
    Result.PASSED: Mark.OK,
    Result.FAILED: Mark.ERROR,
    Result.UNREADABLE: Mark.UNKNOWN,
    Result.SKIPPED: Mark.NOTE,
}
_CASES = {
    Result.PASSED: CaseResult.PASSED,
    Result.FAILED: CaseResult.FAILED,
    Result.UNREADABLE: CaseResult.ERROR,
    Result.SKIPPED: CaseResult.SKIPPED,
}


class Counted(Protocol):
    """How many files ended how, and how long it took."""

    @property
    def counts(self) -> Mapping[Result, int]:
        """By result."""

    @property
    def seconds(self) -> float:
        """Since the beginning."""


def outcome_block(outcome: Outcome, messages: Messages) -> Listing:
    """How one trace ended, and what is not as it should be."""
    word = messages.label("updated" if outcome.updated else outcome.result.value)
    verdict = f"  {outcome.verdict}" if outcome.verdict else ""
    remarks = [*_remarks(outcome, messages), *_rewritten(outcome)]
    below = tuple(Paragraph(text=text) for text in remarks)
    item = Item(text=f"{word}  {outcome.name}{verdict}", mark=_MARKS[outcome.result], below=below)
    return Listing(items=(item,))


def _rewritten(outcome: Outcome) -> Iterator[str]:
    if outcome.updated is not None:
        old, new = outcome.updated
        yield from (f"- expect: {old}",) if old else ()
        yield f"+ expect: {new}"


def outcomes_table(outcomes: Iterable[Outcome], messages: Messages) -> Table:
    """One row a trace."""
    head = tuple(messages.label(key) for key in ("trace", "result", "verdict", "differences"))
    return Table(
        head=head,
        rows=tuple(
            (
                outcome.name,
                outcome.result.value,
                outcome.verdict,
                "; ".join(_remarks(outcome, messages)),
            )
            for outcome in outcomes
        ),
    )


def _remarks(outcome: Outcome, messages: Messages) -> Iterator[str]:
    label = messages.label
    if outcome.result is Result.SKIPPED:
        yield label("partial")
    if outcome.reason is not None:
        yield outcome.reason
    for about, expected, got in outcome.differences:
        key = "difference" if expected else "found"
        yield label(key, about=about, expected=expected, got=got)
    if outcome.differences:
        yield label("next", file=shlex.quote(outcome.name))


def total_block(counts: Mapping[Result, int], seconds: float, messages: Messages) -> Section:
    """How many ended how, and how fast."""
    total = sum(counts.values())
    said = [
        messages.label(
            "summary",
            total=total,
            seconds=f"{seconds:.1f}",
            rate=round(total / max(seconds, 0.001)),
            **{result.value: count for result, count in counts.items()},
        )
    ]
    if total == counts[Result.SKIPPED]:
        said.append(messages.label("nothing"))
    return Section(blocks=tuple(Paragraph(text=text) for text in said))


def outcomes_document(outcomes: Sequence[Outcome], tally: Counted, messages: Messages) -> Document:
    """All of them, those that did not pass first."""
    ranked = sorted(outcomes, key=lambda outcome: outcome.result is Result.PASSED)
    return Document(
        lang=messages.lang,
        title=messages.label("replay-title"),
        banner=banner(Source.REPLAY),
        blocks=(
            total_block(tally.counts, tally.seconds, messages),
            *(outcome_block(outcome, messages) for outcome in ranked),
        ),
    )


def suite_of(outcomes: Iterable[Outcome]) -> Suite:
    """All of them as test cases."""
    return Suite(name="replay", cases=tuple(map(case_of, outcomes)), source=Source.REPLAY)


def case_of(outcome: Outcome) -> Case:
    """One trace as a test case. Nothing personal can be in it: names of files, ids, states."""
    result, message = _CASES[outcome.result], ""
    if result is CaseResult.SKIPPED:
        message = "a part of a session; it cannot be diagnosed"
    elif result is CaseResult.ERROR:
        message = outcome.reason or ""
    elif result is CaseResult.FAILED:
        message = "; ".join(_told(outcome))
    return Case(
        name=outcome.name,
        result=result,
        message=message,
        body=_body(outcome) if result is CaseResult.FAILED else "",
        file=outcome.name,
        line=outcome.line,
    )


def _body(outcome: Outcome) -> str:
    """What is not as it should be, where, and the commands that show and settle it."""
    place = outcome.name if outcome.line is None else f"{outcome.name}:{outcome.line}"
    name = shlex.quote(outcome.name)
    lines = [place, *_told(outcome), f"to look: cardcheck scan --replay {name}"]
    if outcome.reason is None:
        lines.append(f"if that is right now: cardcheck replay --update-expect {name}")
    return "\n".join(lines)


def _told(outcome: Outcome) -> Iterator[str]:
    """What is not as it should be, in ids and states."""
    if outcome.reason is not None:
        yield outcome.reason
    for about, expected, got in outcome.differences:
        yield f"{about}: expected {expected}, got {got}" if expected else f"{about}: {got}"
