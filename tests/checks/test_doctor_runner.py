# SPDX-License-Identifier: Apache-2.0
"""One check that crashes or hangs changes no other result."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from cardcheck.checks import registry, runner
from cardcheck.checks.assessment import assess_readers
from cardcheck.checks.base import Context
from cardcheck.checks.exit_codes import ExitCode
from cardcheck.checks.found import Found, fine
from cardcheck.facts.doctor import PcscReader
from cardcheck.report.model import Outcome, Severity, Verdict
from checks.doctor_facts import doctor, host_of, judged, observed
from lab.patience import overtime

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

VICTIM = "reader.usb.attached"


CHECKS = registry.selected(registry.Selection.HOST, thorough=True)


def context(name: str = "windows.json") -> Context:
    facts = host_of(name)
    seen = observed(facts)
    return Context(
        observation=seen,
        readers=assess_readers(seen.host, seen.survey),
        cards=(),
        judging=judged(facts),
        about_host=True,
    )


def crashing(_: Context) -> Iterator[Found]:
    yield fine("clear")
    raise ValueError("secret")


def hanging(_: Context) -> Iterator[Found]:
    threading.Event().wait(30)
    yield fine("clear")


@pytest.mark.parametrize(("run", "state"), [(crashing, "crashed"), (hanging, "timed-out")])
def test_the_others_say_the_same(run: Callable[[Context], Iterator[Found]], state: str) -> None:
    broken = tuple(replace(check, run=run) if check.id == VICTIM else check for check in CHECKS)
    began = time.monotonic()
    found = runner.run(broken, context(), seconds=1.0)
    assert time.monotonic() - began < overtime(5)
    sound = runner.run(CHECKS, context(), seconds=20)
    assert [f for f in found if f.check != VICTIM] == [f for f in sound if f.check != VICTIM]
    (broke,) = (f for f in found if f.check == VICTIM)
    assert (broke.state, broke.outcome) == (state, Outcome.CRASHED)
    assert "secret" not in repr(broke)


def test_a_crash_is_a_bug_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tuple(replace(c, run=crashing) if c.id == VICTIM else c for c in CHECKS)
    monkeypatch.setattr(registry, "selected", lambda _, thorough: broken)
    report = doctor(host_of("windows.json"))
    assert (report.verdict, report.exit_code) == (Verdict.READY, ExitCode.BUG)


def test_only_and_skip() -> None:
    chosen = runner.chosen(CHECKS, ("login.manifest",), ("login.manifest.valid",))
    assert {check.id for check in chosen} == {
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
    report = doctor(host_of(name), fail_on)
    assert (report.verdict, report.exit_code) == (verdict, code)


def test_each_device_is_one_row() -> None:
    report = doctor(host_of("linux.json"))
    (row,) = report.readers
    assert (row.usb, row.backend, row.slot) == (("054c", "0dc9"), "pcsc", "empty")
    unseen = doctor(host_of("reader.pcsc.listed.hit.json"))
    (row,) = unseen.readers
    assert (row.usb, row.backend, row.slot) == (("054c", "0dc9"), "none", "unavailable")


def test_checks_stay_on_their_systems() -> None:
    for check in CHECKS:
        if check.systems and "Windows" not in check.systems:
            assert not check.applies(context()), check.id


def test_a_reader_that_is_not_served_is_a_warning_beside_one_that_is() -> None:
    facts = host_of("driver.reader.listed.hit.json")
    (alone,) = (f for f in doctor(facts).findings if f.check == "driver.reader.listed")
    assert alone.severity is Severity.ERROR
    assert facts.pcsc is not None
    beside = replace(facts, pcsc=replace(facts.pcsc, readers=(PcscReader(name="X 00 00"),)))
    found = doctor(beside).findings
    assert [f.severity for f in found if f.check == alone.check] == [Severity.WARNING]
