# SPDX-License-Identifier: Apache-2.0
"""What ``scan`` shows unasked: the verdict and the next step first, and all of it on one screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cardcheck.catalog.messages import load
from cardcheck.cli.options import Options
from cardcheck.cli.session import Session
from cardcheck.render.pages.report import report_screen
from cardcheck.render.plain import plain_text
from cardcheck.render.terminal import terminal_text
from cardcheck.simulation.profiles import PROFILES

if TYPE_CHECKING:
    from cardcheck.catalog.messages import Language
    from cardcheck.render.document import Document

COLUMNS, ROWS = 80, 24


def brief(profile: str, lang: Language) -> Document:
    report = Session("scan", Options(simulate=profile)).diagnose()
    return report_screen(report, load(lang), technical=False)


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_a_healthy_card_is_told_in_five_lines(lang: Language) -> None:
    lines = terminal_text(brief("valid", lang), width=COLUMNS, colour=False).split("\n")
    assert load(lang).label("next-step") in "\n".join(lines[:5])
    assert "Linux" in lines[3]
    assert len(lines) <= ROWS
    told = plain_text(brief("valid", lang)).split("\n\n")[1]
    assert len(told.splitlines()) <= 5


@pytest.mark.parametrize("profile", ["pin-locked", "expired", "no-service", "bank-card", "mute"])
@pytest.mark.parametrize("lang", ["ja", "en"])
def test_a_fault_fits_one_screen(lang: Language, profile: str) -> None:
    lines = terminal_text(brief(profile, lang), width=COLUMNS, colour=False).split("\n")
    assert len(lines) <= ROWS
    assert load(lang).label("next-step") in "\n".join(lines[:8])


@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_no_id_and_nothing_technical(profile: str) -> None:
    text = plain_text(brief(profile, "en"))
    assert "[card." not in text
    assert "Technical" not in text
    assert "tries left" not in text
    assert load("en").label("see-more") in text


def test_what_cannot_be_seen_from_here_is_said_of_a_card_that_works() -> None:
    assert load("en").label("footer-revocation") in plain_text(brief("valid", "en"))
    assert load("en").label("footer-revocation") not in plain_text(brief("pin-locked", "en"))
