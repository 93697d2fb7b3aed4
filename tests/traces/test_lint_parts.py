# SPDX-License-Identifier: Apache-2.0
"""The account of why nothing is real, and the count of states that have a trace."""

from __future__ import annotations

from pathlib import Path

import pytest

from cardcheck.catalog.traces import load_traces
from cardcheck.traces.coverage import Coverage
from cardcheck.traces.files import found, read_trace
from cardcheck.traces.judge import Judge
from cardcheck.traces.privacy_report import reasons
from cardcheck.transports.dump import parse
from cardcheck.transports.privacy import looks_real

FIXTURES = Path(__file__).parents[2] / "fixtures" / "apdu"
HEAD = "cardcheck-apdu 1\norigin: recorded-redacted\nrecorded: 2026-11-21T03:00:00Z\n"
JPKI = "> 00A4040C0AD392F000260100000001\n< 9000\n"


@pytest.mark.parametrize("name", found([str(FIXTURES)]), ids=lambda name: Path(name).stem)
def test_of_every_trace_it_can_be_told_why_nothing_is_real(name: str) -> None:
    trace = read_trace(name)
    assert looks_real(trace) == []
    told = list(reasons(trace))
    assert all(load_traces("en").table["label"].get(f"why-{key}") for key, _ in told)
    if trace.header.redaction is not None:
        assert "other" not in {key for key, _ in told}


def test_a_whole_scan_is_accounted_for_file_by_file() -> None:
    told = [
        (key, values.get("file"))
        for key, values in reasons(read_trace(str(FIXTURES / "mynumber-valid.apdu")))
    ]
    assert told == [
        ("origin-synthetic", None),
        ("commands", None),
        ("kept", "token"),
        ("kept", "directory"),
        ("twin", "certificate"),
        ("twin", "ca"),
        ("card-record", "card-record"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (JPKI + "> 00A4020C020005\n< 9000\n> 00B0000004\n< 01020304 9000\n", "other"),
        (JPKI + "> 00A4020C020005\n< 9000\n> 00B0000004\n< 00000000 9000\n", "zeros"),
        (JPKI + "> 00A4020C02000A\n< 9000\n> 00B0000004\n< FFFFFFFF 9000\n", "filler"),
        ("> 00CA5F5100\n< E000FF8131FE45149000\n", "kept"),
    ],
)
def test_what_it_cannot_vouch_for_is_said_so(body: str, reason: str) -> None:
    assert [key for key, _ in reasons(parse(HEAD + body))][2:] == [reason]


def test_states_of_cards_are_counted_and_those_of_computers_are_not() -> None:
    coverage = Coverage()
    wanted = coverage.missing
    coverage.add(Judge().diagnose(read_trace(str(FIXTURES / "mynumber-pin-locked.apdu"))))
    assert ("card.pin.authentication-usable", "locked") in set(wanted) - set(coverage.missing)
    assert not [check for check, _ in wanted if check.startswith("host.")]


def test_most_states_have_a_trace() -> None:
    coverage = Coverage()
    for name in found([str(FIXTURES)]):
        diagnosis = Judge().judge(read_trace(name)).diagnosis
        if diagnosis is not None:
            coverage.add(diagnosis)
    cards = [state for state in coverage.missing if state[0].startswith("card.")]
    assert len(cards) < 20, cards
