# SPDX-License-Identifier: Apache-2.0
"""What differs between two traces, and what does not count."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cardcheck.traces.compare import compare
from cardcheck.traces.files import read_trace
from cardcheck.transports.dump import parse

if TYPE_CHECKING:
    from cardcheck.transports.trace import Trace

FIXTURES = Path(__file__).parents[2] / "fixtures" / "apdu"
HEAD = "cardcheck-apdu 1\norigin: synthetic\n"
ONE = "> 00A4040C0AD392F000260100000001\n< 9000\n"
TWO = "> 00A4020C020008\n< 9000\n> 00B0000000\n< 8F8F00 9000\n"


def fixture(name: str) -> Trace:
    return read_trace(str(FIXTURES / f"{name}.apdu"))


def test_a_trace_is_like_itself() -> None:
    compared = compare(fixture("mynumber-valid"), fixture("mynumber-valid"))
    assert not compared.differ


def test_times_do_not_count() -> None:
    compared = compare(parse(HEAD + ONE), parse(HEAD + ONE.replace("9000", "9000 # 12 ms")))
    assert not compared.differ
    assert compared.milliseconds == (0, 12)


def test_other_keys_and_cuts_do_not_count() -> None:
    assert not compare(fixture("mynumber-valid"), fixture("mynumber-contact-reader")).contents
    cut = TWO.replace(
        "> 00B0000000\n< 8F8F00 9000\n", "> 00B0000000\n< 8F 9000\n> 00B0000100\n< 8F00 9000\n"
    )
    assert not compare(parse(HEAD + ONE + TWO), parse(HEAD + ONE + cut)).contents  # fmt: skip


def test_a_counter_that_went_down_is_another_answer() -> None:
    compared = compare(fixture("mynumber-valid"), fixture("mynumber-pin-low"))
    ((before, after),) = compared.answers
    assert (before.response, after.response) == (b"\x63\xc3", b"\x63\xc1")
    assert compared.differ
    assert not compared.contents


def test_files_differ_by_what_is_in_them() -> None:
    compared = compare(parse(HEAD + ONE + TWO), parse(HEAD + ONE + TWO.replace("8F8F", "008F")))
    assert compared.contents == (("directory", ("8F8F00",), ("008F00",)),)


def test_commands_of_one_side_are_told() -> None:
    compared = compare(parse(HEAD + ONE + TWO), parse(HEAD + ONE))
    assert [each.line for each in compared.only_first] == [5, 7]
    assert compared.only_second == ()


@pytest.mark.parametrize(("line", "differ"), [("protocol: T=0", True), ("note: x", False)])
def test_of_the_header_the_card_and_reader_count(line: str, differ: bool) -> None:
    assert compare(parse(HEAD + ONE), parse(f"{HEAD}{line}\n{ONE}")).differ is differ
