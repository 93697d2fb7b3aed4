# SPDX-License-Identifier: Apache-2.0
"""Every file that is made from the program is what would be made now."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from documents import DOCUMENTS

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_it_is_current(name: str) -> None:
    held = (ROOT / name).read_text("utf-8")
    assert DOCUMENTS[name](held) == held, "run ./scripts/documents"


def test_what_says_that_a_script_made_it_is_in_the_table() -> None:
    marked = "([Mm]ade|[Ww]ritten) (from [a-z ]+ )?by .?scripts/documents"
    command = ["git", "grep", "-lE", marked, "--", ":!scripts"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("no Git repository here")
    names = {name for name in listed.stdout.split() if not name.startswith(("src/", "tests/"))}
    assert "docs/checks.md" in names
    assert names <= set(DOCUMENTS)


def test_every_dependency_has_a_licence() -> None:
    """All that is locked for running is listed, and nfcpy with the licence that asks most."""
    listed = (ROOT / "docs" / "licences.md").read_text("utf-8")
    locked = (ROOT / "requirements" / "run.txt").read_text("utf-8")
    names = re.findall(r"^([\w.-]+)==", locked, re.MULTILINE)
    assert names == re.findall(r"^\| ([\w.-]+) \| \d", listed, re.MULTILINE)
    assert re.search(r"^\| nfcpy \| [\d.]+ \| EUPL-1.1 \|$", listed, re.MULTILINE)
