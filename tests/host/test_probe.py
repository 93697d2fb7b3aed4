# SPDX-License-Identifier: Apache-2.0
"""The choice of the system, and what is left out to be quick."""

from __future__ import annotations

import platform
from datetime import UTC, datetime

import pytest

from cardcheck.facts.host import DriverBundle, UsbDevice
from cardcheck.host import linux, macos, windows
from cardcheck.host.probe import observe, with_service

NOW = datetime(2026, 11, 21, tzinfo=UTC)
READER = UsbDevice(vendor_id="054c", product_id="0dc9")
BUNDLE = DriverBundle(name="x.bundle", version=None, ids=frozenset())


def on(monkeypatch: pytest.MonkeyPatch, system: str) -> None:
    monkeypatch.setattr(platform, "system", lambda: system)
    monkeypatch.setattr(linux, "pcscd_installed", lambda: True)
    monkeypatch.setattr(linux, "socket_state", lambda: "dead")
    monkeypatch.setattr(linux, "driver_bundles", lambda: (BUNDLE,))
    monkeypatch.setattr(macos, "driver_bundles", lambda: (BUNDLE,))
    monkeypatch.setattr(windows, "service_state", lambda: (True, "listening"))


@pytest.mark.parametrize(
    ("usb", "thorough", "expected"),
    [((READER,), False, (BUNDLE,)), ((), False, None), (None, False, None), ((), True, (BUNDLE,))],
)
def test_drivers_are_listed_only_where_a_device_asks_for_them(
    monkeypatch: pytest.MonkeyPatch,
    usb: tuple[UsbDevice, ...] | None,
    thorough: bool,
    expected: tuple[DriverBundle, ...] | None,
) -> None:
    monkeypatch.setattr(linux, "usb_readers", lambda: usb)
    monkeypatch.setattr(macos, "usb_readers", lambda release: usb)
    for system in ("Linux", "Darwin"):
        on(monkeypatch, system)
        facts = observe(NOW, thorough=thorough)
        assert (facts.system, facts.usb, facts.bundles) == (system, usb, expected)


def test_linux_windows_and_macos_say_what_they_know(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (linux, windows):
        monkeypatch.setattr(module, "usb_readers", lambda: (READER,))
    monkeypatch.setattr(macos, "usb_readers", lambda release: (READER,))
    expected = {"Linux": (True, "dead"), "Windows": (True, "listening"), "Darwin": (True, None)}
    for system, pcsc in expected.items():
        on(monkeypatch, system)
        facts = observe(NOW)
        assert facts.usb == (READER,)
        facts = with_service(facts)
        assert (facts.pcsc_installed, facts.pcsc_socket) == pcsc


def test_another_system_is_no_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, "FreeBSD")
    facts = observe(NOW)
    assert (facts.system, facts.now, facts.usb, facts.pcsc_installed) == (
        "FreeBSD",
        NOW,
        None,
        None,
    )


def test_this_computer_is_observed() -> None:
    facts = observe(NOW)
    assert facts.system == platform.system()
    assert facts.python == platform.python_version()
