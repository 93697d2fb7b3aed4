# SPDX-License-Identifier: Apache-2.0
"""How often `explain` answers rightly: the rates of a file like ``asked.toml``, by kind.

`.venv/bin/python tests/explain/rates.py [-v]` prints them.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

from cardcheck.catalog.search import search

HERE = Path(__file__).parent
FIRST = 3
HALVES = ("tuned", "kept", "later")

Asked = dict[str, list[tuple[str, list[str]]]]
"""Questions and the entries that are right, by kind."""


def asked(half: str) -> Asked:
    """The questions of ``asked.toml``: its part ``tuned``, ``kept`` or ``later``."""
    rows = tomllib.loads((HERE / "asked.toml").read_text("utf-8"))[half]
    return {
        kind: [(row, []) if isinstance(row, str) else (row[0], row[1]) for row in questions]
        for kind, questions in rows.items()
    }


def missed(kind: str, query: str, wanted: list[str], first: int = FIRST) -> bool:
    """Whether none of the first entries is right; for another subject, whether there is any."""
    got = [hit.entry.id for hit in search(query).hits]
    if kind.endswith("vague"):
        return not (got and got[0].startswith("triage"))
    if kind.endswith(("off", "near")):
        return bool(got)
    return not set(wanted) & set(got[:first])


def failures(half: str, kinds: tuple[str, ...], first: int = FIRST) -> list[str]:
    """The questions of these kinds that are answered wrongly."""
    return [
        query
        for kind in kinds
        for query, wanted in asked(half).get(kind, [])
        if missed(kind, query, wanted, first)
    ]


def main() -> None:
    """Print the rates of each part."""
    for half in HALVES:
        for kind, questions in asked(half).items():
            three, one = (failures(half, (kind,), first) for first in (FIRST, 1))
            count = len(questions)
            print(f"{half} {kind}: {count}, first {count - len(one)}, three {count - len(three)}")
            if "-v" in sys.argv and half != "kept":
                for query in one:
                    ids = [hit.entry.id for hit in search(query).hits][:4]
                    print("   ", "X" if query in three else "3", query, ids)


if __name__ == "__main__":
    main()
