# SPDX-License-Identifier: Apache-2.0
"""Runs the checks of ``doctor`` at once. One that crashes or hangs changes no other result."""

from __future__ import annotations

import threading
import time
import traceback
from typing import TYPE_CHECKING, Final

from cardcheck.catalog.doctor import TIMED_OUT, cause_table, remedy_of
from cardcheck.checks.base import Found
from cardcheck.report.model import Actor, Finding, Layer, Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from cardcheck.checks.doctor.base import DoctorCheck, DoctorContext

SECONDS: Final = 2.0
"""How long all checks may take together; they take milliseconds."""


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
    threads = [
        threading.Thread(target=_run, args=(check, context, found), daemon=True) for check in wanted
    ]
    deadline = time.monotonic() + seconds
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    late = [_unfinished(seconds)]
    return tuple(_finding(c, item) for c in wanted for item in found.get(c.id, late))


def _named(identity: str, names: Collection[str]) -> bool:
    return any(identity == name or identity.startswith(f"{name}.") for name in names)


def _run(check: DoctorCheck, context: DoctorContext, found: dict[str, list[Found]]) -> None:
    try:
        found[check.id] = list(check.run(context))
    except Exception as error:  # noqa: BLE001 - a crash of a check is a result
        frame = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}"
        evidence = {"error": type(error).__name__, "place": place}
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
