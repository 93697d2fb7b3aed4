# SPDX-License-Identifier: Apache-2.0
"""``replay`` over many files: what is shown meanwhile, what is written, and the exit code.

What belongs here: text, JSON and JUnit of a batch. What does not: the replay itself (``traces``).
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TextIO

from msgspec import Struct, field

from cardcheck.catalog.traces import load_traces
from cardcheck.checks.exit_codes import ExitCode
from cardcheck.cli.language import language
from cardcheck.errors import InputError
from cardcheck.render.json_report import dumps
from cardcheck.render.streams import (
    Styled,
    write_file_atomically,
    write_lines,
    write_text,
    written_atomically,
)
from cardcheck.report.model import Severity
from cardcheck.traces.documents import DifferenceRow, ReplayDocument, TraceRow
from cardcheck.traces.judge import Result
from cardcheck.traces.junit import JunitSuite

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from cardcheck.catalog.messages import Messages
    from cardcheck.traces.batch import Outcome

_ERASE: Final = "\r\x1b[K"
_BAR: Final = 30  # characters
_EVERY: Final = 0.1  # seconds between two looks of the bar


class Wishes(Struct, frozen=True, kw_only=True):
    """The options of ``replay``."""

    skip_unknown: bool = False
    junit: str | None = None
    as_json: bool = False
    output: str | None = None
    jobs: int = 1
    update_expect: bool = False
    fail_on: str = "error"
    verbose: bool = False
    lang: str | None = None


def replay(paths: Sequence[str], wishes: Wishes) -> ExitCode:
    """Replays what ``paths`` mean, writes the outcome, and returns the exit code.

    Raises:
        InputError: a path without a trace, or a file that cannot be written.
    """
    from cardcheck.cli.named import clash
    from cardcheck.cli.tracing import telling
    from cardcheck.traces.batch import Order, run
    from cardcheck.traces.files import found

    messages = load_traces(language(wishes.lang, wishes.output))
    files = found(paths, telling(messages))
    for output in (wishes.output, wishes.junit):
        if clash(output, files):
            raise InputError(f"{output} is one of the traces; give the result another name")
    order = Order(
        skip_unknown=wishes.skip_unknown,
        fail_on=Severity(wishes.fail_on),
        update=wishes.update_expect,
        with_report=wishes.as_json,
    )
    suite = JunitSuite() if wishes.junit else None
    bar = ProgressBar(len(files), messages)
    outcomes = run(files, order, wishes.jobs or os.cpu_count() or 1)
    with _stream(wishes.output) as stream:
        report: TextReport | JsonReport = JsonReport(stream)
        if not wishes.as_json:
            report = TextReport(stream, messages, verbose=wishes.verbose)
        code = _deliver(outcomes, report, bar, suite)
    if suite is not None and wishes.junit:
        write_file_atomically(wishes.junit, suite.text())
    return code


@contextmanager
def _stream(output: str | None) -> Iterator[TextIO]:
    """Standard output, or the file that is to have the text once it is whole."""
    if output is None:
        yield sys.stdout
        return
    with written_atomically(output) as stream:
        yield stream


class Tally(Struct):
    """How many files ended how, and how long it took."""

    counts: dict[Result, int] = field(default_factory=lambda: dict.fromkeys(Result, 0))
    began: float = field(default_factory=time.monotonic)

    @property
    def total(self) -> int:
        """All files so far."""
        return sum(self.counts.values())

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return time.monotonic() - self.began

    def exit_code(self) -> ExitCode:
        """2 where one could not be read, 1 where one did not pass or none was replayed, else 0."""
        if self.counts[Result.UNREADABLE]:
            return ExitCode.USAGE
        replayed = self.counts[Result.PASSED] + self.counts[Result.FAILED]
        failed = self.counts[Result.FAILED] or not replayed
        return ExitCode.PROBLEM if failed else ExitCode.OK


class ProgressBar:
    """A bar on a terminal; nothing elsewhere."""

    def __init__(self, total: int, messages: Messages, stream: TextIO | None = None) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._live = bool(self._stream and self._stream.isatty())
        self._total, self._messages = total, messages
        self._next = time.monotonic() + _EVERY
        self._shown = False

    def at(self, done: int) -> None:
        """So many files are done."""
        if not self._live or time.monotonic() < self._next:
            return
        filled = _BAR * done // max(self._total, 1)
        said = self._messages.label("replaying", done=done, total=self._total)
        bar = "#" * filled + "." * (_BAR - filled)
        write_text(self._stream, Styled(f"{_ERASE}[{bar}] {said}"))
        self._next, self._shown = time.monotonic() + _EVERY, True

    def clear(self) -> None:
        """Takes the bar away, so that something else can be written."""
        if self._shown:
            write_text(self._stream, Styled(_ERASE))
            self._shown = False


class TextReport:
    """A line for each file that did not simply pass, and one for all."""

    def __init__(self, stream: TextIO, messages: Messages, *, verbose: bool) -> None:
        self._stream, self._messages, self._verbose = stream, messages, verbose

    def begin(self) -> None:
        """Nothing comes first."""

    def tells(self, outcome: Outcome) -> bool:
        """Whether there is anything to be said of one file."""
        return self._verbose or bool(outcome.updated) or outcome.result is not Result.PASSED

    def add(self, outcome: Outcome) -> None:
        """Writes what is to be said of one file."""
        write_lines(self._stream, self._lines(outcome))

    def end(self, tally: Tally) -> None:
        """Writes the line for all."""
        counts = {result.value: count for result, count in tally.counts.items()}
        rate = round(tally.total / max(tally.seconds, 0.001))
        seconds = f"{tally.seconds:.1f}"
        said = [
            self._messages.label("summary", total=tally.total, seconds=seconds, rate=rate, **counts)
        ]
        if tally.total == tally.counts[Result.SKIPPED]:
            said.append(self._messages.label("nothing"))
        write_lines(self._stream, said)

    def _lines(self, outcome: Outcome) -> Iterable[str]:
        label = self._messages.label
        word = label("updated" if outcome.updated else outcome.result.value)
        verdict = f"  {outcome.verdict}" if outcome.verdict else ""
        yield f"{word}  {outcome.name}{verdict}"
        if outcome.result is Result.SKIPPED:
            yield f"    {label('partial')}"
        if outcome.reason is not None:
            yield f"    {outcome.reason}"
        for about, expected, got in outcome.differences:
            key = "difference" if expected else "found"
            yield "    " + label(key, about=about, expected=expected, got=got)
        if outcome.updated is not None:
            old, new = outcome.updated
            yield from (f"  - expect: {old}",) if old else ()
            yield f"  + expect: {new}"


class JsonReport:
    """``cardcheck.replay/1``, written file by file, so that any number of them fits."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._separator = ""

    def begin(self) -> None:
        """Opens the document."""
        write_text(
            self._stream,
            f'{{\n  "schema": "{ReplayDocument.__struct_config__.tag}",\n  "traces": [',
        )

    def tells(self, outcome: Outcome) -> bool:  # noqa: ARG002  # each file has its row
        """Always."""
        return True

    def add(self, outcome: Outcome) -> None:
        """Writes one row of ``traces``."""
        row = dumps(_row(outcome), one_line=True).rstrip("\n")
        write_text(self._stream, f"{self._separator}\n    {row}")
        self._separator = ","

    def end(self, tally: Tally) -> None:
        """Closes the document."""
        summary = {result.value: count for result, count in tally.counts.items()}
        rest = dumps(summary, one_line=True).rstrip("\n")
        code = int(tally.exit_code())
        write_text(self._stream, f'\n  ],\n  "summary": {rest},\n  "exit_code": {code}\n}}\n')


def _row(outcome: Outcome) -> TraceRow:
    return TraceRow(
        trace=outcome.name,
        result=outcome.result,
        verdict=outcome.verdict,
        differences=tuple(
            DifferenceRow(about=about, expected=expected or None, got=got)
            for about, expected, got in outcome.differences
        ),
        reason=outcome.reason,
        report=outcome.report,
    )


def _deliver(
    outcomes: Iterable[Outcome],
    report: TextReport | JsonReport,
    bar: ProgressBar,
    suite: JunitSuite | None,
) -> ExitCode:
    """Writes all outcomes as they come, and returns the exit code."""
    tally = Tally()
    report.begin()
    for outcome in outcomes:
        tally.counts[outcome.result] += 1
        if report.tells(outcome):
            bar.clear()
            report.add(outcome)
        bar.at(tally.total)
        if suite is not None:
            suite.add(outcome)
    bar.clear()
    report.end(tally)
    return tally.exit_code()
