# SPDX-License-Identifier: Apache-2.0
"""What a double click on the frozen program does."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from types import ModuleType

START = Path(__file__).parents[2] / "packaging" / "frozen" / "start.py"


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module, with a command line that only says what it was asked for."""
    spec = importlib.util.spec_from_file_location("start", START)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "main", lambda: len(sys.argv[1:]))
    monkeypatch.setattr(sys, "argv", ["cardcheck"])
    return module


def test_a_terminal_gets_what_it_asked_for(
    start: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is added, nothing waits."""
    monkeypatch.setattr(start, "has_own_window", lambda: False)
    assert start.start() == 0


@pytest.mark.parametrize("end", [None, EOFError, KeyboardInterrupt])
def test_a_double_click_scans_and_waits(
    start: ModuleType, monkeypatch: pytest.MonkeyPatch, end: type[BaseException] | None
) -> None:
    """A scan is added, the window waits, and closing it is no error."""
    asked: list[str] = []

    def press(prompt: str) -> str:
        asked.append(prompt)
        if end is not None:
            raise end
        return ""

    monkeypatch.setattr(start, "has_own_window", lambda: True)
    monkeypatch.setattr("builtins.input", press)
    assert start.start() == 1
    assert sys.argv[1:] == ["scan"]
    assert len(asked) == 1


def test_only_windows_has_such_windows(start: ModuleType) -> None:
    """Elsewhere the question does not arise."""
    assert sys.platform == "win32" or start.has_own_window() is False
