# SPDX-License-Identifier: Apache-2.0
"""The rules of conftest hold."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import types
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("name", ["smartcard", "smartcard.scard", "nfc", "nfc.clf"])
def test_a_driver_import_fails_the_test_whatever_it_catches(name: str) -> None:
    with pytest.raises(pytest.fail.Exception, match="mark the test lab"):
        importlib.import_module(name)


def test_a_stand_in_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in = types.ModuleType("smartcard")
    monkeypatch.setitem(sys.modules, "smartcard", stand_in)
    assert importlib.import_module("smartcard") is stand_in


@pytest.mark.lab
def test_a_lab_test_gets_the_real_driver() -> None:
    assert importlib.import_module("smartcard.scard").SCARD_LEAVE_CARD == 0


def test_golden_files_are_not_rewritten_in_ci() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "--update-golden", "--collect-only", "-q", __file__],
        cwd=ROOT,
        env=os.environ | {"CI": "true"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == pytest.ExitCode.USAGE_ERROR
    assert "refused in CI" in run.stderr
