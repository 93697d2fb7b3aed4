# SPDX-License-Identifier: Apache-2.0
"""One run of a diagnosing command: a look, a person who is told how it gets on, a report delivered.

What belongs here: streams, the terminal, the language. What does not: the look itself
(``composition.look``).
"""

from __future__ import annotations

import sys
from functools import cached_property
from typing import TYPE_CHECKING, Final

from cardcheck.cli.background import load_what_comes_after
from cardcheck.cli.language import language
from cardcheck.cli.output import deliver, is_terminal
from cardcheck.composition.look import HOST_LIMIT, PATIENCE, Company, Look
from cardcheck.deadline import Background
from cardcheck.survey.engine import Survey

if TYPE_CHECKING:
    from collections.abc import Callable

    from cardcheck.catalog.messages import Messages
    from cardcheck.cli.options import Options
    from cardcheck.render.formats import Views
    from cardcheck.report.model import Report
    from cardcheck.survey.request import Progress, SurveyRequest

_WAIT_ON_TERMINAL: Final = 30.0  # seconds; the contract
_PATIENCE_ON_TERMINAL: Final = 10.0  # seconds that a person gets to put the card back


class Session:
    """One run of a diagnosing command.

    Attributes:
        options: what was asked for.
        look: what is looked at.
        trace: what was recorded, redacted, once it has been delivered; None where nothing was.
    """

    def __init__(self, command: str, options: Options, look: Look | None = None) -> None:
        """Prepares a run; nothing is looked at yet.

        Args:
            command: its name.
            options: what was asked for.
            look: what is looked at, where that is not the usual.

        Raises:
            InputError: options that exclude each other.
        """
        self.options = options
        self.trace: str | None = None
        if look is None:
            sealed = options.seal is not None and options.station is None
            look = Look(command, options, recording=options.record is not None or sealed)
        self.look = look

    @cached_property
    def messages(self) -> Messages:
        """The sentences in the language that was chosen."""
        from cardcheck.catalog.messages import load

        return load(language(self.options.lang, self.options.output))

    @property
    def interactive(self) -> bool:
        """Whether a person sits in front of a terminal and reads what a person reads."""
        return self.options.form == "text" and is_terminal(sys.stdout) and is_terminal(sys.stderr)

    @property
    def patience(self) -> float:
        """How many seconds a card that was lost gets to come back."""
        return _PATIENCE_ON_TERMINAL if self.interactive else PATIENCE

    def diagnose(self, *, read_cards: bool = True, or_simulate: bool = False) -> Report:
        """Looks at everything and returns the report.

        Args:
            read_cards: False for a mere list of readers.
            or_simulate: without any reader, show the simulated card beside the real host.

        Raises:
            InputError: a reader, profile or trace that cannot be used.
        """
        company = Company(
            progress=self._progress,
            wait=_WAIT_ON_TERMINAL if self.interactive else 0.0,
            patience=self.patience,
            meanwhile=self._imports(cards=read_cards).start,
            survey=self._survey,
        )
        return self.look.diagnose(company, read_cards=read_cards, or_simulate=or_simulate)

    def deliver(self, report: Report, *after: Callable[[], None]) -> int:
        """Writes the report, then what else was asked for, and returns the exit code.

        Args:
            report: what is told.
            after: writes still more, when all else is written.

        Raises:
            InputError: something could not be written; all else is.
        """
        snapshot = self.options.snapshot
        writes: list[Callable[[], object]] = [self._write_trace]
        if snapshot:
            from cardcheck.composition.snapshots import take_snapshot

            writes.append(lambda: take_snapshot(snapshot, self.look.now, HOST_LIMIT))
        return deliver(self.views(report), self.options, report.exit_code, *writes, *after)

    def views(self, report: Report) -> Views:
        """The report as each format needs it."""
        from cardcheck.cli.views import views_of_report

        return views_of_report(report, self.messages, self.options)

    def _survey(self, request: SurveyRequest, progress: Progress) -> Survey:
        return Survey(request, progress)

    def _progress(self) -> Progress:
        from cardcheck.cli.progress import StatusLine

        return StatusLine(lambda: self.messages)

    def _imports(self, *, cards: bool) -> Background[None]:
        options = self.options

        def load() -> None:
            load_what_comes_after(
                text=options.form == "text",
                page=bool(options.html) or options.open_page or options.form == "html",
                cards=cards,
                issuer=cards and not options.quick,
            )

        return Background(load, "imports", start=False)

    def _write_trace(self) -> None:
        self.trace = self.look.trace()
        if self.trace is not None and self.options.record is not None:
            from cardcheck.output.streams import write_file_atomically

            write_file_atomically(self.options.record, self.trace)
