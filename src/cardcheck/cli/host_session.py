# SPDX-License-Identifier: Apache-2.0
"""One run of ``doctor``: the computer alone, this one or that of a snapshot.

What belongs here: where the facts come from. What does not: what they mean (``checks``), and how
the report is delivered (``session``).
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from msgspec.structs import replace

from cardcheck import BUILD_DATE, signals
from cardcheck.cli.session import Session
from cardcheck.cli.snapshots import ask_pcsc, write_snapshot
from cardcheck.inputs import PATIENCE
from cardcheck.report.model import Scope, Severity

if TYPE_CHECKING:
    from collections.abc import Callable

    from cardcheck.cli.options import Options
    from cardcheck.facts.doctor import DoctorFacts
    from cardcheck.render.formats import Views
    from cardcheck.report.model import Report


class HostSession(Session):
    """One run of ``doctor``."""

    def __init__(self, options: Options, *, seconds: float | None) -> None:
        """Prepares a run; nothing is looked at yet.

        Args:
            options: what was asked for.
            seconds: the deadline of the look; None for that of the system.
        """
        super().__init__("doctor", replace(options, snapshot=None, timeout=seconds or PATIENCE))
        self._seconds = seconds
        self._wanted = options.snapshot
        self._facts: DoctorFacts | None = None

    def diagnose_host(self) -> Report:
        """Looks, and returns the report.

        A signal ends the look; the report names what was not found out, and no snapshot is written.

        Raises:
            InputError: a file that cannot be used.
        """
        facts = self._snapshot or self._examined()
        interrupted = signals.settle()
        self._facts = None if interrupted else facts
        return self._report_on(facts, interrupted)

    def deliver(self, report: Report, *after: Callable[[], None]) -> int:
        """Writes the report, then the snapshot of what it is about, and returns the exit code.

        Raises:
            InputError: something could not be written; all else is.
        """
        name, facts = self._wanted, self._facts
        if name is None or facts is None:
            return super().deliver(report, *after)
        return super().deliver(report, lambda: write_snapshot(name, facts), *after)

    def views(self, report: Report) -> Views:
        """The report as each format needs it; in JSON by the fields of ``cardcheck.doctor/1``."""

        def data() -> object:
            from cardcheck.render.json_report import host_document

            return host_document(report, self.messages if self.options.with_text else None)

        return replace(super().views(report), data=data)

    def _examined(self) -> DoctorFacts:
        from cardcheck.host.examine import examine

        return examine(self.now, ask_pcsc, self._seconds, signals.pending)

    def _report_on(self, facts: DoctorFacts, interrupted: str | None) -> Report:
        from cardcheck.checks.assessment import survey_of
        from cardcheck.checks.diagnosis import Request, diagnose
        from cardcheck.checks.found import Judging
        from cardcheck.checks.registry import Selection
        from cardcheck.facts.observation import Observation

        survey = survey_of(facts.pcsc)
        survey.interrupted = interrupted
        options = self.options
        request = Request(
            command=self.command,
            selection=Selection.HOST,
            scope=Scope(backends=("pcsc",), only=options.only, skip=options.skip),
            fail_on=Severity(options.fail_on),
            station=options.station,
            recorded=self._snapshot is not None,
        )
        judging = Judging(
            at=facts.host.now, build=datetime.fromisoformat(BUILD_DATE).replace(tzinfo=UTC)
        )
        observation = Observation(host=facts.host, survey=survey, details=facts)
        milliseconds = round((time.monotonic() - self.began) * 1000)
        return diagnose(observation, judging, request, milliseconds)
