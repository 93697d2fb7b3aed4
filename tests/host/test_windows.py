# SPDX-License-Identifier: Apache-2.0
"""Windows facts from recorded output; nothing here was run on Windows."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cardcheck.host import windows
from cardcheck.host.windows import parse_pnp, parse_service

# danm-de/pcsc-sharp#13, as Get-PnpDevice gives it
UTRUST = {
    "Status": "OK",
    "Class": "SmartCardReader",
    "FriendlyName": "Identiv uTrust 3700 F CL Reader",
    "Manufacturer": "Identiv",
    "InstanceId": "USB\\VID_04E6&PID_5790\\55021722283075",
    "Service": "CLOUDx64",
    "CompatibleID": ["USB\\Class_0b&SubClass_00&Prot_00", "USB\\Class_0b&SubClass_00"],
}
# a composite device whose CCID part has no working driver (problem code 31)
PROBLEM = {
    "Status": "Error",
    "Class": "SmartCardReader",
    "FriendlyName": "Microsoft Usbccid Smartcard Reader (UMDF2)",
    "Manufacturer": "Microsoft",
    "InstanceId": "USB\\VID_0A5C&PID_5833&MI_01\\6&1ff64837&0&0001",
    "Service": "WUDFRd",
    "CompatibleID": "USB\\Class_0b&SubClass_00&Prot_00",
}
PARENT = {
    "Status": "OK",
    "Class": "USB",
    "FriendlyName": "USB Composite Device",
    "InstanceId": "USB\\VID_0A5C&PID_5833\\0123456789AB",
    "Service": "usbccgp",
    "CompatibleID": ["USB\\COMPOSITE"],
}
MOUSE = {"Status": "OK", "Class": "HIDClass", "InstanceId": "USB\\VID_046D&PID_C52B\\5&1"}

STOPPED = """
SERVICE_NAME: SCardSvr
        TYPE               : 20  WIN32_SHARE_PROCESS
        STATE              : 1  STOPPED
        WIN32_EXIT_CODE    : 1077  (0x435)
        SERVICE_EXIT_CODE  : 0  (0x0)
        CHECKPOINT         : 0x0
        WAIT_HINT          : 0x0
"""


def test_one_device_is_an_object() -> None:
    (found,) = parse_pnp(json.dumps(UTRUST)) or ()
    assert found.id == ("04e6", "5790")
    assert found.is_ccid
    assert (found.product, found.manufacturer) == ("Identiv uTrust 3700 F CL Reader", "Identiv")
    assert [interface.driver for interface in found.interfaces] == ["CLOUDx64"]
    assert "55021722283075" not in repr(found)


def test_parts_of_a_device_are_put_together_and_others_left_out() -> None:
    text = "\ufeff" + json.dumps([MOUSE, PARENT, PROBLEM, UTRUST])
    broadcom, utrust = parse_pnp(text) or ()
    assert broadcom.product == "Microsoft Usbccid Smartcard Reader (UMDF2)"
    assert [(i.number, i.interface_class, i.driver) for i in broadcom.interfaces] == [
        (1, 0x0B, None)
    ]
    assert utrust.id == ("04e6", "5790")


@pytest.mark.parametrize(
    "text", ["", " \r\n", "[]", "{}", "null", '[1, "x", {"InstanceId": null}]']
)
def test_nothing_attached_is_an_empty_list(text: str) -> None:
    assert parse_pnp(text) == ()


def test_an_error_message_is_no_answer() -> None:
    assert parse_pnp("Get-PnpDevice : 用語が認識されません") is None


@given(st.recursive(st.none() | st.text() | st.integers(), st.lists, max_leaves=5))
@settings(max_examples=100, derandomize=True)
def test_any_values_in_the_fields_are_survived(value: object) -> None:
    for key in UTRUST:
        parse_pnp(json.dumps({**UTRUST, key: value}))


def test_the_service_is_running_stopped_missing_or_unknown() -> None:
    assert parse_service(STOPPED) == (True, "absent")
    assert parse_service(STOPPED.replace("1  STOPPED", "4  RUNNING")) == (True, "listening")
    assert parse_service("[SC] EnumQueryServicesStatus:OpenService FAILED 1060:") == (
        False,
        "absent",
    )
    assert parse_service("") == (None, None)


def test_no_answer_in_time_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "output_of", lambda command, seconds: None)
    assert windows.usb_readers() is None
    assert windows.service_state() == (None, None)


def test_the_queries_change_nothing_and_need_no_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []

    def record(command: list[str], seconds: float) -> str:
        asked.append(command)
        return ""

    monkeypatch.setattr(windows, "output_of", record)
    assert windows.usb_readers() == ()
    windows.service_state()
    assert [command[1] for command in asked] == ["-NoProfile", "query"]
    assert not any(word in str(asked) for word in ("Set-", "Enable-", "Disable-", "Start-"))
