# SPDX-License-Identifier: Apache-2.0
"""What ``doctor`` makes of the answers of Windows, and files laid out as there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from cardcheck.facts.windows import WindowsFacts
from cardcheck.host import windows_api
from cardcheck.host.windows_api import PnpRow, ServiceRow
from cardcheck.host.windows_doctor import Inventory, inventory, look_at_software

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("no_search")

ROWS = (
    PnpRow(
        instance=r"USB\VID_054C&PID_0DC9&MI_00\6&1",
        name="Sony FeliCa Port/PaSoRi 4.0",
        device_class="SmartCardReader",
        service="WUDFRd",
        problem=0,
    ),
    PnpRow(instance=r"USB\VID_046D&PID_C52B\5&2", device_class="USB", problem=0),
    PnpRow(instance=r"USB\VID_31AA&PID_3002\5&3", problem=28),
    PnpRow(instance="PCI", device_class="SmartCardReader"),
)
MANIFEST = r"C:\Program Files\MPA\mpa.json"
KEYS = {
    r"HKLM\SOFTWARE\Google\Chrome\NativeMessagingHosts\jp.go.cao.mpa": MANIFEST,
    r"HKCU\SOFTWARE\Microsoft\Edge\NativeMessagingHosts\jp.go.jpki": None,
    r"HKLM\SOFTWARE\Google\Chrome\NativeMessagingHosts\com.example": "x",
}


def test_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    service = ServiceRow(installed=True, state=4, start=3, trigger=True)
    monkeypatch.setattr(windows_api, "usb_devices", lambda: ROWS)
    monkeypatch.setattr(windows_api, "service", lambda name: service)
    monkeypatch.setattr(windows_api, "has_registry_key", KEYS.__contains__)
    monkeypatch.setattr(windows_api, "registry_value", KEYS.get)
    found = inventory({"SESSIONNAME": "RDP-Tcp#0"})
    facts = found.facts
    assert (facts.start_type, facts.running, facts.trigger, facts.remote) == (3, True, True, True)
    assert facts.devices is not None
    assert [(d.vendor_id, d.product_id, d.service, d.problem) for d in facts.devices] == [
        ("054c", "0dc9", "WUDFRd", 0),
        ("31aa", "3002", None, 28),
    ]
    assert found.manifests == (
        ("jp.go.cao.mpa", "chrome", MANIFEST),
        ("jp.go.jpki", "edge", ""),
    )


def test_what_gives_no_answer_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise OSError

    monkeypatch.setattr(windows_api, "usb_devices", fail)
    monkeypatch.setattr(windows_api, "service", lambda name: ServiceRow())
    monkeypatch.setattr(windows_api, "has_registry_key", lambda key: False)
    assert inventory({}) == Inventory(WindowsFacts(remote=False))


def test_software(tmp_path: Path) -> None:
    programs, local = tmp_path / "Program Files", tmp_path / "Local"
    (programs / "Google/Chrome/Application/142.0.7444.60").mkdir(parents=True)
    (programs / "Google/Chrome/Application/109.0.5414.120").mkdir()
    (programs / "Google/Chrome/Application/SetupMetrics").mkdir()
    (programs / "JPKILib").mkdir()
    profile = local / "Google/Chrome/User Data/Default"
    profile.mkdir(parents=True)
    settings = {"fjjibalalngebiaophebgkkohaaggphf": {"state": 0}, "x" * 32: {"state": 1}}
    (profile / "Secure Preferences").write_text(json.dumps({"extensions": {"settings": settings}}))
    manifest = tmp_path / "mpa.json"
    manifest.write_text("{")
    found = look_at_software(
        (("jp.go.cao.mpa", "chrome", str(manifest)), ("jp.go.jpki", "edge", "")),
        {"PROGRAMFILES": str(programs), "LOCALAPPDATA": str(local)},
    )
    assert [(b.name, b.major) for b in found.browsers or ()] == [("chrome", 142)]
    assert [(e.browser, e.enabled) for e in found.extensions or ()] == [("chrome", False)]
    assert [(h.readable, h.valid) for h in found.hosts or ()] == [(True, False), (False, None)]
    assert (found.portal_app, found.jpki_client) == (True, True)
