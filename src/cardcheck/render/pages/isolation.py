# SPDX-License-Identifier: Apache-2.0
"""The search for the faulty part in words: what to change, and what it came to.

What belongs here: which sentence is said. What does not: the search itself (``checks.isolation``);
its ids arrive as plain strings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from cardcheck.render.base import joined
from cardcheck.render.document import (
    Document,
    Headline,
    Item,
    Listing,
    Paragraph,
    Tone,
)
from cardcheck.render.marks import Mark
from cardcheck.render.pages.report import report_page
from cardcheck.render.text import banner
from cardcheck.report.model import OF_A_CARD

if TYPE_CHECKING:
    from cardcheck.catalog.messages import Messages
    from cardcheck.report.model import Report

_MARKS = {
    "nothing": Mark.OK,
    "elsewhere": Mark.WARNING,
    "found": Mark.ERROR,
    "open": Mark.UNKNOWN,
}


class Told(Struct, frozen=True, kw_only=True):
    """What a search came to, as ids of words.

    Attributes:
        ending: ``nothing``, ``elsewhere``, ``found`` or ``open``.
        parts: what is, or may be, at fault.
        sure: how sure, or None.
        ruled_out: what is probably not at fault.
        layer: the link of the chain that is at fault, where it is elsewhere.
        trials: the step of each look (``None`` for the first; ``back-`` before one that was undone)
            and how it ended.
    """

    ending: str
    parts: tuple[str, ...] = ()
    sure: str | None = None
    ruled_out: tuple[str, ...] = ()
    layer: str | None = None
    trials: tuple[tuple[str | None, str], ...] = ()


def step_document(step: str, restore: str | None, messages: Messages) -> Document:
    """What to change now; ``restore`` is the step that is to be undone before, or None."""
    before = messages.word("isolate-restore", restore) if restore else ""
    told = f"{before} {messages.word('isolate-step', step)}".strip()
    return Document(
        lang=messages.lang,
        blocks=(Paragraph(text=told),),
        footers=(messages.label("isolate-keys"),),
    )


def isolation_screen(report: Report, told: Told, messages: Messages) -> Document:
    """What the search came to, for a screen."""
    return Document(
        lang=messages.lang,
        banner=banner(report.source),
        blocks=(_headline(told, messages), _trials(told, messages)),
        footers=(messages.label("footer-no-pin"),),
    )


def isolation_page(report: Report, told: Told, messages: Messages) -> Document:
    """The same as a page, with the last report behind it."""
    return report_page(
        report, messages, lead=_headline(told, messages), told=(_trials(told, messages),)
    )


def _headline(told: Told, messages: Messages) -> Headline:
    label = messages.label
    first, step = _sentences(told, messages)
    blocks = [Paragraph(text=step, label=label("next-step"), tone=Tone.STEP)]
    if told.sure:
        sure = messages.word("isolate-sure", told.sure)
        blocks.append(Paragraph(text=label("isolate-sure", sure=sure)))
    if told.ruled_out:
        parts = _parts(told.ruled_out, messages)
        blocks.append(Paragraph(text=label("isolate-ruled-out", parts=parts)))
    return Headline(text=first, mark=_MARKS[told.ending], blocks=tuple(blocks))


def _sentences(told: Told, messages: Messages) -> tuple[str, str]:
    """The conclusion and the next step."""
    if told.ending == "found":
        part = told.parts[0]
        name = messages.word("isolate-part", part)
        return messages.label("isolate-found", part=name), messages.word("isolate-next", part)
    if told.ending == "open":
        parts = _parts(told.parts, messages)
        return messages.label("isolate-open", parts=parts), messages.word("isolate-next", "open")
    layer = messages.word("layer", told.layer or "computer")
    unseen = told.ending == "elsewhere" and told.layer not in OF_A_CARD
    ending = "unseen" if unseen else told.ending
    first = messages.label(f"isolate-{ending}", layer=layer)
    return first, messages.label(f"isolate-{told.ending}-next")


def _trials(told: Told, messages: Messages) -> Listing:
    items = []
    for number, (step, symptom) in enumerate(told.trials, start=1):
        result = messages.word("isolate-result", symptom)
        shown = messages.word("isolate-step", step) if step else messages.label("isolate-first")
        items.append(
            Item(
                text=messages.label("isolate-trial", number=number, result=result),
                below=(Paragraph(text=shown),),
            )
        )
    return Listing(items=tuple(items), title=messages.label("isolate-trials"))


def _parts(parts: tuple[str, ...], messages: Messages) -> str:
    return joined(*(messages.word("isolate-part", part) for part in parts))
