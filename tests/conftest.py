# SPDX-License-Identifier: Apache-2.0
"""What every test lives under: no drivers in process, no CI run that rewrites golden files.

What belongs here: rules for all tests. What does not: fixtures of one package, which stand beside
its tests.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import hypothesis
import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

DRIVERS = frozenset({"nfc", "serial", "smartcard", "usb1"})

# The lab is one of Linux; that of Windows is tests/windows.
collect_ignore = ["deploy", "lab", "vm", "windows"] if sys.platform == "win32" else []

hypothesis.settings.register_profile(
    "cardcheck", derandomize=True, database=None, deadline=None, max_examples=100
)
hypothesis.settings.load_profile("cardcheck")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds ``--update-golden``."""
    parser.addoption(
        "--update-golden", action="store_true", help="rewrite tests/golden from what is printed now"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Refuses ``--update-golden`` in CI, where nobody reads the difference.

    Raises:
        pytest.UsageError: the option is given and ``CI`` is set.
    """
    if config.getoption("--update-golden") and os.environ.get("CI"):
        raise pytest.UsageError("--update-golden is refused in CI")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skips on Windows what is marked ``posix``, with what it would need as the reason."""
    if sys.platform == "win32" and (mark := item.get_closest_marker("posix")):
        pytest.skip(f"Windows has no {mark.args[0]}")


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are to be rewritten instead of compared."""
    return bool(request.config.getoption("--update-golden"))


class _DriverBlocker:
    """Finds no module; fails the test that looks for a driver, past any ``except``."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """``None``, or the end of the test."""
        if name.partition(".")[0] in DRIVERS:
            pytest.fail(f"imports {name}, which talks to hardware; mark the test lab")
        return None


@pytest.fixture(autouse=True)
def block_hardware(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails a test that imports a hardware driver, unless it is marked ``lab``.

    Drivers that a lab test left behind are hidden for the time of the test. Stand-ins that a test
    puts into ``sys.modules`` are its own affair.
    """
    if request.node.get_closest_marker("lab") is None:
        for name in [name for name in sys.modules if name.partition(".")[0] in DRIVERS]:
            monkeypatch.delitem(sys.modules, name)
        monkeypatch.setattr(sys, "meta_path", [_DriverBlocker(), *sys.meta_path])
