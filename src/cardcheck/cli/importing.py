# SPDX-License-Identifier: Apache-2.0
"""What ``trace import`` does: logs in, one file for each session out.

What belongs here: files and their names. What does not: what is in a log (``traces.importing``).
"""

from __future__ import annotations

import os
import sys
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from cardcheck.checks.exit_codes import ExitCode
from cardcheck.cli.named import clash
from cardcheck.cli.tracing import words
from cardcheck.errors import InputError
from cardcheck.inputs import open_input
from cardcheck.output.streams import write_file_atomically, write_lines
from cardcheck.traces.importing.conversion import format_of, instant_of, traces_in
from cardcheck.transports.dump import format_trace

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from datetime import datetime

    from cardcheck.transports.trace import Trace


class ImportWishes(Struct, frozen=True, kw_only=True):
    """The options of ``trace import``."""

    output: str
    wanted: str | None = None
    session: int | None = None
    at: datetime | None = None
    blank_pins: bool = False
    lang: str | None = None


def import_logs(logs: Sequence[str], wishes: ImportWishes) -> ExitCode:
    """Writes the sessions of logs as traces: all of them, or the one that was asked for.

    Raises:
        InputError: a log that cannot be read, is of no known format or carries a PIN, or holds no
            such session. Then nothing stays written.
    """
    written: list[str] = []
    try:
        with closing(_sessions(logs, wishes)) as sessions:
            for number, trace in enumerate(sessions, 1):
                if wishes.session in {None, number}:
                    written.append(_name_of(1 if wishes.session else number, logs, wishes))
                    _write(written[-1], trace, wishes)
                if wishes.session == number:
                    break
    except InputError:
        for name in written:
            with suppress(OSError):
                Path(name).unlink(missing_ok=True)
        raise
    if not written:
        raise InputError(words(wishes.lang).label("nothing-imported"))
    return ExitCode.OK


def _sessions(logs: Sequence[str], wishes: ImportWishes) -> Generator[Trace]:
    for name in logs:
        try:
            with open_input(name) as file:
                log_format = wishes.wanted or format_of(file)
                when = wishes.at or instant_of(os.stat(name).st_mtime)  # noqa: PTH116 - as opened
                yield from traces_in(file, log_format, when, blank_pins=wishes.blank_pins)
        except InputError as error:
            raise InputError(f"{name}: {error}") from None
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "no usable file name"
            raise InputError(f"{name}: cannot be read ({reason})") from None


def _write(name: str, trace: Trace, wishes: ImportWishes) -> None:
    write_file_atomically(name, format_trace(trace))
    said = words(wishes.lang).label("imported", file=name, exchanges=len(trace.exchanges))
    write_lines(sys.stderr, [said])


def _name_of(number: int, logs: Sequence[str], wishes: ImportWishes) -> str:
    """Where the session ``number`` goes.

    Raises:
        InputError: onto one of the logs.
    """
    name = _numbered(wishes.output, number)
    if clash(name, logs):
        raise InputError(f"{name} is one of the logs; give --output another name")
    return name


def _numbered(output: str, number: int) -> str:
    """FILE, FILE-2, FILE-3 …, with the number before the ending."""
    path = Path(output)
    return output if number == 1 else str(path.with_name(f"{path.stem}-{number}{path.suffix}"))
