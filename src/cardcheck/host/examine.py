# SPDX-License-Identifier: Apache-2.0
"""All facts for ``doctor``: every probe of this system at once, each behind the same deadline.

What belongs here: which probes there are, and where their answers go. What does not: how each of
them looks, and PC/SC itself, which only the cli may open.
"""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING, Final

from cardcheck.deadline import Gathered, all_within
from cardcheck.facts.doctor import DoctorFacts, PcscFacts
from cardcheck.facts.host import HostFacts
from cardcheck.facts.linux import LinuxFacts
from cardcheck.facts.software import SoftwareFacts

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from cardcheck.facts.host import UsbDevice

SECONDS: Final = {"Linux": 3.0, "Windows": 15.0, "Darwin": 12.0}
"""How long all probes of a system may take together; only a hanging one comes near."""


def examine(
    now: datetime,
    ask_pcsc: Callable[[], PcscFacts] | None,
    seconds: float | None = None,
    broken_off: Callable[[], object] = lambda: None,
) -> DoctorFacts:
    """What this computer tells about itself. Never raises; a probe that hangs is left behind.

    Args:
        now: the clock, UTC.
        ask_pcsc: asks the PC/SC service for its readers; None where somebody else has.
        seconds: the deadline; None for that of the system.
        broken_off: what is true ends the wait; what has not answered by then is unread.
    """
    system = platform.system()
    probes: dict[str, Callable[[], object]] = {"host": lambda: _host(now)}
    if ask_pcsc is not None:
        probes["pcsc"] = ask_pcsc
    probes |= {"Linux": _linux, "Windows": _windows, "Darwin": _darwin}.get(system, dict)()
    found = all_within(probes, seconds or SECONDS.get(system, 3.0), broken_off)
    return _facts(system, now, found)


def _facts(system: str, now: datetime, found: Gathered) -> DoctorFacts:
    values = found.values
    pcsc = PcscFacts(stalled=True) if "pcsc" in found.hung else values.get("pcsc")
    software = values.get("software", SoftwareFacts())
    inventory = values.get("inventory")
    if inventory is not None:
        software = _windows_software(inventory.manifests)
    parts = {name: values[name] for name in _LINUX_PARTS if name in values}
    return DoctorFacts(
        host=values.get("host") or _bare(system, now),
        pcsc=pcsc,
        linux=LinuxFacts(**parts) if system == "Linux" else None,
        windows=inventory.facts if inventory is not None else None,
        macos=values.get("macos"),
        software=software,
        unread=tuple(name for name in found.unread if name != "pcsc" or pcsc is None),
    )


_LINUX_PARTS: Final = ("pcscd", "session", "rules", "ports", "surroundings", "environment")


def _linux() -> dict[str, Callable[[], object]]:
    from cardcheck.host import linux, linux_devices, linux_service, software

    def attached() -> tuple[UsbDevice, ...]:
        return linux.usb_readers() or ()

    return {
        "pcscd": linux_service.pcscd,
        "session": linux_service.session,
        "rules": linux_devices.rules,
        "ports": lambda: linux_devices.ports(attached()),
        "surroundings": linux_devices.surroundings,
        "environment": linux_service.settings,
        "software": lambda: SoftwareFacts(modules=software.python_modules()),
    }


def _windows() -> dict[str, Callable[[], object]]:
    from cardcheck.host import windows_doctor

    return {"inventory": windows_doctor.inventory}


def _windows_software(manifests: tuple[tuple[str, str, str], ...]) -> SoftwareFacts:
    from cardcheck.host import windows_doctor

    return windows_doctor.look_at_software(manifests)


def _darwin() -> dict[str, Callable[[], object]]:
    from cardcheck.host import macos_doctor

    return {"macos": macos_doctor.drivers, "software": macos_doctor.look_at_software}


def _host(now: datetime) -> HostFacts:
    from cardcheck.host.probe import observe, with_service

    return with_service(observe(now, thorough=True))


def _bare(system: str, now: datetime) -> HostFacts:
    return HostFacts(
        system=system, release=platform.release(), python=platform.python_version(), now=now
    )
