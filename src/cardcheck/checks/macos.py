# SPDX-License-Identifier: Apache-2.0
"""Why a reader is not served on macOS: which driver, and for which processor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cardcheck.catalog.readers import is_known
from cardcheck.checks.base import Context, cause
from cardcheck.checks.found import Found, clear, problem
from cardcheck.facts.macos import MacosFacts
from cardcheck.facts.reader import SlotState
from cardcheck.report.model import Layer, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cardcheck.checks.base import Check
    from cardcheck.facts.host import UsbDevice

_APPLE_SILICON: Final = "arm64"
_MUTE: Final = SlotState.MUTE
# Alcor, now Alcor Link: cards stay mute under Apple's driver and answer under the other one
_MUTE_UNDER_APPLE: Final = frozenset({"058f", "2ce3"})
_FIRST_WITH_OWN_DRIVER: Final = 23  # Darwin 23 is macOS 14: Apple's own CCID driver is the default


def _facts(context: Context) -> MacosFacts:
    return context.macos or MacosFacts()


@cause("macos.driver.choice", Layer.DRIVER, systems=("Darwin",))
def driver_choice(context: Context) -> Iterator[Found]:
    """The chosen driver serves the attached reader."""
    chosen = _facts(context).use_ifd_ccid
    major = context.host.release.partition(".")[0]
    if chosen is None or not major.isdecimal() or int(major) < _FIRST_WITH_OWN_DRIVER:
        return
    state = _state_of_choice(context, ifd_ccid=chosen)
    yield clear() if state is None else problem(state, Severity.WARNING)


def _state_of_choice(context: Context, *, ifd_ccid: bool) -> str | None:
    """What speaks against the driver that was chosen, or None."""
    mute = [r.device for r in context.listed if r.device and r.facts and r.facts.slot == _MUTE]
    if not ifd_ccid and any(device.vendor_id in _MUTE_UNDER_APPLE for device in mute):
        return "mute"
    unseen = [device for device in context.usb if not _is_vendor_class(device.id)]
    if not unseen or context.names or not context.service.asked:
        return None
    if not ifd_ccid and not any(_lists(context, device) for device in unseen):
        return "unlisted"
    return "ifd-ccid" if ifd_ccid else "apple"


def _lists(context: Context, device: UsbDevice) -> bool:
    """Whether the other driver lists a device, as installed or as we know its list."""
    return is_known(*device.id) or (context.driven is not None and device.id in context.driven)


def _is_vendor_class(usb: tuple[str, str]) -> bool:
    """Whether no driver of macOS can serve it: another check says so."""
    from cardcheck.catalog.readers import models_for_usb

    models = models_for_usb(*usb)
    return bool(models) and all(m.support["Darwin"].value == "not-usable" for m in models)


@cause("macos.driver.native", Layer.DRIVER, systems=("Darwin",))
def driver_native(context: Context) -> Iterator[Found]:
    """The installed drivers were built for this processor."""
    facts = _facts(context)
    if facts.bundles is None or facts.architecture is None:
        return
    foreign = [
        bundle.name
        for bundle in facts.bundles
        if facts.architecture == _APPLE_SILICON
        and bundle.architectures
        and not any(name.startswith(_APPLE_SILICON) for name in bundle.architectures)
    ]
    for name in foreign:
        yield problem("foreign", name=name)
    if not foreign:
        yield clear()


@cause("macos.rosetta.installed", Layer.SOFTWARE, systems=("Darwin",))
def rosetta_installed(context: Context) -> Iterator[Found]:
    """Rosetta 2 is there where the JPKI client software needs it."""
    facts, software = _facts(context), context.software
    if facts.architecture != _APPLE_SILICON or not software.jpki_client:
        return
    needed = software.jpki_needs_rosetta is not False
    yield problem("missing") if needed and facts.rosetta is False else clear()


CHECKS: Final[tuple[Check, ...]] = (
    driver_choice,
    driver_native,
    rosetta_installed,
)
