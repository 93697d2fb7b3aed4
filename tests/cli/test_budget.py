# SPDX-License-Identifier: Apache-2.0
"""What a scan asks of a card: commands exactly, bytes at most, for every simulated card."""

from __future__ import annotations

import json

import pytest

from cardcheck.cli.main import run
from cardcheck.simulation.profiles import PROFILES

WHOLE = ((32, 3223), (9, 367))
"""(commands, bytes) of a whole scan, and of a quick one."""
BUDGET = {
    "unreadable-certificate": ((18, 233), (9, 113)),
    "certificate-zeros": ((19, 496), (9, 367)),
    "certificate-ff": ((19, 496), (9, 367)),
    "certificate-huge": ((19, 496), (9, 367)),
    "certificate-cut": ((27, 2196), (9, 367)),
    "certificate-indefinite": ((19, 496), (9, 367)),
    "child": ((31, 3217), (8, 361)),
    "first-command-6f00": ((33, 3240), (10, 384)),
    "announces-length": ((48, 3335), (11, 381)),
    "corrects-length": ((34, 3237), (9, 367)),
    "jukicard": ((3, 65), (3, 65)),
    "phone": ((11, 130), (9, 111)),
    "drivers-licence": ((2, 40), (2, 40)),
    "residence-card": ((3, 63), (3, 63)),
    "passport": ((5, 100), (5, 100)),
    "payment-card": ((6, 156), (6, 156)),
    "bank-card": ((8, 159), (8, 159)),
    "piv": ((10, 210), (10, 210)),
    "unknown-card": ((10, 195), (10, 195)),
    "felica": ((1, 17), (1, 17)),
    "bcas": ((1, 17), (1, 17)),
    "etc-card": ((1, 17), (1, 17)),
}
"""Cards that cost something else than a good one."""
NO_CARD = {"no-service", "no-reader", "no-card", "mute", "in-use", "exclusive"}


def test_the_table_names_profiles() -> None:
    assert {*BUDGET, *NO_CARD} <= set(PROFILES)


@pytest.mark.parametrize("name", PROFILES)
def test_what_a_scan_asks_of_a_card(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    for options, (commands, most) in zip(([], ["--quick"]), BUDGET.get(name, WHOLE), strict=True):
        run(["scan", "--json", "--simulate", name, "--at", "2026-11-21", *options])
        cards = json.loads(capsys.readouterr().out)["cards"]
        assert len(cards) == (name not in NO_CARD)
        for card in cards:
            assert card["exchange"]["commands"] == commands
            assert card["exchange"]["bytes"] <= most
            assert card["safety"]["pin_attempts"] == 0


@pytest.mark.parametrize("at", ["1970-01-02", "2032-02-29", "2199-12-31"])
def test_a_card_can_be_simulated_at_any_instant_that_can_be_given(
    at: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["scan", "--json", "--simulate", "valid", "--at", at]) == 0
    assert json.loads(capsys.readouterr().out)["verdict"] == "ready"
