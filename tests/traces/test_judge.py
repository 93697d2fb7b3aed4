# SPDX-License-Identifier: Apache-2.0
"""Every trace of the repository comes to what it says, by every way there is to judge it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from cardcheck.errors import ReplayMismatchError, ReplayUnfinishedError
from cardcheck.report.model import Severity, Source, Verdict
from cardcheck.traces.files import found, read_trace
from cardcheck.traces.judge import Judge, Result
from cardcheck.transports.dump import parse
from cardcheck.transports.trace import Extent

FIXTURES = Path(__file__).parents[2] / "fixtures" / "apdu"
FILES = found([str(FIXTURES)])
HEAD = "cardcheck-apdu 1\norigin: synthetic\n"
EMPTY = HEAD + "slot: empty\n"


@pytest.mark.parametrize("name", FILES, ids=lambda name: Path(name).stem)
def test_a_trace_comes_to_what_it_expects(name: str) -> None:
    trace = read_trace(name)
    judged = Judge().judge(trace)
    partial = trace.header.scope is Extent.PARTIAL
    assert judged.differences == ()
    assert judged.result is (Result.SKIPPED if partial else Result.PASSED)
    assert partial or trace.header.expect is not None


def test_there_are_sixty_states_and_published_ones() -> None:
    headers = [read_trace(name).header for name in FILES]
    whole = [header for header in headers if header.scope is Extent.WHOLE]
    assert len(whole) >= 60
    assert all(header.source for header in headers if header.scope is Extent.PARTIAL)


def test_a_part_of_a_session_never_passes() -> None:
    trace = parse(HEAD + "scope: partial\n> 00B0000000\n< 6986\n")
    assert Judge().judge(trace).result is Result.SKIPPED


def test_a_whole_session_that_is_none_is_no_part() -> None:
    with pytest.raises(ReplayMismatchError):
        Judge().judge(parse(HEAD + "> 00B0000000\n< 6986\n"))
    with pytest.raises(ReplayUnfinishedError):
        Judge().judge(parse(EMPTY + "> 00B0000000\n< 6986\n"))


def test_unknown_exchanges_may_be_skipped() -> None:
    lines = (FIXTURES / "mynumber-valid.apdu").read_text("utf-8")
    odd = lines.replace("\n\n>", "\n\n> 00CA5F5100\n< 6A88\n>", 1)
    with pytest.raises(ReplayMismatchError, match=r"line 12: expected 00CA5F5100"):
        Judge().judge(parse(odd))
    assert Judge(skip_unknown=True).judge(parse(odd)).result is Result.PASSED


@pytest.mark.parametrize(
    ("fail_on", "result"), [(Severity.ERROR, Result.PASSED), (Severity.WARNING, Result.FAILED)]
)
def test_without_an_expectation_severity_decides(fail_on: Severity, result: Result) -> None:
    judged = Judge(fail_on=fail_on).judge(parse(EMPTY))
    assert judged.result is result
    assert bool(judged.differences) is (result is Result.FAILED)


def test_the_recorded_instant_is_now() -> None:
    trace = read_trace(str(FIXTURES / "mynumber-valid.apdu"))
    judge = Judge()
    assert judge.diagnose(trace).verdict is Verdict.READY
    assert judge.diagnose(trace, at=datetime(2050, 1, 1, tzinfo=UTC)).verdict is Verdict.PROBLEM


def test_the_report_says_that_it_is_a_replay() -> None:
    judge = Judge()
    report = judge.report(judge.diagnose(read_trace(str(FIXTURES / "mynumber-valid.apdu"))))
    assert (report.source, report.command) == (Source.REPLAY, "replay")
    assert (report.scope.backends, report.platform["system"]) == (("pcsc",), "any")
    assert report.cards[0].commands == 32
