# SPDX-License-Identifier: Apache-2.0
"""Why a reader is not served on Windows: the Smart Card service, the session, the driver."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cardcheck.catalog.readers import kind_for_usb, known_reader
from cardcheck.checks.base import Context, cause
from cardcheck.checks.found import Found, clear, problem
from cardcheck.facts.windows import PnpDevice, WindowsFacts
from cardcheck.report.model import Layer, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cardcheck.checks.base import Check

_DISABLED: Final = 4
_ON_DEMAND: Final = 3
# learn.microsoft.com: Device Manager error codes; any other is "problem"
_PROBLEMS: Final = {
    1: "no-driver",  # CM_PROB_NOT_CONFIGURED
    28: "no-driver",  # CM_PROB_FAILED_INSTALL
    10: "cannot-start",  # CM_PROB_FAILED_START
    22: "switched-off",  # CM_PROB_DISABLED
    43: "gave-up",  # CM_PROB_FAILED_POST_START: the device told its driver of a fault
    48: "blocked",  # CM_PROB_DRIVER_BLOCKED
    39: "blocked",  # CM_PROB_DRIVER_FAILED_LOAD: damaged, or kept out by memory integrity
    52: "unsigned",  # CM_PROB_UNSIGNED_DRIVER
}
_RAW_USB: Final = frozenset({"winusb", "libusbk", "libusb0"})
_INBOX: Final = frozenset({"wudfrd", "usbccid"})
# I-O DATA USB-NFC3: the maker warns that the driver of Windows does not work
_NEEDS_MAKER: Final = frozenset({("31aa", "2000"), ("31aa", "2001"), ("31aa", "2100")})


def _facts(context: Context) -> WindowsFacts:
    return context.windows or WindowsFacts()


def _devices(context: Context) -> tuple[PnpDevice, ...]:
    """Those that may be readers; what takes no card of ours is none."""
    found = _facts(context).devices or ()
    return tuple(d for d in found if kind_for_usb(d.vendor_id, d.product_id).counts)


def _title(device: PnpDevice) -> str:
    usb = (device.vendor_id, device.product_id)
    return known_reader(device.name or "", usb).model or device.name or ":".join(usb)


@cause("windows.service.enabled", Layer.SERVICE, systems=("Windows",))
def service_enabled(context: Context) -> Iterator[Found]:
    """The Smart Card service may start."""
    start = _facts(context).start_type
    if start is not None:
        yield problem("disabled") if start == _DISABLED else clear()


@cause("windows.service.trigger", Layer.SERVICE, systems=("Windows",))
def service_trigger(context: Context) -> Iterator[Found]:
    """A service on demand starts when a reader arrives."""
    facts = _facts(context)
    if facts.trigger is None:
        return
    lost = facts.start_type == _ON_DEMAND and not facts.trigger and not facts.running
    yield problem("missing", Severity.WARNING) if lost else clear()


@cause("windows.service.running", Layer.SERVICE, systems=("Windows",))
def service_running(context: Context) -> Iterator[Found]:
    """It runs while a working reader is attached."""
    facts = _facts(context)
    if facts.running is None or facts.start_type == _DISABLED:
        return
    working = any(d.device_class == "SmartCardReader" and d.problem == 0 for d in _devices(context))
    stopped = working and not facts.running and context.silent
    yield problem("stopped") if stopped else clear()


@cause("windows.session.local", Layer.COMPUTER, systems=("Windows",))
def session_local(context: Context) -> Iterator[Found]:
    """This is no remote desktop."""
    remote = _facts(context).remote
    if remote is not None:
        yield problem("remote") if remote else clear()


@cause("windows.device.working", Layer.DRIVER, systems=("Windows",))
def device_working(context: Context) -> Iterator[Found]:
    """Windows reports no problem with a reader."""
    broken: dict[tuple[str, str], PnpDevice] = {}
    for device in _devices(context):
        if device.problem:
            broken.setdefault((device.vendor_id, device.product_id), device)
    for device in broken.values():
        state = _PROBLEMS.get(device.problem or 0, "problem")
        yield problem(state, model=_title(device), problem=device.problem)
    if _devices(context) and not broken:
        yield clear()


@cause("windows.driver.smartcard", Layer.DRIVER, systems=("Windows",))
def driver_smartcard(context: Context) -> Iterator[Found]:
    """A reader is bound to a driver for readers."""
    readers = {
        (d.vendor_id, d.product_id)
        for d in _devices(context)
        if d.device_class == "SmartCardReader"
    }
    found = False
    for device in _devices(context):
        raw = (device.service or "").lower() in _RAW_USB
        if raw and (device.vendor_id, device.product_id) not in readers:
            found = True
            yield problem("winusb", model=_title(device), service=device.service)
    if _devices(context) and not found:
        yield clear()


@cause("windows.driver.maker", Layer.DRIVER, systems=("Windows",))
def driver_maker(context: Context) -> Iterator[Found]:
    """A reader that needs the driver of its maker has it."""
    for device in _devices(context):
        if (device.vendor_id, device.product_id) in _NEEDS_MAKER:
            inbox = (device.service or "").lower() in _INBOX
            yield problem("inbox", model=_title(device)) if inbox else clear()


CHECKS: Final[tuple[Check, ...]] = (
    service_enabled,
    service_trigger,
    service_running,
    session_local,
    device_working,
    driver_smartcard,
    driver_maker,
)
