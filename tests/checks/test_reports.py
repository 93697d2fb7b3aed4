# SPDX-License-Identifier: Apache-2.0
"""Computers as reports describe them: made up, in the form of a host snapshot, and the true cause.

``docs/reports.md`` says how a report becomes one of these.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

REPORTS = Path(__file__).parents[2] / "fixtures" / "reports"
EXPECTED: dict[str, dict[str, Any]] = json.loads((REPORTS / "hosts.json").read_text("utf-8"))
BESIDE = "login.system.supported"
"""That Linux does not log in is true and said, and is no cause of anything else."""


def diagnosed(name: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "cardcheck", "doctor", "--json", "--host-snapshot"]
    snapshot = REPORTS / "hosts" / f"{name}.json"
    done = subprocess.run([*command, str(snapshot)], capture_output=True, check=False)
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def test_every_computer_is_expected() -> None:
    assert {path.stem for path in (REPORTS / "hosts").glob("*.json")} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_the_true_cause_is_named(name: str) -> None:
    expected, report = EXPECTED[name], diagnosed(name)
    told = [f for f in report["findings"] if f["outcome"] != "ok" and f["check"] != BESIDE]
    open_ = sorted(
        (f for f in told if f["severity"] != "info"), key=lambda f: f["severity"] != "error"
    )
    if "first" in expected:
        assert [f"{f['check']}:{f['state']}" for f in open_][:1] == [expected["first"]]
        assert report["verdict"] != "ready"
    for said in expected.get("says", ()):
        assert said in [f"{f['check']}:{f['state']}" for f in told]
    assert not {f["check"] for f in open_} & set(expected.get("none", ()))
    if "readers" in expected:
        assert len(report["readers"]) == expected["readers"]
