# SPDX-License-Identifier: Apache-2.0
"""One check that crashes or hangs changes no other result."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from cardcheck.catalog.doctor import cause_table
from cardcheck.checks.base import Found, fine
from cardcheck.checks.doctor import diagnosis, runner
from cardcheck.checks.doctor.base import DoctorCheck, DoctorContext
from cardcheck.checks.doctor.diagnosis import DoctorQuestion, examined
from cardcheck.checks.doctor.registry import DOCTOR
from cardcheck.checks.exit_codes import ExitCode
from cardcheck.facts.doctor import PcscReader
from cardcheck.facts.snapshot import loads
from cardcheck.report.model import Outcome, Scope, Severity, Verdict
from checks.doctor_hosts import HOSTS
from lab.patience import overtime

if TYPE_CHECKING:
    from collections.abc import Iterator

BUILD = datetime(2026, 11, 21, tzinfo=UTC)
VICTIM = "reader.usb.attached"


def context(name: str = "windows.json") -> DoctorContext:
    return DoctorContext(facts=loads((HOSTS / name).read_bytes()), build=BUILD)


def crashing(_: DoctorContext) -> Iterator[Found]:
    yield fine("clear")
    raise ValueError("secret")


def hanging(_: DoctorContext) -> Iterator[Found]:
    threading.Event().wait(30)
    yield fine("clear")


@pytest.mark.parametrize(("run", "state"), [(crashing, "crashed"), (hanging, "timed-out")])
def test_the_others_say_the_same(run: object, state: str) -> None:
    broken = tuple(
        DoctorCheck(id=VICTIM, run=run) if check.id == VICTIM else check  # type: ignore[arg-type]
        for check in DOCTOR
    )
    began = time.monotonic()
    found = runner.run(broken, context(), seconds=1.0)
    assert time.monotonic() - began < overtime(5)
    sound = runner.run(DOCTOR, context(), seconds=20)
    assert [f for f in found if f.check != VICTIM] == [f for f in sound if f.check != VICTIM]
    (broke,) = (f for f in found if f.check == VICTIM)
    assert (broke.state, broke.outcome) == (state, Outcome.CRASHED)
    assert "secret" not in repr(broke)


def test_a_crash_is_a_bug_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tuple(
        DoctorCheck(id=VICTIM, run=crashing) if check.id == VICTIM else check for check in DOCTOR
    )
    monkeypatch.setattr(diagnosis, "DOCTOR", broken)
    report = examined(context().facts, DoctorQuestion(build=BUILD), 1)
    assert (report.verdict, report.exit_code) == (Verdict.UNDETERMINED, ExitCode.BUG)


def test_only_and_skip() -> None:
    only = runner.run(DOCTOR, context(), only=("login.manifest",), skip=("login.manifest.valid",))
    assert {f.check for f in only} == {
        "login.manifest.readable",
        "login.manifest.program",
        "login.manifest.extension",
    }


@pytest.mark.parametrize(
    ("name", "fail_on", "verdict", "code"),
    [
        ("windows.json", Severity.WARNING, Verdict.READY, ExitCode.OK),
        ("linux.json", Severity.ERROR, Verdict.ATTENTION, ExitCode.OK),
        ("linux.json", Severity.WARNING, Verdict.ATTENTION, ExitCode.PROBLEM),
        ("reader.usb.attached.hit.json", Severity.ERROR, Verdict.PROBLEM, ExitCode.PROBLEM),
        ("computer.probes.answered.hit.json", Severity.ERROR, Verdict.UNDETERMINED, ExitCode.BUG),
        ("login.jpki.installed.hit.json", Severity.WARNING, Verdict.READY, ExitCode.OK),
    ],
)
def test_verdict_and_exit_code(
    name: str, fail_on: Severity, verdict: Verdict, code: ExitCode
) -> None:
    question = DoctorQuestion(build=BUILD, fail_on=fail_on, scope=Scope())
    report = examined(context(name).facts, question, 1)
    assert (report.verdict, report.exit_code) == (verdict, code)


def test_each_device_is_one_row() -> None:
    report = examined(context("linux.json").facts, DoctorQuestion(build=BUILD), 1)
    (row,) = report.readers
    assert (row.usb, row.backend, row.slot) == (("054c", "0dc9"), "pcsc", "empty")
    unseen = examined(context("reader.pcsc.listed.hit.json").facts, DoctorQuestion(build=BUILD), 1)
    (row,) = unseen.readers
    assert (row.usb, row.backend, row.slot) == (("054c", "0dc9"), "none", "unavailable")


def test_checks_stay_on_their_systems() -> None:
    for check in DOCTOR:
        systems = cause_table()[check.id].systems
        if systems and "Windows" not in systems:
            assert list(check.run(context())) == [], check.id


def test_a_reader_that_is_not_served_is_a_warning_beside_one_that_is() -> None:
    facts = context("driver.reader.listed.hit.json").facts
    found = runner.run(DOCTOR, DoctorContext(facts=facts, build=BUILD))
    (alone,) = (f for f in found if f.check == "driver.reader.listed")
    assert alone.severity is Severity.ERROR
    assert facts.pcsc is not None
    beside = replace(facts, pcsc=replace(facts.pcsc, readers=(PcscReader(name="X 00 00"),)))
    found = runner.run(DOCTOR, DoctorContext(facts=beside, build=BUILD))
    assert [f.severity for f in found if f.check == alone.check] == [Severity.WARNING]
