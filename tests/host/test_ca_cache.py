# SPDX-License-Identifier: Apache-2.0
"""What is remembered, what is not, and that nothing that lies in the directory can do harm."""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from pathlib import Path

import pytest

from cardcheck.host import ca_cache
from cardcheck.host.ca_cache import CaCache

CA = b"\x30\x82\x05\x10" + bytes(range(256)) * 5
OTHER = b"\x30\x03\x02\x01\x07"
FINGERPRINT = hashlib.sha256(CA).hexdigest().upper()
PINNED = {FINGERPRINT}

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="POSIX files")


def _file(directory: Path) -> Path:
    return directory / f"ca-{FINGERPRINT}.der"


def _names(directory: Path) -> list[str]:
    return [path.name for path in directory.iterdir()]


def test_a_pinned_ca_is_remembered(tmp_path: Path) -> None:
    directory = tmp_path / "new" / "cardcheck"
    CaCache(directory).remember(CA, PINNED)
    assert CaCache(directory).load(PINNED) == [CA]
    assert _names(directory) == [_file(directory).name]


@posix_only
def test_only_the_user_may_read_it(tmp_path: Path) -> None:
    directory = tmp_path / "new" / "cardcheck"
    CaCache(directory).remember(CA, PINNED)
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert stat.S_IMODE(directory.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(_file(directory).stat().st_mode) == 0o600


def test_nothing_else_is_remembered(tmp_path: Path) -> None:
    directory = tmp_path / "cardcheck"
    CaCache(directory).remember(OTHER, PINNED)
    assert not directory.exists()


def test_what_is_no_longer_pinned_is_not_loaded(tmp_path: Path) -> None:
    CaCache(tmp_path).remember(CA, PINNED)
    assert CaCache(tmp_path).load(set()) == []
    assert CaCache(tmp_path).load({"00" * 32}) == []


def test_without_a_directory_nothing_happens() -> None:
    CaCache(None).remember(CA, PINNED)
    assert CaCache(None).load(PINNED) == []


@pytest.mark.parametrize("content", [b"", CA[:-1], CA + b"\x00", OTHER, bytes(10_000_000)])
def test_a_file_that_lies_is_not_loaded_and_is_mended(tmp_path: Path, content: bytes) -> None:
    _file(tmp_path).write_bytes(content)
    assert CaCache(tmp_path).load(PINNED) == []
    CaCache(tmp_path).remember(CA, PINNED)
    assert CaCache(tmp_path).load(PINNED) == [CA]


def test_a_huge_ca_is_not_kept(tmp_path: Path) -> None:
    huge = bytes(20_000)
    CaCache(tmp_path).remember(huge, {hashlib.sha256(huge).hexdigest().upper()})
    assert _names(tmp_path) == []


def test_it_is_written_once(tmp_path: Path) -> None:
    CaCache(tmp_path).remember(CA, PINNED)
    os.utime(_file(tmp_path), (1, 1))
    CaCache(tmp_path).remember(CA, PINNED)
    assert _file(tmp_path).stat().st_mtime == 1


@posix_only
def test_a_link_is_neither_followed_nor_written_through(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(CA)
    directory = tmp_path / "cardcheck"
    directory.mkdir()
    _file(directory).symlink_to(victim)
    assert CaCache(directory).load(PINNED) == []
    victim.write_bytes(b"precious")
    CaCache(directory).remember(CA, PINNED)
    assert victim.read_bytes() == b"precious"
    assert not _file(directory).is_symlink()
    assert CaCache(directory).load(PINNED) == [CA]


@posix_only
def test_a_directory_that_is_a_link_is_not_written_to(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "cardcheck").symlink_to(elsewhere)
    CaCache(tmp_path / "cardcheck").remember(CA, PINNED)
    assert _names(elsewhere) == []


@posix_only
def test_a_pipe_or_a_directory_in_its_place_is_passed_over(tmp_path: Path) -> None:
    os.mkfifo(_file(tmp_path))
    assert CaCache(tmp_path).load(PINNED) == []
    _file(tmp_path).unlink()
    _file(tmp_path).mkdir()
    assert CaCache(tmp_path).load(PINNED) == []
    CaCache(tmp_path).remember(CA, PINNED)
    assert _names(tmp_path) == [_file(tmp_path).name]  # nothing left beside it


def test_a_disk_that_fails_is_silent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    CaCache(tmp_path).remember(CA, PINNED)

    def fail(*_: object) -> bytes:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, "read", fail)
        assert CaCache(tmp_path).load(PINNED) == []
    assert CaCache(tmp_path).load(PINNED) == [CA]


def test_a_missing_home_stays_missing(tmp_path: Path) -> None:
    CaCache(tmp_path / "ghost" / ".cache" / "cardcheck").remember(CA, PINNED)
    assert _names(tmp_path) == []


def test_a_file_where_the_directory_should_be_is_silent(tmp_path: Path) -> None:
    (tmp_path / "cardcheck").write_text("not a directory")
    CaCache(tmp_path / "cardcheck").remember(CA, PINNED)
    assert CaCache(tmp_path / "cardcheck").load(PINNED) == []


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_failing_write_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(Path, "replace", fail)
    if isinstance(error, OSError):
        CaCache(tmp_path).remember(CA, PINNED)
    else:
        with pytest.raises(KeyboardInterrupt):
            CaCache(tmp_path).remember(CA, PINNED)
    assert _names(tmp_path) == []


@posix_only
def test_a_directory_that_may_not_be_written_is_silent(tmp_path: Path) -> None:
    CaCache(Path("/proc/cardcheck")).remember(CA, PINNED)
    tmp_path.chmod(0o500)
    CaCache(tmp_path).remember(CA, PINNED)
    assert CaCache(tmp_path).load(PINNED) in ([], [CA])  # the superuser may write anywhere
    tmp_path.chmod(0o700)


@pytest.mark.skipif(sys.platform != "linux", reason="XDG is read directly on Linux only")
@pytest.mark.parametrize(
    ("cache", "home", "expected"),
    [
        ("/x/cache", "/home/a", "/x/cache/cardcheck"),
        ("", "/home/a", "/home/a/.cache/cardcheck"),
        ("relative", "/home/a", "/home/a/.cache/cardcheck"),
        (None, "/home/a", "/home/a/.cache/cardcheck"),
        (None, "", None),
        (None, None, None),
    ],
)
def test_where_the_cache_belongs(
    monkeypatch: pytest.MonkeyPatch, cache: str | None, home: str | None, expected: str | None
) -> None:
    for name, value in (("XDG_CACHE_HOME", cache), ("HOME", home)):
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    assert ca_cache.default_directory() == (None if expected is None else Path(expected))


@pytest.mark.posix("folders of other systems")
def test_elsewhere_platformdirs_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    directory = ca_cache.default_directory()
    assert directory is not None
    assert directory.name == "cardcheck"
