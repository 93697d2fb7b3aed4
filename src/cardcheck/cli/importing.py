# SPDX-License-Identifier: Apache-2.0
"""What ``trace import`` does: logs in, one file for each session out.

What belongs here: files and their names. What does not: what is in a log (``traces.importing``).
"""

from __future__ import annotations

import sys
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from cardcheck.checks.exit_codes import ExitCode
from cardcheck.cli.log_files import logs_of
from cardcheck.cli.named import clash
from cardcheck.cli.tracing import words
from cardcheck.errors import InputError
from cardcheck.output.streams import write_file_atomically, write_lines
from cardcheck.traces.importing.conversion import format_of, instant_of, traces_in
from cardcheck.transports.dump import format_trace

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from datetime import datetime
    from typing import BinaryIO

    from cardcheck.cli.log_files import LogFile
    from cardcheck.transports.trace import Trace


class ImportWishes(Struct, frozen=True, kw_only=True):
    """The options of ``trace import``."""

    output: str
    wanted: str | None = None
    session: int | None = None
    at: datetime | None = None
    blank_pins: bool = False
    lang: str | None = None


def import_logs(names: Sequence[str], wishes: ImportWishes) -> ExitCode:
    """Writes the sessions of logs as traces: all of them, or the one that was asked for.

    Raises:
        InputError: a log that cannot be read, is of no known format or carries a PIN, or holds no
            such session. Then nothing stays written.
    """
    logs = logs_of(names)
    read = [part for log in logs for part in log.parts]
    written: list[str] = []
    try:
        with closing(_sessions(logs, wishes)) as sessions:
            for number, (program, trace) in enumerate(sessions, 1):
                if wishes.session in {None, number}:
                    written.append(_name_of(1 if wishes.session else number, read, wishes))
                    _write(written[-1], program, trace, wishes)
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


def _sessions(logs: Sequence[LogFile], wishes: ImportWishes) -> Generator[tuple[str, Trace]]:
    """Every session, with the name of the format that its log has."""
    for log in logs:
        try:
            with log.open() as file:
                program = wishes.wanted or _format_of(file, log, wishes)
                if program is None:
                    continue
                when = wishes.at or instant_of(log.written)
                for trace in traces_in(file, program, when, blank_pins=wishes.blank_pins):
                    yield program, trace
        except InputError as error:
            raise InputError(f"{log.name}: {error}") from None
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "no usable file name"
            raise InputError(f"{log.name}: cannot be read ({reason})") from None


def _format_of(file: BinaryIO, log: LogFile, wishes: ImportWishes) -> str | None:
    """The format of a log; None, which is said, for what lies in a folder and is none.

    Raises:
        InputError: no format that we know, of a file that was named.
    """
    try:
        return format_of(file)
    except InputError:
        if not log.by_chance:
            raise
        write_lines(sys.stderr, [words(wishes.lang).label("no-log", file=log.name)])
        return None


def _write(name: str, program: str, trace: Trace, wishes: ImportWishes) -> None:
    write_file_atomically(name, format_trace(trace))
    label = words(wishes.lang).label
    said = label("imported", file=name, exchanges=len(trace.exchanges))
    reader = trace.header.reader or label("reader-unknown")
    write_lines(sys.stderr, [f"{said} ({program}, {reader})"])


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
