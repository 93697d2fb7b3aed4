# SPDX-License-Identifier: Apache-2.0
"""Calls that hang are left behind; what they raise comes through."""

from __future__ import annotations

import threading
import time

import pytest

from cardcheck.errors import LinkTimeoutError, NoCardError
from cardcheck.kiosk.aside import aside
from lab.patience import overtime


def test_results_and_errors_come_through() -> None:
    assert aside(lambda: 7, 1.0) == 7

    def fail() -> None:
        raise NoCardError("none")

    with pytest.raises(NoCardError):
        aside(fail, 1.0)


def test_what_hangs_is_left_behind() -> None:
    release = threading.Event()
    began = time.monotonic()
    with pytest.raises(LinkTimeoutError):
        aside(lambda: release.wait(10), 0.1)
    release.set()
    assert time.monotonic() - began < overtime(2)
