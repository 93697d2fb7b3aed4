# SPDX-License-Identifier: Apache-2.0
"""What ``explain`` found, as plain text.

What belongs here: the order of the parts and the layout. What does not: finding entries
(``catalog.search``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cardcheck.catalog.knowledge import entries, is_overdue, labels
from cardcheck.facts.calendar import BEFORE_REIWA
from cardcheck.render.base import WIDTH, wrapped
from cardcheck.render.reference_json import state_row
from cardcheck.render.remedy import lines_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from cardcheck.catalog.codes import Code
    from cardcheck.catalog.knowledge import Entry
    from cardcheck.catalog.messages import Messages
    from cardcheck.catalog.search import Answer
    from cardcheck.render.support_text import SupportText

_INDENT: Final = "  "


def explain_text(
    answer: Answer,
    messages: Messages,
    support: SupportText | None,
    today: date,
    *,
    width: int = WIDTH,
) -> str:
    """The answer as lines of at most ``width`` columns: the best entry whole, others in short."""
    sheet = _Sheet(messages, today, width)
    parts = [list(lines) for lines in sheet.paragraphs(answer, support)]
    return "\n\n".join("\n".join(lines) for lines in parts if lines) + "\n"


class _Sheet:
    def __init__(self, messages: Messages, today: date, width: int) -> None:
        self.messages = messages
        self.labels = labels(messages.lang)
        self.today = today
        self.width = width

    def paragraphs(self, answer: Answer, support: SupportText | None) -> Iterator[Iterable[str]]:
        if support is not None:
            yield self._lines(support.lines)
        yield from (self._code(code) for code in answer.codes)
        for unknown in answer.unknown:
            yield self._lines([self._label("unknown-code", code=unknown.key)])
        system = None if support is None else support.system
        for check, state in answer.states:
            yield self._state(check, state, system)
        if answer.hits:
            best, *others = (hit.entry for hit in answer.hits)
            yield self._whole(best, told=bool(answer.states))
            yield self._others(others)
        elif support is None:
            yield self._nothing(answer)

    def _state(self, check: str, state: str, system: str | None) -> Iterator[str]:
        """One state with its next step and commands, as a report of it has them."""
        said = state_row(check, state, self.messages, system)
        first = f"{said.first} [{check}:{state}]"
        yield from wrapped(first, self.width, first="- ", rest=_INDENT)
        if said.next is None or said.actor is None:
            return
        who = self.messages.word("actor", said.actor)
        yield from self._labelled("next", f"{said.next} ({who})")
        for label, commands in (("commands", said.commands), ("undo", said.undo)):
            if commands:
                yield f"{_INDENT}{self.messages.label(label)}:"
            for command in commands:
                yield from lines_of(command, _INDENT * 2)

    def _whole(self, entry: Entry, *, told: bool) -> Iterator[str]:
        """The entry; without its own steps where those of states were told already."""
        text = entry.texts[self.messages.lang]
        yield from wrapped(f"{text.title} [{entry.id}]", self.width)
        yield from wrapped(text.means, self.width, first=_INDENT)
        if not told:
            yield from self._labelled("next", text.next)
            yield from self._list("then", text.steps)
        yield from self._list("never", text.never)
        yield from self._labelled("cause", text.cause)
        if not told:
            yield from self._labelled("who", self.messages.word("actor", entry.actor))
        yield from wrapped(
            self._label("tested" if entry.findings else "not-tested"), self.width, first=_INDENT
        )
        yield from self._labelled(
            "confidence", f"{self._label(entry.confidence)} ({self._as_of(entry)})"
        )
        if is_overdue(entry.as_of, self.today):
            yield from wrapped(self._label("old"), self.width, first=_INDENT)

    def _others(self, others: list[Entry]) -> Iterator[str]:
        if others:
            yield f"{self._label('others')}:"
        for entry in others:
            text = entry.texts[self.messages.lang]
            yield from wrapped(f"{text.title} [{entry.id}]", self.width, first=f"{_INDENT}- ")
            yield from wrapped(text.next, self.width, first=_INDENT * 3)
        if others:
            yield from wrapped(self._label("more", id=others[0].id), self.width, first=_INDENT)

    def _code(self, code: Code) -> Iterator[str]:
        name = f" ({code.name})" if code.name else ""
        label = self._label("code" if code.sure else "unsure", code=code.key)
        yield from wrapped(f"{label}{name}: {code.text(self.messages.lang)}", self.width)

    def _nothing(self, answer: Answer) -> Iterator[str]:
        yield from wrapped(self._label("nothing"), self.width)
        yield from wrapped(self._label("hint"), self.width)
        yield f"{self._label('nearest')}:"
        for key in answer.nearest:
            title = entries()[key].texts[self.messages.lang].title
            yield from wrapped(f"{title} [{key}]", self.width, first=f"{_INDENT}- ")

    def _lines(self, texts: Iterable[str]) -> Iterator[str]:
        for text in texts:
            yield from wrapped(text, self.width)

    def _labelled(self, name: str, value: str) -> list[str]:
        return wrapped(value, self.width, first=f"{_INDENT}{self._label(name)}: ", rest=_INDENT * 2)

    def _list(self, name: str, values: Iterable[str]) -> Iterator[str]:
        items = [
            line
            for value in values
            for line in wrapped(value, self.width, first=f"{_INDENT * 2}- ")
        ]
        if items:
            yield f"{_INDENT}{self._label(name)}:"
            yield from items

    def _as_of(self, entry: Entry) -> str:
        year, month = map(int, entry.as_of.split("-"))
        era = self.messages.label("reiwa", number=year - BEFORE_REIWA)
        return self._label("as-of", era=era, year=year, month=month)

    def _label(self, key: str, **values: object) -> str:
        return self.labels[key].format_map(values) if values else self.labels[key]
