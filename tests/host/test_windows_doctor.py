# SPDX-License-Identifier: Apache-2.0
"""What Windows tells ``doctor``: the query's JSON, and files laid out as on Windows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from cardcheck.facts.windows import WindowsFacts
from cardcheck.host import windows_doctor
from cardcheck.host.windows_doctor import Inventory, look_at_software, parse_inventory

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("no_search")

ANSWER = {
    "start": 3,
    "running": True,
    "trigger": True,
    "hosts": [
        {"name": "jp.go.cao.mpa", "browser": "chrome", "path": r"C:\Program Files\MPA\mpa.json"},
        {"name": "com.example", "browser": "chrome", "path": "x"},
        {"name": "jp.go.jpki", "browser": "edge", "path": None},
    ],
    "devices": [
        {
            "InstanceId": r"USB\VID_054C&PID_0DC9&MI_00\6&1",
            "FriendlyName": "Sony FeliCa Port/PaSoRi 4.0",
            "Class": "SmartCardReader",
            "Service": "WUDFRd",
            "Problem": 0,
        },
        {"InstanceId": r"USB\VID_046D&PID_C52B\5&2", "Class": "USB", "Problem": 0},
        {"InstanceId": r"USB\VID_31AA&PID_3002\5&3", "Class": None, "Service": "", "Problem": 28},
        {"InstanceId": "PCI", "Class": "SmartCardReader"},
        7,
    ],
}


def test_all_of_it() -> None:
    found = parse_inventory("\ufeff" + json.dumps(ANSWER), remote=False)
    facts = found.facts
    assert (facts.start_type, facts.running, facts.trigger, facts.remote) == (3, True, True, False)
    assert facts.devices is not None
    assert [(d.vendor_id, d.product_id, d.service, d.problem) for d in facts.devices] == [
        ("054c", "0dc9", "WUDFRd", 0),
        ("31aa", "3002", None, 28),
    ]
    assert found.manifests == (
        ("jp.go.cao.mpa", "chrome", r"C:\Program Files\MPA\mpa.json"),
        ("jp.go.jpki", "edge", ""),
    )


@pytest.mark.parametrize(
    "text", ["", "x", "[]", "null", '{"start": "3", "running": 1, "devices": {}, "hosts": 5}']
)
def test_what_is_no_answer_tells_nothing(text: str) -> None:
    found = parse_inventory(text)
    assert found == Inventory(WindowsFacts())


def test_the_query_asks_without_changing() -> None:
    query = windows_doctor._QUERY
    assert not any(verb in query for verb in ("Set-", "Remove-", "New-", "Start-", "Stop-"))


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
