# SPDX-License-Identifier: Apache-2.0
"""A placement run on the screen: the meter while it runs, and what it came to.

What belongs here: lines of text; nothing here depends on colour. What does not: numbers
(``checks.placement``) and when lines are written (``cli``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from cardcheck.render.base import WIDTH, cell_width, safe, wrapped
from cardcheck.render.marks import Mark
from cardcheck.render.streams import carried, fitted
from cardcheck.render.text import banner
from cardcheck.report.placement import SpotState

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cardcheck.catalog.messages import Messages
    from cardcheck.report.model import Report
    from cardcheck.report.placement import PlacementReport, SpotReport

BLOCKS = "\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588"
"""Eight heights of a sparkline."""
ASCII_BLOCKS = "_.-~=+*#"
"""The same where the encoding has no block signs."""
_FAILED = "x"
_BAR, _SHORTEST_BAR = 24, 8
_FLOOR = 40.0  # milliseconds that fill the height at least: a few more or less are no news
_MANY = 10  # reads from which on more time would settle it
_MARKS = {
    SpotState.GOOD: Mark.OK,
    SpotState.FAIR: Mark.WARNING,
    SpotState.POOR: Mark.ERROR,
    SpotState.TOO_FEW: Mark.UNKNOWN,
}
_INDENT = "  "


class Moment(Struct, frozen=True, kw_only=True):
    """One picture of a run that is under way.

    Attributes:
        spots: the spots so far, the present one last.
        seconds: how many are left.
        moving: the person has been asked to move the card.
        absent: no card is in the field.
    """

    spots: Sequence[SpotReport]
    seconds: int
    moving: bool = False
    absent: bool = False


def sparkline(trail: Sequence[float | None], *, width: int, encoding: str = "utf-8") -> str:
    """The last reads as heights, a failed one as ``x``; higher is slower."""
    blocks = BLOCKS if fitted(BLOCKS, encoding) == BLOCKS else ASCII_BLOCKS
    longest = max((time for time in trail if time is not None), default=_FLOOR)
    longest = max(longest, _FLOOR)
    return "".join(
        _FAILED if time is None else blocks[round(time / longest * (len(blocks) - 1))]
        for time in trail[-width:]
    )


def bar(spot: SpotReport, room: int = _BAR + 2) -> str:
    """The success rate as a bar of ``#`` in at most ``room`` columns (never fewer than 10)."""
    length = max(_SHORTEST_BAR, min(_BAR, room - 2))
    full = int(spot.rate * length)
    return f"[{'#' * full}{'-' * (length - full)}]"


def live_lines(
    moment: Moment, messages: Messages, *, width: int, encoding: str = "utf-8"
) -> list[str]:
    """The picture of this moment, each line at most ``width`` columns."""
    spot = moment.spots[-1]
    lines = [messages.label("place-title", seconds=moment.seconds)]
    rate = _rate(spot, messages)
    lines.append(f"{bar(spot, width - cell_width(rate) - 1)} {rate}")
    lines.append(f"{_INDENT}{sparkline(spot.trail, width=width - 2, encoding=encoding)}")
    lines += [f"{_INDENT}{text}" for text in _earlier(moment.spots, messages)]
    lines.append(f"> {_bidding(moment, messages)}")
    return [_cut(fitted(line, encoding), width) for line in lines]


def live_line(moment: Moment, messages: Messages) -> str:
    """The same in one line, for pipes and screen readers."""
    return f"{_rate(moment.spots[-1], messages)} {_bidding(moment, messages)}"


def placement_text(
    report: Report,
    placement: PlacementReport,
    messages: Messages,
    *,
    width: int = WIDTH,
    encoding: str = "utf-8",
) -> str:
    """What the run came to, as plain text with a line feed at the end."""
    interface = next((r.interface for r in report.readers if r.id == placement.reader), "unknown")
    parts = (
        _banner(report, width, encoding),
        _verdict(placement, messages, width, encoding),
        _numbers(placement, messages, width, encoding),
        _comparison(placement, messages, width),
        _guesses(placement, messages, width),
        _drawing(interface, messages) if placement.last.state is not SpotState.GOOD else (),
        _promises(placement, messages, width),
    )
    paragraphs = (list(part) for part in parts)
    return "\n\n".join("\n".join(lines) for lines in paragraphs if lines) + "\n"


def drawing_kind(interface: str) -> str:
    """Which drawing fits a reader: ``contact``, else ``contactless`` (also of dual ones)."""
    return "contact" if interface == "contact" else "contactless"


def _banner(report: Report, width: int, encoding: str) -> Iterator[str]:
    texts = carried(banner(report), encoding)
    if texts:
        yield "*" * width
        for text in texts:
            yield from wrapped(text, width, first="*** ")
        yield "*" * width


