# SPDX-License-Identifier: Apache-2.0
"""Drawings for the page to print: icons of the chain, where the card goes, response times.

What belongs here: shapes as SVG without script; words are handed in and escaped here. What does
not: the page (``html_report``). Colours are those of the page: ``currentColor`` and its properties.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from cardcheck.report.model import Layer

if TYPE_CHECKING:
    from collections.abc import Sequence

_ICONS: Final = {
    Layer.COMPUTER: '<rect x="3" y="4" width="18" height="12" rx="2"/><path d="M9 20h6M12 16v4"/>',
    Layer.SERVICE: (
        '<circle cx="12" cy="12" r="3.5"/><path d="M12 3v4M12 17v4M3 12h4M17 12h4'
        'M5.6 5.6l2.8 2.8M15.6 15.6l2.8 2.8M18.4 5.6l-2.8 2.8M8.4 15.6l-2.8 2.8"/>'
    ),
    Layer.DRIVER: '<path d="M9 3v5M15 3v5M6 8h12v3a6 6 0 0 1-12 0zM12 17v4"/>',
    Layer.READER: (
        '<rect x="3" y="13" width="18" height="7" rx="2"/>'
        '<path d="M9 10a4 4 0 0 1 6 0M6.5 7a8 8 0 0 1 11 0"/>'
    ),
    Layer.PLACEMENT: '<circle cx="12" cy="12" r="8"/><path d="M12 2v6M12 16v6M2 12h6M16 12h6"/>',
    Layer.CARD: '<rect x="2" y="5" width="20" height="14" rx="2"/><path d="M6 10h5v4H6zM14 15h5"/>',
    Layer.CERTIFICATE: (
        '<path d="M4 3h16v12H4zM7 7h10M7 10h6"/><circle cx="16" cy="16" r="3"/>'
        '<path d="M14.5 18.5L14 22l2-1 2 1-.5-3.5"/>'
    ),
    Layer.PIN: '<rect x="5" y="11" width="14" height="9" rx="2"/><path d="M8 11V8a4 4 0 018 0v3"/>',
    Layer.SOFTWARE: '<rect x="3" y="4" width="18" height="16" rx="2"/><path d="M3 8h18M6 6h.01"/>',
}
_STROKE: Final = (
    'fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" '
    'stroke-linejoin="round"'
)
_CHART_WIDTH, _CHART_HEIGHT = 640, 100
_LEFT, _BOTTOM, _TOP = 46, 20, 8
_FLOOR = 40.0  # milliseconds that fill the chart at least


def icon(layer: Layer) -> str:
    """The icon of a link; hidden from screen readers, its name stands beside it."""
    return (
        f'<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" {_STROKE}>{_ICONS[layer]}</svg>'
    )


def placement_drawing(kind: str, name: str, labels: tuple[str, str]) -> str:
    """Where the card goes: ``contact`` or ``contactless``; ``labels`` name reader and card."""
    reader, card = (escape(label) for label in labels)
    draw = _contact if kind == "contact" else _contactless
    return (
        f'<svg class="drawing" viewBox="0 0 300 150" role="img" aria-label="{escape(name)}">'
        f"{draw(reader, card)}</svg>"
    )


def _contactless(reader: str, card: str) -> str:
    return (
        f'<g {_STROKE}><rect x="40" y="14" width="220" height="126" rx="14"/>'
        '<rect x="82" y="44" width="136" height="80" rx="8" class="card"/>'
        '<path d="M98 70h22v18H98zM98 79h22M109 70v18"/>'
        '<path d="M150 28v10M145 33l5 6 5-6" class="accent"/>'
        '<path d="M54 84h18M66 79l6 5-6 5M246 84h-18M234 79l-6 5 6 5" class="accent"/></g>'
        f'<text x="54" y="33">{reader}</text><text x="165" y="95" class="middle">{card}</text>'
    )


def _contact(reader: str, card: str) -> str:
    return (
        f'<g {_STROKE}><rect x="14" y="30" width="96" height="96" rx="10"/>'
        '<path d="M110 60v36" stroke-width="4"/>'
        '<rect x="146" y="36" width="140" height="84" rx="8" class="card"/>'
        '<path d="M156 66h24v24h-24zM156 78h24M168 66v24"/>'
        '<path d="M140 78h-24M124 72l-8 6 8 6" class="accent"/></g>'
        f'<text x="62" y="83" class="middle">{reader}</text>'
        f'<text x="236" y="83" class="middle">{card}</text>'
    )


def response_chart(trail: Sequence[float | None], name: str) -> str:
    """One bar a read, its height the response time; a cross where none came."""
    longest = max((time for time in trail if time is not None), default=_FLOOR)
    longest = max(longest, _FLOOR)
    step = (_CHART_WIDTH - _LEFT) / max(1, len(trail))
    room = _CHART_HEIGHT - _BOTTOM - _TOP
    base = _CHART_HEIGHT - _BOTTOM
    marks = []
    for index, time in enumerate(trail):
        x = _LEFT + step * index
        if time is None:
            middle = x + step / 2
            marks.append(
                f'<path class="failed" d="M{middle - 4:.1f} {base - 12}l8 8m0-8l-8 8" {_STROKE}/>'
            )
        else:
            height = max(1.0, time / longest * room)
            marks.append(
                f'<rect x="{x + step * 0.15:.1f}" y="{base - height:.1f}" '
                f'width="{step * 0.7:.1f}" height="{height:.1f}"/>'
            )
    return (
        f'<svg class="chart" viewBox="0 0 {_CHART_WIDTH} {_CHART_HEIGHT}" role="img" '
        f'aria-label="{escape(name)}">'
        f'<path class="axis" d="M{_LEFT} {_TOP}V{base}H{_CHART_WIDTH}" {_STROKE}/>'
        f'<text x="{_LEFT - 6}" y="{_TOP + 10}" class="end">{longest:.0f} ms</text>'
        f'<text x="{_LEFT - 6}" y="{base}" class="end">0</text>'
        f"{''.join(marks)}"
        f'<text x="{_LEFT}" y="{_CHART_HEIGHT - 4}">1</text>'
        f'<text x="{_CHART_WIDTH}" y="{_CHART_HEIGHT - 4}" class="end">{len(trail)}</text></svg>'
    )
