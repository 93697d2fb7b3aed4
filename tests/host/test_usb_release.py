# SPDX-License-Identifier: Apache-2.0
"""The firmware of a reader as sysfs tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cardcheck.host.usb_release import usb_release

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("text", "release"),
    [("0106\n", "1.06"), ("1234", "12.34"), ("", None), ("zz", None), ("é", None)],
)
def test_release(tmp_path: Path, text: str, release: str | None) -> None:
    folder = tmp_path / "sys/bus/usb/devices/1-5.2"
    folder.mkdir(parents=True)
    (folder / "bcdDevice").write_text(text, "utf-8")
    assert usb_release("1-5.2", tmp_path) == release


@pytest.mark.parametrize("location", [None, "1-5", "../1-5", "1-5/../../x", ""])
def test_nothing_is_told_of_what_is_not_there(tmp_path: Path, location: str | None) -> None:
    assert usb_release(location, tmp_path) is None
