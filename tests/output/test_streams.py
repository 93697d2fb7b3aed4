# SPDX-License-Identifier: Apache-2.0
"""Encodings, closed pipes, full disks, and files that are whole or untouched."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardcheck.errors import InputError
from cardcheck.output import streams
from cardcheck.output.encoding import can_carry, fitted


def stream_in(encoding: str) -> tuple[io.BytesIO, io.TextIOWrapper]:
    raw = io.BytesIO()
    return raw, io.TextIOWrapper(raw, encoding=encoding, newline="\n")


@pytest.mark.parametrize(
    ("encoding", "written"),
    [
        ("utf-8", "✓ ✗ カード — 〜…"),
        ("cp932", "OK NG カード ― ～…"),
        ("euc_jp", "OK NG カード ― 〜…"),
        ("ascii", "OK NG ?-? - ~..."),
        ("latin-1", "OK NG ?-? - ~..."),
    ],
)
def test_signs_have_substitutes(encoding: str, written: str) -> None:
    raw, stream = stream_in(encoding)
    assert streams.write_text(stream, "✓ ✗ カード — 〜…")
    assert raw.getvalue().decode(encoding) == written


@given(
    st.text(st.characters(exclude_categories=())),
    st.sampled_from(["utf-8", "cp932", "ascii", "cp437", "utf-16", "iso2022_jp", "latin-1"]),
)
def test_any_text_reaches_any_encoding(text: str, encoding: str) -> None:
    fitted(text, encoding).encode(encoding)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_utf_8_changes_nothing(text: str) -> None:
    assert fitted(text, "utf-8") == text


def test_what_a_stream_can_carry() -> None:
    assert can_carry(stream_in("cp932")[1], "カード")
    assert not can_carry(stream_in("ascii")[1], "カード")
    assert can_carry(io.StringIO(), "✓")


def test_nobody_reads() -> None:
    assert not streams.write_text(None, "x")
    closed = io.StringIO()
    closed.close()
    assert not streams.write_text(closed, "x")


def test_a_closed_pipe_is_no_error_now_nor_at_exit() -> None:
    code = (
        "import sys; from cardcheck.output.streams import write_text;"
        "sys.stdin.readline();"
        "sys.stderr.write(str(write_text(sys.stdout, 'x' * 100000)))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        process.stdin.write(b"\n")
        process.stdin.flush()
        assert process.stderr.read() == b"False"
        assert process.wait(30) == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_behind_standard_output_is_said() -> None:
    with (
        Path("/dev/full").open("w", encoding="utf-8") as full,
        pytest.raises(InputError, match=r"standard output: No space left .*--output"),
    ):
        streams.write_text(full, "x")


def test_a_file_is_written_whole(tmp_path: Path) -> None:
    path = tmp_path / "報告.json"
    streams.write_file_atomically(path, "カード ✓ \udc80\n")
    assert path.read_bytes() == "カード ✓ ?\n".encode()
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


@pytest.mark.posix("symbolic links for everybody")
def test_a_replaced_file_keeps_its_mode_and_its_links(tmp_path: Path) -> None:
    path, link = tmp_path / "report", tmp_path / "link"
    path.write_text("old")
    path.chmod(0o640)
    link.symlink_to(path)
    streams.write_file_atomically(link, "new")
    assert link.is_symlink()
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_failure_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "report.json"
    path.write_text("old")
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(InputError, match=r"report\.json: No space left on device; free"):
        streams.write_file_atomically(path, "new")
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["report.json"]


@pytest.mark.parametrize("name", ["missing/report.json", ".", "nul\0byte"])
def test_places_that_cannot_be_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="cannot write"):
        streams.write_file_atomically(tmp_path / name, "x")


def test_a_device_is_written_and_stays_a_device() -> None:
    streams.write_file_atomically(os.devnull, "x")
    assert Path(os.devnull).is_char_device()
