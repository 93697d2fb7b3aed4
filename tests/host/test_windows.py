# SPDX-License-Identifier: Apache-2.0
"""What is made of the answers of Windows, from recorded ones; those of Wine where it runs there."""

from __future__ import annotations

import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cardcheck.host import windows, windows_api
from cardcheck.host.windows import readers_among, state_of
from cardcheck.host.windows_api import PnpRow, ServiceRow

# danm-de/pcsc-sharp#13
UTRUST = PnpRow(
    instance=r"USB\VID_04E6&PID_5790\55021722283075",
    name="Identiv uTrust 3700 F CL Reader",
    manufacturer="Identiv",
    device_class="SmartCardReader",
    service="CLOUDx64",
    compatible=(r"USB\Class_0b&SubClass_00&Prot_00", r"USB\Class_0b&SubClass_00"),
    problem=0,
)
# a composite device whose CCID part has no working driver
PROBLEM = PnpRow(
    instance=r"USB\VID_0A5C&PID_5833&MI_01\6&1ff64837&0&0001",
    name="Microsoft Usbccid Smartcard Reader (UMDF2)",
    manufacturer="Microsoft",
    device_class="SmartCardReader",
    service="WUDFRd",
    compatible=(r"USB\Class_0b&SubClass_00&Prot_00",),
    problem=31,
)
PARENT = PnpRow(
    instance=r"USB\VID_0A5C&PID_5833\0123456789AB",
    name="USB Composite Device",
    device_class="USB",
    service="usbccgp",
    compatible=(r"USB\COMPOSITE",),
    problem=0,
)
MOUSE = PnpRow(instance=r"USB\VID_046D&PID_C52B\5&1", device_class="HIDClass")


def test_one_device() -> None:
    (found,) = readers_among([UTRUST])
    assert found.id == ("04e6", "5790")
    assert found.is_ccid
    assert (found.product, found.manufacturer) == ("Identiv uTrust 3700 F CL Reader", "Identiv")
    assert [interface.driver for interface in found.interfaces] == ["CLOUDx64"]
    assert "55021722283075" not in repr(found)


def test_parts_of_a_device_are_put_together_and_others_left_out() -> None:
    broadcom, utrust = readers_among([MOUSE, PARENT, PROBLEM, UTRUST])
    assert broadcom.product == "Microsoft Usbccid Smartcard Reader (UMDF2)"
    assert [(i.number, i.interface_class, i.driver) for i in broadcom.interfaces] == [
        (1, 0x0B, None)
    ]
    assert utrust.id == ("04e6", "5790")


@pytest.mark.parametrize("rows", [[], [PnpRow(instance="")], [PnpRow(instance="USB\\ROOT_HUB30")]])
def test_nothing_attached_is_an_empty_list(rows: list[PnpRow]) -> None:
    assert readers_among(rows) == ()


@given(st.text(), st.text(), st.integers())
@settings(max_examples=100, derandomize=True)
def test_any_values_are_survived(text: str, more: str, problem: int) -> None:
    row = PnpRow(
        instance=UTRUST.instance + text,
        name=text,
        manufacturer=more,
        device_class=more,
        service=text,
        compatible=(text, more),
        problem=problem,
    )
    readers_among([row, UTRUST, row])


def test_the_service_is_running_stopped_missing_or_unknown() -> None:
    assert state_of(ServiceRow(installed=True, state=1)) == (True, "absent")
    assert state_of(ServiceRow(installed=True, state=4)) == (True, "listening")
    assert state_of(ServiceRow(installed=False)) == (False, "absent")
    assert state_of(ServiceRow()) == (None, None)
    assert state_of(ServiceRow(installed=True)) == (None, None)


def test_no_answer_in_time_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "SECONDS", 0.1)
    monkeypatch.setattr(windows_api, "usb_devices", lambda: time.sleep(60))
    monkeypatch.setattr(windows_api, "service", lambda name: time.sleep(60))
    began = time.monotonic()
    assert windows.usb_readers() is None
    assert windows.service_state() == (None, None)
    assert time.monotonic() - began < 30


@pytest.mark.skipif(sys.platform == "win32", reason="asks what is not Windows")
def test_elsewhere_nothing_is_known() -> None:
    assert windows.usb_readers() is None
    assert windows.service_state() == (None, None)


@pytest.mark.skipif(sys.platform != "win32", reason="asks Windows itself")
def test_windows_answers_for_real() -> None:
    """Wine has no devices on USB; its service control manager and registry are asked for real."""
    assert all(row.instance.startswith("USB\\") for row in windows_api.usb_devices())
    assert windows_api.service("RpcSs").installed is True
    assert windows_api.service("RpcSs").start in {2, 3, 4}
    assert windows_api.service("cardcheck-no-such-service") == ServiceRow(installed=False)
    version = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion"
    assert isinstance(windows_api.registry_value(version, "CurrentBuild"), str)
    assert windows_api.registry_value(version, "no such value") is None
    assert windows_api.has_registry_key(version)
    assert not windows_api.has_registry_key(rf"{version}\no such key")
