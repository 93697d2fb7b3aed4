# SPDX-License-Identifier: Apache-2.0
"""What ``trace show``, ``diff`` and ``redact`` do, and what all under ``trace`` share.

What belongs here: files in, text and files out, exit codes. What does not: what is in a trace
(``traces``).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from cardcheck.catalog.traces import load_traces
from cardcheck.checks.exit_codes import ExitCode
from cardcheck.cli.language import language
from cardcheck.cli.session import Session
from cardcheck.errors import InputError
from cardcheck.output.streams import write_file_atomically, write_lines, write_note
from cardcheck.traces.compare import compare
from cardcheck.traces.files import read_trace
from cardcheck.traces.importing.conversion import instant_of, without_pins
from cardcheck.traces.show import answer_words, shown_trace
from cardcheck.transports.dump import format_trace, opener_of
from cardcheck.transports.privacy import looks_real, redact_exchanges

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from cardcheck.catalog.messages import Messages
    from cardcheck.cli.options import Options
    from cardcheck.traces.compare import Comparison
    from cardcheck.transports.trace import Trace

INDENT: Final = "    "
_ROOM: Final = 80  # characters of a command


def words(lang: str | None) -> Messages:
    """The sentences in the language that was chosen."""
    return load_traces(language(lang))


def say(lines: Iterable[str]) -> None:
    """Writes lines to standard output."""
    write_lines(sys.stdout, lines)


def telling(messages: Messages) -> Callable[[str], None]:
    """A function that says on stderr that a file was passed over."""
    return lambda name: write_note(sys.stderr, messages.label("passed-over", file=name) + "\n")


def load(name: str) -> Trace:
    """The trace in a file.

    Raises:
        InputError: it cannot be read, or is no trace; says which and why.
    """
    try:
        return read_trace(name)
    except InputError as error:
        raise InputError(f"{name}: {error}") from None


def record(options: Options, file: str) -> int:
    """Scans, writes a trace into ``file``, and returns the exit code of the scan.

    Raises:
        InputError: an option or reader that cannot be used, or the file cannot be written.
    """
    session = Session("scan", replace(options, record=file))
    code = session.deliver(session.diagnose())
    said = words(options.lang).label("recorded-nothing-personal", file=file)
    write_lines(sys.stderr, [said])
    return code


def show(name: str, lang: str | None) -> ExitCode:
    """Writes a trace in words.

    Raises:
        InputError: it cannot be read.
    """
    say(shown_trace(load(name), words(lang)))
    return ExitCode.OK


def redact(
    name: str, output: str, instant: datetime | None, lang: str | None, *, blank_pins: bool
) -> ExitCode:
    """Writes a trace without what is personal.

    Raises:
        InputError: it cannot be read or written, or carries a PIN.
    """
    trace = load(name)
    when = instant or trace.header.recorded or instant_of(Path(name).stat().st_mtime)
    header = replace(trace.header, recorded=when)
    safe = redact_exchanges(header, without_pins(trace.exchanges, blank=blank_pins))
    if real := looks_real(safe):
        raise InputError(f"{name}: the header still looks real: {'; '.join(real)}")
    write_file_atomically(output, format_trace(safe))
    say([words(lang).label("written", file=output, exchanges=len(safe.exchanges))])
    return ExitCode.OK


def diff(first: str, second: str, lang: str | None) -> ExitCode:
    """Writes what differs between two traces; 1 where something does.

    Raises:
        InputError: one of them cannot be read.
    """
    compared = compare(load(first), load(second))
    say(_told(compared, words(lang)))
    return ExitCode.PROBLEM if compared.differ else ExitCode.OK


def _told(compared: Comparison, messages: Messages) -> Iterator[str]:
    """A comparison in words."""
    label = messages.label
    if not compared.differ:
        yield label("same")
    yield from [label("header-differs")] * bool(compared.header)
    for key, old, new in compared.header:
        yield from _changed([f"{key}: {old}"] * bool(old), [f"{key}: {new}"] * bool(new))
    only = {"only-first": compared.only_first, "only-second": compared.only_second}
    for title, exchanges in only.items():
        yield from [label(title)] * bool(exchanges)
        yield from (f"{INDENT}{each.line:>5}  {opener_of(each)[:_ROOM]}" for each in exchanges)
    for left, right in compared.answers:
        yield f"{label('answers-differ')} {opener_of(left)[:_ROOM]}"
        yield from _changed([answer_words(left, messages)], [answer_words(right, messages)])
    for file, old_lines, new_lines in compared.contents:
        yield label("content-differs", file=messages.word("file", file))
        yield from _changed(old_lines, new_lines)
    before, after = compared.milliseconds
    yield label("timing", first=before, second=after)


def _changed(old: Iterable[str], new: Iterable[str]) -> Iterator[str]:
    yield from (f"{INDENT}- {line}" for line in old)
    yield from (f"{INDENT}+ {line}" for line in new)
