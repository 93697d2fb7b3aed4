# SPDX-License-Identifier: Apache-2.0
"""The version stands in one place, and all that repeats it is compared with it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("Windows has no bash", allow_module_level=True)

from cardcheck import __version__

ROOT = Path(__file__).parents[2]
FILES = ("scripts/version", "src/cardcheck/__init__.py", "CHANGELOG.md", "debian/changelog")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of what says a version."""
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def version(tree: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What ``scripts/version`` says in ``tree``."""
    command = [str(tree / "scripts" / "version"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_it_is_said_once() -> None:
    """The script reads it from the package, and this tree agrees with itself."""
    assert version(ROOT).stdout.strip() == __version__
    done = version(ROOT, "--check")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("CHANGELOG.md", "# Changelog\n\n## [Unreleased]\n\n## [9.9.9] - 2026-01-01\n"),
        ("debian/changelog", "cardcheck (9.9.9) unstable; urgency=medium\n"),
    ],
)
def test_a_difference_is_found(tree: Path, name: str, text: str) -> None:
    """A changelog that says another version."""
    assert version(tree, "--check").returncode == 0
    (tree / name).write_text(text, "utf-8")
    done = version(tree, "--check")
    assert done.returncode == 1
    assert "9.9.9" in done.stderr


def test_a_tag_needs_an_entry(tree: Path) -> None:
    """A tagged version that the changelog does not know, and a tag of another version."""
    git = ["git", "-C", str(tree), "-c", "user.name=a", "-c", "user.email=a@b.invalid"]
    for arguments in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "x"]):
        subprocess.run([*git, *arguments], check=True)
    (tree / "CHANGELOG.md").write_text("# Changelog\n\n## [Unreleased]\n", "utf-8")
    subprocess.run([*git, "tag", f"v{__version__}"], check=True)
    assert "no entry" in version(tree, "--check").stderr
    subprocess.run([*git, "tag", "-d", f"v{__version__}"], check=True, capture_output=True)
    subprocess.run([*git, "tag", "v9.9.9"], check=True)
    assert "tagged v9.9.9" in version(tree, "--check").stderr
