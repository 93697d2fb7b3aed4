# SPDX-License-Identifier: Apache-2.0
"""The trace format: what it says, what it refuses, and that nothing is lost on the way."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardcheck import errors
from cardcheck.errors import TraceSyntaxError
from cardcheck.facts.link_failure import TRACED, LinkFailure
from cardcheck.facts.reader import Backend, SlotState
from cardcheck.report.model import Verdict
from cardcheck.transports import dump
from cardcheck.transports.privacy import looks_real
from cardcheck.transports.trace import (
    Exchange,
    Expectation,
    Failure,
    Origin,
    Step,
    TraceHeader,
)

FIXTURES = sorted((Path(__file__).parents[2] / "fixtures" / "apdu").glob("*" + dump.SUFFIX))
HEAD = "cardcheck-apdu 1\norigin: synthetic\n"
WHOLE = """cardcheck-apdu 1   # version

origin: recorded-redacted    # by this tool
reader: Reader #1 00 00
usb: 054c:0dc9
slot: card
atr: 3B 88 80 01
protocol: T=1
recorded: 2026-11-21T12:00:00+09:00
expect: verdict=problem card.pin.authentication-usable=locked
x-other: anything
# select JPKI
> 00A4040C0A D392F000260100000001
< 9000                        # 12 ms
  > 00B0000004
