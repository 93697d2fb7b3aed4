# SPDX-License-Identifier: Apache-2.0
"""The search for the faulty part in words: what to change, and what it came to.

What belongs here: lines of text. What does not: the search itself (``checks.isolation``); its ids
arrive as plain strings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from cardcheck.render.base import WIDTH, joined, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cardcheck.catalog.messages import Messages

_INDENT = "  "


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


def step_text(step: str, restore: str | None, messages: Messages, *, width: int = WIDTH) -> str:
    """What to change now; ``restore`` is the step that is to be undone before, or None."""
    before = messages.word("isolate-restore", restore) if restore else ""
    told = f"{before} {messages.word('isolate-step', step)}".strip()
    lines = [*wrapped(told, width, first="> "), *wrapped(messages.label("isolate-keys"), width)]
    return "\n" + "\n".join(lines) + "\n"


def isolation_text(told: Told, messages: Messages, *, width: int = WIDTH) -> str:
    """What the search came to, with a line feed at the end."""
    paragraphs = [list(_conclusion(told, messages, width)), list(_trials(told, messages, width))]
    return "\n\n".join("\n".join(lines) for lines in paragraphs if lines) + "\n"


def _conclusion(told: Told, messages: Messages, width: int) -> Iterator[str]:
    first, step = _sentences(told, messages)
    yield from wrapped(first, width)
    line = f"{messages.label('next-step')}: {step}"
    yield from wrapped(line, width, first=_INDENT, rest=_INDENT * 2)
    if told.sure:
        sure = messages.label("isolate-sure", sure=messages.word("isolate-sure", told.sure))
        yield from wrapped(sure, width, first=_INDENT)
    if told.ruled_out:
        label = messages.label("isolate-ruled-out", parts=_parts(told.ruled_out, messages))
        yield from wrapped(label, width, first=_INDENT)


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
    first = messages.label(f"isolate-{told.ending}", layer=layer)
    return first, messages.label(f"isolate-{told.ending}-next")


def _trials(told: Told, messages: Messages, width: int) -> Iterator[str]:
    for number, (step, symptom) in enumerate(told.trials, start=1):
        result = messages.word("isolate-result", symptom)
        yield from wrapped(messages.label("isolate-trial", number=number, result=result), width)
        shown = messages.word("isolate-step", step) if step else messages.label("isolate-first")
        yield from wrapped(shown, width, first=_INDENT)


def _parts(parts: tuple[str, ...], messages: Messages) -> str:
    return joined(*(messages.word("isolate-part", part) for part in parts))
