# SPDX-License-Identifier: Apache-2.0
"""An RC-S380 on emulated USB: real sysfs paths, real libusb, real nfcpy, one scenario a process."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import cardcheck.errors
from cardcheck.simulation.profiles import PROFILES
from lab.patience import overtime

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Report = dict[str, Any]
    Scan = Callable[..., Report]

SYSTEM_PYTHON = "/usr/bin/python3"
DEVICE = Path(__file__).with_name("usb_device.py")
INSTALL = "apt-get install umockdev gir1.2-umockdev-1.0 python3-gi"
TREES = (Path(cardcheck.errors.__file__).parents[1], DEVICE.parents[1])


def missing() -> str | None:
    """What this machine lacks, or None."""
    if os.environ.get("CARDCHECK_LAB") == "off":
        return "CARDCHECK_LAB=off: nothing was tried on emulated USB"
    if shutil.which("umockdev-wrapper") is None:
        return f"NOTHING WAS TRIED ON EMULATED USB: no umockdev-wrapper; {INSTALL}"
    load = "import gi; gi.require_version('UMockdev', '1.0'); from gi.repository import UMockdev"
    probe = subprocess.run(
        [SYSTEM_PYTHON, "-c", load], capture_output=True, check=False, timeout=20
    )
    if probe.returncode:
        return f"NOTHING WAS TRIED ON EMULATED USB: no bindings of umockdev; {INSTALL}"
    return None


@pytest.fixture(scope="module")
def emulated_usb() -> None:
    """Nothing, where umockdev can run; else the tests are skipped, with what to install."""
    if reason := missing():
        pytest.skip(reason)


@pytest.fixture
def testbed(emulated_usb: None) -> Iterator[Path]:
    """A directory for the testbed; short, for sockets lie in it (unix(7): 108 bytes)."""
    directory = Path(tempfile.mkdtemp(prefix="cc-"))
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def scan(testbed: Path, tmp_path: Path) -> Scan:
    """Runs ``cardcheck scan`` beside the device: ``(*profiles, options=…, **scenario)``."""

    def run(
        *profiles: str, options: tuple[str, ...] = ("--backend", "nfc"), **scenario: object
    ) -> Report:
        cards = tmp_path / "cards"
        cards.write_bytes(pickle.dumps([(name, made(name)) for name in profiles]))
        described = json.dumps({"cards": str(cards), "python": sys.executable, **scenario})
        command = [sys.executable, "-m", "cardcheck", "scan", "--json", *options]
        began = time.monotonic()
        done = subprocess.run(
            ["umockdev-wrapper", SYSTEM_PYTHON, str(DEVICE), described, "--", *command],
            env={
                **os.environ,
                "TMPDIR": str(testbed),
                "HOME": str(tmp_path),
                "XDG_CACHE_HOME": str(tmp_path),
                "PYTHONPATH": os.pathsep.join(map(str, TREES)),
                "PCSCLITE_CSOCK_NAME": str(tmp_path / "no-service"),
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=55,
        )
        assert "Traceback" not in done.stderr, done.stderr[-3000:]
        report: Report = json.loads(done.stdout)
        assert report["exit_code"] == done.returncode
        report["seconds"] = time.monotonic() - began
        return report

    return run


def made(profile: str) -> object:
    maker = PROFILES[profile].readers[0].make_card
    assert maker is not None
    return maker(datetime.now(UTC))


def states(report: Report, check: str) -> list[str]:
    return [f["state"] for f in report["findings"] if f["check"] == check]


def evidence(report: Report, check: str) -> dict[str, object]:
    found: dict[str, object] = next(
        f["evidence"] for f in report["findings"] if f["check"] == check
    )
    return found


def test_a_card_is_read(scan: Scan) -> None:
    report = scan("valid")
    (reader,) = report["readers"]
    assert reader["usb"] == {"vendor_id": "054c", "product_id": "06c3"}
    assert reader["model"] == "Sony PaSoRi RC-S380/P"
    assert (reader["backend"], reader["backends"], reader["why"]) == (
        "nfc",
        ["nfc"],
        "pcsc-not-asked",
    )
    assert (reader["interface"], reader["virtual"]) == ("contactless", False)
    assert "0123456" not in json.dumps(report)  # the serial number of the device
    assert report["cards"][0]["kind"] == "my-number-card"
    assert report["verdict"] == "attention"
    assert states(report, "reader.model.compatible") == ["nfc-only"]
    assert states(report, "pcsc.service.running") == ["not-asked"]


def test_auto_finds_what_pcsc_does_not_list(scan: Scan) -> None:
    """No PC/SC service answers here; the device is found and its card is read all the same."""
    report = scan("valid", options=())
    assert report["scope"]["backends"] == ["pcsc", "nfc"]
    assert report["readers"][0]["why"] == "not-in-pcsc"
    assert report["cards"][0]["kind"] == "my-number-card"
    assert states(report, "pcsc.service.running") == []
    assert [f for f in report["findings"] if f["layer"] == "service" and f["outcome"] == "problem"]


def test_pcsc_alone_leaves_the_device_alone(scan: Scan) -> None:
    report = scan("valid", options=("--backend", "pcsc"))
    (reader,) = report["readers"]
    assert (reader["backend"], reader["slot"], report["cards"]) == ("none", "unavailable", [])


@pytest.mark.parametrize(
    ("scenario", "cause", "shown"),
    [
        ({"driver": "port100", "busy": True}, "driver.kernel.free", {"driver": "port100"}),
        ({"driver": "usbfs", "busy": True}, "reader.holder.free", {"holder": None}),
        ({"denied": "node"}, "access.rule.present", {"owner": "root:root 0000"}),
        (
            {"denied": "group"},
            "access.rule.present",
            {"owner": "root:plugdev 0060"},
        ),
    ],
    ids=["kernel", "claimed", "denied", "group"],
)
def test_what_stands_in_the_way_is_named(
    scan: Scan, scenario: dict[str, object], cause: str, shown: dict[str, object]
) -> None:
    if "denied" in scenario and os.geteuid() != 0:
        pytest.skip("only root can give a node to another group and do without its rights")
    report = scan("valid", **scenario)
    found = evidence(report, cause)
    assert found.items() >= {"model": "Sony PaSoRi RC-S380/P", **shown}.items()
    assert (report["exit_code"], report["readers"][0]["slot"]) == (3, "unavailable")
    assert report["seconds"] < overtime(5)  # no child was started for it


def test_a_device_that_is_taken_unseen(scan: Scan) -> None:
    """sysfs shows nothing, and claiming it fails."""
    report = scan("valid", busy=True)
    assert report["readers"][0]["slot"] == "in-use"
    assert states(report, "reader.slot.free") == ["exclusive"]


def test_an_empty_field(scan: Scan) -> None:
    report = scan()
    assert (report["exit_code"], report["readers"][0]["slot"]) == (4, "empty")


def test_a_mute_card(scan: Scan) -> None:
    report = scan("mute")
    assert report["readers"][0]["slot"] == "mute"
    assert states(report, "card.reset.answered") == ["mute"]


def test_two_cards(scan: Scan) -> None:
    report = scan("valid", "expired")
    assert (report["readers"][0]["slot"], report["cards"]) == ("mute", [])
    assert states(report, "card.reset.answered") == ["garbled"]


def test_a_travel_card(scan: Scan) -> None:
    report = scan("felica")
    assert report["cards"][0]["kind"] == "felica"
    assert report["cards"][0]["exchange"]["commands"] == 0


def test_a_hung_device_costs_its_deadline(scan: Scan) -> None:
    report = scan("valid", hung=True)
    assert states(report, "reader.slot.responding") == ["stalled"]
    assert evidence(report, "reader.slot.responding")["seconds"] == 4
    assert (report["exit_code"], report["seconds"] < overtime(8)) == (3, True)


@pytest.mark.parametrize("frame", [3, 40, 90])
def test_a_device_that_is_unplugged_in_the_middle(scan: Scan, frame: int) -> None:
    report = scan("valid", unplug_at=frame)
    assert report["verdict"] in {"problem", "undetermined"}
    gone = states(report, "reader.slot.responding") == ["gone"]
    lost = states(report, "placement.contact.kept") == ["lost"]
    assert gone or lost, report["findings"]


def test_nothing_is_left_of_the_testbeds(testbed: Path, scan: Scan) -> None:
    scan("valid")
    assert list(testbed.iterdir()) == []
