# SPDX-License-Identifier: Apache-2.0
"""Japanese and English are equals in the READMEs: the same samples, but for the language."""

from __future__ import annotations

import re
from pathlib import Path

from readme_samples import SAMPLE

ROOT = Path(__file__).parents[2]


def test_both_readmes_show_the_same_commands() -> None:
    texts = [(ROOT / name).read_text("utf-8") for name in ("README.md", "README.ja.md")]
    english, japanese = (
        [re.sub(r" --lang \w+", "", match[1]) for match in SAMPLE.finditer(text)] for text in texts
    )
    assert english == japanese != []
