# SPDX-License-Identifier: Apache-2.0
"""Checks of the computer and the PC/SC service, as every run makes them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from cardcheck.facts.reader import ServiceFacts, SlotState
from cardcheck.report.model import Severity
from checks import scenes

if TYPE_CHECKING:
    from datetime import datetime

INFO, ERROR = Severity.INFO, Severity.ERROR


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (scenes.BUILD - timedelta(seconds=1), ("past", "problem", ERROR)),
        (scenes.BUILD, ("clear", "ok", INFO)),
        (scenes.BUILD + timedelta(days=15 * 365), ("clear", "ok", INFO)),
        (scenes.BUILD + timedelta(days=15 * 366), ("future", "problem", ERROR)),
    ],
)
def test_the_clock(now: datetime, expected: tuple[str, str, Severity]) -> None:
    result = scenes.report(on=scenes.host(now=now))
    assert scenes.graded(scenes.only(result, "computer.clock.right")) == expected


@pytest.mark.parametrize(
    ("system", "expected"),
    [
        ("Windows", ("supported", "ok", INFO)),
        ("Darwin", ("supported", "ok", INFO)),
        ("Linux", ("linux", "problem", INFO)),
        ("Haiku", ("unknown", "unknown", INFO)),
    ],
)
def test_where_login_is_offered(system: str, expected: tuple[str, str, Severity]) -> None:
    result = scenes.report(on=scenes.host(system=system))
    assert scenes.graded(scenes.only(result, "host.login.supported")) == expected


@pytest.mark.parametrize(
    ("host", "service", "cause"),
    [
        ({}, {}, ("pcsc.service.running", "running")),
        ({}, {"asked": False}, ("pcsc.service.running", "not-asked")),
        ({}, {"stalled": True}, ("service.pcscd.listening", "no-answer")),
        ({"system": "Haiku"}, {"stalled": True}, ("pcsc.service.running", "not-answering")),
        ({"system": "any"}, {"error": "NoServiceError"}, ("pcsc.service.running", "stopped")),
        (
            {"system": "Windows"},
            {"error": "NoServiceError"},
            ("pcsc.service.running", "windows-no-reader"),
        ),
        (
            {"pcsc_installed": False},
            {"error": "NoServiceError"},
            ("service.pcscd.installed", "missing"),
        ),
        (
            {"pcsc_socket": "dead"},
            {"error": "NoServiceError"},
            ("service.pcscd.listening", "dead-socket"),
        ),
        (
            {"pcsc_socket": "listening"},
            {"error": "NoServiceError", "code": 0x8010001E},
            ("service.pcscd.protocol", "mismatch"),
        ),
        (
            {"pcsc_socket": "absent"},
            {"error": "NoServiceError", "code": 0x8010001D},
            ("service.pcscd.listening", "stopped"),
        ),
        ({}, {"error": "LinkError", "code": 0x80100001}, ("pcsc.service.running", "other")),
    ],
)
def test_the_service(host: dict[str, Any], service: dict[str, Any], cause: tuple[str, str]) -> None:
    on = scenes.host(**{"system": "Linux", **host})
    result = scenes.report(on=on, survey={"service": ServiceFacts(**service)})
    check, state = cause
    finding = scenes.only(result, check)
    fine = state in {"running", "not-asked"}
    assert scenes.graded(finding) == (state, *(("ok", INFO) if fine else ("problem", ERROR)))
    if "code" in finding.evidence and "code" in service:
        assert finding.evidence["code"] == f"0x{service['code']:08X}"


@pytest.mark.parametrize(
    ("service", "binding", "permitted", "running"),
    [
        ({}, "clear", "permitted", "running"),
        ({"error": "ImportError", "detail": "libpcsclite.so.1"}, "missing", None, None),
        ({"error": "AccessDeniedError"}, "clear", "denied", None),
        ({"stalled": True}, "clear", None, "not-answering"),
        ({"asked": False}, None, None, "not-asked"),
    ],
)
def test_one_cause_is_said_once(
    service: dict[str, Any], binding: str | None, permitted: str | None, running: str | None
) -> None:
    result = scenes.report(survey={"service": ServiceFacts(**service)})
    for check, state in (
        ("python.pyscard.importable", binding),
        ("pcsc.service.permitted", permitted),
        ("pcsc.service.running", running),
    ):
        assert [f.state for f in scenes.found(result, check)] == ([state] if state else [])


def test_on_linux_polkit_refuses() -> None:
    denied = {"service": ServiceFacts(error="AccessDeniedError", code=0x8010006A)}
    result = scenes.report(on=scenes.host(system="Linux"), survey=denied)
    finding = scenes.only(result, "service.polkit.session")
    assert (finding.state, finding.evidence) == ("refused", {"code": "0x8010006A"})
    assert scenes.found(result, "pcsc.service.permitted") == []


@pytest.mark.parametrize(
    ("system", "check", "state"),
    [
        ("Linux", "service.polkit.session", "refused"),
        ("Windows", "pcsc.service.permitted", "denied"),
    ],
)
def test_a_refusal_of_the_card_is_a_permission_and_no_fault_of_the_reader(
    system: str, check: str, state: str
) -> None:
    """What pcscd answers to SCardConnect where polkit grants access_pcsc and not access_card."""
    reader = scenes.slot(slot=SlotState.UNAVAILABLE, error="AccessDeniedError", code=0x8010006A)
    result = scenes.report(reader, on=scenes.host(system=system))
    finding = scenes.only(result, check)
    assert (finding.state, finding.evidence["code"]) == (state, "0x8010006A")
    assert finding.actor == "administrator"
    assert scenes.found(result, "reader.slot.responding") == []
    assert [f.check for f in result.findings if f.severity == "error"] == [check]


@pytest.mark.parametrize(
    ("survey", "state"),
    [
        ({}, "finished"),
        ({"deadline": True, "timeout": 12.4}, "deadline"),
        ({"interrupted": "SIGINT", "deadline": True}, "interrupted"),
    ],
)
def test_the_end_of_the_run(survey: dict[str, Any], state: str) -> None:
    finding = scenes.only(scenes.report(survey=survey), "scan.run.finished")
    assert finding.state == state
    assert finding.decisive == (state != "finished")
    if state == "deadline":
        assert finding.evidence == {"seconds": 12}
