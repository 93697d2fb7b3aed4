# SPDX-License-Identifier: Apache-2.0
"""The samples in the READMEs: each is what the command above it really prints."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = re.compile(r"<!-- run: (cardcheck [^\n]*?) -->\n```text\n(.*?)```\n", re.DOTALL)


def with_samples(document: str) -> str:
    """``document`` with each block under a ``run:`` comment as its command prints it now."""
    return SAMPLE.sub(
        lambda match: f"<!-- run: {match[1]} -->\n```text\n{_printed_by(match[1])}```\n", document
    )


def _printed_by(command: str) -> str:
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
