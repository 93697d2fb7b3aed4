# SPDX-License-Identifier: Apache-2.0
"""No module is too long to be read in one sitting."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MOST_LINES = 400


@pytest.mark.parametrize("top", ["src", "tests", "scripts", "benchmarks"])
def test_modules_are_small(top: str) -> None:
    sizes = {
        str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines())
        for path in (ROOT / top).rglob("*.py")
    }
    assert {path: size for path, size in sizes.items() if size > MOST_LINES} == {}
