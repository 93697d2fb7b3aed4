# SPDX-License-Identifier: Apache-2.0
"""The program and its installers on Windows: made, installed, used, upgraded, mended, removed.

Run by ``scripts/lab-windows install`` after ``scripts/freeze --windows`` and ``scripts/msi``.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from cardcheck import __version__
from lab.daemon import wait_until
from lab.reports import card_of, report_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from windows.conftest import Insert
    from windows.lab import LabDaemon, WindowsLab

ROOT: Final = Path(__file__).parents[2]
MADE: Final = ROOT / "dist/windows"
LARGEST: Final = 60_000_000  # bytes
NEXT: Final = "9.0.0"
INSTALLED: Final = {
    "machine": r"C:\Program Files\cardcheck",
    "user": r"C:\users\root\AppData\Local\cardcheck",
}
# Windows puts that of all users into ProgramData; Wine knows one menu.
MENU: Final = "users/root/AppData/Roaming/Microsoft/Windows/Start Menu/Programs/cardcheck"
TITLES: Final = {"マイナンバーカード点検.lnk", "置き場所さがし.lnk", "説明.lnk"}
PAGE: Final = "users/root/AppData/Local/Temp/cardcheck/result.html"
ENV: Final = {"WINEPREFIX": "/w/prefix-msi"}
# What Wine itself writes while installing anything, and times.
OF_WINE: Final = re.compile(
    r"drive_c/(windows/(temp|Installer|system32/config|inf|logs)"
    r"|users/root/(Temp|AppData/Local/Temp|AppData/Roaming/Microsoft/Installer$))|\.log$",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def prefix(windows: WindowsLab) -> Iterator[Path]:
    """A Windows of its own, thrown away at the end."""
    copy = windows.root / "w/prefix-msi"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(windows.root / "w/prefix", copy, symlinks=True)
    yield copy
    windows.run("wineserver", "-k", env=ENV)
    shutil.rmtree(copy)


@pytest.fixture(scope="module")
def newer() -> Iterator[dict[str, Path]]:
    """Installers of the same files under a later version."""
    done = subprocess.run(
        [ROOT / "scripts/msi", "--version", NEXT], check=True, capture_output=True, text=True
    )
    paths = [Path(line) for line in done.stdout.splitlines()]
    yield {scope: next(p for p in paths if scope in p.name) for scope in INSTALLED}
    for path in paths:
        path.unlink()


def test_the_program_is_small(windows: WindowsLab) -> None:
    files = [path for path in (MADE / "cardcheck").rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    print(f"frozen for Windows: {size / 1e6:.1f} MB, {len(files)} files")
    assert size <= LARGEST


def test_the_program_runs(windows: WindowsLab) -> None:
    place = windows.path("frozen")
    shutil.copytree(MADE / "cardcheck", place)
    try:
        program = r"C:\frozen\cardcheck.exe"
        frozen = min(windows.run("wine", program, "--version").seconds for _ in range(3))
        plain = min(windows.python("-m", "cardcheck", "--version").seconds for _ in range(3))
        print(f"--version: {frozen:.2f} s frozen, {plain:.2f} s by Python")
        assert frozen <= 2 * plain
        assert report_of(windows.run("wine", program, "scan", "--simulate", "valid", "--json"))
        assert (
            "使い方" in windows.run("wine", program, "--help", env={"CARDCHECK_LANG": "ja"}).stdout
        )
    finally:
        shutil.rmtree(place)


def test_the_window_follows_and_shows_the_page(
    windows: WindowsLab, display: str, pcscd: LabDaemon, vcard: Insert
) -> None:
    """Opened as by a double click, with nothing on the readers; then a card is laid."""
    place, page = windows.path("frozen"), windows.path(PAGE)
    shutil.copytree(MADE / "cardcheck", place)
    page.unlink(missing_ok=True)
    began = time.monotonic()
    env = {**pcscd.env(), "DISPLAY": display}
    window = windows.start("wine", r"C:\frozen\cardcheck-window.exe", env=env)
    try:
        search = ("xdotool", "search", "--name", "マイナンバー")
        assert wait_until(lambda: windows.run(*search, env=env).rc == 0, 60)
        print(f"double click to first words: {time.monotonic() - began:.1f} s")
        assert not page.exists()
        card = card_of("expired")
        vcard(card)
        assert wait_until(page.exists, 120)
        assert "期限" in page.read_text("utf-8")
        assert card.pin_attempts == 0
        assert window.poll() is None, "it closes by itself"
    finally:
        window.kill()
        window.communicate()
        shutil.rmtree(place)


def state_of(windows: WindowsLab, prefix: Path) -> tuple[set[str], set[str]]:
    """The files of a Windows, and the keys and values of its registry."""
    windows.run("wineserver", "-k", env=ENV)
    time.sleep(1)
    files = {path.relative_to(prefix).as_posix() for path in prefix.rglob("*")}
    registry: set[str] = set()
    for name in ("system.reg", "user.reg"):
        key = ""
        for line in (prefix / name).read_text("utf-8", "replace").splitlines():
            if line.startswith("["):
                key = line.partition("]")[0]
            elif line and not line.startswith(("#", ";", " ")):
                registry.add(f"{name} {key} {line}")
    return {name for name in files if not OF_WINE.search(name)}, registry


def msiexec(windows: WindowsLab, *arguments: str) -> None:
    """Installs or removes in silence, as an administrator's script does."""
    done = windows.run("wine", "msiexec", *arguments, "/qn", env=ENV, seconds=300)
    assert done.rc == 0, done


@pytest.mark.parametrize("scope", INSTALLED)
def test_installed_used_upgraded_mended_removed(
    scope: str, windows: WindowsLab, prefix: Path, newer: dict[str, Path]
) -> None:
    shared = Path("/tmp/cardcheck-installing")
    shutil.rmtree(shared, ignore_errors=True)
    shared.mkdir()
    first = shutil.copy(MADE / f"cardcheck-{__version__}-{scope}.msi", shared)
    second = shutil.copy(newer[scope], shared)
    before = state_of(windows, prefix)
    program = INSTALLED[scope] + r"\cardcheck.exe"
    inside = prefix / "drive_c" / INSTALLED[scope].removeprefix("C:\\").replace("\\", "/")

    msiexec(windows, "/i", str(first))
    assert {path.name for path in (prefix / "drive_c" / MENU).iterdir()} == TITLES
    assert windows.run("wine", program, "--version", env=ENV).rc == 0
    link = (prefix / "drive_c" / MENU / "置き場所さがし.lnk").read_bytes()
    assert program.encode("utf-16-le") in link or program.encode() in link
    assert "place".encode("utf-16-le") in link
    found = windows.run("wine", "cmd", "/c", "cardcheck --version", env=ENV)
    assert found.stdout.startswith("cardcheck, version"), found

    msiexec(windows, "/i", str(second))
    assert windows.run("wine", program, "--version", env=ENV).rc == 0
    (inside / "guide.html").unlink()
    # What /fa does; Wine's own /fa takes no file and fails with a code.
    msiexec(windows, "/i", str(second), "REINSTALL=ALL", "REINSTALLMODE=amus")
    assert (inside / "guide.html").exists()

    msiexec(windows, "/x", str(second))
    after = state_of(windows, prefix)
    assert after[0] == before[0]
    assert {row for row in after[1] ^ before[1] if "cardcheck" in row.lower()} == set()
    shutil.rmtree(shared)
