# SPDX-License-Identifier: Apache-2.0
"""What ``explain`` and ``checks`` say, as JSON documents.

What belongs here: names, order and meaning of fields. What does not: finding entries
(``catalog.search``), the rule of review (``catalog.review``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from cardcheck.catalog.data import origin
from cardcheck.catalog.knowledge import entries
from cardcheck.catalog.messages import advice_for, advice_of
from cardcheck.render.remedy import described

# Not only for type checkers: the schemas are made from the types of the fields.
from cardcheck.report.model import Actor, Layer, Verdict
from cardcheck.report.schema import known

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cardcheck.catalog.messages import Messages
    from cardcheck.catalog.review import Row
    from cardcheck.catalog.search import Answer, Hit


class EntryRow(Struct, frozen=True, kw_only=True):
    """One cause of trouble, in the language that was asked for.

    Attributes:
        id: stable id of the entry.
        score: 0 to 1: how much of what was asked it explains.
        title: the symptom or cause.
        means: what it means for the person who has it.
        next: the one next step.
        cause: why it is so.
        steps: what else helps, in order.
        never: what not to do.
        actor: who acts.
        findings: check:state of what cardcheck finds then.
        related: ids of entries that are easily taken for it.
        source: where it comes from.
        confidence: how sure it is.
        source_date: how old the newest source is: YYYY, YYYY-MM, or undated.
        as_of: year and month in which the entry was last looked at.
    """

    id: str
    score: Annotated[float, Meta(ge=0, le=1)]
    title: str
    means: str
    next: str
    cause: str
    steps: tuple[str, ...]
    never: tuple[str, ...]
    actor: Annotated[str, known(*Actor)]
    findings: tuple[str, ...]
    related: tuple[str, ...]
    source: str
    confidence: Annotated[str, known("high", "medium", "low")]
    source_date: str
    as_of: str


class CodeRow(Struct, frozen=True, kw_only=True):
    """One error code or status word.

    Attributes:
        code: as it is written officially.
        name: its symbolic name, or null.
        text: what it says.
        sure: false where it may be some other number.
    """

    code: str
    name: str | None
    text: str
    sure: bool


class NearestRow(Struct, frozen=True, kw_only=True):
    """An entry that may be meant, where nothing was found."""

    id: str
    title: str


class CodeFinding(Struct, frozen=True, kw_only=True):
    """A finding in a support code.

    Attributes:
        check: id of the check; null for one of a later version.
        state: its state, or the number of what is not known.
    """

    check: str | None
    state: str


class SupportDocument(Struct, frozen=True, kw_only=True):
    """A support code that was asked for: its contents, or what is wrong with it.

    Attributes:
        code: as it was given.
        error: why it cannot be read; only then.
        verdict: what the report came to.
        system: the system, or null.
        reader: id of the reader's model, or null.
        shared: whether other models have the same chip.
        findings: the worst first.
        cut: whether there was more than the code can hold.
    """

    code: str
    error: Annotated[str, known("length", "character", "check", "version")] | UnsetType = UNSET
    verdict: Verdict | UnsetType = UNSET
    system: str | UnsetType | None = UNSET
    reader: str | UnsetType | None = UNSET
    shared: bool | UnsetType = UNSET
    findings: tuple[CodeFinding, ...] | UnsetType = UNSET
    cut: bool | UnsetType = UNSET


class StateRow(Struct, frozen=True, kw_only=True):
    """One state that was named or that a code comes with, with what a report says of it.

    Attributes:
        check: id of the check.
        state: its state.
        first: one sentence for the person.
        next: the next step, or null.
        actor: who acts, or null.
        commands: what to type, in order; observed values as <name>.
        undo: what undoes it.
    """

    check: str
    state: str
    first: str
    next: str | None
    actor: Annotated[str, known(*Actor)] | None
    commands: tuple[str, ...]
    undo: tuple[str, ...]


class ExplainDocument(
    Struct, frozen=True, kw_only=True, tag_field="schema", tag="cardcheck.explain/1"
):
    """What was found in the knowledge base; what was asked is not in it.

    Attributes:
        results: entries, best first.
        codes: the codes that were recognised.
        unknown_codes: those that were not.
        nearest: entries that may be meant, where nothing was found.
        support_code: the support code that was asked for, or null.
        states: what was named or comes with a code, the likeliest first.
    """

    results: tuple[EntryRow, ...]
    codes: tuple[CodeRow, ...]
    unknown_codes: tuple[str, ...]
    nearest: tuple[NearestRow, ...]
    support_code: SupportDocument | None
    states: tuple[StateRow, ...] = ()


class DataInUse(Struct, frozen=True, kw_only=True):
    """The data tables in use.

    Attributes:
        as_of: as of when they are.
        signer: who signed the data set; null for the packaged data.
    """

    as_of: str
    signer: str | None


class OverdueRow(Struct, frozen=True, kw_only=True):
    """A row that is due for review.

    Attributes:
        table: the file that it stands in.
        id: its id there.
        as_of: year and month of its review.
        source: where it comes from.
        source_date: how old that is: YYYY, YYYY-MM or undated; empty where the source says it.
        because: why it is due.
    """

    table: str
    id: str
    as_of: str
    source: str
    source_date: str
    because: Annotated[str, known("age", "ended")]


class OverdueDocument(
    Struct, frozen=True, kw_only=True, tag_field="schema", tag="cardcheck.overdue/1"
):
    """Which rows of the data tables are due for review.

    Attributes:
        data: the data tables in use.
        rows: how many rows there are.
        overdue: those that are due.
    """

    data: DataInUse
    rows: Annotated[int, Meta(ge=0)]
    overdue: tuple[OverdueRow, ...]


class CheckRow(Struct, frozen=True, kw_only=True):
    """One check.

    Attributes:
        id: its id.
        layer: link of the chain.
        title: what it checks, in the language that was asked for.
        follows_from: the checks and states that its findings can follow from.
    """

    id: str
    layer: Layer
    title: str
    follows_from: tuple[str, ...] = ()


Checks = tuple[CheckRow, ...]
"""What ``checks --json`` prints."""


def explain_document(
    answer: Answer, messages: Messages, support: SupportDocument | None
) -> ExplainDocument:
    """The answer as a JSON document; what was asked is not in it."""
    lang = messages.lang
    return ExplainDocument(
        results=tuple(_entry(hit, messages) for hit in answer.hits),
        codes=tuple(
            CodeRow(code=code.key, name=code.name, text=code.text(lang), sure=code.sure)
            for code in answer.codes
        ),
        unknown_codes=tuple(code.key for code in answer.unknown),
        nearest=tuple(
            NearestRow(id=key, title=entries()[key].texts[lang].title) for key in answer.nearest
        ),
        support_code=support,
        states=tuple(
            state_row(check, state, messages, support.system or None if support else None)
            for check, state in answer.states
        ),
    )


def state_row(check: str, state: str, messages: Messages, system: str | None) -> StateRow:
    """One state with its next step and commands, as a report of it has them.

    Args:
        check: id of the check.
        state: its state.
        messages: the language.
        system: the computer that it is about, or None where that is not known.
    """
    ids = advice_for(check, state, system)
    first = advice_of(ids[0]) if ids else None
    return StateRow(
        check=check,
        state=state,
        first=messages.first(check, state, {}),
        next=messages.advice(first.id).next if first else None,
        actor=first.actor if first else None,
        commands=described(first.commands) if first else (),
        undo=described(first.undo) if first else (),
    )


def overdue_document(rows: Sequence[Row]) -> OverdueDocument:
    """The data in use and the rows that are due, as a JSON document."""
    due = (row for row in rows if row.due)
    return OverdueDocument(
        data=DataInUse(as_of=origin().as_of, signer=origin().signer),
        rows=len(rows),
        overdue=tuple(
            OverdueRow(
                table=row.table,
                id=row.id,
                as_of=row.as_of,
                source=row.source,
                source_date=row.source_date,
                because=row.due,
            )
            for row in due
        ),
    )


def _entry(hit: Hit, messages: Messages) -> EntryRow:
    entry = hit.entry
    text = entry.texts[messages.lang]
    return EntryRow(
        id=entry.id,
        score=hit.score,
        title=text.title,
        means=text.means,
        next=text.next,
        cause=text.cause,
        steps=text.steps,
        never=text.never,
        actor=entry.actor,
        findings=tuple(f"{check}:{state}" for check, state in entry.findings),
        related=entry.related,
        source=entry.source,
        confidence=entry.confidence,
        source_date=entry.source_date,
        as_of=entry.as_of,
    )
