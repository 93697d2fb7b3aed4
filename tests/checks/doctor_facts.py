# SPDX-License-Identifier: Apache-2.0
"""The diagnosis of a recorded host, as ``doctor`` makes it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cardcheck.checks.assessment import survey_of
from cardcheck.checks.diagnosis import Request, diagnose
from cardcheck.checks.found import Judging
from cardcheck.checks.registry import Selection
from cardcheck.facts.observation import Observation
from cardcheck.facts.snapshot import loads
from cardcheck.report.model import Severity
from checks.doctor_hosts import HOSTS

if TYPE_CHECKING:
    from cardcheck.facts.doctor import DoctorFacts
    from cardcheck.report.model import Report

BUILD = datetime(2026, 11, 21, tzinfo=UTC)


def host_of(name: str) -> DoctorFacts:
    """A recorded host by the name of its file."""
    return loads((HOSTS / name).read_bytes())


def observed(facts: DoctorFacts) -> Observation:
    """What a look at the computer alone saw."""
    return Observation(host=facts.host, survey=survey_of(facts.pcsc), details=facts)


def judged(facts: DoctorFacts) -> Judging:
    """By what such a computer is judged."""
    return Judging(at=facts.host.now, build=BUILD)


def doctor(facts: DoctorFacts, fail_on: Severity = Severity.ERROR) -> Report:
    """The report of ``doctor`` on a host."""
    request = Request(command="doctor", selection=Selection.HOST, fail_on=fail_on)
    return diagnose(observed(facts), judged(facts), request, 1)


def scan(facts: DoctorFacts) -> Report:
    """The report of ``scan`` on the same host, where nothing lies in any reader."""
    seen = observed(facts)
    seen.survey.nfc = True
    return diagnose(seen, judged(facts), Request(), 1)
