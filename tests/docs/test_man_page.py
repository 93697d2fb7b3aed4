# SPDX-License-Identifier: Apache-2.0
"""The man page names every command, and man can read it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from cardcheck.cli.main import COMMANDS

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "cardcheck.1"


def test_it_names_every_command() -> None:
    text = PAGE.read_text("utf-8").replace("\\-", "-")
    assert [name for name in COMMANDS if f'.SS "cardcheck {name}' not in text] == []


def test_man_has_no_complaint() -> None:
    man = shutil.which("man")
    if man is None:
        pytest.skip("man is not installed: the man page was not formatted")
    command = [man, "--warnings", "-l", str(PAGE)]
    env = {"LC_ALL": "C.UTF-8", "MANWIDTH": "80", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    assert (done.returncode, done.stderr) == (0, "")
    assert "--simulate PROFILE" in done.stdout
