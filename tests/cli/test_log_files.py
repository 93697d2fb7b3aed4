# SPDX-License-Identifier: Apache-2.0
"""Logs in folders, compressed, rotated in mid-session, and on standard input."""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cardcheck.cli import log_files
from cardcheck.cli.log_files import logs_of
from cardcheck.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

LOG = Path(__file__).parents[2] / "fixtures" / "reports" / "logs" / "pcscd.log"
TEXT = LOG.read_bytes()
HALF = TEXT.index(b"\n", len(TEXT) // 2) + 1
COMMANDS = 7


def imported(
    *logs: str | Path, into: Path, stdin: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "cardcheck", "trace", "import", *map(str, logs)]
    return subprocess.run(
        [*command, "-o", str(into), "--lang", "en"], input=stdin, capture_output=True, check=False
    )


def commands_in(trace: Path) -> int:
    return len(re.findall("^> ", trace.read_text(), re.MULTILINE))


@pytest.mark.parametrize(
    ("ending", "pack"), [("gz", gzip.compress), ("xz", lzma.compress), ("bz2", bz2.compress)]
)
def test_a_session_over_three_parts_is_one(
    tmp_path: Path, ending: str, pack: Callable[[bytes], bytes]
) -> None:
    third = TEXT.index(b"\n", len(TEXT) // 3) + 1
    (tmp_path / f"pcscd.log.2.{ending}").write_bytes(pack(TEXT[:third]))
    (tmp_path / "pcscd.log.1").write_bytes(TEXT[third:HALF])
    (tmp_path / "pcscd.log").write_bytes(TEXT[HALF:])
    done = imported(tmp_path, into=tmp_path / "out.apdu")
    assert done.returncode == 0, done.stderr
    assert commands_in(tmp_path / "out.apdu") == COMMANDS
    assert not (tmp_path / "out-2.apdu").exists()
    assert b"(pcscd, Example Maker Reader One [CCID Interface] 00 00)" in done.stderr


def test_parts_are_joined_whatever_order_they_are_named_in() -> None:
    assert [
        log.parts for log in logs_of(["b", "a.log", "a.log.1", "a.log.10.gz", "a.log.2.xz"])
    ] == [
        ("b",),
        ("a.log.10.gz", "a.log.2.xz", "a.log.1", "a.log"),
    ]
    (dated,) = logs_of(["syslog", "syslog-20261128.gz", "syslog-20261127.gz"])
    assert dated.parts == ("syslog-20261127.gz", "syslog-20261128.gz", "syslog")


def test_a_folder_may_hold_other_things(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "x.log").write_bytes(TEXT)
    (folder / "photo.jpg").write_bytes(bytes(range(256)) * 20)
    (folder / ".hidden").write_bytes(TEXT)
    done = imported(folder, into=tmp_path / "out.apdu")
    assert done.returncode == 0, done.stderr
    assert b"photo.jpg: no log" in done.stderr
    assert [path.name for path in tmp_path.glob("*.apdu")] == ["out.apdu"]


def test_standard_input_is_read(tmp_path: Path) -> None:
    done = imported("-", into=tmp_path / "out.apdu", stdin=TEXT)
    assert done.returncode == 0, done.stderr
    assert commands_in(tmp_path / "out.apdu") == COMMANDS


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress, bz2.compress])
def test_a_file_that_ends_too_early_is_said(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    (tmp_path / "a.log").write_bytes(pack(TEXT)[:-40])
    done = imported(tmp_path / "a.log", into=tmp_path / "out.apdu")
    assert done.returncode == 2
    assert b"a.log: cannot be unpacked" in done.stderr
    assert not list(tmp_path.glob("out*"))


def test_what_unpacks_without_end_has_an_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"x" * 5_000_000))
    monkeypatch.setattr(log_files, "MOST_UNPACKED", 1_000_000)
    (log,) = logs_of([str(tmp_path / "a.gz")])
    with log.open() as file, pytest.raises(InputError, match="unpacks to more than"):
        file.read()


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="Python reads zstd itself")
def test_zstd_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "a.zst").write_bytes(b"\x28\xb5\x2f\xfd" + bytes(20))
    done = imported(tmp_path / "a.zst", into=tmp_path / "out.apdu")
    assert done.returncode == 2
    assert b"zstd -dc" in done.stderr
