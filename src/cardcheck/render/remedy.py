# SPDX-License-Identifier: Apache-2.0
"""The commands that belong to the next step of a finding, and those that undo them.

What belongs here: putting what was observed into them. What does not: layout; commands are printed
as they are, never wrapped, for they are there to be copied.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from cardcheck.catalog.messages import advice_of, filled
from cardcheck.render.base import safe

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cardcheck.report.model import Finding


class Remedy(Struct, frozen=True):
    """Shell commands, in order.

    Attributes:
        commands: what mends it; empty where no command helps.
        undo: what undoes that; empty where there is nothing to undo.
    """

    commands: tuple[str, ...] = ()
    undo: tuple[str, ...] = ()


def remedy_of(finding: Finding | None) -> Remedy:
    """The commands of the next step of a finding; empty where it has none."""
    row = advice_of(finding.advice[0]) if finding is not None and finding.advice else None
    if finding is None or row is None:
        return Remedy()
    values = {k: safe(v) if isinstance(v, str) else v for k, v in finding.evidence.items()}
    return Remedy(filled(row.commands, values), filled(row.undo, values))


def described(commands: Iterable[str]) -> tuple[str, ...]:
    """The commands where nothing was observed: each value by its name, ``<driver>``."""
    return tuple(command.format_map(_Names()) for command in commands)


class _Names(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return f"<{key}>"


def lines_of(command: str, indent: str) -> list[str]:
    """One command; lines after its first stand at the margin: a here-document ends only there."""
    first, *rest = command.split("\n")
    return [f"{indent}{first}", *rest]
