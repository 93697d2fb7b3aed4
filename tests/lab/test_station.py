# SPDX-License-Identifier: Apache-2.0
"""Beside a station label, on real pcscd: cards that differ in their owner alone are told alike."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lab.reports import COUNTER_QUERY, card_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from lab.conftest import InsertCard
    from lab.daemon import PcscDaemon
    from lab.program import Completed

_OWNERS = (
    "valid",
    "pin-low",
    "pin-locked",
    "locked-6984",
    "already-verified",
    "sign-pin-low",
    "sign-pin-locked",
    "text-pin-locked",
    "register-pin-locked",
    "child",
    "face-auth",
)
_AT = ("--station", "counter 1", "--at", "2026-11-28T12:00:00+09:00")
_FORMS = (
    ("scan", "--lang", "en"),
    ("scan", "--lang", "ja"),
    ("scan", "--json", "--with-text"),
    ("scan", "--quick", "--json"),
    ("scan", "--format", "nagios"),
)
_VOLATILE = re.compile(
    r'((?<="report_id": )"[^"]*"|(?<="generated_at": )"[^"]*"|(?<="milliseconds": )\d+'
    r"|(?<=time=)[\d.]+)"
)


def test_owners_are_told_alike(
    pcscd: PcscDaemon, vcard: InsertCard, run_cardcheck: Callable[..., Completed]
) -> None:
    """Output, support code and exit code are equal; no counter is asked."""
    told = {}
    for owner in _OWNERS:
        inserted = vcard(card_of(owner))
        done = [run_cardcheck(*form, *_AT, env=pcscd.env()) for form in _FORMS]
        told[owner] = [(each.rc, _VOLATILE.sub("0", each.stdout)) for each in done]
        assert COUNTER_QUERY not in inserted.card.log
        inserted.remove()
    assert "CC-" in told["valid"][0][1]
    assert {owner for owner in told if told[owner] != told["valid"]} == set()
