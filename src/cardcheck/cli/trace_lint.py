# SPDX-License-Identifier: Apache-2.0
"""What ``trace lint`` does: format, privacy and coverage of traces.

What belongs here: files in, text and an exit code out. What does not: what makes a trace look real
(``transports.privacy``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

from cardcheck.checks.exit_codes import ExitCode
from cardcheck.cli.tracing import INDENT, say, telling, words
from cardcheck.errors import InputError, TraceError
from cardcheck.traces.coverage import Coverage
from cardcheck.traces.files import found, read_trace
from cardcheck.traces.judge import Judge
from cardcheck.traces.privacy_report import reasons
from cardcheck.transports.privacy import looks_real

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cardcheck.catalog.messages import Messages
    from cardcheck.transports.trace import Trace


def lint(paths: Sequence[str], lang: str | None, *, account: bool, coverage: bool) -> ExitCode:
    """Writes what is wrong with traces; 1 where one looks real, 2 where one cannot be read.

    Args:
        paths: files, folders, patterns.
        lang: the language that was asked for, or None.
        account: write for each why nothing in it is real.
        coverage: write which states of the catalogue have no trace.

    Raises:
        InputError: a path means no file.
    """
    messages = words(lang)
    linter = _Linter(messages, account=account, coverage=Coverage() if coverage else None)
    for name in found(paths, telling(messages)):
        say(linter.lines_on(name))
    say(linter.summary())
    return ExitCode.USAGE if linter.unreadable else ExitCode.PROBLEM if linter.bad else ExitCode.OK


class _Linter(Struct):
    """Looks at traces one by one, and counts."""

    messages: Messages
    account: bool
    coverage: Coverage | None
    judge: Judge = field(default_factory=Judge)
    total: int = 0
    bad: int = 0
    unreadable: int = 0

    def lines_on(self, name: str) -> Iterator[str]:
        """What is to be said of one file; nothing where all is well."""
        self.total += 1
        try:
            trace = read_trace(name)
        except InputError as error:
            self.unreadable += 1
            yield f"{name}: {error}"
            return
        if real := looks_real(trace):
            self.bad += 1
            yield f"{name}: {self.messages.label('lint-real')}"
            yield from (INDENT + why for why in real)
        if self.account:
            yield f"{name}: {self.messages.label('privacy')}"
            yield from self._account_of(trace)
        self._count(trace)

    def _account_of(self, trace: Trace) -> Iterator[str]:
        for key, values in reasons(trace):
            if "file" in values:
                values["file"] = self.messages.word("file", values["file"])
            yield INDENT + self.messages.label(f"why-{key}", **values)

    def _count(self, trace: Trace) -> None:
        """Counts what one trace shows; one that does not fit the present reading shows nothing."""
        if self.coverage is None:
            return
        try:
            diagnosis = self.judge.judge(trace).diagnosis
        except TraceError:
            return
        if diagnosis is not None:
            self.coverage.add(diagnosis)

    def summary(self) -> Iterator[str]:
        """What is to be said of all."""
        good = self.total - self.bad - self.unreadable
        counts = {"total": self.total, "bad": self.bad, "unreadable": self.unreadable}
        yield self.messages.label("lint-summary", good=good, **counts)
        if self.coverage is None:
            return
        missing, wanted = self.coverage.missing, self.coverage.wanted
        having = {"with": len(wanted) - len(missing), "all": len(wanted)}
        yield self.messages.label("covered", **having)
        yield from [self.messages.label("missing")] * bool(missing)
        yield from (f"{INDENT}{check}={state}" for check, state in missing)
