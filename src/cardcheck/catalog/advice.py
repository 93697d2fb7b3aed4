# SPDX-License-Identifier: Apache-2.0
"""Which advice belongs to which state of which check, and who acts.

What belongs here: the typed loader of ``advice.toml``. What does not: the words (``messages``).
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """One piece of advice without its words.

    Attributes:
        id: stable id.
        actor: who acts, a value of the contract's ``actor``.
        systems: where it applies (``Linux``, ``Darwin``, ``Windows``); everywhere where empty.
        source: where it comes from.
        confidence: ``high``, ``medium`` or ``low``.
        as_of: year and month of the source's review, ``YYYY-MM``.
    """

    id: str
    actor: str
    systems: tuple[str, ...]
    source: str
    confidence: str
    as_of: str

    def applies_to(self, system: str | None) -> bool:
        """Whether it makes sense on ``system``; None asks for no system in particular."""
        return system is None or not self.systems or system in self.systems


@cache
def advice_table() -> Mapping[str, Advice]:
    """All advice by id."""
    rows = {key: row for key, row in _toml().items() if key != "for"}
    return {
        key: Advice(
            id=key,
            actor=row["actor"],
            systems=tuple(row.get("systems", ())),
            source=row["source"],
            confidence=row["confidence"],
            as_of=row["as_of"],
        )
        for key, row in rows.items()
    }


def advice_for(check: str, state: str, system: str | None = None) -> tuple[str, ...]:
    """Ids of the advice for a state, the next step first; empty where nothing needs doing.

    Args:
        check: id of the check.
        state: its state.
        system: only what applies to this system (``Linux``, ``Darwin``, ``Windows``); None for all.
    """
    table: Mapping[str, Mapping[str, list[str]]] = _toml()["for"]
    ids = table.get(check, {}).get(state) or table["common"].get(state, [])
    advice = advice_table()
    return tuple(key for key in ids if advice[key].applies_to(system))


def actor_of(advice: str) -> str:
    """Who acts on a piece of advice: ``you``, ``administrator``, ``municipality`` and so on.

    Raises:
        KeyError: there is no such advice.
    """
    return advice_table()[advice].actor


@cache
def _toml() -> dict[str, Any]:
    text = files("cardcheck.catalog").joinpath("advice.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
