# SPDX-License-Identifier: Apache-2.0
"""What is packaged and made from the program is what the program says now."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.posix("every package of the list of licences")
def test_they_are_current(update_golden: bool) -> None:
    """Completions and licences; ``--update-golden`` writes them."""
    script = ROOT / "scripts" / "documents.py"
    command = [sys.executable, str(script), *([] if update_golden else ["--check"])]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"run ./scripts/test --update-golden tests/install\n{done}"


def test_every_dependency_has_a_licence() -> None:
    """All that is locked for running is listed, and nfcpy with the licence that asks most."""
    listed = (ROOT / "docs" / "licences.md").read_text("utf-8")
    locked = (ROOT / "requirements" / "run.txt").read_text("utf-8")
    names = re.findall(r"^([\w.-]+)==", locked, re.MULTILINE)
    assert names == re.findall(r"^\| ([\w.-]+) \| \d", listed, re.MULTILINE)
    assert re.search(r"^\| nfcpy \| [\d.]+ \| EUPL-1.1 \|$", listed, re.MULTILINE)
