# SPDX-License-Identifier: Apache-2.0
"""Every check, by the link of the chain that it stands on, and which of them a command runs.

Each module of a link ends with its ``CHECKS``; a check that is in none of them does not exist. The
modules are loaded when a command needs them: a list of readers does not load what judges cards.
"""

from __future__ import annotations

from enum import Enum
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Final

from cardcheck.checks.base import Need
from cardcheck.report.model import Layer

if TYPE_CHECKING:
    from cardcheck.checks.base import Check

_ALWAYS: Final = ("computer", "pcscd", "reader", "login_software")
_THOROUGH: Final = ("linux_driver", "linux_access", "windows", "macos")
_OF_CARDS: Final = ("card", "certificate", "pin")
_OF_A_RUN: Final = "scan.run.finished"  # a host is not scanned; it is said of slots


class Selection(Enum):
    """What a command looks at; the value is the command that is named after it."""

    READERS = "readers"
    CARDS = "scan"
    HOST = "doctor"


@cache
def every_check() -> tuple[Check, ...]:
    """All checks, in the order of the chain."""
    return _of((*_ALWAYS, *_THOROUGH, *_OF_CARDS))


@cache
def selected(selection: Selection, *, thorough: bool) -> tuple[Check, ...]:
    """The checks of one kind of look, in the order of the chain.

    Args:
        selection: what is looked at.
        thorough: whether the computer was looked at thoroughly.
    """
    modules = (*_ALWAYS, *(_THOROUGH if thorough else ()))
    if selection is Selection.CARDS:
        return tuple(c for c in _of((*modules, *_OF_CARDS)) if not _beside(c))
    if selection is Selection.READERS:
        return tuple(c for c in _of(modules) if not _beside(c))
    return tuple(c for c in _of(modules) if Need.CARD not in c.needs and c.id != _OF_A_RUN)


def _beside(check: Check) -> bool:
    """Whether it grades what stands beside the chain, which only ``doctor`` does."""
    return check.thorough and check.layer is Layer.SOFTWARE


def _of(modules: tuple[str, ...]) -> tuple[Check, ...]:
    found: list[Check] = []
    for name in modules:
        found += import_module(f"cardcheck.checks.{name}").CHECKS
    return tuple(sorted(found, key=lambda check: check.layer.position))