! CARD_REMOVED 80100069 # 3 ms, and more
@ connect
! NO_CARD
"""


def test_a_trace_is_read() -> None:
    trace = dump.parse(WHOLE)
    assert trace.header == TraceHeader(
        origin=Origin.RECORDED,
        reader="Reader #1 00 00",
        usb=("054c", "0dc9"),
        atr=bytes.fromhex("3B888001"),
        recorded=datetime(2026, 11, 21, 3, tzinfo=UTC),
        expect=Expectation(Verdict.PROBLEM, {"card.pin.authentication-usable": "locked"}),
    )
    assert trace.exchanges == (
        Exchange(
            bytes.fromhex("00A4040C0AD392F000260100000001"), b"\x90\x00", None, milliseconds=12
        ),
        Exchange(
            bytes.fromhex("00B0000004"),
            failure=Failure(LinkFailure.CARD_REMOVED, 0x80100069),
            milliseconds=None,
        ),
        Exchange(Step.CONNECT, failure=Failure(LinkFailure.NO_CARD)),
    )
    assert [exchange.line for exchange in trace.exchanges] == [13, 15, 17]


@pytest.mark.parametrize("text", [WHOLE, HEAD, HEAD + "\n\n# only this"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_nothing_is_lost(text: str, mark: str, newline: str) -> None:
    written = dump.format_trace(dump.parse(mark + text.replace("\n", newline)))
    assert written == text.removesuffix("\n") + "\n"


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("", 1, "does not begin"),
        ("cardcheck-apdu 2\n", 1, "does not begin"),
        ("cardcheck-apdu 1\n", 1, "no 'origin:'"),
        ("cardcheck-apdu 1\norigin: made-up\n", 2, "'origin'"),
        ("cardcheck-apdu 1\norigin: published\n", 2, "source"),
        (HEAD + "origin: synthetic\n", 3, "twice"),
        (HEAD + "colour: red\n", 3, "no such header key"),
        (HEAD + "reader:\n", 3, "no value"),
        (HEAD + "reader\n", 3, "neither"),
        (HEAD + "usb: 54c:dc9\n", 3, "054c:0dc9"),
        (HEAD + "atr: 3\n", 3, "'atr'"),
        (HEAD + "protocol: T=2\n", 3, "T=0"),
        (HEAD + "recorded: yesterday\n", 3, "'recorded'"),
        (HEAD + "recorded: 2026-11-21T12:00:00\n", 3, "no time zone"),
        (HEAD + "recorded: 0001-01-01T00:00:00+09:00\n", 3, "out of range"),
        (HEAD + "slot: full\n", 3, "'slot'"),
        (HEAD + "service: GONE\n", 3, "'service'"),
        (HEAD + "expect: verdict=perfect\n", 3, "'expect'"),
        (HEAD + "expect: locked\n", 3, "'expect'"),
        (HEAD + "< 9000\n", 3, "expected a command"),
        (HEAD + "> 00B0000004\n", 3, "no answer follows"),
        (HEAD + "> 00B0000004\n> 00B0000004\n", 4, "expected an answer"),
        (HEAD + "> 00B000000\n< 9000\n", 3, "not hexadecimal"),
        (HEAD + "> 00B000\n< 9000\n", 3, "four bytes"),
        (HEAD + "> 00B00000\n< 90\n", 4, "two bytes"),
        (HEAD + "> 00B00000\n! EXPLODED\n", 4, "a failure is one of"),
        (HEAD + "> 00B00000\n! MUTE 12\n", 4, "eight digits"),
        (HEAD + "@ reset\n! MUTE\n", 3, "a step is one of"),
        (HEAD + "@ connect\n< 9000\n", 4, "only where it fails"),
        (HEAD + "> 00B00000\n< 9000\nreader: late\n", 5, "expected a command"),
        (HEAD + "# \x1b[31m\n", 3, "control character"),
        (HEAD + "# a\rb\n", 3, "control character"),
        (HEAD + "# " + "x" * dump.MAX_LINE + "\n", 3, "longer than"),
    ],
)
def test_what_is_wrong_is_named(text: str, line: int, reason: str) -> None:
    with pytest.raises(TraceSyntaxError, match=f"^line {line}: ") as caught:
        dump.parse(text)
    assert caught.value.line == line
    assert reason in str(caught.value)


def test_bytes_that_are_not_text_are_refused() -> None:
    with pytest.raises(TraceSyntaxError, match="line 3: not UTF-8"):
        dump.parse_bytes(HEAD.encode() + b"# \xff\n")


def test_a_huge_file_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dump, "MAX_BYTES", 10)
    with pytest.raises(TraceSyntaxError, match="larger than 10 bytes"):
        dump.parse_bytes(HEAD.encode())


@given(st.one_of(st.text(), st.text(alphabet="\n><!@#: 09aFx").map(lambda text: HEAD + text)))
def test_any_text_is_a_trace_or_a_syntax_error(text: str) -> None:
    try:
        trace = dump.parse(text)
    except TraceSyntaxError:
        return
    assert dump.parse(dump.format_trace(trace)) == trace


@given(st.binary())
def test_any_bytes_are_a_trace_or_a_syntax_error(raw: bytes) -> None:
    with pytest.raises(TraceSyntaxError):
        dump.parse_bytes(raw)


words = st.text(alphabet="abc #XYZ019[]().", min_size=1).filter(
    lambda text: text == text.strip() and "  #" not in text and not text.startswith("#")
)
codes = st.none() | st.integers(0, 0xFFFFFFFF)
failures = st.builds(Failure, st.sampled_from([*TRACED.values()]), codes)
times = st.none() | st.integers(0, 100_000)
exchanges = st.one_of(
    st.builds(
        Exchange, st.binary(min_size=4), st.binary(min_size=2), st.none(), milliseconds=times
    ),
    st.builds(
        Exchange,
        st.binary(min_size=4) | st.sampled_from(Step),
        failure=failures,
        milliseconds=times,
    ),
)


def header_of(**values: Any) -> TraceHeader:  # noqa: ANN401 - whatever its fields take
    """A header: Hypothesis would look for types that are there for type checkers only."""
    return TraceHeader(**values)


def expectation_of(verdict: Verdict, states: dict[str, str]) -> Expectation:
    return Expectation(verdict, states)


headers = st.builds(
    header_of,
    origin=st.sampled_from(Origin),
    source=words,
    reader=st.none() | words,
    backend=st.sampled_from(Backend),
    usb=st.none() | st.just(("054c", "0dc9")),
    slot=st.sampled_from(SlotState),
    service=st.none() | failures,
    atr=st.binary(max_size=33),
    atqb=st.binary(max_size=14),
    protocol=st.sampled_from(["T=0", "T=1", "ISO-DEP"]),
    recorded=st.none()
    | st.integers(0, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    expect=st.none()
    | st.builds(
        expectation_of,
        st.sampled_from(Verdict),
        st.dictionaries(st.just("card.kind.my-number"), st.just("ok")),
    ),
    note=st.none() | words,
)


@given(headers, st.lists(exchanges, max_size=4))
def test_values_survive_writing_and_reading(header: TraceHeader, given: list[Exchange]) -> None:
    trace = dump.compose(header, given)
    again = dump.parse(dump.format_trace(trace))
    assert (again.header, again.exchanges) == (header, tuple(given))


def test_a_value_that_would_be_read_as_something_else_is_refused() -> None:
    with pytest.raises(TraceSyntaxError, match="cannot carry"):
        dump.compose(TraceHeader(origin=Origin.SYNTHETIC, note="a  # b"), [])


@pytest.mark.parametrize("name", TRACED.values())
def test_a_failure_comes_back_as_the_error_that_it_was(name: LinkFailure) -> None:
    error = Failure(name, None).error()
    assert Failure.of(error).name is name


def test_an_error_of_an_unknown_class_counts_as_its_base() -> None:
    class OtherLinkError(errors.LinkError):
        pass

    assert Failure.of(OtherLinkError("x", code=7)) == Failure(LinkFailure.LINK_ERROR, 7)
    other = Failure.of(errors.MalformedTlvError("x"))
    assert other == Failure(LinkFailure.MALFORMED_RESPONSE)


def test_there_are_fixtures() -> None:
    assert len(FIXTURES) >= 12


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_a_fixture_is_a_trace_without_anybody_s_data(path: Path) -> None:
    raw = path.read_bytes()
    trace = dump.parse_bytes(raw)
    assert dump.format_trace(trace).encode() == raw
    assert trace.header.note
    assert looks_real(trace) == []
    assert path.name.startswith("published-") == (trace.header.origin is Origin.PUBLISHED)


def test_the_example_of_the_documentation_is_a_trace() -> None:
    page = Path(__file__).parents[2] / "docs" / "traces.md"
    example = page.read_text("utf-8").split("```")[1].removeprefix("\n")
    trace = dump.parse(example)
    assert len(trace.exchanges) == 3
    assert dump.format_trace(trace) == example
