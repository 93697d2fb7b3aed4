# SPDX-License-Identifier: Apache-2.0
"""What ids of checks and states that were joined with others are called now.

What belongs here: the one table of old ids. What does not: who reads them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cardcheck.catalog.data import table

if TYPE_CHECKING:
    from collections.abc import Mapping


def check_now(check: str) -> str:
    """The id under which a check is known today; an id that is not old stays as it is."""
    return old_checks().get(check, check)


def state_now(check: str, state: str) -> tuple[str, str]:
    """Check and state as they are called today."""
    now = old_states().get(f"{check}:{state}")
    if now is None:
        return check_now(check), state
    name, _, called = now.partition(":")
    return name, called


def old_checks() -> Mapping[str, str]:
    """Each old id of a check with today's."""
    checks: Mapping[str, str] = table("aliases.toml")["check"]
    return checks


def old_states() -> Mapping[str, str]:
    """Each old ``check:state`` with today's."""
    states: Mapping[str, str] = table("aliases.toml")["state"]
    return states
