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
from msgspec.structs import replace

from cardcheck.catalog.traces import load_traces
from cardcheck.checks.exit_codes import ExitCode
from cardcheck.cli.language import language
from cardcheck.cli.named import clash
from cardcheck.cli.output import medium_of
from cardcheck.cli.tracing import telling
from cardcheck.errors import InputError
from cardcheck.output.encoding import Styled
from cardcheck.output.streams import write_file_atomically, write_text, written_atomically
from cardcheck.render.document import Document
from cardcheck.render.formats import Format, Views, text_of, written
from cardcheck.render.json_report import dumps
from cardcheck.render.junit import Suite, junit_text
from cardcheck.report.model import Severity, Source
from cardcheck.traces.batch import Order, run
from cardcheck.traces.documents import DifferenceRow, ReplayDocument, TraceRow
from cardcheck.traces.files import found
from cardcheck.traces.judge import Result
from cardcheck.traces.page import (
    case_of,
    outcome_block,
    outcomes_document,
    outcomes_table,
    suite_of,
    total_block,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from cardcheck.catalog.messages import Messages
    from cardcheck.render.document import Block
    from cardcheck.render.junit import Case
    from cardcheck.traces.batch import Outcome

_ERASE: Final = "\r\x1b[K"
_BAR: Final = 30  # characters
_LOG: Final = 10_000  # columns of a line in a log
_EVERY: Final = 0.1  # seconds between two looks of the bar


class Wishes(Struct, frozen=True, kw_only=True):
    """The options of ``replay``."""

    skip_unknown: bool = False
    junit: str | None = None
    form: Format = Format.TEXT
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
    messages = load_traces(language(wishes.lang, wishes.output))
    files = found(paths, telling(messages))
    for output in (wishes.output, wishes.junit):
        if clash(output, files):
            raise InputError(f"{output} is one of the traces; give the result another name")
    order = Order(
        skip_unknown=wishes.skip_unknown,
        fail_on=Severity(wishes.fail_on),
        update=wishes.update_expect,
        with_report=wishes.form is Format.JSON,
    )
    cases: list[Case] | None = [] if wishes.junit else None
    bar = ProgressBar(len(files), messages)
    outcomes = run(files, order, wishes.jobs or os.cpu_count() or 1)
    with _stream(wishes.output) as stream:
        code = _deliver(outcomes, _report(stream, messages, wishes), bar, cases)
    if cases is not None and wishes.junit:
        suite = Suite(name="replay", cases=cases, source=Source.REPLAY)
        write_file_atomically(wishes.junit, junit_text(suite))
    return code


def _report(stream: TextIO, messages: Messages, wishes: Wishes) -> Report:
    """What writes the outcomes: as they come where the format allows it."""
    if wishes.form is Format.JSON:
        return JsonReport(stream)
    if wishes.form is Format.TEXT:
        return TextReport(stream, messages, verbose=wishes.verbose)
    return WholeReport(stream, messages, wishes.form)


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
        medium = medium_of(stream)
        # A log is searched for names of files: no line of it is broken.
        self._medium = medium if medium.terminal else replace(medium, width=_LOG)

    def begin(self) -> None:
        """Nothing comes first."""

    def tells(self, outcome: Outcome) -> bool:
        """Whether there is anything to be said of one file."""
        return self._verbose or bool(outcome.updated) or outcome.result is not Result.PASSED

    def add(self, outcome: Outcome) -> None:
        """Writes what is to be said of one file."""
        self._write(outcome_block(outcome, self._messages))

    def end(self, tally: Tally) -> None:
        """Writes the line for all."""
        self._write(total_block(tally.counts, tally.seconds, self._messages))

    def _write(self, block: Block) -> None:
        document = Document(lang=self._messages.lang, blocks=(block,))
        write_text(self._stream, text_of(document, self._medium))


class WholeReport:
    """A format that needs all outcomes before it can be written."""

    def __init__(self, stream: TextIO, messages: Messages, form: Format) -> None:
        self._stream, self._messages, self._form = stream, messages, form
        self._outcomes: list[Outcome] = []

    def begin(self) -> None:
        """Nothing comes first."""

    def tells(self, outcome: Outcome) -> bool:  # noqa: ARG002  # each file has its row
        """Always."""
        return True

    def add(self, outcome: Outcome) -> None:
        """Notes one file."""
        self._outcomes.append(outcome)

    def end(self, tally: Tally) -> None:
        """Writes all of them."""
        found, messages = self._outcomes, self._messages
        views = Views(
            screen=lambda: outcomes_document(found, tally, messages),
            data=lambda: [_row(each) for each in found],
            table=lambda: outcomes_table(found, messages),
            suite=lambda: suite_of(found),
            source=Source.REPLAY,
        )
        write_text(self._stream, written(self._form, views))


class JsonReport:
    """``cardcheck.replay/1``, written file by file, so that any number of them fits."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._separator = ""

    def begin(self) -> None:
        """Opens the document."""
        write_text(
            self._stream,
            f'{{\n  "schema": "{ReplayDocument.__struct_config__.tag}",\n'
            '  "source": "replay",\n  "traces": [',
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


Report = TextReport | WholeReport | JsonReport


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
    report: Report,
    bar: ProgressBar,
    cases: list[Case] | None,
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
        if cases is not None:
            cases.append(case_of(outcome))
    bar.clear()
    report.end(tally)
    return tally.exit_code()
