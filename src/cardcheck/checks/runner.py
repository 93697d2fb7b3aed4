# SPDX-License-Identifier: Apache-2.0
"""Runs checks. A check that raises becomes a finding; nothing a check does can end a diagnosis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cardcheck.catalog.messages import advice_for, advice_table
from cardcheck.checks.base import Found, finding_of
from cardcheck.report.model import Actor, Finding, Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from cardcheck.checks.base import Check, Context


def run(
    checks: Iterable[Check],
    context: Context,
    *,
    only: Collection[str] = (),
    skip: Collection[str] = (),
) -> tuple[Finding, ...]:
    """The findings of ``checks``, in their order.

    Args:
        checks: what to run.
        context: what they get to see.
        only: ids, or beginnings of ids, of checks to run; empty for all.
        skip: ids, or beginnings of ids, of checks to leave out.
    """
    findings: list[Finding] = []
    for item in checks:
        if (only and not _named(item.id, only)) or _named(item.id, skip):
            continue
        findings.extend(_findings_of(item, context))
    return tuple(findings)


def _named(identity: str, names: Collection[str]) -> bool:
    return any(identity == name or identity.startswith(f"{name}.") for name in names)


def _findings_of(item: Check, context: Context) -> list[Finding]:
    try:
        return [_finding(item, found, context) for found in item.run(context)]
    except Exception as error:  # noqa: BLE001 - the one place: a crash of a check is a result
        return [_finding(item, _crash(item, error), context)]


def _finding(item: Check, found: Found, context: Context) -> Finding:
    advice = advice_for(item.id, found.state, context.host.system)
    actor = advice_table()[advice[0]].actor if advice else None
    return finding_of(item, found, advice, Actor(actor) if actor else None)


def _crash(item: Check, error: Exception) -> Found:
    """What is said of a check that raised: type and place, never the message, which might hold card data."""
    import traceback

    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}"
    return Found(
        state="crashed",
        outcome=Outcome.CRASHED,
        severity=Severity.INFO,
        evidence={"error": type(error).__name__, "place": place},
        decisive=item.decisive,
    )
