# SPDX-License-Identifier: Apache-2.0
"""Japanese and English are equals in the READMEs: the same samples, but for the language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from readme_samples import SAMPLE

ROOT = Path(__file__).parents[2]
DOCUMENTS = ("README.md", "README.ja.md")


def test_both_readmes_show_the_same_commands() -> None:
    texts = [(ROOT / name).read_text("utf-8") for name in DOCUMENTS]
    english, japanese = (
        [re.sub(r" --lang \w+", "", match[1]) for match in SAMPLE.finditer(text)] for text in texts
    )
    assert english == japanese != []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_first_screen_says_what_to_type(name: str) -> None:
    first = (ROOT / name).read_text("utf-8").split("<!-- run:")[0]
    for command in ("scan", "doctor", "explain", "place", "isolate"):
        assert f"`cardcheck {command}" in first
    assert {"Windows", "macOS", "Linux"} <= set(re.findall(r"^\| (\w+) \|", first, re.MULTILINE))
    (picture,) = re.findall(r"!\[[^]]+\]\(([^)]+)\)", first)
    assert 0 < (ROOT / picture).stat().st_size < 200_000
