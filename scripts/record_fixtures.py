#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Records the traces of fixtures/synthetic.toml, or those that are named, with the program itself.

usage: scripts/record_fixtures.py [NAME ...]

Each is what ``cardcheck scan --simulate … --record`` writes, at one and the same instant. Its note
and what it is expected to come to are put into the header here; look at the difference before
committing it.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

from cardcheck.simulation.profiles import profile

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "fixtures" / "synthetic.toml"
FOLDER = ROOT / "fixtures" / "apdu"
INSTANT = "2026-11-21T12:00:00+09:00"
DEADLINE = "4"  # seconds after which a silent card is left


def main(names: list[str]) -> int:
    """Records the traces called ``names``, all of the table where there is none."""
    table = tomllib.loads(TABLE.read_text("utf-8"))
    if unknown := set(names) - set(table):
        print(f"not in {TABLE.name}: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    files = [record(name, table[name]) for name in names or table]
    return cardcheck("replay", "--update-expect", *map(str, files))


def record(name: str, row: dict[str, Any]) -> Path:
    """Records one trace and returns its file."""
    file = FOLDER / f"{name}.apdu"
    faults = [part for fault in row.get("faults", ()) for part in ("--fault", fault)]
    cardcheck(
        "scan", "--simulate", row["profile"], *faults, "--record", str(file), "--at", INSTANT,
        "--timeout", DEADLINE, "--output", "/dev/null",
    )  # fmt: skip
    note = row.get("note") or profile(row["profile"]).summary
    text = file.read_text("utf-8")
    head, blank, body = text.partition("\n\n")
    said = f"note: {note}" + (f" ({' '.join(row['faults'])})" if row.get("faults") else "")
    file.write_text(f"{head}\n{said}{blank}{body}", "utf-8")
    return file


def cardcheck(*arguments: str) -> int:
    """Runs cardcheck and returns its exit code."""
    return subprocess.run([sys.executable, "-m", "cardcheck", *arguments], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
