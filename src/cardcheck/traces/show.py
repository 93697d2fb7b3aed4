# SPDX-License-Identifier: Apache-2.0
"""A trace for people to read: what was asked, what was answered, and what was in the files.

What belongs here: one line an exchange, and an outline where a file was read to its end. What does
not: judgement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from unicodedata import east_asian_width

from cardcheck.cards.exchange_log import FileContent, FileKey, SelectionTracker, answers_by_file
from cardcheck.iso7816.apdu import ResponseApdu
from cardcheck.traces.names import file_of, named
from cardcheck.traces.outline import outline, shown
from cardcheck.transports.privacy import command_answers
from cardcheck.transports.trace import Step, header_items

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cardcheck.catalog.messages import Messages
    from cardcheck.iso7816.status import StatusWord
    from cardcheck.transports.trace import Exchange, Trace

_COLUMN: Final = 64  # where the answer begins, in characters


def shown_trace(trace: Trace, messages: Messages) -> Iterator[str]:
    """The lines that tell what is in ``trace``."""
    for key, value in header_items(trace.header):
        yield f"{key}: {value}"
    yield ""
    spoken = command_answers(trace.exchanges)
    ends = {spans[-1].number: key for key, spans in answers_by_file(spoken).items()}
    contents = {key: FileContent(spans, spoken) for key, spans in answers_by_file(spoken).items()}
    tracker, total = SelectionTracker(), 0
    for number, exchange in enumerate(trace.exchanges):
        yield _line(exchange, tracker, messages)
        tracker.track(*spoken[number])
        total += exchange.milliseconds or 0
        if number in ends:
            yield from _outlined(ends[number], contents[ends[number]], messages)
    yield ""
    yield messages.label("show-total", exchanges=len(trace.exchanges), milliseconds=total)


def _line(exchange: Exchange, tracker: SelectionTracker, messages: Messages) -> str:
    """One exchange: its line in the file, the command by name, and what came of it."""
    if isinstance(exchange.asked, Step):
        asked = messages.word("step", exchange.asked.value)
    else:
        asked = asked_words(exchange.asked, tracker, messages)
    took = "" if exchange.milliseconds is None else f"  ({exchange.milliseconds} ms)"
    room = " " * max(_COLUMN - _width(asked), 1)
    return f"{exchange.line:>5}  {asked}{room}{answer_words(exchange, messages)}{took}"


def asked_words(command: bytes, tracker: SelectionTracker, messages: Messages) -> str:
    """A command in words, where ``tracker`` has got to."""
    what = named(command, tracker.application, tracker.file)
    values = dict(what.values)
    for section in ("application", "file"):
        if section in values:
            values[section] = messages.word(section, values[section]) if values[section] else "?"
    return messages.word("command", what.command).format_map(values)


def answer_words(exchange: Exchange, messages: Messages) -> str:
    """What came of a command, in words."""
    if exchange.failure is not None:
        return f"! {exchange.failure}  {messages.word('failure', exchange.failure.word)}"
    answer = ResponseApdu.parse(exchange.response or b"\x00\x00")
    size = messages.label("bytes", count=len(answer.data)) + ", " if answer.data else ""
    return f"{size}{answer.sw}  {status_words(answer.sw, messages)}"


def status_words(sw: StatusWord, messages: Messages) -> str:
    """A status word in words; of counters with the tries left."""
    if sw.tries_left is not None:
        return messages.label("tries-left", count=sw.tries_left)
    words = messages.word("status", str(sw))
    return words if words != str(sw) else messages.word("status", f"{sw.sw1:02X}xx")


def _outlined(key: FileKey, content: FileContent, messages: Messages) -> Iterator[str]:
    """What was in a file that was just read to as far as it was read."""
    if key.kind == "unknown":
        yield f"         {shown(content.known)}"
        return
    if key.kind == "object":
        title = f"{key.file:04X}"
    else:
        title = messages.word("file", file_of(key.application, key.file))
    yield "         " + messages.label("content", file=title, count=len(content.known))
    for line in outline(content.known):
        yield f"           {line}"


def _width(text: str) -> int:
    """Columns of a terminal that ``text`` takes."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
