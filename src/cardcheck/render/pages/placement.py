# SPDX-License-Identifier: Apache-2.0
"""What a placement run came to, on the screen and on the page alike.

What belongs here: which numbers are told. What does not: numbers (``checks.placement``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cardcheck.render.document import (
    Bullet,
    Document,
    Drawing,
    Figure,
    Headline,
    Item,
    Listing,
    Paragraph,
    Section,
    Tone,
)
from cardcheck.render.marks import Mark
from cardcheck.render.pages.report import placing, report_page
from cardcheck.render.text import banner
from cardcheck.report.placement import SpotState

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cardcheck.catalog.messages import Messages
    from cardcheck.render.document import Block
    from cardcheck.report.model import Report
    from cardcheck.report.placement import PlacementReport, SpotReport

_MANY = 10  # reads from which on more time would settle it
_GUESSES = 2  # as many as there is room for on one sheet
_MARKS = {
    SpotState.GOOD: Mark.OK,
    SpotState.FAIR: Mark.WARNING,
    SpotState.POOR: Mark.ERROR,
    SpotState.TOO_FEW: Mark.UNKNOWN,
}


def placement_screen(report: Report, placement: PlacementReport, messages: Messages) -> Document:
    """What the run came to, for a screen."""
    spot = placement.last
    numbers = Section(blocks=tuple(_numbers(spot, messages)))
    blocks: list[Block] = [_headline(placement, messages), numbers]
    if len(placement.spots) > 1:
        blocks.append(_comparison(placement.spots, messages))
    if spot.hints:
        blocks.append(_guesses(spot, messages, len(spot.hints)))
    if spot.state is not SpotState.GOOD:
        drawn = placing(_interface(report, placement), messages)
        blocks.append(Section(title=messages.label("place-how"), blocks=(drawn,)))
    return Document(
        lang=messages.lang,
        banner=banner(report.source),
        blocks=tuple(blocks),
        footers=(promise(placement, messages),),
    )


def placement_page(report: Report, placement: PlacementReport, messages: Messages) -> Document:
    """The same as a page, with the chain and the report behind it."""
    spot = placement.last
    beside = [*_told(spot, messages)]
    if spot.hints:
        beside.append(_guesses(spot, messages, _GUESSES))
    told = Section(
        title=messages.label("html-placement"),
        blocks=(placing(_interface(report, placement), messages), Section(blocks=tuple(beside))),
        columns=True,
    )
    title = messages.label("chart-title")
    chart = Section(title=title, blocks=(_chart(spot, messages),))
    page = report_page(report, messages, lead=_headline(placement, messages), told=(told, chart))
    if not placement.counters_compared:
        return page
    footers = (promise(placement, messages), *page.footers)
    return Document(
        lang=page.lang,
        title=page.title,
        banner=page.banner,
        made=page.made,
        blocks=page.blocks,
        footers=footers,
    )


def _interface(report: Report, placement: PlacementReport) -> str:
    return next((r.interface for r in report.readers if r.id == placement.reader), "unknown")


def _headline(placement: PlacementReport, messages: Messages) -> Headline:
    spot = placement.last
    step = next_step(placement, messages)
    return Headline(
        text=messages.first("placement.spot.steady", spot.state.value, {}),
        mark=_MARKS[spot.state],
        blocks=(Paragraph(text=step, label=messages.label("next-step"), tone=Tone.STEP),),
    )


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


def _numbers(spot: SpotReport, messages: Messages) -> Iterator[Block]:
    """The rate as a bar, the reads as a line, and what is noteworthy of both."""
    rate = rate_of(spot, messages)
    yield Drawing(figure=Figure.SHARE, name=rate, caption=rate, share=spot.rate)
    yield _chart(spot, messages)
    yield from _facts(spot, messages)


def _told(spot: SpotReport, messages: Messages) -> Iterator[Block]:
    yield Paragraph(text=rate_of(spot, messages))
    yield from _facts(spot, messages)


def _facts(spot: SpotReport, messages: Messages) -> Iterator[Paragraph]:
    """What is noteworthy of a spot's numbers."""
    label = messages.label
    if spot.state in {SpotState.GOOD, SpotState.FAIR}:
        yield Paragraph(text=label("place-bound", percent=int(spot.at_least * 100)))
    if spot.timing is not None:
        value = label(
            "place-times-value",
            middle=round(spot.timing.p50),
            late=round(spot.timing.p95),
            longest=round(spot.timing.longest),
        )
        yield Paragraph(text=value, label=label("place-times"))
    counts = (("place-lost", spot.lost), ("place-silent", spot.silent), ("place-slow", spot.slow))
    for key, count in counts:
        if count:
            yield Paragraph(text=label("place-count", count=count), label=label(key))


def _chart(spot: SpotReport, messages: Messages) -> Drawing:
    timing = spot.timing
    told = messages.label(
        "chart-text",
        reads=spot.reads,
        middle=round(timing.p50) if timing else 0,
        longest=round(timing.longest) if timing else 0,
        failed=spot.reads - spot.answered,
    )
    mark = f" {messages.label('chart-failed')}" if spot.answered < spot.reads else ""
    trail = tuple(spot.trail)
    return Drawing(figure=Figure.RESPONSES, name=told, caption=f"{told}{mark}", trail=trail)


def _comparison(spots: Sequence[SpotReport], messages: Messages) -> Listing:
    here = f"{messages.label('place-here')}: {rate_of(spots[-1], messages)}"
    items = tuple(Item(text=text) for text in (*earlier(spots, messages), here))
    return Listing(title=messages.label("place-spots"), items=items)


def earlier(spots: Sequence[SpotReport], messages: Messages) -> Iterator[str]:
    """A line for each spot before the present one."""
    for number, spot in enumerate(spots[:-1], start=1):
        yield f"{messages.label('place-earlier', number=number)}: {rate_of(spot, messages)}"


def _guesses(spot: SpotReport, messages: Messages, most: int) -> Listing:
    items = tuple(Item(text=messages.word("hint", hint.value)) for hint in spot.hints[:most])
    return Listing(title=messages.label("place-hints"), items=items, bullet=Bullet.DASH)


def promise(placement: PlacementReport, messages: Messages) -> str:
    """What can be said of the PIN counters: compared, or that this program sends no PIN."""
    if not placement.counters_compared:
        return messages.label("footer-no-pin")
    key = "place-counters-same" if placement.counters_same else "place-counters-fewer"
    return messages.label(key)


def rate_of(spot: SpotReport, messages: Messages) -> str:
    """How many reads answered, in words."""
    return messages.label(
        "place-rate", answered=spot.answered, reads=spot.reads, percent=spot.percent
    )
