# SPDX-License-Identifier: Apache-2.0
"""The repository is clean by ``scripts/lint_repository.py``, which sees what it should."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "scripts" / "lint_repository.py"
SPDX = "# SPDX-License-Identifier: Apache-2.0\n"


def lint(*paths: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, SCRIPT, *paths], capture_output=True, text=True, check=False
    )


@pytest.mark.posix("git in its lab")
def test_the_repository_is_clean() -> None:
    run = lint()
    assert run.returncode == 0, run.stdout


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("a.py", b"x = 1\n", "no SPDX line"),
        ("a", b"#!/bin/sh\ntrue\n", "no SPDX line"),
        ("a.txt", b"see /%s/someone/x\n" % b"home", "a path of one machine"),
        ("a.txt", b"--extra-%s-url x\n" % b"index", "a package index"),
        ("a.txt", b"https://files.python%s.org/x\n" % b"hosted", "a package index"),
        ("a.bin", b"\0" * 200_001, "larger than"),
    ],
)
def test_a_fault_is_seen(tmp_path: Path, name: str, content: bytes, complaint: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    run = lint(path)
    assert run.returncode == 1
    assert complaint in run.stdout


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.py", SPDX), ("a", "#!/bin/sh\n" + SPDX), ("a.md", "# Title\n"), ("a.json", "{}\n")],
)
def test_a_clean_file_passes(tmp_path: Path, name: str, content: str) -> None:
    path = tmp_path / name
    path.write_text(content, "utf-8")
    assert lint(path).returncode == 0
