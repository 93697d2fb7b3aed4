# SPDX-License-Identifier: Apache-2.0
"""Beside a station label nothing is said of a person."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SOURCE = Path(__file__).parents[2] / "src"


def scan(profile: str, *arguments: str) -> dict[str, Any]:
    """The JSON of a scan of a simulated card."""
    done = subprocess.run(
        [sys.executable, "-m", "cardcheck", "scan", "--json", "--simulate", profile, *arguments],
        env={**os.environ, "PYTHONPATH": str(SOURCE), "CARDCHECK_LANG": "en"},
        capture_output=True,
        timeout=60,
        check=False,
    )
    report: dict[str, Any] = json.loads(done.stdout)
    return report


@pytest.mark.parametrize("profile", ["pin-locked", "sign-pin-low", "child", "face-auth"])
def test_counters_and_signature_are_withheld(profile: str) -> None:
    """Verdict and exit code are those without a label; what they say of a person is not."""
    plain, labelled = scan(profile), scan(profile, "--station", "counter 1")
    assert labelled["station"] == "counter 1"
    assert labelled["exit_code"] == plain["exit_code"]
    assert labelled["verdict"] == plain["verdict"]
    card = labelled["cards"][0]
    assert {pin["state"] for pin in card["pins"]} == {"not-checked"}
    assert {pin["tries_left"] for pin in card["pins"]} == {None}
    assert card["certificates"][1]["status"] == "not-checked"
    told = [f for f in labelled["findings"] if f["check"].startswith("card.pin.")]
    assert {finding["outcome"] for finding in told} == {"skipped"}
    assert not any("card.pin" in name for r in labelled["readiness"] for name in r["because"])


def test_without_a_label_all_is_said() -> None:
    """The person in front of the reader sees it."""
    assert scan("pin-locked")["cards"][0]["pins"][0]["state"] == "locked"
