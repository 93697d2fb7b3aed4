# SPDX-License-Identifier: Apache-2.0
"""Checks of the computer and the PC/SC service.

What belongs here: what is the same for every reader and card. What does not: drivers (``reader``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cardcheck.checks.base import (
    Context,
    Found,
    check,
    crashed,
    fine,
    hexadecimal,
    problem,
    unknown,
)
from cardcheck.checks.dates import clock_state
from cardcheck.facts.link_failure import LinkFailure
from cardcheck.facts.reader import SILENCE_LIMIT
from cardcheck.report.model import Layer, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

LOGIN_SYSTEMS: Final = frozenset({"Windows", "Darwin"})
_STOPPED: Final = 0x8010001E  # SCARD_E_SERVICE_STOPPED: in pcsc-lite, other protocol versions


@check("host.clock.plausible", Layer.COMPUTER)
def clock_plausible(context: Context) -> Iterator[Found]:
    """The clock is not before this release and not far behind it."""
    state = clock_state(context)
    if state == "plausible":
        yield fine(state)
    elif state is not None:
        yield problem(state)


@check("host.login.supported", Layer.SOFTWARE)
def login_supported(context: Context) -> Iterator[Found]:
    """The login services are offered on this system; information in a scan."""
    system = context.host.system
    if system in LOGIN_SYSTEMS:
        yield fine("supported", system=system)
    elif system == "Linux":
        yield problem("linux", Severity.INFO)
    else:
        yield unknown("unknown", system=system)


@check("pcsc.binding.importable", Layer.DRIVER, decisive=True)
def binding_importable(context: Context) -> Iterator[Found]:
    """pyscard and the library under it can be loaded."""
    service = context.survey.service
    if not service.asked:
        return
    if service.error == LinkFailure.NO_BINDING:
        yield problem("missing", detail=service.detail)
    else:
        yield fine("importable")


@check("pcsc.service.running", Layer.SERVICE, decisive=True)
def service_running(context: Context) -> Iterator[Found]:
    """The PC/SC service answers."""
    service = context.survey.service
    if not service.asked:
        yield fine("not-asked")
        return
    if service.error in {LinkFailure.NO_BINDING, LinkFailure.ACCESS_DENIED}:
        return
    if service.stalled:
        yield problem("not-answering", seconds=SILENCE_LIMIT)
    elif service.error is None:
        yield fine("running")
    else:
        yield problem(_service_state(context), code=hexadecimal(service.code))


@check("pcsc.service.permitted", Layer.SERVICE)
def service_permitted(context: Context) -> Iterator[Found]:
    """The PC/SC service lets this user in."""
    service = context.survey.service
    if service.error == LinkFailure.ACCESS_DENIED:
        yield problem("denied", code=hexadecimal(service.code))
    elif service.asked and service.error is None and not service.stalled:
        yield fine("permitted")


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


def _service_state(context: Context) -> str:
    """Why the service does not answer, as far as the host's facts tell."""
    host, code = context.host, context.survey.service.code
    if host.system == "Windows":
        return "windows-no-reader"
    if host.pcsc_installed is False:
        return "not-installed"
    if host.pcsc_socket == "dead":
        return "dead-socket"
    if code == _STOPPED and host.pcsc_socket == "listening":
        return "mismatch"
    return "stopped" if context.survey.service.error == LinkFailure.NO_SERVICE else "other"
