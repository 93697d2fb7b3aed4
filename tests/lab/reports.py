# SPDX-License-Identifier: Apache-2.0
"""What must hold for every report, whatever was broken, for tests.

What belongs here: reading a finished run, and the rules without exception. What does not: what a
single fault should lead to.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import jsonschema

from cardcheck.cli.schemas import schema
from cardcheck.simulation.profiles import profile

if TYPE_CHECKING:
    from cardcheck.simulation.card import SimulatedCard
    from lab.program import Completed

COUNTER_QUERY = bytes.fromhex("00200080")
VERIFY = 0x20


def card_of(name: str) -> SimulatedCard:
    """The first card of a profile, made for now."""
    maker = next(r.make_card for r in profile(name).readers if r.make_card is not None)
    return maker(datetime.now(UTC))


@cache
def _validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(schema("report"))


def report_of(done: Completed) -> dict[str, Any]:
    """The one JSON document on stdout, checked against its schema."""
    assert done.stdout, f"rc {done.rc}: {done.stderr}"
    document: dict[str, Any] = json.loads(done.stdout)
    _validator().validate(document)
    assert document["exit_code"] == done.rc
    return document


def sound_report_of(done: Completed, *cards: SimulatedCard) -> dict[str, Any]:
    """The report of a run in which something was broken, checked against all that must hold then.

    No try was spent on ``cards`` and nothing but the counter query was sent to a PIN; no check
    crashed; and each finding that is worse than information says what to do.
    """
    report = report_of(done)
    for card in cards:
        assert card.pin_attempts == 0
        assert {c for c in card.log if c[1] == VERIFY} <= {COUNTER_QUERY}
    for finding in report["findings"]:
        assert finding["outcome"] != "crashed", finding
        if finding["severity"] != "info":
            assert finding["advice"], finding
    return report


def problems_in(report: dict[str, Any]) -> dict[str, str]:
    """The checks that found a problem worse than information, and how bad."""
    return {
        finding["check"]: finding["severity"]
        for finding in report["findings"]
        if finding["outcome"] == "problem" and finding["severity"] != "info"
    }


def state_of(report: dict[str, Any], check: str, subject: str | None = None) -> str | None:
    """The state in which ``check`` found ``subject`` (default: the first), or None."""
    for finding in report["findings"]:
        if finding["check"] == check and subject in {None, finding["subject"]}:
            return str(finding["state"])
    return None
