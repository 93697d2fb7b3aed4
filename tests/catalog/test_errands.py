# SPDX-License-Identifier: Apache-2.0
"""What follows from what: rules about checks that exist, and without circles."""

from __future__ import annotations

from functools import cache

from cardcheck.catalog.aliases import old_states, state_now
from cardcheck.catalog.errands import check_causes, explains, rules
from cardcheck.catalog.messages import check_table

STATES = [(row.id, state) for row in check_table() if row.layer for state in row.open]


def names(name: str) -> set[tuple[str, str]]:
    """The states that a name in a rule stands for."""
    check, _, state = name.partition(":")
    return {
        found
        for found in STATES
        if f"{found[0]}.".startswith(f"{check}.") and state in {"", found[1]}
    }


def test_every_name_stands_for_something() -> None:
    for effect, causes in rules().items():
        assert names(effect), effect
        assert causes
        for cause in causes:
            assert names(cause), cause


def test_there_are_no_circles() -> None:
    follows = {effect: {cause for cause in STATES if explains(cause, effect)} for effect in STATES}

    @cache
    def depth(effect: tuple[str, str], above: frozenset[tuple[str, str]] = frozenset()) -> int:
        assert effect not in above, effect
        beyond = above | {effect}
        return 1 + max((depth(cause, beyond) for cause in follows[effect]), default=0)

    assert max(map(depth, STATES)) > 2


def test_the_causes_of_a_check_are_those_of_its_states() -> None:
    assert "card.validity.current:expired" in check_causes("card.pin.signature-usable")
    assert "computer.clock" in check_causes("card.validity.current")
    assert check_causes("computer.clock.right") == ()


def test_old_names_lead_to_states_that_exist() -> None:
    for old, now in old_states().items():
        check, _, state = old.partition(":")
        assert state_now(check, state) == tuple(now.split(":"))
        known = {(row.id, s) for row in check_table() for s in {**row.open, **row.fine}}
        assert tuple(now.split(":")) in known
        assert (check, state) not in known
