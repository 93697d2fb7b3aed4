# SPDX-License-Identifier: Apache-2.0
"""The tests of a project that uses cardcheck for nothing but its tests."""

from __future__ import annotations

import pytest
from token_label import token_label

from cardcheck.errors import CardRemovedError
from cardcheck.testing import diagnose, load_fixture


def test_a_recorded_card_says_what_it_is(apdu_trace):
    link = apdu_trace("traces/label.apdu")
    with link.transaction():
        assert token_label(link) == "JPKIAPICCTOKEN2"


def test_any_other_card_has_no_label(virtual_card):
    assert token_label(virtual_card("drivers-licence")) is None


def test_a_card_may_be_pulled_at_any_time(virtual_card):
    with pytest.raises(CardRemovedError):
        token_label(virtual_card("valid", "removed@3"))


def test_no_pin_is_ever_sent(virtual_card):
    card = virtual_card("valid")
    token_label(card)
    assert card.pin_attempts == 0


@pytest.mark.parametrize("name", ["locked", "valid"])
def test_recorded_cards_are_diagnosed_as_they_were(name, request):
    trace = load_fixture(request.path.parent / "traces" / f"{name}.apdu")
    assert diagnose(trace).verdict == trace.header.expect.verdict
