# SPDX-License-Identifier: Apache-2.0
"""Writes every committed file that nobody writes by hand.

What belongs here: the table of these files. What does not: how each is made, which is a module of
its own beside this one; files that tests compare outputs with (``./scripts/test --update-golden``).

    ./scripts/documents            writes what has changed
    ./scripts/documents --check    says which are not current; exit code 1 if any
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cardcheck.catalog.udev import udev_rules
from cardcheck.cli.commands.completion import script
from checks_page import checks_page
from hardware_table import with_table
from licences import licences
from man_page import page
from readme_samples import with_samples
from trace_index import index

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT: Final = Path(__file__).resolve().parents[1]

DOCUMENTS: Final[dict[str, Callable[[str], str]]] = {
    "README.ja.md": with_samples,
    "README.md": with_samples,
    "docs/cardcheck.1": lambda _: page(),
    "docs/checks.md": lambda _: checks_page(),
    "docs/hardware.md": with_table,
    "docs/licences.md": lambda _: licences(),
    "fixtures/apdu/README.md": lambda _: index(),
    "packaging/share/_cardcheck": lambda _: script("zsh"),
    "packaging/share/cardcheck.bash": lambda _: script("bash"),
    "packaging/share/cardcheck.fish": lambda _: script("fish"),
    "udev/60-cardcheck.rules": lambda _: udev_rules(),
}
"""What each file has to hold, made from what it holds now: text around a made part stays."""


def main(arguments: list[str]) -> int:
    """The exit code: 1 if ``--check`` found a file that is not current."""
    stale = []
    for name, made in DOCUMENTS.items():
        path = ROOT / name
        held = path.read_text("utf-8") if path.exists() else ""
        if (text := made(held)) == held:
            continue
        stale.append(name)
        print(f"{name}: {'not current: run ./scripts/documents' if arguments else 'written'}")
        if not arguments:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
    return 1 if arguments and stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
