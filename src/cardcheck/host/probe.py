# SPDX-License-Identifier: Apache-2.0
"""All facts about this computer at once.

What belongs here: the choice of the system. What does not: how each system is asked.
"""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

from msgspec.structs import replace

from cardcheck.facts.host import HostFacts

if TYPE_CHECKING:
    from datetime import datetime

    from cardcheck.facts.host import UsbDevice


def bare(now: datetime) -> HostFacts:
    """What is known of this computer without asking for anything."""
    return HostFacts(
        system=platform.system(),
        release=platform.release(),
        python=platform.python_version(),
        now=now,
    )


def observe(now: datetime, *, thorough: bool = False) -> HostFacts:
    """What this computer tells about itself; None in a field where it tells nothing. Never raises.

    Args:
        now: the clock, UTC.
        thorough: list the installed PC/SC drivers even where no attached device asks for them.
    """
    facts = bare(now)
    ask = {"Linux": _on_linux, "Windows": _on_windows, "Darwin": _on_macos}.get(facts.system)
    return ask(facts, thorough) if ask else facts


def with_service(facts: HostFacts) -> HostFacts:
    """The facts with those about the PC/SC service, which need no asking where it answers."""
    if facts.system == "Linux":
        from cardcheck.host import linux

        return replace(
            facts, pcsc_installed=linux.pcscd_installed(), pcsc_socket=linux.socket_state()
        )
    if facts.system == "Windows":
        from cardcheck.host import windows

        installed, state = windows.service_state()
        return replace(facts, pcsc_installed=installed, pcsc_socket=state)
    return facts


def _on_linux(facts: HostFacts, thorough: bool) -> HostFacts:  # noqa: FBT001
    from cardcheck.host import linux

    usb = linux.usb_readers()
    if usb:
        usb = tuple(_with_holders(device) for device in usb)
    return replace(
        facts,
        bundles=linux.driver_bundles() if usb or thorough else None,
        usb=usb,
    )


def _with_holders(device: UsbDevice) -> UsbDevice:
    """The device with the programs that use it, where nfcpy would have to open it itself."""
    from cardcheck.catalog.nfc import nfcpy_driver
    from cardcheck.host.holders import usb_clients

    if nfcpy_driver(device) is None or device.bus is None or device.address is None:
        return device
    clients = usb_clients(device.bus, device.address)
    return replace(device, holders=tuple(f"{program} ({pid})" for program, pid in clients))


def _on_windows(facts: HostFacts, thorough: bool) -> HostFacts:  # noqa: ARG001, FBT001
    from cardcheck.host import windows

    return replace(facts, usb=windows.usb_readers())


def _on_macos(facts: HostFacts, thorough: bool) -> HostFacts:  # noqa: FBT001
    from cardcheck.host import macos

    usb = macos.usb_readers(facts.release)
    # CryptoTokenKit, and PC/SC with it, is part of the system.
    return replace(
        facts,
        pcsc_installed=True,
        bundles=macos.driver_bundles() if usb or thorough else None,
        usb=usb,
    )
