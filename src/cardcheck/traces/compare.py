# SPDX-License-Identifier: Apache-2.0
"""What differs between two traces: between two cards, or two versions of a card.

What belongs here: finding the differences. What does not: words (``show``). Compared are the
commands, the answers, and what is in the files, however it was cut into pieces; neither times, nor
who recorded it when, nor what must differ in two redactions of one card: keys and signatures.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from cardcheck.cards.exchange_log import FileContent, answers_by_file
from cardcheck.traces.names import file_of
from cardcheck.traces.outline import outline
from cardcheck.transports.privacy import command_answers
from cardcheck.transports.trace import header_items

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cardcheck.cards.exchange_log import FileKey
    from cardcheck.transports.trace import Exchange, Trace

_COMPARED: Final = frozenset({"reader", "backend", "usb", "slot", "service", "atr", "protocol"})
_MOST: Final = 4_000  # exchanges that are aligned with each other: the work grows with the square


class Comparison(Struct, frozen=True, kw_only=True):
    """What differs; nothing does where all of it is empty.

    Attributes:
        header: key, value in the first, value in the second.
        only_first: exchanges whose command is not in the second.
        only_second: exchanges whose command is not in the first.
        answers: pairs with one command and two outcomes.
        contents: file, and its outline in both.
        milliseconds: how long both took; no difference.
    """

    header: tuple[tuple[str, str, str], ...]
    only_first: tuple[Exchange, ...]
    only_second: tuple[Exchange, ...]
    answers: tuple[tuple[Exchange, Exchange], ...]
    contents: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]
    milliseconds: tuple[int, int]

    @property
    def differ(self) -> bool:
        """Whether there is a difference."""
        return any((self.header, self.only_first, self.only_second, self.answers, self.contents))


def compare(first: Trace, second: Trace) -> Comparison:
    """What differs between two traces."""
    left, right = first.exchanges[:_MOST], second.exchanges[:_MOST]
    matcher = SequenceMatcher(
        None, [each.asked for each in left], [each.asked for each in right], autojunk=False
    )
    gone: list[Exchange] = [*first.exchanges[_MOST:]]
    new: list[Exchange] = [*second.exchanges[_MOST:]]
    answers: list[tuple[Exchange, Exchange]] = []
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            answers += filter(_ended_otherwise, zip(left[a:b], right[c:d], strict=True))
        else:
            gone[:0], new[:0] = left[a:b], right[c:d]
    return Comparison(
        header=tuple(_header_differences(first, second)),
        only_first=tuple(sorted(gone, key=_line)),
        only_second=tuple(sorted(new, key=_line)),
        answers=tuple(answers),
        contents=tuple(_content_differences(first, second)),
        milliseconds=(_time(first), _time(second)),
    )


def _line(exchange: Exchange) -> int:
    return exchange.line


def _ended_otherwise(pair: tuple[Exchange, Exchange]) -> bool:
    """Whether two answers differ in more than their data, which is compared by file."""
    return _end(pair[0]) != _end(pair[1])


def _end(exchange: Exchange) -> object:
    answer = exchange.response
    return exchange.failure if answer is None else (len(answer), answer[-2:])


def _header_differences(first: Trace, second: Trace) -> Iterator[tuple[str, str, str]]:
    left, right = dict(header_items(first.header)), dict(header_items(second.header))
    for key in dict.fromkeys([*left, *right]):
        if key in _COMPARED and left.get(key) != right.get(key):
            yield key, left.get(key, ""), right.get(key, "")


def _content_differences(
    first: Trace, second: Trace
) -> Iterator[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """Files that both have, and whose outlines differ."""
    left, right = _contents(first), _contents(second)
    for key in left:
        if key in right and left[key] != right[key]:
            yield file_of(key.application, key.file), left[key], right[key]


def _contents(trace: Trace) -> dict[FileKey, tuple[str, ...]]:
    """The outline of every file, as it was read last."""
    spoken = command_answers(trace.exchanges)
    return {
        key._replace(session=0): tuple(outline(FileContent(spans, spoken).known))
        for key, spans in answers_by_file(spoken).items()
        if key.kind != "unknown"
    }


def _time(trace: Trace) -> int:
    return sum(exchange.milliseconds or 0 for exchange in trace.exchanges)
