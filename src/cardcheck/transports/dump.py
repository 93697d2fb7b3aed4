# SPDX-License-Identifier: Apache-2.0
"""The trace format ``cardcheck-apdu 1``, text to values and back (grammar: ``docs/traces.md``).

What belongs here: syntax, and the lines as they were written, so that a file survives reading and
writing byte for byte. What does not: what an exchange means, redaction (``privacy``), files.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from cardcheck.errors import TraceSyntaxError
from cardcheck.iso7816.hexview import bytes_of, hex_of
from cardcheck.transports.trace import (
    Exchange,
    Failure,
    Step,
    Trace,
    header_items,
    header_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cardcheck.transports.trace import TraceHeader

MAGIC: Final = "cardcheck-apdu 1"
SUFFIX: Final = ".apdu"
MAX_LINE: Final = 200_000
"""Characters in a line: 65,538 bytes (ISO/IEC 7816-3, 12.1) fit, blanks included."""
MAX_BYTES: Final = 64 * 1024 * 1024
"""Bytes in a file; a full scan is about 10,000."""
_OPENERS: Final = frozenset(">@")
_OUTCOMES: Final = frozenset("<!")
_SIGNS: Final = _OPENERS | _OUTCOMES
_PLAIN: Final = bytes((0x09, 0x0A, *range(0x20, 0x7F)))
_FORBIDDEN: Final = re.compile(
    "[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_COMMENT: Final = re.compile(r"(?:^|[ \t])#(.*)")
_HEADER_COMMENT: Final = re.compile(r"(?:^|[ \t]{2}|\t)#(.*)")  # a reader may be called "Reader #1"
_COMMENT_COLUMN: Final = 30
_SHORT: Final = 64  # characters


def parse_bytes(raw: bytes) -> Trace:
    """The trace in the bytes of a file.

    Raises:
        TraceSyntaxError: not UTF-8, too large, or not a trace.
    """
    if len(raw) > MAX_BYTES:
        raise TraceSyntaxError(1, f"larger than {MAX_BYTES} bytes")
    try:
        return parse(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise TraceSyntaxError(raw.count(b"\n", 0, error.start) + 1, "not UTF-8") from None


def parse(text: str) -> Trace:
    """The trace that ``text`` writes down; a byte-order mark and CRLF line ends are taken as well.

    Raises:
        TraceSyntaxError: with the line and what is wrong with it.
    """
    lines = _lines_of(text)
    if _split_comment(lines[0])[0] != MAGIC:
        raise TraceSyntaxError(1, f"does not begin with '{MAGIC}'")
    places = range(1, len(lines))
    body = next((i for i in places if lines[i].lstrip(" \t")[:1] in _SIGNS), len(lines))
    header = header_of(
        (number, *_header_line(number, line)) for number, line, _ in _entries(lines[1:body], 2)
    )
    return Trace(header, tuple(_exchanges(lines, body)), tuple(lines))


def format_trace(trace: Trace) -> str:
    """The text of ``trace``: its lines as they were written, each ended by a newline."""
    return "\n".join(trace.lines) + "\n"


def compose(header: TraceHeader, exchanges: Iterable[Exchange]) -> Trace:
    """A new trace of these values, written in the usual form.

    Raises:
        TraceSyntaxError: a value that the format cannot carry.
    """
    lines = [MAGIC, *(f"{key}: {value}" for key, value in header_items(header)), ""]
    for exchange in exchanges:
        lines += [opener_of(exchange), _outcome_of(exchange)]
    trace = parse("\n".join(lines))
    if trace.header != header:
        raise TraceSyntaxError(1, "a header value that the format cannot carry")
    return trace


def _lines_of(text: str) -> list[str]:
    """The lines without their ends; none is too long or holds a control character."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").removesuffix("\n")
    lines = text.split("\n")
    if _is_plain(text) and max(map(len, lines)) <= MAX_LINE:
        return lines
    for number, line in enumerate(lines, 1):
        if len(line) > MAX_LINE:
            raise TraceSyntaxError(number, f"longer than {MAX_LINE} characters")
        if _FORBIDDEN.search(line):
            raise TraceSyntaxError(number, "a control character")
    return lines


def _is_plain(text: str) -> bool:
    """Whether ``text`` is printable ASCII in lines, as nearly every trace is."""
    return text.isascii() and not text.encode().translate(None, _PLAIN)


def _entries(lines: list[str], first: int) -> Iterator[tuple[int, str, str]]:
    """Number, content and comment of every line that has content; ``first`` is the first number."""
    for number, line in enumerate(lines, first):
        content, comment = _split_comment(line) if "#" in line else (line.strip(" \t"), "")
        if content:
            yield number, content, comment


def _split_comment(line: str) -> tuple[str, str]:
    """Content and comment of a line."""
    stripped = line.strip(" \t")
    mark = _COMMENT if stripped[:1] in _SIGNS else _HEADER_COMMENT
    match = mark.search(stripped, max(stripped.find("#") - 2, 0))
    if match is None:
        return stripped, ""
    return stripped[: match.start()].rstrip(" \t"), match[1].strip(" \t")


