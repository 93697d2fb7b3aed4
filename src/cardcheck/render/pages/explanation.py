# SPDX-License-Identifier: Apache-2.0
"""What ``explain`` found: the best entry whole, the others in short.

What belongs here: the order of the parts. What does not: finding
entries (``catalog.search``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cardcheck.catalog.knowledge import ASKING, entries, is_overdue, labels
from cardcheck.facts.calendar import BEFORE_REIWA
from cardcheck.render.document import (
    Bullet,
    Document,
    Headline,
    Item,
    Listing,
    Paragraph,
    Section,
    Tone,
    Verbatim,
)
from cardcheck.render.pages.report import commands
from cardcheck.render.reference_json import state_row

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from cardcheck.catalog.codes import Code
    from cardcheck.catalog.knowledge import Entry
    from cardcheck.catalog.messages import Messages
    from cardcheck.catalog.search import Answer
    from cardcheck.render.document import Block
    from cardcheck.render.pages.support import SupportText


def explanation_document(
    answer: Answer, messages: Messages, support: SupportText | None, today: date
) -> Document:
    """The answer in words."""
    page = _Page(messages, today)
    return Document(
        lang=messages.lang,
        title=page.label("title"),
        blocks=tuple(page.blocks(answer, support)),
    )


class _Page:
    def __init__(self, messages: Messages, today: date) -> None:
        self.messages = messages
        self.labels = labels(messages.lang)
        self.today = today

    def blocks(self, answer: Answer, support: SupportText | None) -> Iterator[Block]:
        if support is not None:
            yield support.block
        yield from (self._code(code) for code in answer.codes)
        for unknown in answer.unknown:
            yield Paragraph(text=self.label("unknown-code", code=unknown.key))
        system = None if support is None else support.system
        for check, state in answer.states:
            yield self._state(check, state, system)
        if answer.hits:
            best, *others = (hit.entry for hit in answer.hits)
            yield self._whole(best, told=bool(answer.states))
            if others:
                yield self._others(others)
        elif support is None:
            yield self._nothing(answer)

    def _state(self, check: str, state: str, system: str | None) -> Listing:
        """One state with its next step and commands, as a report of it has them."""
        said = state_row(check, state, self.messages, system)
        below: list[Paragraph | Verbatim] = []
        if said.next is not None and said.actor is not None:
            who = self.messages.word("actor", said.actor)
            below.append(Paragraph(text=f"{said.next} ({who})", label=self.label("next")))
            below += commands(tuple(said.commands), tuple(said.undo), self.messages)
        item = Item(text=f"{said.first} [{check}:{state}]", below=tuple(below))
        return Listing(items=(item,), bullet=Bullet.DASH)

    def _whole(self, entry: Entry, *, told: bool) -> Headline:
        """The entry; without its own steps where those of states were told already."""
        text = entry.texts[self.messages.lang]
        actor = self.messages.word("actor", entry.actor)
        sure = f"{self.label(entry.confidence)} ({self._as_of(entry)})"
        blocks: list[Block] = [Paragraph(text=text.means)]
        if not told:
            blocks.append(Paragraph(text=text.next, label=self.label("next"), tone=Tone.STEP))
            blocks += self._list("then", text.steps)
        blocks += self._list("never", text.never)
        blocks.append(Paragraph(text=text.cause, label=self.label("cause")))
        if not told:
            blocks.append(Paragraph(text=actor, label=self.label("who")))
        if entry.area != ASKING:
            blocks.append(Paragraph(text=self.label("tested" if entry.findings else "not-tested")))
        blocks.append(Paragraph(text=sure, label=self.label("confidence")))
        if is_overdue(entry.as_of, self.today):
            blocks.append(Paragraph(text=self.label("old")))
        return Headline(text=f"{text.title} [{entry.id}]", blocks=tuple(blocks))

    def _others(self, others: list[Entry]) -> Section:
        texts = [entry.texts[self.messages.lang] for entry in others]
        items = tuple(
            Item(text=f"{text.title} [{entry.id}]", below=(Paragraph(text=text.next),))
            for entry, text in zip(others, texts, strict=True)
        )
        more = Paragraph(text=self.label("more", id=others[0].id))
        listing = Listing(items=items, bullet=Bullet.DASH)
        return Section(title=self.label("others"), blocks=(listing, more))

    def _code(self, code: Code) -> Paragraph:
        name = f" ({code.name})" if code.name else ""
        label = self.label("code" if code.sure else "unsure", code=code.key)
        label = code.key if " " in code.key else label  # a message, or the name of a reader
        return Paragraph(text=f"{label}{name}: {code.text(self.messages.lang)}")

    def _nothing(self, answer: Answer) -> Headline:
        titles = ((key, entries()[key].texts[self.messages.lang].title) for key in answer.nearest)
        items = tuple(Item(text=f"{title} [{key}]") for key, title in titles)
        near = Listing(items=items, title=self.label("nearest"), bullet=Bullet.DASH)
        return Headline(
            text=self.label("nothing"), blocks=(Paragraph(text=self.label("hint")), near)
        )

    def _list(self, name: str, values: tuple[str, ...]) -> list[Block]:
        items = tuple(Item(text=value) for value in values)
        return [Listing(items=items, title=self.label(name), bullet=Bullet.DASH)] if items else []

    def _as_of(self, entry: Entry) -> str:
        year, month = map(int, entry.as_of.split("-"))
        era = self.messages.label("reiwa", number=year - BEFORE_REIWA)
        return self.label("as-of", source=self._dated(entry), era=era, year=year, month=month)

    def _dated(self, entry: Entry) -> str:
        """How old the source is, in words."""
        year, _, month = entry.source_date.partition("-")
        if not year.isdigit():
            return self.label("source-undated")
        kind = "source-month" if month else "source-year"
        return self.label(kind, year=year, month=month.lstrip("0"))

    def label(self, key: str, **values: object) -> str:
        """A word around the entries."""
        return self.labels[key].format_map(values) if values else self.labels[key]
