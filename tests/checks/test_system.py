# SPDX-License-Identifier: Apache-2.0
"""Checks of the computer and the PC/SC service."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from cardcheck.facts.reader import ServiceFacts
from cardcheck.report.model import Severity
from checks import scenes

if TYPE_CHECKING:
    from datetime import datetime

INFO, ERROR = Severity.INFO, Severity.ERROR


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (scenes.BUILD - timedelta(seconds=1), ("before-build", "problem", ERROR)),
        (scenes.BUILD, ("plausible", "ok", INFO)),
        (scenes.BUILD + timedelta(days=15 * 365), ("plausible", "ok", INFO)),
        (scenes.BUILD + timedelta(days=15 * 366), ("far-future", "problem", ERROR)),
    ],
)
def test_the_clock(now: datetime, expected: tuple[str, str, Severity]) -> None:
    result = scenes.report(on=scenes.host(now=now))
    assert scenes.graded(scenes.only(result, "host.clock.plausible")) == expected


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
    ("host", "service", "state"),
    [
        ({}, {}, "running"),
        ({}, {"asked": False}, "not-asked"),
        ({}, {"stalled": True}, "not-answering"),
        ({"system": "Windows"}, {"error": "NoServiceError"}, "windows-no-reader"),
        ({"pcsc_installed": False}, {"error": "NoServiceError"}, "not-installed"),
        ({"pcsc_socket": "dead"}, {"error": "NoServiceError"}, "dead-socket"),
        (
            {"pcsc_socket": "listening"},
            {"error": "NoServiceError", "code": 0x8010001E},
            "mismatch",
        ),
        ({"pcsc_socket": "absent"}, {"error": "NoServiceError", "code": 0x8010001D}, "stopped"),
        ({}, {"error": "LinkError", "code": 0x80100001}, "other"),
    ],
)
def test_the_service(host: dict[str, Any], service: dict[str, Any], state: str) -> None:
    on = scenes.host(**{"system": "Linux", **host})
    result = scenes.report(on=on, survey={"service": ServiceFacts(**service)})
    finding = scenes.only(result, "pcsc.service.running")
    fine = state in {"running", "not-asked"}
    assert scenes.graded(finding) == (state, *(("ok", INFO) if fine else ("problem", ERROR)))
    if "code" in service:
        assert finding.evidence["code"] == f"0x{service['code']:08X}"


@pytest.mark.parametrize(
    ("service", "binding", "permitted", "running"),
    [
        ({}, "importable", "permitted", "running"),
        ({"error": "ImportError", "detail": "libpcsclite.so.1"}, "missing", None, None),
        ({"error": "AccessDeniedError"}, "importable", "denied", None),
        ({"stalled": True}, "importable", None, "not-answering"),
        ({"asked": False}, None, None, "not-asked"),
    ],
)
def test_one_cause_is_said_once(
    service: dict[str, Any], binding: str | None, permitted: str | None, running: str | None
) -> None:
    result = scenes.report(survey={"service": ServiceFacts(**service)})
    for check, state in (
        ("pcsc.binding.importable", binding),
        ("pcsc.service.permitted", permitted),
        ("pcsc.service.running", running),
    ):
        assert [f.state for f in scenes.found(result, check)] == ([state] if state else [])


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
