# SPDX-License-Identifier: Apache-2.0
"""``doctor`` on emulated USB readers, under the real pcscd, libccid, libudev and libusb."""

from __future__ import annotations

import json
import os
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from lab.conftest import OFF, require
from lab.daemon import wait_until
from lab.usb import INSTALL, UsbBed, UsbPcscd, missing_usb_parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lab.program import Completed


class Doctor(Protocol):
    """Runs ``doctor`` (or another command) against a daemon and gives its JSON."""

    def __call__(self, daemon: UsbPcscd, command: str = "doctor") -> dict[str, Any]: ...


@pytest.fixture(scope="session")
def usb_parts() -> None:
    if os.environ.get("CARDCHECK_LAB") == "off":
        pytest.skip(OFF)
    require(missing_usb_parts(), INSTALL)


@pytest.fixture
def bed(usb_parts: None) -> Iterator[UsbBed]:
    with UsbBed() as found:
        yield found


@pytest.fixture
def start(bed: UsbBed) -> Iterator[Callable[[], UsbPcscd]]:
    with ExitStack() as stack:

        def begin() -> UsbPcscd:
            daemon = stack.enter_context(UsbPcscd(bed))
            daemon.settle(0.5)
            return daemon

        yield begin


@pytest.fixture
def doctor(run_cardcheck: Callable[..., Completed]) -> Doctor:
    def run(daemon: UsbPcscd, command: str = "doctor") -> dict[str, Any]:
        done = run_cardcheck(command, "--json", env=daemon.env())
        report: dict[str, Any] = json.loads(done.stdout)
        assert done.rc == report["exit_code"]
        return report

    return run


def states(report: dict[str, Any]) -> set[tuple[str, str]]:
    """Check and state of each cause, without what is so on every Linux."""
    return {
        (finding["check"], finding["state"])
        for finding in report["findings"]
        if finding["outcome"] != "ok"
        and finding["check"] != "login.system.supported"
        and finding.get("because_of") is None
    }


def rows(report: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [
        (f"{row['usb']['vendor_id']}:{row['usb']['product_id']}", row["backend"], row["slot"])
        for row in report["readers"]
    ]


def test_an_rc_s300_is_served(bed: UsbBed, start: Callable[[], UsbPcscd], doctor: Doctor) -> None:
    bed.plug("rc-s300")
    report = doctor(start())
    assert states(report) == set()
    assert rows(report) == [("054c:0dc9", "pcsc", "empty")]
    assert "0123456" not in json.dumps(report)


def test_a_card_is_seen_and_not_touched(
    bed: UsbBed, start: Callable[[], UsbPcscd], doctor: Doctor
) -> None:
    number = bed.plug("rc-s300")
    daemon = start()
    bed.insert(number)
    assert wait_until(lambda: "Card inserted" in daemon.log())
    before = daemon.log().count("SCardTransmit")
    assert rows(doctor(daemon)) == [("054c:0dc9", "pcsc", "card")]
    assert daemon.log().count("SCardTransmit") == before


def test_an_rc_s380_never_appears_in_pcsc(
    bed: UsbBed, start: Callable[[], UsbPcscd], doctor: Doctor
) -> None:
    bed.plug("rc-s380")
    report = doctor(start())
    assert states(report) == {("driver.reader.class", "vendor-linux")}
    assert rows(report) == [("054c:06c3", "none", "unavailable")]


@pytest.mark.parametrize(("model", "driver"), [("rc-s380", "port100"), ("acr122u", "pn533_usb")])
def test_a_kernel_driver_is_named(
    model: str, driver: str, bed: UsbBed, start: Callable[[], UsbPcscd], doctor: Doctor
) -> None:
    bed.plug(model, driver)
    report = doctor(start())
    assert ("driver.kernel.free", "taken") in states(report)
    (remedy,) = [r for r in report["remedies"] if r["check"] == "driver.kernel.free"]
    assert remedy["commands"][0] == f"sudo modprobe -r {driver}"
    assert remedy["undo"][-1] == f"sudo modprobe {driver}"


def test_an_acr122u_is_served(bed: UsbBed, start: Callable[[], UsbPcscd], doctor: Doctor) -> None:
    bed.plug("acr122u")
    report = doctor(start())
    assert rows(report) == [("072f:2200", "pcsc", "empty")]
    assert ("reader.pcsc.listed", "lost") not in states(report)


def test_an_unlisted_reader_is_told_from_a_broken_one(
    bed: UsbBed, start: Callable[[], UsbPcscd], doctor: Doctor
) -> None:
    bed.plug("unlisted")
    report = doctor(start())
    assert states(report) == {("driver.reader.listed", "unlisted")}
    assert rows(report) == [("1234:5678", "none", "unavailable")]


def test_two_readers_are_two_rows(
    bed: UsbBed, start: Callable[[], UsbPcscd], doctor: Doctor
) -> None:
    bed.plug("rc-s300")
    bed.plug("rc-s380")
    daemon = start()
    assert rows(doctor(daemon)) == [
        ("054c:0dc9", "pcsc", "empty"),
        ("054c:06c3", "none", "unavailable"),
    ]


def test_plugging_and_unplugging_are_followed(
    bed: UsbBed, start: Callable[[], UsbPcscd], doctor: Doctor
) -> None:
    daemon = start()
    assert ("reader.usb.attached", "none") in states(doctor(daemon))
    number = bed.plug("rc-s300")
    daemon.settle(0.7)
    assert rows(doctor(daemon)) == [("054c:0dc9", "pcsc", "empty")]
    bed.unplug(number)
    daemon.settle(0.7)
    report = doctor(daemon)
    assert rows(report) == []
    assert ("reader.usb.attached", "none") in states(report)


def test_a_stopped_daemon_with_a_reader_attached(
    bed: UsbBed, start: Callable[[], UsbPcscd], doctor: Doctor
) -> None:
    bed.plug("rc-s300")
    daemon = start()
    daemon.kill()
    report = doctor(daemon)
    assert rows(report) == [("054c:0dc9", "none", "unavailable")]
    assert report["verdict"] == "problem"
