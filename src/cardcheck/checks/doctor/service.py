# SPDX-License-Identifier: Apache-2.0
"""Why the PC/SC service of Linux cannot be used: a silent service gets exactly one cause."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cardcheck.checks.base import Found, problem
from cardcheck.checks.doctor.base import DENIED, DoctorContext, cause, clear
from cardcheck.facts.linux import PcscdFacts, SessionFacts, Surroundings
from cardcheck.report.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

_STOPPED: Final = 0x8010001E  # SCARD_E_SERVICE_STOPPED: pcsc-lite, where protocol versions differ
_SOCKET: Final = "PCSCLITE_CSOCK_NAME"
_FILTER: Final = "PCSCLITE_FILTER_"


def why_silent(context: DoctorContext) -> str | None:
    """The one cause for which the service does not answer, None where it does.

    From the outside in: a wall around us, a setting of ours, then the service itself.
    """
    if context.host.system != "Linux" or not context.silent:
        return None
    pcsc, host = context.pcsc, context.host
    if pcsc is not None and pcsc.stalled:
        return "no-answer"
    if pcsc is not None and pcsc.code == _STOPPED and host.pcsc_socket == "listening":
        return "protocol"
    return _wall(context) or _setting(context) or _of_service(context)


def _wall(context: DoctorContext) -> str | None:
    around = context.linux.surroundings or Surroundings()
    walls = {
        "snap": around.snap,
        "flatpak": around.flatpak,
        "container": bool(around.container) and context.host.pcsc_socket == "absent",
    }
    return next((name for name, there in walls.items() if there), None)


def _setting(context: DoctorContext) -> str | None:
    return "socket" if _SOCKET in context.linux.environment else None


def _of_service(context: DoctorContext) -> str:
    daemon = context.linux.pcscd or PcscdFacts()
    elsewhere = daemon.processes and all(p.same_namespace is False for p in daemon.processes)
    causes = {
        "installed": context.host.pcsc_installed is False,
        "masked": "masked" in {daemon.socket_unit, daemon.service_unit},
        "dead-socket": context.host.pcsc_socket == "dead",
        "namespace": bool(elsewhere),
        "disabled": daemon.systemd and daemon.socket_unit == "disabled",
    }
    return next((name for name, applies in causes.items() if applies), "stopped")


def _one(context: DoctorContext, name: str, found: Found) -> Iterator[Found]:
    """``found`` where the service is silent for this reason, else that all is well."""
    if why_silent(context) == name:
        yield found
    elif context.works:
        yield clear()


@cause("service.pcscd.installed")
def installed(context: DoctorContext) -> Iterator[Found]:
    """The daemon is there."""
    return _one(context, "installed", problem("missing"))


@cause("service.pcscd.unmasked")
def unmasked(context: DoctorContext) -> Iterator[Found]:
    """Nobody masked its units."""
    daemon = context.linux.pcscd or PcscdFacts()
    unit = "pcscd.socket" if daemon.socket_unit == "masked" else "pcscd.service"
    return _one(context, "masked", problem("masked", unit=unit))


@cause("service.pcscd.enabled")
def enabled(context: DoctorContext) -> Iterator[Found]:
    """Its socket is there after a start of the computer."""
    return _one(context, "disabled", problem("disabled"))


@cause("service.pcscd.listening")
def listening(context: DoctorContext) -> Iterator[Found]:
    """It answers."""
    why = why_silent(context)
    daemon = context.linux.pcscd
    if why == "stopped" and daemon is not None and not daemon.systemd:
        yield problem("stopped-plain", code=context.code)
    elif why in {"stopped", "dead-socket"}:
        yield problem(why, code=context.code)
    elif why == "no-answer":
        yield problem(why)
    elif context.works:
        yield clear()


@cause("service.pcscd.protocol")
def protocol(context: DoctorContext) -> Iterator[Found]:
    """Daemon and library speak the same version."""
    return _one(context, "protocol", problem("mismatch", code=context.code))


@cause("service.pcscd.namespace")
def namespace(context: DoctorContext) -> Iterator[Found]:
    """It does not run behind a mount namespace."""
    return _one(context, "namespace", problem("elsewhere"))


@cause("service.polkit.session")
def polkit_session(context: DoctorContext) -> Iterator[Found]:
    """Polkit lets this user in; if not, why."""
    if context.pcsc is None or context.pcsc.error != DENIED:
        if context.works:
            yield clear()
        return
    session = context.linux.session or SessionFacts()
    if session.hidepid:
        return
    yield problem(_refusal(session), code=context.code)


def _refusal(session: SessionFacts) -> str:
    if session.ssh or session.remote:
        return "ssh"
    if session.session is False:
        return "no-session"
    return "inactive" if session.active is False else "refused"


@cause("service.proc.visible")
def proc_visible(context: DoctorContext) -> Iterator[Found]:
    """The daemon can see who asks."""
    session = context.linux.session or SessionFacts()
    refused = context.pcsc is not None and context.pcsc.error == DENIED
    if refused and session.hidepid:
        yield problem("hidden")
    elif context.works:
        yield clear()


@cause("service.variable.socket")
def variable_socket(context: DoctorContext) -> Iterator[Found]:
    """No variable leads away from the service."""
    return _one(context, "socket", problem("moved"))


@cause("service.variable.filter")
def variable_filter(context: DoctorContext) -> Iterator[Found]:
    """No setting hides readers."""
    daemon = context.linux.pcscd or PcscdFacts()
    ours = tuple(name for name in context.linux.environment if name.startswith(_FILTER))
    names = (*daemon.filters, *ours)
    if names:
        yield problem("set", Severity.WARNING, name=names[0])
    else:
        yield clear()


@cause("service.variable.delegate")
def variable_delegate(context: DoctorContext) -> Iterator[Found]:
    """No variable replaces the library."""
    if "LIBPCSCLITE_DELEGATE" in context.linux.environment:
        yield problem("set", Severity.WARNING)
    else:
        yield clear()


@cause("service.library.single")
def library_single(context: DoctorContext) -> Iterator[Found]:
    """Programs cannot take the wrong libpcsclite."""
    daemon = context.linux.pcscd
    if daemon is None:
        return
    if len(daemon.libraries) > 1:
        first, second = daemon.libraries[:2]
        yield problem("several", Severity.WARNING, first=first, second=second)
    else:
        yield clear()


@cause("wall.snap.pcsc")
def snap(context: DoctorContext) -> Iterator[Found]:
    """A snap leaves a way to the service."""
    return _one(context, "snap", problem("inside"))


@cause("wall.flatpak.pcsc")
def flatpak(context: DoctorContext) -> Iterator[Found]:
    """A flatpak leaves a way to the service."""
    return _one(context, "flatpak", problem("inside"))


@cause("wall.container.pcsc")
def container(context: DoctorContext) -> Iterator[Found]:
    """A container leaves a way to the service."""
    around = context.linux.surroundings or Surroundings()
    return _one(context, "container", problem("inside", container=around.container))
