# SPDX-License-Identifier: Apache-2.0
"""What is shipped for other programs, read by those programs. Run by ``scripts/lab`` alone."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from cardcheck.kiosk.monitoring import metrics_of_check, metrics_of_health
from cardcheck.render.prometheus import prometheus_text
from kiosk.examples import GOOD, LOST, morning
from kiosk.test_monitoring import HEALTH

UNIT = Path(__file__).parents[2] / "deploy/systemd/cardcheck-watch.service"


def needed(program: str) -> str:
    """Where ``program`` is; the test fails where it is not."""
    path = shutil.which(program)
    assert path is not None, f"install {program}"
    return path


@pytest.mark.parametrize(
    "text",
    [
        prometheus_text(metrics_of_health(HEALTH)),
        prometheus_text(metrics_of_check(morning(GOOD, LOST))),
    ],
)
def test_promtool_finds_nothing_to_complain_of(text: str) -> None:
    done = subprocess.run(
        [needed("promtool"), "check", "metrics"],
        input=text.encode(),
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_the_unit_is_valid_and_hardened(tmp_path: Path) -> None:
    analyze = needed("systemd-analyze")
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text("utf-8").replace("/usr/bin/cardcheck", "/bin/true"))
    subprocess.run([analyze, "verify", unit], check=True)
    done = subprocess.run(
        [analyze, "security", "--offline=yes", unit], capture_output=True, text=True, check=True
    )
    exposure = re.search(r"exposure level for .*: ([0-9.]+)", done.stdout)
    assert exposure is not None
    assert float(exposure[1]) <= 1.0
