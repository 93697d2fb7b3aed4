# SPDX-License-Identifier: Apache-2.0
"""A wheel built from this tree holds all it needs, runs anywhere, and is the same each time."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest

if sys.platform == "win32":
    pytest.skip("Windows has no hatchling in its lab", allow_module_level=True)

from cardcheck import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[2]
SHARED = {
    "bash-completion/completions/cardcheck",
    "cardcheck/60-cardcheck-watch.rules",
    "cardcheck/60-cardcheck.rules",
    "cardcheck/cardcheck-watch.service",
    "doc/cardcheck/licences.md",
    "fish/vendor_completions.d/cardcheck.fish",
    "man/man1/cardcheck.1",
    "zsh/site-functions/_cardcheck",
}


def built(tree: Path, target: Path, **env: str) -> Path:
    """The folder with a wheel and an sdist of ``tree``, built by hatchling without a network."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", target],
        cwd=tree,
        env={**os.environ, **env},
        capture_output=True,
        check=True,
    )
    return target


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of this tree, which nobody edits meanwhile."""
    copy = tmp_path_factory.mktemp("tree") / "cardcheck"
    left_out = shutil.ignore_patterns(".*", "__pycache__", "build", "dist")
    return Path(shutil.copytree(ROOT, copy, ignore=left_out))


@pytest.fixture(scope="module")
def dist(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One build for all tests."""
    return built(tree, tmp_path_factory.mktemp("dist"))


@dataclass(frozen=True)
class Installed:
    """A wheel, installed into a folder of its own."""

    prefix: Path
    empty: Path

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs the installed command in an empty folder, which is empty afterwards."""
        env = {**os.environ, "PYTHONPATH": str(self.prefix), "PYTHONIOENCODING": "utf-8"}
        done = subprocess.run(
            [self.prefix / "bin" / "cardcheck", *arguments],
            cwd=self.empty,
            env=env,
            capture_output=True,
            text=True,
            timeout=50,
            check=False,
        )
        assert not list(self.empty.iterdir())
        return done


@pytest.fixture(scope="module")
def installed(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel, installed by pip without its dependencies, which this Python has."""
    prefix = tmp_path_factory.mktemp("prefix")
    options = ["--quiet", "--no-deps", "--no-index", "--disable-pip-version-check"]
    wheels = list(dist.glob("*.whl"))
    subprocess.run(
        [sys.executable, "-m", "pip", "install", *options, "--target", prefix, *wheels], check=True
    )
    return Installed(prefix, tmp_path_factory.mktemp("empty"))


def names_in(wheel: Path) -> Sequence[str]:
    """The files of a wheel."""
    with ZipFile(wheel) as archive:
        return archive.namelist()


def test_the_wheel_holds_every_file_of_the_package(tree: Path, dist: Path) -> None:
    """Code, tables, texts, style sheet."""
    (wheel,) = dist.glob("*.whl")
    source = tree / "src"
    here = {path.relative_to(source).as_posix() for path in source.rglob("*") if path.is_file()}
    inside = set(names_in(wheel))
    assert here <= inside
    assert {
        "cardcheck/catalog/messages/ja.toml",
        "cardcheck/py.typed",
    } <= inside


def test_the_wheel_holds_what_a_system_needs(installed: Installed) -> None:
    """Manual page, completions, rules and unit come to lie under ``share``."""
    share = installed.prefix / "share"
    files = {path.relative_to(share).as_posix() for path in share.rglob("*") if path.is_file()}
    assert files == SHARED
    rules = (share / "cardcheck" / "60-cardcheck.rules").read_text("utf-8")
    assert rules == installed.run("doctor", "--udev-rules").stdout


def test_the_sdist_builds_the_same_wheel(dist: Path, tmp_path: Path) -> None:
    """Who gets the source archive gets everything."""
    (sdist,), (wheel,) = dist.glob("*.tar.gz"), dist.glob("*.whl")
    subprocess.run(
        ["tar", "-xf", sdist, "-C", tmp_path], check=True
    )  # tarfile: filter= from 3.11.4
    (source,) = tmp_path.iterdir()
    command = [
        sys.executable,
        "-m",
        "hatchling",
        "build",
        "-t",
        "wheel",
        "-d",
        str(tmp_path / "again"),
    ]
    subprocess.run(command, cwd=source, capture_output=True, check=True)
    (again,) = (tmp_path / "again").iterdir()
    assert digest(again) == digest(wheel)


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_two_builds_have_one_hash(tree: Path, tmp_path: Path) -> None:
    """At another place and time, with other permissions: the same bytes."""
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(tree, elsewhere, copy_function=shutil.copyfile)
    for path in elsewhere.rglob("*.py"):
        path.chmod(0o600)
    epoch = "1700000000"
    first = built(tree, tmp_path / "first", SOURCE_DATE_EPOCH=epoch)
    second = built(elsewhere, tmp_path / "second", SOURCE_DATE_EPOCH=epoch, TZ="Asia/Tokyo")
    (wheel,) = first.glob("*.whl")
    assert digest(wheel) == digest(second / wheel.name)


def test_the_version_is_that_of_the_package(dist: Path, installed: Installed) -> None:
    """One place says it; file names, metadata and the command repeat it."""
    assert {path.name for path in dist.iterdir()} == {
        f"cardcheck-{__version__}-py3-none-any.whl",
        f"cardcheck-{__version__}.tar.gz",
    }
    assert installed.run("--version").stdout == f"cardcheck, version {__version__}\n"


def test_a_scan_runs_from_the_wheel(installed: Installed) -> None:
    """In an empty folder, with the installed package and no other."""
    done = installed.run("scan", "--simulate", "valid", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["verdict"]


def test_doctor_runs_from_the_wheel(installed: Installed) -> None:
    """On whatever this computer is: an answer, never a traceback."""
    done = installed.run("doctor", "--lang", "ja")
    assert done.returncode in {0, 1, 3}, done.stderr
    assert re.search(r"[\u3040-\u30ff]", done.stdout)
    assert "Traceback" not in done.stderr
