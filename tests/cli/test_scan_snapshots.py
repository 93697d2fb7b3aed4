# SPDX-License-Identifier: Apache-2.0
"""``scan --snapshot`` and ``scan --host-snapshot``: a card here, a computer from elsewhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
WINDOWS = min((ROOT / "fixtures/hosts").glob("*windows*.json"))


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """``cardcheck scan --simulate valid --json`` with more arguments."""
    return subprocess.run(
        [sys.executable, "-m", "cardcheck", "scan", "--simulate", "valid", "--json", *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "CARDCHECK_LANG": "en"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_computer_comes_from_the_file() -> None:
    """A good card at a Windows computer: the login is offered there."""
    report = json.loads(run("--host-snapshot", str(WINDOWS)).stdout)
    assert report["platform"]["system"] == "Windows"
    assert {item["state"] for item in report["readiness"]} == {"ready"}


def test_what_is_written_can_be_read(tmp_path: Path) -> None:
    """The snapshot of this computer, taken to the same computer, changes nothing."""
    file = tmp_path / "host.json"
    here = json.loads(run("--snapshot", str(file)).stdout)
    there = json.loads(run("--host-snapshot", str(file)).stdout)
    assert here["platform"] == there["platform"]
    assert here["verdict"] == there["verdict"]


def test_a_file_that_is_no_snapshot(tmp_path: Path) -> None:
    """Exit code 2, one line, nothing on stdout."""
    file = tmp_path / "no.json"
    file.write_text("[]")
    for name in (str(file), str(tmp_path / "missing.json")):
        done = run("--host-snapshot", name)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("cardcheck: ")
