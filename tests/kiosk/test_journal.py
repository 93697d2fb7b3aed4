# SPDX-License-Identifier: Apache-2.0
"""The morning log: whole lines, from many processes, after a power cut."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from cardcheck.errors import InputError
from cardcheck.kiosk.journal import append_line

if TYPE_CHECKING:
    from pathlib import Path


def test_lines_follow_each_other(tmp_path: Path) -> None:
    log = tmp_path / "log"
    append_line(str(log), "one\n")
    append_line(str(log), "two\n")
    assert log.read_text() == "one\ntwo\n"


def test_a_line_that_a_power_cut_left_open_is_ended(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("one\ntw")
    append_line(str(log), "three\n")
    assert log.read_text() == "one\ntw\nthree\n"


def test_lines_of_many_programs_do_not_mix(tmp_path: Path) -> None:
    log = tmp_path / "log"
    code = (
        "import sys; from cardcheck.kiosk.journal import append_line\n"
        "for _ in range(50): append_line(sys.argv[1], sys.argv[2] * 200 + '\\n')"
    )
    runs = [subprocess.Popen([sys.executable, "-c", code, str(log), letter]) for letter in "abcd"]
    assert [run.wait(30) for run in runs] == [0] * 4
    lines = log.read_text().splitlines()
    assert len(lines) == 200
    assert {(len(line), len(set(line))) for line in lines} == {(200, 1)}


def test_a_full_disk_leaves_the_log_as_it_was() -> None:
    with pytest.raises(InputError, match="--log"):
        append_line("/dev/full", "one\n")


@pytest.mark.parametrize("name", ["missing/log", ".", "a\0b"])
def test_a_log_that_cannot_be_written_is_said(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        append_line(f"{tmp_path}/{name}", "one\n")
