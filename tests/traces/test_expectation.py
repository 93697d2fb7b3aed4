# SPDX-License-Identifier: Apache-2.0
"""What a trace expects: compared, made of a diagnosis, written into the header and nowhere else."""

from __future__ import annotations

import pytest

from cardcheck.errors import InputError
from cardcheck.report.model import HOST, Finding, Layer, Outcome, Severity, Verdict
from cardcheck.traces.expectation import (
    Difference,
    differences,
    expectation_of,
    require_known,
    with_expectation,
)
from cardcheck.transports.dump import format_trace, parse
from cardcheck.transports.trace import Expectation

PIN = "card.pin.authentication-usable"


def finding(check: str, state: str, outcome: Outcome = Outcome.OK, subject: str = "c0") -> Finding:
    return Finding(
        check=check,
        layer=Layer.PIN,
        outcome=outcome,
        severity=Severity.ERROR,
        state=state,
        subject=subject,
    )


def test_what_is_as_expected_differs_in_nothing() -> None:
    expected = Expectation(Verdict.PROBLEM, {PIN: "locked"})
    assert differences(expected, Verdict.PROBLEM, [finding(PIN, "locked")]) == ()


def test_any_verdict_will_do_where_none_is_expected() -> None:
    assert differences(Expectation(), Verdict.ATTENTION, []) == ()


def test_every_difference_is_told() -> None:
    expected = Expectation(Verdict.READY, {PIN: "ok", "card.kind.my-number": "my-number-card"})
    locked = finding(PIN, "locked", Outcome.PROBLEM)
    assert differences(expected, Verdict.PROBLEM, [locked]) == (
        Difference("verdict", "ready", f"problem ({PIN}=locked)"),
        Difference(PIN, "ok", "locked"),
        Difference("card.kind.my-number", "my-number-card", "none"),
    )


def test_a_check_that_there_is_not_is_refused_with_the_nearest() -> None:
    with pytest.raises(InputError, match=r"no check card\.pin\.nosuch; did you mean card\."):
        require_known(Expectation(None, {"card.pin.nosuch": "locked"}))
    require_known(Expectation(Verdict.READY, {PIN: "ok"}))


def test_one_of_several_findings_is_enough() -> None:
    check = "placement.card.present"
    found = [finding(check, "present", subject="r0"), finding(check, "empty-slot", subject="r1")]
    assert differences(Expectation(None, {check: "empty-slot"}), Verdict.READY, found) == ()


def test_what_decides_and_what_is_wrong_is_expected_from_now_on() -> None:
    found = [
        finding("computer.clock.right", "clear", subject=HOST),
        finding("pcsc.service.running", "running", subject=HOST),
        finding("pcsc.service.permitted", "denied", Outcome.PROBLEM, HOST),
        finding("card.exchange.answered", "answered"),
        finding(PIN, "ok"),
        finding("card.pin.text-input-usable", "locked", Outcome.PROBLEM),
    ]
    assert expectation_of(Verdict.PROBLEM, found) == Expectation(
        Verdict.PROBLEM,
        {
            "pcsc.service.permitted": "denied",
            PIN: "ok",
            "card.pin.text-input-usable": "locked",
        },
    )


HEAD = "cardcheck-apdu 1\norigin: synthetic\n"
BODY = "> 00A40000\n< 9000\n"
EXPECT = "expect: verdict=ready\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"{HEAD}# a remark\n\n{BODY}", f"{HEAD}{EXPECT}# a remark\n\n{BODY}"),
        (
            f"{HEAD} expect: a.b=c\nnote: x\n{BODY}",
            f"{HEAD}{EXPECT}note: x\n{BODY}",
        ),
        (HEAD.rstrip(), HEAD + EXPECT),
    ],
)
def test_only_one_line_of_the_file_changes(before: str, after: str) -> None:
    assert format_trace(with_expectation(parse(before), Expectation(Verdict.READY))) == after
