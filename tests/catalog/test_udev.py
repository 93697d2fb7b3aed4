# SPDX-License-Identifier: Apache-2.0
"""The udev rules: current, narrow, and exactly for the devices that nfcpy opens."""

from __future__ import annotations

import re
from pathlib import Path

from cardcheck.catalog.reader_table import reader_table
from cardcheck.catalog.udev import udev_rules

FILE = Path(__file__).parents[2] / "udev" / "60-cardcheck.rules"
RULES = [line for line in udev_rules().splitlines() if line and not line.startswith("#")]


def test_every_nfcpy_device_that_reads_type_b_has_one_rule_and_nothing_else_has() -> None:
    ruled = [
        (found[1], found[2])
        for rule in RULES
        if (found := re.search(r'idVendor\}=="(\w{4})", ATTR\{idProduct\}=="(\w{4})"', rule))
    ]
    wanted = {m.usb for m in reader_table().models if m.nfcpy and m.type_b in {"yes", "partial"}}
    assert len(ruled) == len(RULES) == len(wanted)
    assert set(ruled) == wanted


def test_rules_open_a_device_to_the_person_at_the_screen_only() -> None:
    for rule in RULES:
        assert rule.startswith('ACTION!="remove", SUBSYSTEM=="usb", ENV{DEVTYPE}=="usb_device", ')
        assert rule.endswith('MODE="0660", TAG+="uaccess"')
        assert "GROUP" not in rule


def test_the_file_sorts_before_the_one_that_applies_uaccess() -> None:
    assert FILE.name < "73-seat-late.rules"
