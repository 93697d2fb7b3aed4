# SPDX-License-Identifier: Apache-2.0
"""The picture of a placement run that is under way, in lines; nothing in it depends on colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from cardcheck.output.encoding import fitted
from cardcheck.render.base import cell_width, safe
from cardcheck.render.meters import bar, sparkline
from cardcheck.render.pages.placement import earlier, rate_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cardcheck.catalog.messages import Messages
    from cardcheck.report.placement import SpotReport

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


def live_lines(
    moment: Moment, messages: Messages, *, width: int, encoding: str = "utf-8"
) -> list[str]:
    """The picture of this moment, each line at most ``width`` columns."""
    spot = moment.spots[-1]
    lines = [messages.label("place-title", seconds=moment.seconds)]
    rate = rate_of(spot, messages)
    lines.append(f"{bar(spot.rate, width - cell_width(rate) - 1)} {rate}")
    lines.append(f"{_INDENT}{sparkline(spot.trail, width=width - 2, encoding=encoding)}")
    lines += [f"{_INDENT}{text}" for text in earlier(moment.spots, messages)]
    lines.append(f"> {_bidding(moment, messages)}")
    return [_cut(fitted(line, encoding), width) for line in lines]


def live_line(moment: Moment, messages: Messages) -> str:
    """The same in one line, for pipes and screen readers."""
    return f"{rate_of(moment.spots[-1], messages)} {_bidding(moment, messages)}"


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
