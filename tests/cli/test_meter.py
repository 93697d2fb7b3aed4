# SPDX-License-Identifier: Apache-2.0
"""The meter: redrawn in place on a terminal, few lines elsewhere, gone at the end."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING

from cardcheck.catalog.people import load_people
from cardcheck.cli.meter import Meter
from cardcheck.facts.placement import PlacementFacts, SpotFacts
from checks.test_placement import reads

if TYPE_CHECKING:
    import pytest


def facts(pattern: str = "...", *, moving: bool = False, absent: bool = False) -> PlacementFacts:
    return PlacementFacts(spots=[SpotFacts(reads(pattern))], moving=moving, absent=absent)


def test_a_picture_is_drawn_over_the_one_before_and_taken_away() -> None:
    stream = StringIO()
    meter = Meter(load_people("en"), live=True, stream=stream)
    meter.watch(facts(), 10)
    first = stream.getvalue()
    lines = first.count("\n")
    assert "\x1b" not in first
    meter.watch(facts("...x"), 9)
    assert stream.getvalue()[len(first) :].startswith(f"\x1b[{lines}A\r\x1b[J")
    meter.done()
    assert stream.getvalue().endswith("\x1b[J")
    meter.done()
    assert stream.getvalue().count("\x1b[J") == 2  # once is enough


def test_elsewhere_a_line_now_and_then_and_at_every_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("cardcheck.cli.meter.time.monotonic", lambda: now)
    words, stream = load_people("en"), StringIO()
    meter = Meter(words, live=False, stream=stream)
    for _ in range(20):
        meter.watch(facts(), 10)
    assert stream.getvalue() == ""  # the first seconds pass in silence
    now += 6
    meter.watch(facts("...."), 5)
    assert stream.getvalue().splitlines()[-1].startswith("4 of 4")
    meter.watch(facts("....", absent=True), 5)
    assert words.label("place-absent") in stream.getvalue().splitlines()[-1]
    meter.watch(facts("....", moving=True), 5)
    assert words.label("place-move") in stream.getvalue().splitlines()[-1]
    meter.done()
    assert "\x1b" not in stream.getvalue()
