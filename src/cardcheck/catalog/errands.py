# SPDX-License-Identifier: Apache-2.0
"""What follows from what: the rules of ``errands.toml``.

What belongs here: whether one state of one check explains another. What does not: applying that to
findings (``checks.errand``).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from cardcheck.catalog.data import table

if TYPE_CHECKING:
    from collections.abc import Mapping

State = tuple[str, str]
"""The id of a check, and one of its states."""


def explains(cause: State, effect: State) -> bool:
    """Whether what ``effect`` says follows from what ``cause`` says."""
    return any(_covers(each, cause) for each in causes_of(effect))


@cache
def causes_of(effect: State) -> tuple[str, ...]:
    """What a state of a check can follow from: checks, beginnings of ids, or ``check:state``."""
    found = [causes for name, causes in rules().items() if _covers(name, effect)]
    return tuple(dict.fromkeys(cause for causes in found for cause in causes))


def check_causes(check: str) -> tuple[str, ...]:
    """What any state of a check can follow from."""
    named = (
        causes
        for name, causes in rules().items()
        if _covers(name.partition(":")[0], (check, "")) or name.startswith(f"{check}:")
    )
    return tuple(dict.fromkeys(cause for causes in named for cause in causes))


def rules() -> Mapping[str, tuple[str, ...]]:
    """Each effect with its causes, as the table has them."""
    return {name: tuple(causes) for name, causes in table("errands.toml")["follows"].items()}


def _covers(name: str, state: State) -> bool:
    check, _, only = name.partition(":")
    named = state[0] == check or state[0].startswith(f"{check}.")
    return named and only in {"", state[1]}
