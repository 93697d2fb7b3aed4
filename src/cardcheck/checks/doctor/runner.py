# SPDX-License-Identifier: Apache-2.0
"""Runs the checks of ``doctor``. One that crashes or hangs changes no other result."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Final

from cardcheck.catalog.doctor import TIMED_OUT, cause_table, remedy_of
from cardcheck.checks.base import Found
from cardcheck.errors import place_of
from cardcheck.report.model import Actor, Finding, Layer, Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from cardcheck.checks.doctor.base import DoctorCheck, DoctorContext

SECONDS: Final = 2.0
"""How long all checks may take together; they take milliseconds."""
PATIENCE: Final = 0.25
"""After how many seconds the checks behind a slow one no longer wait for it."""


def run(
    checks: Sequence[DoctorCheck],
    context: DoctorContext,
    *,
    only: Collection[str] = (),
    skip: Collection[str] = (),
    seconds: float = SECONDS,
) -> tuple[Finding, ...]:
    """The findings of ``checks``, in their order.

    Args:
        checks: what to run.
        context: what they get to see.
        only: ids, or beginnings of ids, of checks to run; empty for all.
        skip: ids, or beginnings of ids, of checks to leave out.
        seconds: the deadline of all of them together.
    """
    wanted = [c for c in checks if (not only or _named(c.id, only)) and not _named(c.id, skip)]
    found: dict[str, list[Found]] = {}
    waiting = deque(wanted)
    deadline = time.monotonic() + seconds
    while waiting and time.monotonic() < deadline:
        worker = threading.Thread(target=_work, args=(waiting, context, found), daemon=True)
        worker.start()
        # A worker that is stuck in one check is left there, and another goes on with the next.
        worker.join(min(PATIENCE, max(0.0, deadline - time.monotonic())))
    _settle(wanted, found, deadline)
    late = [_unfinished(seconds)]
    return tuple(_finding(c, item) for c in wanted for item in found.get(c.id, late))


def _work(
    waiting: deque[DoctorCheck], context: DoctorContext, found: dict[str, list[Found]]
) -> None:
    with contextlib.suppress(IndexError):  # nothing waits any more
        while True:
            _run(waiting.popleft(), context, found)


def _settle(
    wanted: Sequence[DoctorCheck], found: Mapping[str, list[Found]], deadline: float
) -> None:
    """Waits for the checks that are still at work, until the deadline."""
    while len(found) < len(wanted) and time.monotonic() < deadline:
        time.sleep(0.005)


def _named(identity: str, names: Collection[str]) -> bool:
    return any(identity == name or identity.startswith(f"{name}.") for name in names)


def _run(check: DoctorCheck, context: DoctorContext, found: dict[str, list[Found]]) -> None:
    try:
        found[check.id] = list(check.run(context))
    except Exception as error:  # noqa: BLE001 - a crash of a check is a result
        evidence = {"error": type(error).__name__, "place": place_of(error)}
        found[check.id] = [_crashed("crashed", evidence)]


def _unfinished(seconds: float) -> Found:
    return _crashed(TIMED_OUT, {"seconds": str(seconds)})


def _crashed(state: str, evidence: dict[str, str]) -> Found:
    return Found(
        state=state,
        outcome=Outcome.CRASHED,
        severity=Severity.INFO,
        evidence=evidence,
        decisive=True,
    )


def _finding(check: DoctorCheck, found: Found) -> Finding:
    remedy = remedy_of(check.id, found.state)
    return Finding(
        check=check.id,
        layer=Layer(cause_table()[check.id].layer),
        outcome=found.outcome,
        severity=found.severity,
        state=found.state,
        actor=Actor(remedy.actor) if remedy else None,
        evidence=found.evidence,
        advice=(remedy.id,) if remedy else (),
        decisive=found.decisive,
    )