def _header_line(number: int, content: str) -> tuple[str, str]:
    key, colon, value = content.partition(":")
    if not colon:
        raise TraceSyntaxError(number, "neither 'key: value' nor an exchange")
    return key, value.strip(" \t")


def _exchanges(lines: list[str], body: int) -> Iterator[Exchange]:
    """The exchanges in the lines from ``body`` on, counted from 0.

    Most are as ``compose`` writes them and are read at once; from the first on that is not, all
    that the grammar allows is looked for.
    """
    for place in range(body, len(lines) - 1, 2):
        exchange = _plain_exchange(lines[place], lines[place + 1], place + 1)
        if exchange is None:
            yield from _odd_exchanges(_entries(lines[place:], place + 1))
            return
        yield exchange
    if (len(lines) - body) % 2:
        yield from _odd_exchanges(_entries(lines[-1:], len(lines)))


def _plain_exchange(asked: str, answered: str, number: int) -> Exchange | None:
    """The exchange in two lines as ``compose`` writes them, or None where they are otherwise."""
    if asked[:2] != "> " or answered[:2] != "< ":
        return None
    digits, _, comment = answered.partition("  # ")
    try:
        command, response = _hex(number, asked[2:]), _hex(number, digits[2:])
    except TraceSyntaxError:
        return None  # whatever it is, it is said with its right line by who reads it more closely
    if len(command) < 4 or len(response) < 2:
        return None
    milliseconds = _milliseconds_in(comment) if comment else None
    return Exchange(command, response, milliseconds=milliseconds, line=number)


def _odd_exchanges(entries: Iterable[tuple[int, str, str]]) -> Iterator[Exchange]:
    """The exchanges: an opening line (``>`` or ``@``) and its outcome (``<`` or ``!``) each."""
    opened: tuple[int, bytes | Step] | None = None
    for number, content, comment in entries:
        sign, value = content[0], content[1:].strip(" \t")
        if opened is None:
            if sign not in _OPENERS:
                raise TraceSyntaxError(number, "expected a command (>) or a step (@)")
            opened = number, _command(number, value) if sign == ">" else _step(number, value)
        else:
            if sign not in _OUTCOMES:
                raise TraceSyntaxError(number, "expected an answer (<) or a failure (!)")
            yield _exchange(opened, number, content, comment)
            opened = None
    if opened is not None:
        raise TraceSyntaxError(opened[0], "no answer follows")


def _exchange(
    opened: tuple[int, bytes | Step], number: int, content: str, comment: str
) -> Exchange:
    line, asked = opened
    outcome = content[1:].strip(" \t")
    milliseconds = _milliseconds_in(comment)
    if content[0] == "!":
        failure = _failure(number, outcome)
        return Exchange(asked, failure=failure, milliseconds=milliseconds, line=line)
    if isinstance(asked, Step):
        raise TraceSyntaxError(number, "a step is written down only where it fails (!)")
    response = _hex(number, outcome)
    if len(response) < 2:
        raise TraceSyntaxError(number, "an answer has at least the two bytes of a status word")
    return Exchange(asked, response, milliseconds=milliseconds, line=line)


def _command(number: int, value: str) -> bytes:
    command = _hex(number, value)
    if len(command) < 4:
        raise TraceSyntaxError(number, "a command has at least the four bytes of its header")
    return command


def _step(number: int, value: str) -> Step:
    try:
        return Step(value)
    except ValueError:
        raise TraceSyntaxError(number, f"a step is one of {', '.join(Step)}") from None


def _failure(number: int, value: str) -> Failure:
    try:
        return Failure.parse(value)
    except ValueError as error:
        raise TraceSyntaxError(number, str(error)) from None


def _hex(number: int, value: str) -> bytes:
    try:
        return _short_hex(value) if len(value) <= _SHORT else bytes_of(value.replace("\t", " "))
    except ValueError:
        raise TraceSyntaxError(number, "not hexadecimal digits in pairs") from None


@lru_cache(maxsize=1024)
def _short_hex(value: str) -> bytes:
    """The bytes of a short value: commands and status words, the same ones in every trace."""
    return bytes_of(value.replace("\t", " "))


@lru_cache(maxsize=1024)
def _milliseconds_in(comment: str) -> int | None:
    """The time in a comment ``12 ms``; any other comment is only that."""
    digits, _, unit = comment.partition(" ")
    plain = (
        unit.split(" ")[0] == "ms" and digits.isascii() and digits.isdigit() and len(digits) <= 9
    )
    return int(digits) if plain else None


def opener_of(exchange: Exchange) -> str:
    """The line with which ``exchange`` begins: its command, or its step."""
    asked = exchange.asked
    return f"@ {asked}" if isinstance(asked, Step) else f"> {hex_of(asked)}"


def _outcome_of(exchange: Exchange) -> str:
    response = hex_of(exchange.response or b"")
    outcome = f"< {response}" if exchange.failure is None else f"! {exchange.failure}"
    if exchange.milliseconds is None:
        return outcome
    return f"{outcome:<{_COMMENT_COLUMN}}  # {exchange.milliseconds} ms"
