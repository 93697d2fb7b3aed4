# SPDX-License-Identifier: Apache-2.0
"""Geometry of the drawings that show numbers: response times, days, shares, QR codes.

What belongs here: numbers to rectangles. What does not: elements and colours (``templates``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from cardcheck.output.qr import dark_modules

if TYPE_CHECKING:
    from collections.abc import Sequence

_FLOOR: Final = 40.0  # milliseconds that fill the chart at least: a few more or less are no news


class Bar(Struct, frozen=True):
    """A rectangle in the units of its chart; ``bad`` is what is counted against the rest."""

    x: str
    y: str
    width: str
    height: str
    bad: bool = False


class Chart(Struct, frozen=True, kw_only=True):
    """A chart of bars.

    Attributes:
        width: of the whole, in units of its own.
        height: likewise.
        left: where the bars begin.
        base: on which they stand.
        top: of its tallest bar.
        bars: the bars.
        crosses: the middles of what failed.
        most: the number that the tallest bar stands for.
        count: how many there are.
    """

    width: int
    height: int
    left: int
    base: int
    top: int
    bars: tuple[Bar, ...]
    crosses: tuple[str, ...] = ()
    most: int
    count: int


def responses(trail: Sequence[float | None]) -> Chart:
    """One bar a read, its height the response time; a cross where none came."""
    width, height, left, bottom, top = 640, 100, 46, 20, 8
    longest = max((_FLOOR, *(time for time in trail if time is not None)))
    step = (width - left) / max(1, len(trail))
    base = height - bottom
    bars, crosses = [], []
    for index, time in enumerate(trail):
        x = left + step * index
        if time is None:
            crosses.append(f"{x + step / 2 - 4:.1f}")
            continue
        tall = max(1.0, time / longest * (base - top))
        bars.append(_bar(x + step * 0.15, base - tall, step * 0.7, tall))
    return Chart(
        width=width,
        height=height,
        left=left,
        base=base,
        top=top,
        bars=tuple(bars),
        crosses=tuple(crosses),
        most=round(longest),
        count=len(trail),
    )


def days(counts: Sequence[tuple[int, int]]) -> Chart:
    """A column a day: how many were bad, before how many there were."""
    width, height = 700, 120
    most = max((whole for whole, _ in counts), default=0) or 1
    step = width / max(1, len(counts))
    bars = [
        _bar(index * step, height - height * count / most, step * 0.9, height * count / most, bad)
        for index, pair in enumerate(counts)
        for count, bad in zip(pair, (False, True), strict=True)
    ]
    return Chart(
        width=width,
        height=height,
        left=0,
        base=height,
        top=0,
        bars=tuple(bars),
        most=most,
        count=len(counts),
    )


def _bar(x: float, y: float, width: float, height: float, bad: bool = False) -> Bar:  # noqa: FBT001, FBT002
    return Bar(f"{x:.1f}", f"{y:.1f}", f"{width:.1f}", f"{height:.1f}", bad)


class Modules(Struct, frozen=True):
    """The dark modules of a QR code as one path, in a square of ``size``."""

    size: int
    path: str


def qr(content: str) -> Modules:
    """The QR code of ``content``."""
    size, dark = dark_modules(content)
    return Modules(size, "".join(f"M{x} {y}h1v1h-1z" for x, y in dark))
