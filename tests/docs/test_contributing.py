# SPDX-License-Identifier: Apache-2.0
"""What CONTRIBUTING tells to edit, run or read is there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
PLACES = ("", "src/cardcheck", "src/cardcheck/catalog", "src/cardcheck/catalog/messages")
MADE = ("dist/", ".lab/", ".venv/", "trace.apdu", "mynumber-removed-during-read.apdu")


def test_every_file_that_is_named_exists() -> None:
    named = set(re.findall(r"[\w./-]+/[\w.-]+\.(?:py|toml|md|rules|yml|cmd|command)\b", TEXT))
    named |= set(re.findall(r"`([\w-]+\.toml)`", TEXT)) | set(
        re.findall(r"\./(scripts/[\w-]+)", TEXT)
    )
    missing = [
        name
        for name in named
        if not name.startswith(MADE) and not any((ROOT / top / name).exists() for top in PLACES)
    ]
    assert len(named) > 40
    assert missing == []
