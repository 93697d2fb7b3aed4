# SPDX-License-Identifier: Apache-2.0
"""Where a result goes: to the screen, to files, into a browser.

What belongs here: the medium that a stream is. What does not: what is said and in which format
(``render``).
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from msgspec import Struct

from cardcheck.cli.delivery import delivering
from cardcheck.output.encoding import encoding_of
from cardcheck.output.streams import write_file_atomically, write_note
from cardcheck.render.formats import FILE, Format, Medium, Views, exit_code, written

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO

_ROOMY: Final = 100  # columns that lines take at most
_PLAIN: Final = 78


class Target(Protocol):
    """The options that say where a result goes, and how."""

    @property
    def form(self) -> str:
        """The value of ``--format``."""

    @property
    def output(self) -> str | None:
        """The value of ``--output``."""

    @property
    def html(self) -> str | None:
        """The value of ``--html``."""

    @property
    def open_page(self) -> bool:
        """Whether ``--open`` was given."""

    @property
    def plain(self) -> bool:
        """Whether ``--plain`` was given."""


class Destination(Struct, frozen=True, kw_only=True):
    """A target by itself, for commands that have no record of options."""

    form: str = Format.TEXT
    output: str | None = None
    html: str | None = None
    open_page: bool = False
    plain: bool = False


def deliver(views: Views, target: Target, code: int, *after: Callable[[], object]) -> int:
    """Writes a result where it belongs, shows its page, and returns the exit code.

    Args:
        views: the result.
        target: where it belongs.
        code: the exit code, where its format has none of its own.
        after: writes still more, when all else is written.

    Raises:
        InputError: something could not be written; all else is.
    """
    form = Format(target.form)
    medium = FILE if target.output else medium_of(sys.stdout, plain=target.plain)
    with delivering() as delivery:
        delivery.report(written(form, views, medium), target.output)
        if target.html or target.open_page:
            delivery.attempt(lambda: _page(views, target))
        for write in after:
            delivery.attempt(write)
    return exit_code(form, views, code)


def medium_of(stream: TextIO | None, *, plain: bool = False) -> Medium:
    """How text looks on a stream."""
    if stream is None:
        return FILE
    encoding = encoding_of(stream)
    if not is_terminal(stream):
        return Medium(encoding=encoding)
    columns = shutil.get_terminal_size().columns
    if plain:
        return Medium(width=min(columns - 1, _PLAIN), encoding=encoding)
    return Medium(
        width=min(columns, _ROOMY), encoding=encoding, terminal=True, colour=_has_colours(stream)
    )


def is_terminal(stream: object) -> bool:
    """Whether a person reads the stream."""
    isatty = getattr(stream, "isatty", None)
    try:
        return bool(isatty and isatty())
    except ValueError:  # closed
        return False


def _has_colours(stream: TextIO) -> bool:
    """Whether escape sequences colour this terminal; https://no-color.org is honoured."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") in {"dumb", "unknown"}:
        return False
    return sys.platform != "win32" or _windows_takes_escapes(stream)


def _windows_takes_escapes(stream: TextIO) -> bool:
    """Asks the console of Windows to understand them (console API: SetConsoleMode)."""
    import ctypes
    import msvcrt

    if sys.platform != "win32":  # for the type checker
        return False
    kernel, mode = ctypes.windll.kernel32, ctypes.c_ulong()
    handle = msvcrt.get_osfhandle(stream.fileno())
    if not kernel.GetConsoleMode(handle, ctypes.byref(mode)):
        return False
    return bool(kernel.SetConsoleMode(handle, mode.value | 0x0004))


def _page(views: Views, target: Target) -> None:
    """Writes the page, and opens it where that is asked for."""
    text = written(Format.HTML, views)
    path = target.html
    if path is None:
        path = _private(text)
    else:
        write_file_atomically(path, text)
    if target.open_page and not _shown(path):
        write_note(sys.stderr, f"{Path(path).resolve()}\n")


def _private(text: str) -> str:
    """The name of a new file that only this user can read; the browser needs it after our end."""
    import tempfile

    handle, path = tempfile.mkstemp(prefix="cardcheck-", suffix=".html")
    with open(handle, "w", encoding="utf-8") as file:  # noqa: PTH123 - a descriptor
        file.write(text)
    return path


def _shown(path: str) -> bool:
    """Whether a browser took the page."""
    import webbrowser

    try:
        return webbrowser.open(Path(path).resolve().as_uri())
    except (webbrowser.Error, OSError):
        return False
