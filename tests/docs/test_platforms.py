# SPDX-License-Identifier: Apache-2.0
"""docs/platforms.md tells of every place in the code that asks for the system, and of no other."""

from __future__ import annotations

import runpy
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_it_is_current() -> None:
    written = runpy.run_path(str(ROOT / "scripts" / "platform_table.py"))["page"]()
    page = (ROOT / "docs" / "platforms.md").read_text("utf-8")
    assert page == written, "run scripts/platform_table.py"
