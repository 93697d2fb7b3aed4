# SPDX-License-Identifier: Apache-2.0
"""The program that needs no Python, made and started. Run by ``scripts/packages`` alone."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from cardcheck import __version__
from install.conftest import ROOT, Program, needed

if TYPE_CHECKING:
    from pathlib import Path

EXPIRED = ("scan", "--simulate", "expired", "--lang", "ja")
EXPIRED_TITLE = "電子証明書の期限が切れています"
LARGEST = 60_000_000  # bytes


def test_it_says_its_version_and_is_small(frozen: Program) -> None:
    assert frozen.run("--version").stdout.decode() == f"cardcheck, version {__version__}\n"
    files = [path for path in frozen.path.parent.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    print(f"frozen: {size / 1e6:.1f} MB, {len(files)} files")
    assert size <= LARGEST


@pytest.mark.parametrize("topic", [(), ("scan",), ("kiosk",), ("fleet",), ("trace",)])
def test_it_helps(frozen: Program, topic: tuple[str, ...]) -> None:
    done = frozen.run(*topic, "--help")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"Usage: cardcheck")


def test_it_scans_the_simulation(frozen: Program) -> None:
    done = frozen.run(*EXPIRED)
    assert (done.returncode, done.stderr) == (1, b"")
    assert EXPIRED_TITLE in done.stdout.decode()


def test_it_says_that_no_service_listens(frozen: Program) -> None:
    done = frozen.run("scan", "--json")
    assert (done.returncode, done.stderr) == (3, b"")
    assert json.loads(done.stdout)["source"] == "hardware"


def test_its_doctor_answers(frozen: Program) -> None:
    done = frozen.run("doctor", "--json")
    assert done.returncode == 1, done.stderr
    assert json.loads(done.stdout)["verdict"] == "problem"


def test_it_becomes_its_own_child_for_nfcpy(frozen: Program) -> None:
    """nfcpy is loaded, then the end of requests ends it; as the installed command does."""
    done = frozen.run("--nfc-child")
    assert (done.returncode, done.stderr) == (0, b"")
    command = [sys.executable, "-m", "cardcheck", "--nfc-child"]
    usual = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    assert done.stdout == usual.stdout != b""


def test_it_replays_in_several_processes(frozen: Program) -> None:
    """Each of them is this program once more."""
    done = frozen.run("replay", "--jobs", "2", "--json", str(ROOT / "fixtures/apdu"))
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)


def test_its_data_came_along(frozen: Program) -> None:
    """Data files came along: readers, messages in both languages, advice."""
    for language in ("ja", "en"):
        assert frozen.run("explain", "0x8010001D", "--lang", language).returncode == 0
    assert b"SUBSYSTEM" in frozen.run("doctor", "--udev-rules").stdout


@pytest.mark.parametrize(
    "env", [{}, {"LC_ALL": "C"}, {"PYTHONIOENCODING": "cp932"}, {"LANG": "C.UTF-8"}]
)
def test_variables_do_not_garble_it(frozen: Program, env: dict[str, str]) -> None:
    """Where the system has no encoding of its own, it is UTF-8; Python's variables do not count."""
    done = frozen.run(*EXPIRED, **env)
    assert (done.returncode, done.stderr) == (1, b"")
    assert EXPIRED_TITLE in done.stdout.decode("utf-8")


@pytest.mark.parametrize("encoding", ["EUC-JP", "SHIFT_JIS"])
def test_it_writes_in_old_encodings(frozen: Program, tmp_path: Path, encoding: str) -> None:
    """As an old terminal does; the locale is made for this test."""
    place = str(tmp_path / f"ja_JP.{encoding}")
    command = [needed("localedef", "libc-bin"), "-f", encoding, "-i", "ja_JP", place]
    if subprocess.run(command, capture_output=True, check=False).returncode > 1:
        pytest.skip(f"the locale for {encoding} is missing: apt-get install locales")
    done = frozen.run(*EXPIRED, LC_ALL=f"ja_JP.{encoding}", LOCPATH=str(tmp_path))
    assert (done.returncode, done.stderr) == (1, b"")
    assert EXPIRED_TITLE in done.stdout.decode(encoding)


@pytest.mark.parametrize("arguments", [["--version"], ["scan", "--simulate", "valid", "--json"]])
def test_how_fast_it_starts(frozen: Program, installed: Program, arguments: list[str]) -> None:
    """Printed, not asserted: the fastest of ten runs, in turn with the installed wheel's."""
    fastest = {frozen: 60.0, installed: 60.0}
    for _ in range(10):
        for program, best in fastest.items():
            start = time.perf_counter()
            assert program.run(*arguments).returncode == 0
            fastest[program] = min(best, time.perf_counter() - start)
    own, usual = (fastest[program] * 1000 for program in (frozen, installed))
    print(f"{arguments}: frozen {own:.0f} ms, wheel {usual:.0f} ms, {own / usual:.2f} times")
