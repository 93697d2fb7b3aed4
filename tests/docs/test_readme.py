# SPDX-License-Identifier: Apache-2.0
"""Every sample in the READMEs is what the program really prints."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SAMPLE = re.compile(r"<!-- run: (cardcheck [^\n]*?) -->\n```text\n(.*?)```\n", re.DOTALL)
DOCUMENTS = ("README.md", "README.ja.md")


def printed_by(command: str) -> str:
    """What ``command`` writes to a pipe, with a trailing line feed."""
    arguments = shlex.split(command)[1:]
    env = {**os.environ, "PYTHONIOENCODING": "utf-8", "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(
        [sys.executable, "-m", "cardcheck", *arguments],
        env={name: value for name, value in env.items() if not name.startswith("LC_")},
        capture_output=True,
        timeout=60,
        check=False,
    )
    return done.stdout.decode().rstrip("\n") + "\n"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_samples_are_current(name: str, update_golden: bool) -> None:
    """Each block under a ``run:`` comment equals the output of its command."""
    path = ROOT / name
    text = path.read_text("utf-8")
    current = SAMPLE.sub(
        lambda match: f"<!-- run: {match[1]} -->\n```text\n{printed_by(match[1])}```\n", text
    )
    assert SAMPLE.search(text), "the document shows no sample"
    if update_golden:
        path.write_text(current, "utf-8")
    else:
        assert text == current, "run pytest --update-golden tests/docs"


def test_both_readmes_show_the_same_commands() -> None:
    """Japanese and English are equals: the same samples, but for the language."""
    texts = [(ROOT / name).read_text("utf-8") for name in DOCUMENTS]
    english, japanese = (
        [re.sub(r" --lang \w+", "", match[1]) for match in SAMPLE.finditer(text)] for text in texts
    )
    assert english == japanese


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_first_screen_says_what_to_type(name: str) -> None:
    first = (ROOT / name).read_text("utf-8").split("<!-- run:")[0]
    for command in ("scan", "doctor", "explain", "place", "isolate"):
        assert f"`cardcheck {command}" in first
    assert {"Windows", "macOS", "Linux"} <= set(re.findall(r"^\| (\w+) \|", first, re.MULTILINE))
    (picture,) = re.findall(r"!\[[^]]+\]\(([^)]+)\)", first)
    assert 0 < (ROOT / picture).stat().st_size < 200_000