def _verdict(
    placement: PlacementReport, messages: Messages, width: int, encoding: str
) -> Iterator[str]:
    spot = placement.last
    sign = fitted(_MARKS[spot.state].sign, encoding)
    first = messages.first("placement.spot.steady", spot.state.value, {})
    yield from wrapped(first, width, first=f"{sign} ")
    step = f"{messages.label('next-step')}: {next_step(placement, messages)}"
    yield from wrapped(step, width, first=_INDENT)


def next_step(placement: PlacementReport, messages: Messages) -> str:
    """The one thing to do."""
    best, last = placement.best, placement.last
    if last.state is SpotState.GOOD:
        return messages.label("place-next-good")
    if best is not last and best.at_least > last.at_least:
        number = placement.spots.index(best) + 1
        return messages.label("place-was-better", number=number, percent=best.percent)
    if last.state is SpotState.TOO_FEW and placement.ended == "deadline" and last.reads >= _MANY:
        return messages.label("place-longer")
    return messages.advice("steady-card").next


def _numbers(
    placement: PlacementReport, messages: Messages, width: int, encoding: str
) -> Iterator[str]:
    spot = placement.last
    rate = _rate(spot, messages)
    drawn = bar(spot, width - cell_width(rate) - len(_INDENT) - 1)
    yield from wrapped(rate, width, first=f"{_INDENT}{drawn} ", rest=_INDENT)
    line = sparkline(spot.trail, width=width - len(_INDENT), encoding=encoding)
    if line:
        yield f"{_INDENT}{line}"
    bound = messages.label("place-bound", percent=int(spot.at_least * 100))
    if spot.state in {SpotState.GOOD, SpotState.FAIR}:
        yield from wrapped(bound, width, first=_INDENT)
    for label, value in facts_of(spot, messages):
        yield from wrapped(f"{label}: {value}", width, first=_INDENT)


def facts_of(spot: SpotReport, messages: Messages) -> Iterator[tuple[str, str]]:
    """Label and value of what is noteworthy of a spot's numbers."""
    if spot.timing is not None:
        value = messages.label(
            "place-times-value",
            middle=round(spot.timing.p50),
            late=round(spot.timing.p95),
            longest=round(spot.timing.longest),
        )
        yield messages.label("place-times"), value
    counts = (("place-lost", spot.lost), ("place-silent", spot.silent), ("place-slow", spot.slow))
    for label, count in counts:
        if count:
            yield messages.label(label), messages.label("place-count", count=count)


def _comparison(placement: PlacementReport, messages: Messages, width: int) -> Iterator[str]:
    if len(placement.spots) > 1:
        yield f"{messages.label('place-spots')}:"
        for text in _earlier(placement.spots, messages):
            yield from wrapped(text, width, first=_INDENT)
        here = f"{messages.label('place-here')}: {_rate(placement.last, messages)}"
        yield from wrapped(here, width, first=_INDENT)


def _earlier(spots: Sequence[SpotReport], messages: Messages) -> Iterator[str]:
    for number, spot in enumerate(spots[:-1], start=1):
        yield f"{messages.label('place-earlier', number=number)}: {_rate(spot, messages)}"


def _guesses(placement: PlacementReport, messages: Messages, width: int) -> Iterator[str]:
    guesses = placement.last.hints
    if guesses:
        yield f"{messages.label('place-hints')}:"
    for hint in guesses:
        yield from wrapped(messages.word("hint", hint.value), width, first=f"{_INDENT}- ")


def _drawing(interface: str, messages: Messages) -> Iterator[str]:
    yield f"{messages.label('place-how')}:"
    yield from messages.word("drawing", drawing_kind(interface)).strip("\n").split("\n")


def _promises(placement: PlacementReport, messages: Messages, width: int) -> Iterator[str]:
    yield from wrapped(promise(placement, messages), width)


def promise(placement: PlacementReport, messages: Messages) -> str:
    """What can be said of the PIN counters: compared, or that this program sends no PIN."""
    if not placement.counters_compared:
        return messages.label("footer-no-pin")
    key = "place-counters-same" if placement.counters_same else "place-counters-fewer"
    return messages.label(key)


def _rate(spot: SpotReport, messages: Messages) -> str:
    return messages.label(
        "place-rate", answered=spot.answered, reads=spot.reads, percent=spot.percent
    )


def _bidding(moment: Moment, messages: Messages) -> str:
    if moment.moving:
        return messages.label("place-move")
    return messages.label("place-absent" if moment.absent else "place-hold")


def _cut(line: str, width: int) -> str:
    """The line without what does not fit: a wrapped line would spoil the picture."""
    line = safe(line)
    while cell_width(line) > width:
        line = line[:-1]
    return line
