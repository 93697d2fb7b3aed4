# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the tests of host facts."""

from __future__ import annotations

import pytest

from cardcheck.host import software


@pytest.fixture
def no_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """Driver libraries count as installed; looking for them is refused to tests."""
    monkeypatch.setattr(software, "_is_there", lambda module: True)
