# SPDX-License-Identifier: Apache-2.0
"""Runs checks. One that raises or hangs becomes a finding; it changes no other and ends nothing.

What belongs here: choosing checks, catching what they raise, and the time that they may take. What
does not: any one check.
"""

from __future__ import annotations

import contextlib
import time
from collections import deque
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from cardcheck.catalog.aliases import check_now
from cardcheck.catalog.messages import advice_for, advice_of
from cardcheck.checks.base import finding_of
from cardcheck.checks.found import Found, crashed
from cardcheck.deadline import Background
from cardcheck.errors import place_of
from cardcheck.report.model import Actor, Finding

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from cardcheck.checks.base import Check, Context

SECONDS: Final = 2.0
"""How long all checks of a computer may take together; they take milliseconds."""
_LATE: Final = "timed-out"
PATIENCE: Final = 0.25
"""After how many seconds the checks behind a slow one no longer wait for it."""


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
    only, skip = tuple(map(check_now, only)), tuple(map(check_now, skip))
    return tuple(
        item for item in checks if (not only or _named(item.id, only)) and not _named(item.id, skip)
    )


def run(
    checks: Sequence[Check], context: Context, *, seconds: float | None = None
) -> tuple[Finding, ...]:
    """The findings of ``checks``, in their order.

    Args:
        checks: what to run.
        context: what they get to see.
        seconds: the deadline of all of them together; None waits for each.
    """
    wanted = [item for item in checks if item.applies(context)]
    if seconds is None:
        found = {item.id: _found_by(item, context) for item in wanted}
    else:
        found = _found_in_time(wanted, context, seconds)
    late = [replace(crashed("", decisive=True), state=_LATE, evidence={"seconds": str(seconds)})]
    return tuple(
        _finding(item, each, context) for item in wanted for each in found.get(item.id, late)
    )


def _found_in_time(
    wanted: Sequence[Check], context: Context, seconds: float
) -> dict[str, list[Found]]:
    """What each check found, of those that ended in time."""
    found: dict[str, list[Found]] = {}
    waiting = deque(wanted)

    def work() -> None:
        with contextlib.suppress(IndexError):  # nothing waits any more
            while True:
                item = waiting.popleft()
                found[item.id] = _found_by(item, context)

    deadline = time.monotonic() + seconds
    while waiting and time.monotonic() < deadline:
        # A worker that is stuck in one check is left there, and another goes on with the next.
        Background(work, "checks").wait(min(PATIENCE, max(0.0, deadline - time.monotonic())))
    while len(found) < len(wanted) and time.monotonic() < deadline:
        time.sleep(0.005)
    return dict(found)


def _named(identity: str, names: Collection[str]) -> bool:
    return any(identity == name or identity.startswith(f"{name}.") for name in names)


def _found_by(item: Check, context: Context) -> list[Found]:
    try:
        return list(item.run(context))
    except Exception as error:  # noqa: BLE001 - the one place: a crash of a check is a result
        return [_crash(item, error)]


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
    first = advice_of(advice[0]) if advice else None
    return advice, Actor(first.actor) if first else None


def _crash(item: Check, error: Exception) -> Found:
    """What is said of a check that raised: type and place."""
    return crashed(type(error).__name__, decisive=item.decisive, place=place_of(error))
