# SPDX-License-Identifier: Apache-2.0
"""Names of files on a command line, judged against each other before anything is read.

What belongs here: two types of click parameters. What does not: opening (``inputs``), writing
(``output.streams``).
"""

from __future__ import annotations

import os
import stat
import sys
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import click

if TYPE_CHECKING:
    from collections.abc import Iterable

    _NameType = click.ParamType[str]
else:
    _NameType = click.ParamType  # generic only since click 8.4

_KEY: Final = "cardcheck.named"
_Identity: TypeAlias = tuple[int, int] | str


class _Named(_NameType):
    """A name that is none of those with which it must not clash."""

    name = "file"
    writes = False

    def convert(
        self,
        value: Any,  # noqa: ANN401 - click's signature
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> str:
        """The name as it was given."""
        name = str(value)
        if not name:
            self.fail("the name of the file is empty; is a variable not set?", param, ctx)
        if ctx is None or ctx.resilient_parsing:
            return name
        identity = identity_of(name)
        read, written = ctx.meta.setdefault(_KEY, ({}, {}))
        who = written.get(identity) or (read.get(identity) if self.writes else None)
        if identity is not None and who:
            self.fail(f"{name} is the same file as that of {who}; name another one", param, ctx)
        (written if self.writes else read)[identity] = _label(param)
        return name


class Input(_Named):
    """A file that is read and stays as it is."""


class Output(_Named):
    """A file that is written: neither an input nor another output of the same command line."""

    writes = True

    def __init__(self, *, fresh: bool = False) -> None:
        """An output; a ``fresh`` one is never written over what is there."""
        self._fresh = fresh

    def convert(
        self,
        value: Any,  # noqa: ANN401 - click's signature
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> str:
        """The name as it was given."""
        name = super().convert(value, param, ctx)
        if self._fresh and _mode_of(name) is not None and identity_of(name) is not None:
            self.fail(f"{name} is there already; remove it or name another file", param, ctx)
        return name


def identity_of(name: str) -> _Identity | None:
    """What all spellings of a file have in common; None for pipes and devices, which may be shared.

    A file that is not there yet is known by where it would lie.
    """
    try:
        status = os.stat(name)  # noqa: PTH116 - pathlib costs start-up time
    except (OSError, ValueError):
        return _place_of(name)
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
        return None
    return status.st_dev, status.st_ino


def clash(name: str | None, files: Iterable[str]) -> bool:
    """Whether the output ``name``, where it is there already, is one of ``files``."""
    if not name or _mode_of(name) is None:
        return False
    identity = identity_of(name)
    return identity is not None and any(identity_of(file) == identity for file in files)


def _place_of(name: str) -> str | None:
    try:
        place = os.path.normcase(os.path.realpath(name))
    except (OSError, ValueError):
        return name
    return place.casefold() if sys.platform == "darwin" else place


def _mode_of(name: str) -> int | None:
    try:
        return os.stat(name).st_mode  # noqa: PTH116 - as above
    except (OSError, ValueError):
        return None


def _label(param: click.Parameter | None) -> str:
    if isinstance(param, click.Option):
        return param.opts[-1]
    return "?" if param is None else param.human_readable_name
