# SPDX-License-Identifier: Apache-2.0
"""A placement run on the screen: narrow, in poor encodings, promising only what was compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cardcheck.catalog.messages import LANGUAGES, Language
from cardcheck.catalog.people import load_people
from cardcheck.checks import placement as judging
from cardcheck.facts.placement import PlacementFacts, SpotFacts
from cardcheck.output.encoding import fitted
from cardcheck.render.base import cell_width
from cardcheck.render.live import Moment, live_line, live_lines
from cardcheck.render.meters import ASCII_BLOCKS, BLOCKS, sparkline
from cardcheck.render.pages.placement import placement_screen
from cardcheck.render.plain import plain_text
from checks.test_placement import counters, reads
from render import examples

if TYPE_CHECKING:
    from cardcheck.report.placement import PlacementReport

GOOD, POOR, FAIR = "." * 30, ".x" * 15, "." * 92 + "x" * 8


def ran(*patterns: str, **given: object) -> PlacementReport:
    facts = PlacementFacts(spots=[SpotFacts(reads(p)) for p in patterns], **given)  # type: ignore[arg-type]  # by name
    return judging.placement_report(facts, "r0", interrupted=False)


def shown(lang: Language, *patterns: str, width: int = 78, deadline: bool = False) -> str:
    return told(lang, ran(*patterns, deadline=deadline), width)


def told(lang: Language, placement: PlacementReport, width: int = 78) -> str:
    document = placement_screen(examples.READY, placement, load_people(lang))
    return plain_text(document, width=width)


def test_higher_is_slower_and_a_cross_is_a_failure() -> None:
    assert sparkline([0.0, 40.0, None, 80.0], width=9) == BLOCKS[0] + BLOCKS[4] + "x" + BLOCKS[7]
    assert sparkline([1.0, 2.0], width=9) == BLOCKS[0] * 2  # a millisecond more is no news
    assert sparkline([80.0] * 20, width=5) == BLOCKS[7] * 5
    assert sparkline([0.0, 80.0], width=9, encoding="cp932") == ASCII_BLOCKS[0] + ASCII_BLOCKS[7]
    assert sparkline([None], width=3) == "x"
    assert sparkline([], width=3) == ""


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("pattern", [GOOD, POOR, FAIR, "..", "", "s" * 30])
@pytest.mark.parametrize("width", [40, 60, 78])
def test_no_line_is_too_wide(lang: Language, pattern: str, width: int) -> None:
    lines = shown(lang, "." * 12, pattern, width=width).split("\n")
    drawn = load_people(lang).word("drawing", "contactless")
    wide = [line for line in lines if cell_width(line) > width and line.strip() not in drawn]
    assert wide == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_counters_are_promised_only_where_they_were_compared(lang: Language) -> None:
    words = load_people(lang)
    same, fewer = words.label("place-counters-same"), words.label("place-counters-fewer")
    flat = "".join(shown(lang, GOOD).split())
    assert "".join(words.label("footer-no-pin").split()) in flat
    assert "".join(same.split()) not in flat
    assert "".join(same.split()) in "".join(
        told(lang, ran(GOOD, before=counters(0x63C3), after=counters(0x63C3))).split()
    )
    assert "".join(fewer.split()) in "".join(
        told(lang, ran(GOOD, before=counters(0x63C3), after=counters(0x63C2))).split()
    )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_spots_are_compared_and_the_better_one_is_named(lang: Language) -> None:
    words = load_people(lang)
    text = "".join(shown(lang, "." * 12, POOR).split())
    better = words.label("place-was-better", number=1, percent=100)
    assert "".join(better.split()) in text
    assert "50" in text


def test_the_drawing_helps_only_where_the_spot_is_not_good() -> None:
    drawn = load_people("ja").word("drawing", "contactless").split("\n")[2]
    assert drawn in shown("ja", POOR)
    assert drawn not in shown("ja", GOOD)


def test_more_time_is_offered_only_where_it_would_help() -> None:
    offer = load_people("en").label("place-longer")
    assert offer in shown("en", "." * 15, deadline=True)
    assert offer not in shown("en", "..", deadline=True)
    assert offer not in shown("en", POOR, deadline=True)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("encoding", ["utf-8", "cp932", "ascii"])
@pytest.mark.parametrize("width", [30, 78])
def test_the_live_picture_keeps_its_height_and_width(
    lang: Language, encoding: str, width: int
) -> None:
    spots = ran("." * 12, POOR).spots
    for moving, absent in ((False, False), (True, False), (False, True)):
        moment = Moment(spots=spots, seconds=12, moving=moving, absent=absent)
        lines = live_lines(moment, load_people(lang), width=width, encoding=encoding)
        assert len(lines) == 5
        assert max(cell_width(fitted(line, encoding)) for line in lines) <= width
        assert "\n" not in live_line(moment, load_people(lang))


def test_a_simulation_says_so_first() -> None:
    text = plain_text(placement_screen(examples.SIMULATED, ran(GOOD), load_people("ja")))
    assert text.startswith("*** ")
