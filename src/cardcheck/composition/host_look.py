# SPDX-License-Identifier: Apache-2.0
"""One look at the computer alone, this one or that of a snapshot: what ``doctor`` is made of.

What belongs here: where the facts come from. What does not: what they mean (``checks``).
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cardcheck import BUILD_DATE, signals
from cardcheck.checks.assessment import survey_of
from cardcheck.checks.diagnosis import Request, diagnose
from cardcheck.checks.found import Judging
from cardcheck.checks.registry import Selection
from cardcheck.composition.look import Look
from cardcheck.composition.snapshots import ask_pcsc
from cardcheck.facts.observation import Observation
from cardcheck.host.examine import examine
from cardcheck.report.model import Scope, Severity

if TYPE_CHECKING:
    from cardcheck.composition.options import LookOptions
    from cardcheck.facts.doctor import DoctorFacts
    from cardcheck.report.model import Report


class HostLook(Look):
    """One look at the computer.

    Attributes:
        facts: what was seen; None before, and where a signal ended the look.
    """

    def __init__(self, options: LookOptions, *, seconds: float | None) -> None:
        """Prepares a look; nothing is looked at yet.

        Args:
            options: what was asked for.
            seconds: the deadline; None for that of the system.
        """
        super().__init__("doctor", options)
        self._seconds = seconds
        self.facts: DoctorFacts | None = None

    def diagnose_host(self) -> Report:
        """Looks, and returns the report.

        A signal ends the look; the report names what was not found out.

        Raises:
            InputError: a file that cannot be used.
        """
        facts = self.snapshot or examine(self.now, ask_pcsc, self._seconds, signals.pending)
        interrupted = signals.settle()
        self.facts = None if interrupted else facts
        return self._report_on(facts, interrupted)

    def _report_on(self, facts: DoctorFacts, interrupted: str | None) -> Report:
        survey = survey_of(facts.pcsc)
        survey.interrupted = interrupted
        options = self.options
        request = Request(
            command=self.command,
            selection=Selection.HOST,
            scope=Scope(backends=("pcsc",), only=options.only, skip=options.skip),
            fail_on=Severity(options.fail_on),
            station=options.station,
            recorded=self.snapshot is not None,
        )
        judging = Judging(
            at=facts.host.now, build=datetime.fromisoformat(BUILD_DATE).replace(tzinfo=UTC)
        )
        observation = Observation(host=facts.host, survey=survey, details=facts)
        milliseconds = round((time.monotonic() - self.began) * 1000)
        return diagnose(observation, judging, request, milliseconds)
