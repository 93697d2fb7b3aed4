# SPDX-License-Identifier: Apache-2.0
"""Runs checks. A check that raises becomes a finding; nothing a check does can end a diagnosis.

What belongs here: choosing checks and catching what they raise. What does not: any one check.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from cardcheck.catalog.messages import advice_for, advice_table
from cardcheck.checks.base import crashed, finding_of
from cardcheck.errors import place_of
from cardcheck.report.model import Actor, Finding

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from cardcheck.checks.base import Check, Context, Found


def chosen(
    checks: Iterable[Check], only: Collection[str] = (), skip: Collection[str] = ()
) -> tuple[Check, ...]:
    """The checks that are wanted, in their order.

    Args:
        checks: all checks.
        only: ids, or beginnings of ids (``card``, ``card.pin``), of checks to run; empty for all.
        skip: ids, or beginnings of ids, of checks to leave out.
    """
    if not (only or skip):
        return tuple(checks)
    return tuple(
        item for item in checks if (not only or _named(item.id, only)) and not _named(item.id, skip)
    )


def run(checks: Iterable[Check], context: Context) -> tuple[Finding, ...]:
    """The findings of ``checks``, in their order."""
    return tuple(finding for item in checks for finding in _findings_of(item, context))


def _named(identity: str, names: Collection[str]) -> bool:
    return any(identity == name or identity.startswith(f"{name}.") for name in names)


def _findings_of(item: Check, context: Context) -> list[Finding]:
    try:
        return [_finding(item, found, context) for found in item.run(context)]
    except Exception as error:  # noqa: BLE001 - the one place: a crash of a check is a result
        return [_finding(item, _crash(item, error), context)]


def _finding(item: Check, found: Found, context: Context) -> Finding:
    evidence = found.evidence
    for reader in context.readers:
        if reader.id == found.subject:  # sentences about a reader may name it
            evidence = {"name": reader.name, **evidence}
    advice, actor = _advised(item.id, found.state, context.host.system)
    return finding_of(item, found, advice, actor, evidence)


@lru_cache(maxsize=1024)
def _advised(check: str, state: str, system: str) -> tuple[tuple[str, ...], Actor | None]:
    """What there is to do about a state, and who must do it."""
    advice = advice_for(check, state, system)
    actor = advice_table()[advice[0]].actor if advice else None
    return advice, Actor(actor) if actor else None


def _crash(item: Check, error: Exception) -> Found:
    """What is said of a check that raised: type and place."""
    return crashed(type(error).__name__, decisive=item.decisive, place=place_of(error))
