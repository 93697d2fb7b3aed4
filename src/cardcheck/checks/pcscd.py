# SPDX-License-Identifier: Apache-2.0
"""The PC/SC service: whether it answers, and on Linux why not. A silent one gets just one cause.

What belongs here: the service and the walls around it. What does not: drivers (``linux_driver``),
and the service of Windows (``windows``).
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Final

from cardcheck.checks.base import DENIED, NO_MODULE, NO_SERVICE, Context, Need, cause, check
from cardcheck.checks.found import Found, clear, fine, hexadecimal, problem
from cardcheck.facts.link_failure import is_refused
from cardcheck.facts.linux import PcscdFacts, SessionFacts, Surroundings
from cardcheck.facts.reader import SILENCE_LIMIT
from cardcheck.report.model import Layer, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cardcheck.checks.base import Check

_STOPPED: Final = 0x8010001E  # SCARD_E_SERVICE_STOPPED: pcsc-lite, where protocol versions differ
_VIOLATION: Final = 0x8010006A  # SCARD_W_SECURITY_VIOLATION
_SOCKET: Final = "PCSCLITE_CSOCK_NAME"
# ChromeOS numbers its builds: 6.6.46-02877-g0e2f2b0d6e3f
_CHROMEOS_KERNEL: Final = re.compile(r"\A\d+\.\d+\.\d+-\d{5}-g[0-9a-f]{7,}\Z")
_FILTER: Final = "PCSCLITE_FILTER_"
_LINUX: Final = ("Linux",)
# What the service said is known in every run, so that these speak in each of them.
_of_linux = partial(
    cause, layer=Layer.SERVICE, systems=_LINUX, needs=Need.HOST | Need.SERVICE, thorough=False
)


def why_silent(context: Context) -> str | None:
    """The one cause for which the service does not answer, None where it does.

    From the outside in: a wall around us, a setting of ours, then the service itself.
    """
    if context.host.system != "Linux" or not context.silent:
        return None
    service, host = context.service, context.host
    if service.stalled:
        return "no-answer"
    if service.code == _STOPPED and host.pcsc_socket == "listening":
        return "protocol"
    return _wall(context) or _setting(context) or _of_service(context)


def is_chromebook(context: Context) -> bool:
    """Whether this is the Linux container of a Chromebook, by its mark or by its kernel."""
    around = context.linux.surroundings
    told = around is not None and around.chromebook
    return told or bool(_CHROMEOS_KERNEL.search(context.host.release))


def _wall(context: Context) -> str | None:
    around = context.linux.surroundings or Surroundings()
    walls = {
        "chromebook": is_chromebook(context) and not context.host.usb,
        "snap": around.snap,
        "flatpak": around.flatpak,
        "container": bool(around.container) and context.host.pcsc_socket == "absent",
    }
    return next((name for name, there in walls.items() if there), None)


def _setting(context: Context) -> str | None:
    return "socket" if _SOCKET in context.linux.environment else None


def _of_service(context: Context) -> str:
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


def _one(context: Context, name: str, found: Found) -> Iterator[Found]:
    """``found`` where the service is silent for this reason, else that all is well."""
    if why_silent(context) == name:
        yield found
    else:
        yield from _fine(context)


def _fine(context: Context) -> Iterator[Found]:
    """That all is well, where the service answers and somebody looked for causes."""
    if context.works and context.details is not None:
        yield clear()


@check("pcsc.service.running", Layer.SERVICE, needs=Need.SERVICE, decisive=True)
def running(context: Context) -> Iterator[Found]:
    """The PC/SC service answers; why it does not, the checks of each system say more closely."""
    service = context.service
    if not service.asked:
        yield fine("not-asked")
    elif context.works:
        yield fine("running")
    elif service.error not in {NO_MODULE, DENIED} and why_silent(context) is None:
        yield _silent(context)


def _silent(context: Context) -> Found:
    service = context.service
    if service.stalled:
        return problem("not-answering", seconds=SILENCE_LIMIT)
    if context.host.system == "Windows":
        return problem("windows-no-reader", code=context.code)
    state = "stopped" if service.error == NO_SERVICE else "other"
    return problem(state, code=context.code)


@check("pcsc.service.permitted", Layer.SERVICE, needs=Need.SERVICE)
def permitted(context: Context) -> Iterator[Found]:
    """The PC/SC service lets this user in, and to the cards; on Linux it is polkit that decides."""
    if refused := _refused(context):
        if context.host.system != "Linux":
            yield problem("denied", code=refused)
    elif context.works:
        yield fine("permitted")


def _refused(context: Context) -> str | None:
    """The code of the refusal: by the service, or when a card was to be opened; None without one.

    pcscd asks polkit twice, for access_pcsc and for access_card; a rule may grant the first alone.
    """
    if context.service.error == DENIED:
        return context.code or hexadecimal(_VIOLATION)
    kept_out = next(filter(is_refused, context.survey.readers), None)
    return hexadecimal(kept_out.code or _VIOLATION) if kept_out else None


@_of_linux("service.pcscd.installed")
def installed(context: Context) -> Iterator[Found]:
    """The daemon is there."""
    return _one(context, "installed", problem("missing"))


@_of_linux("service.pcscd.unmasked")
def unmasked(context: Context) -> Iterator[Found]:
    """Nobody masked its units."""
    daemon = context.linux.pcscd or PcscdFacts()
    unit = "pcscd.socket" if daemon.socket_unit == "masked" else "pcscd.service"
    return _one(context, "masked", problem("masked", unit=unit))


@_of_linux("service.pcscd.enabled")
def enabled(context: Context) -> Iterator[Found]:
    """Its socket is there after a start of the computer."""
    return _one(context, "disabled", problem("disabled"))


@_of_linux("service.pcscd.listening")
def listening(context: Context) -> Iterator[Found]:
    """It answers."""
    why = why_silent(context)
    daemon = context.linux.pcscd
    if why == "stopped" and daemon is not None and not daemon.systemd:
        yield problem("stopped-plain", code=context.code)
    elif why in {"stopped", "dead-socket"}:
        yield problem(why, code=context.code)
    elif why == "no-answer":
        yield problem(why)
    else:
        yield from _fine(context)


@_of_linux("service.pcscd.protocol")
def protocol(context: Context) -> Iterator[Found]:
    """Daemon and library speak the same version."""
    return _one(context, "protocol", problem("mismatch", code=context.code))


@_of_linux("service.pcscd.namespace")
def namespace(context: Context) -> Iterator[Found]:
    """It does not run behind a mount namespace."""
    return _one(context, "namespace", problem("elsewhere"))


@_of_linux("service.polkit.session")
def polkit_session(context: Context) -> Iterator[Found]:
    """Polkit lets this user in; if not, why."""
    code = _refused(context)
    if code is None:
        yield from _fine(context)
        return
    session = context.linux.session or SessionFacts()
    if session.hidepid and not context.works:
        return
    around = context.linux.surroundings or Surroundings()
    yield problem(_refusal(session, around), code=code)


def _refusal(session: SessionFacts, around: Surroundings) -> str:
    if around.container and not session.session:
        return "no-bus"
    if session.ssh or session.remote:
        return "ssh"
    if session.session is False:
        return "no-session"
    return "inactive" if session.active is False else "refused"


@_of_linux("service.proc.visible")
def proc_visible(context: Context) -> Iterator[Found]:
    """The daemon can see who asks."""
    session = context.linux.session or SessionFacts()
    if context.service.error == DENIED and session.hidepid:
        yield problem("hidden")
    else:
        yield from _fine(context)


@_of_linux("service.variable.socket")
def variable_socket(context: Context) -> Iterator[Found]:
    """No variable leads away from the service."""
    return _one(context, "socket", problem("moved"))


@cause("service.variable.filter", Layer.SERVICE, systems=_LINUX)
def variable_filter(context: Context) -> Iterator[Found]:
    """No setting hides readers."""
    daemon = context.linux.pcscd or PcscdFacts()
    ours = tuple(name for name in context.linux.environment if name.startswith(_FILTER))
    names = (*daemon.filters, *ours)
    if names:
        yield problem("set", Severity.WARNING, name=names[0])
    else:
        yield clear()


@cause("service.variable.delegate", Layer.SERVICE, systems=_LINUX)
def variable_delegate(context: Context) -> Iterator[Found]:
    """No variable replaces the library."""
    if "LIBPCSCLITE_DELEGATE" in context.linux.environment:
        yield problem("set", Severity.WARNING)
    else:
        yield clear()


@cause("service.library.single", Layer.SERVICE, systems=_LINUX)
def library_single(context: Context) -> Iterator[Found]:
    """Programs cannot take the wrong libpcsclite."""
    daemon = context.linux.pcscd
    if daemon is None:
        return
    if len(daemon.libraries) > 1:
        first, second = daemon.libraries[:2]
        yield problem("several", Severity.WARNING, first=first, second=second)
    else:
        yield clear()


@_of_linux("wall.chromebook.usb")
def chromebook(context: Context) -> Iterator[Found]:
    """A reader at a Chromebook is lent to its Linux."""
    if is_chromebook(context) and not context.usb and not context.names:
        yield problem("not-lent")
    else:
        yield from _fine(context)


@_of_linux("wall.snap.pcsc")
def snap(context: Context) -> Iterator[Found]:
    """A snap leaves a way to the service."""
    return _one(context, "snap", problem("inside"))


@_of_linux("wall.flatpak.pcsc")
def flatpak(context: Context) -> Iterator[Found]:
    """A flatpak leaves a way to the service."""
    return _one(context, "flatpak", problem("inside"))


@_of_linux("wall.container.pcsc")
def container(context: Context) -> Iterator[Found]:
    """A container leaves a way to the service."""
    around = context.linux.surroundings or Surroundings()
    return _one(context, "container", problem("inside", container=around.container))


CHECKS: Final[tuple[Check, ...]] = (
    running,
    permitted,
    installed,
    unmasked,
    enabled,
    listening,
    protocol,
    namespace,
    polkit_session,
    proc_visible,
    variable_socket,
    variable_filter,
    variable_delegate,
    library_single,
    chromebook,
    snap,
    flatpak,
    container,
)
