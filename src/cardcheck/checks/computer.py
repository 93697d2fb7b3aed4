# SPDX-License-Identifier: Apache-2.0
"""Checks of this computer: its clock, its walls, our own parts, and whether the look was finished.

What belongs here: what is the same for every reader and card. What does not: the service
(``pcscd``), drivers (``linux_driver``, ``windows``, ``macos``) and readers (``reader``).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from cardcheck.checks.base import NO_MODULE, Context, Need, cause, check
from cardcheck.checks.found import Found, clear, crashed, fine, problem, unknown
from cardcheck.checks.reader import nothing_attached
from cardcheck.facts.linux import Surroundings
from cardcheck.report.model import Layer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from cardcheck.checks.base import Check
    from cardcheck.checks.found import Judging

CLOCK: Final = "computer.clock.right"
_YEARS_OF_USE: Final = timedelta(days=15 * 365.25)


def clock_state(now: datetime, judging: Judging) -> str | None:
    """``clear``, ``past`` or ``future``; None where the clock decides nothing."""
    if not judging.clock_matters:
        return None
    if now < judging.build:
        return "past"
    return "future" if now > judging.build + _YEARS_OF_USE else "clear"


@check(CLOCK, Layer.COMPUTER)
def clock_right(context: Context) -> Iterator[Found]:
    """The clock is not before this release and not far behind it."""
    state = clock_state(context.host.now, context.judging)
    if state == "clear":
        yield clear()
    elif state is not None:
        yield problem(state)


@cause("computer.probes.answered", Layer.COMPUTER)
def probes_answered(context: Context) -> Iterator[Found]:
    """Everything that was asked of this computer has answered."""
    unread = context.details.unread if context.details else ()
    if unread:
        yield unknown("silent", decisive=context.about_host, names=", ".join(unread))
    else:
        yield clear()


@cause("wall.wsl.usb", Layer.COMPUTER, systems=("Linux",))
def wsl(context: Context) -> Iterator[Found]:
    """Windows handed a reader to WSL."""
    around = context.linux.surroundings or Surroundings()
    if around.wsl:
        yield problem("not-attached") if nothing_attached(context) else clear()


@cause("wall.machine.usb", Layer.COMPUTER, systems=("Linux",))
def machine(context: Context) -> Iterator[Found]:
    """The host handed a reader to the virtual machine."""
    around = context.linux.surroundings or Surroundings()
    if around.machine and not around.wsl:
        none = problem("not-attached", machine=around.machine)
        yield none if nothing_attached(context) else clear()


@check("python.pyscard.importable", Layer.DRIVER, needs=Need.SERVICE, decisive=True)
def pyscard_importable(context: Context) -> Iterator[Found]:
    """Pyscard and the library under it can be loaded."""
    service = context.service
    if service.asked:
        missing = problem("missing", detail=service.detail or "pyscard")
        yield missing if service.error == NO_MODULE else clear()


@check("scan.run.finished", Layer.COMPUTER)
def run_finished(context: Context) -> Iterator[Found]:
    """The scan came to its end: neither the deadline, a signal nor a bug of ours cut it short."""
    survey = context.survey
    for crash in dict.fromkeys(reader.crash for reader in survey.readers if reader.crash):
        yield crashed(crash, decisive=True)
    if survey.interrupted:
        yield unknown("interrupted", decisive=True, signal=survey.interrupted)
    elif survey.deadline:
        yield unknown("deadline", decisive=True, seconds=round(survey.timeout))
    else:
        yield fine("finished")


CHECKS: Final[tuple[Check, ...]] = (
    clock_right,
    probes_answered,
    wsl,
    machine,
    pyscard_importable,
    run_finished,
)
