# SPDX-License-Identifier: Apache-2.0
"""Numbers as letters: a bar and a sparkline for terminals, pipes and screen readers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cardcheck.output.encoding import fitted

if TYPE_CHECKING:
    from collections.abc import Sequence

BLOCKS: Final = "\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588"
"""Eight heights of a sparkline."""
ASCII_BLOCKS: Final = "_.-~=+*#"
"""The same where the encoding has no block signs."""
FLOOR: Final = 40.0
"""Milliseconds that fill the height at least: a few more or less are no news."""
_FAILED: Final = "x"
_BAR, _SHORTEST_BAR = 24, 8


def sparkline(trail: Sequence[float | None], *, width: int, encoding: str = "utf-8") -> str:
    """The last reads as heights, a failed one as ``x``; higher is slower."""
    blocks = BLOCKS if fitted(BLOCKS, encoding) == BLOCKS else ASCII_BLOCKS
    longest = max((FLOOR, *(time for time in trail if time is not None)))
    return "".join(
        _FAILED if time is None else blocks[round(time / longest * (len(blocks) - 1))]
        for time in trail[-width:]
    )


def bar(rate: float, room: int = _BAR + 2) -> str:
    """A share (0 to 1) as a bar of ``#`` in at most ``room`` columns (never fewer than 10)."""
    length = max(_SHORTEST_BAR, min(_BAR, room - 2))
    full = int(rate * length)
    return f"[{'#' * full}{'-' * (length - full)}]"
