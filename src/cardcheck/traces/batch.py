# SPDX-License-Identifier: Apache-2.0
"""Many traces, one after the other or in several processes; nothing is kept of those that are done.

What belongs here: the run over files. What does not: the judgement of one (``judge``), and how the
outcome is written (``junit``, the commands).
"""

from __future__ import annotations

import os
import re
import signal
from functools import cache, partial
from multiprocessing import get_context
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from cardcheck.errors import InputError, ReplayMismatchError, ReplayUnfinishedError
from cardcheck.output.streams import write_file_atomically
from cardcheck.render.json_report import document
from cardcheck.report.model import Severity
from cardcheck.traces.expectation import Difference, with_expectation
from cardcheck.traces.files import read_trace
from cardcheck.traces.judge import Judge, Judgement, Result
from cardcheck.transports.dump import format_trace

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cardcheck.report.documents import ReportFields
    from cardcheck.transports.trace import Trace

_CHUNK: Final = 32  # files that a process takes at once


class Order(Struct, frozen=True, kw_only=True):
    """How the files are to be replayed.

    Attributes:
        skip_unknown: pass over exchanges that are not asked for.
        fail_on: from which severity on a trace without an expectation fails.
        update: write what a diagnosis comes to into the headers.
        with_report: make the JSON report of each.
    """

    skip_unknown: bool = False
    fail_on: Severity = Severity.ERROR
    update: bool = False
    with_report: bool = False


class Outcome(Struct, frozen=True, kw_only=True):
    """What became of one file.

    Attributes:
        name: the file.
        result: how its replay ended.
        verdict: what the diagnosis came to, or None where there is none.
        differences: what is not as expected; after an update, what was changed.
        reason: why it could not be read or replayed, or None.
        updated: the old and the new ``expect:``, or None where nothing was rewritten.
        report: the report, where it was asked for.
        line: where in the file it went wrong, or None.
    """

    name: str
    result: Result
    verdict: str | None = None
    differences: tuple[Difference, ...] = ()
    reason: str | None = None
    updated: tuple[str, str] | None = None
    report: ReportFields | None = None
    line: int | None = None


def run(files: Sequence[str], order: Order, jobs: int = 1) -> Iterator[Outcome]:
    """The outcome of every file, in their order; ``jobs`` processes work on them."""
    if jobs <= 1 or len(files) <= _CHUNK:
        yield from map(_Worker(order).outcome_of, files)
        return
    os.environ.setdefault("PYTHONSAFEPATH", "1")  # nor do they import from the current folder
    with get_context("spawn").Pool(jobs, _leave_signals_alone) as pool:
        yield from pool.imap(partial(_in_process, order), files, _CHUNK)


def _leave_signals_alone() -> None:
    """Ctrl-C goes to the whole group of processes; the first of them ends the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _in_process(order: Order, name: str) -> Outcome:
    return _worker(order).outcome_of(name)


@cache
def _worker(order: Order) -> _Worker:
    return _Worker(order)


class _Worker:
    """Replays files, one like the other."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._judge = Judge(skip_unknown=order.skip_unknown, fail_on=order.fail_on)

    def outcome_of(self, name: str) -> Outcome:
        """What becomes of one file."""
        try:
            trace = read_trace(name)
            judged = self._judge.judge(trace)
            updated = self._update(name, trace, judged)
        except (ReplayMismatchError, ReplayUnfinishedError) as error:
            line = re.match(r"line (\d+)", str(error))
            return Outcome(
                name=name,
                result=Result.FAILED,
                reason=str(error),
                line=int(line[1]) if line else None,
            )
        except InputError as error:
            return Outcome(name=name, result=Result.UNREADABLE, reason=str(error))
        diagnosis, report = judged.diagnosis, None
        if self._order.with_report and diagnosis is not None:
            report = document(self._judge.report(diagnosis))
        return Outcome(
            name=name,
            result=judged.result if updated is None else Result.PASSED,
            verdict=None if diagnosis is None else diagnosis.verdict.value,
            differences=judged.differences if updated is None else (),
            line=_line_of_expectation(trace) if judged.differences else None,
            updated=updated,
            report=report,
        )

    def _update(self, name: str, trace: Trace, judged: Judgement) -> tuple[str, str] | None:
        """The old and the new expectation where the file was rewritten, else None.

        Raises:
            InputError: the file cannot be written.
        """
        old = trace.header.expect
        if not self._order.update or judged.diagnosis is None:
            return None
        if judged.result is Result.PASSED and old is not None:
            return None
        new = self._judge.expectation(judged.diagnosis)
        write_file_atomically(name, format_trace(with_expectation(trace, new)))
        return str(old or ""), str(new)


def _line_of_expectation(trace: Trace) -> int | None:
    """The line that says what a trace expects, or None."""
    numbered = enumerate(trace.lines, 1)
    return next((n for n, line in numbered if line.lstrip().startswith("expect:")), None)
