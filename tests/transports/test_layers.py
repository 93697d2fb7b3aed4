# SPDX-License-Identifier: Apache-2.0
"""61xx and 6Cxx, each followed as far as it makes sense and never further."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from cardcheck.errors import MalformedResponseError
from cardcheck.transports.layers import MAX_ROUNDS, GetResponseLink, WrongLengthLink

if TYPE_CHECKING:
    from collections.abc import Iterator

READ = bytes.fromhex("00B0000000")


class ScriptedLink:
    """Answers in order, the last for ever; notes what was sent."""

    atr = b"\x3b\x00"
    protocol = "T=1"

    def __init__(self, *answers: str) -> None:
        self.sent: list[str] = []
        self.closed = False
        self.inside = False
        self._answers = [bytes.fromhex(answer) for answer in answers]

    def transmit(self, command: bytes) -> bytes:
        self.sent.append(command.hex().upper())
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self.inside = True
        yield
        self.inside = False

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize(
    ("answers", "result", "sent"),
    [
        (["0102 9000"], "01029000", ["00B0000000"]),
        (["6102", "0102 9000"], "01029000", ["00B0000000", "00C0000002"]),
        (["6100", "01 6101", "02 9000"], "01029000", ["00B0000000", "00C0000000", "00C0000001"]),
        (["01 6101", "02 6282"], "01026282", ["00B0000000", "00C0000001"]),
        (["6102", "6F00"], "6F00", ["00B0000000", "00C0000002"]),
        (["6C04"], "6C04", ["00B0000000"]),
    ],
)
def test_what_61_announces_is_fetched(answers: list[str], result: str, sent: list[str]) -> None:
    link = ScriptedLink(*answers)
    assert GetResponseLink(link).transmit(READ).hex().upper() == result
    assert link.sent == sent


@pytest.mark.parametrize("command", ["00200080", "00A4040C0AD392F000260100000001"])
def test_nothing_is_fetched_for_a_command_that_asked_for_nothing(command: str) -> None:
    link = ScriptedLink("6110")
    assert GetResponseLink(link).transmit(bytes.fromhex(command)) == b"\x61\x10"
    assert link.sent == [command]


def test_61_without_end_is_given_up() -> None:
    link = ScriptedLink("00 6101")
    with pytest.raises(MalformedResponseError, match="61xx without end"):
        GetResponseLink(link).transmit(READ)
    assert len(link.sent) == 1 + MAX_ROUNDS


@pytest.mark.parametrize(
    ("command", "length", "again"),
    [
        ("00B0010000", "04", "00B0010004"),
        ("00B0010020", "00", "00B0010000"),
        ("00B2010400", "1E", "00B201041E"),
        ("00CA006600", "10", "00CA006610"),
    ],
)
def test_a_read_is_repeated_once_with_the_length_that_was_named(
    command: str, length: str, again: str
) -> None:
    link = ScriptedLink(f"6C{length}", "AA9000")
    assert WrongLengthLink(link).transmit(bytes.fromhex(command)) == b"\xaa\x90\x00"
    assert link.sent == [command, again]
    link = ScriptedLink(f"6C{length}")
    with pytest.raises(MalformedResponseError, match="again"):
        WrongLengthLink(link).transmit(bytes.fromhex(command))
    assert link.sent == [command, again]


@pytest.mark.parametrize(
    "command",
    [
        "00200080",
        "00A4020C020018",
        "00A404000E325041592E5359532E444446303100",
        "00C0000010",
    ],
)
def test_what_is_no_read_is_never_repeated(command: str) -> None:
    link = ScriptedLink("6C05")
    with pytest.raises(MalformedResponseError, match="not repeated"):
        WrongLengthLink(link).transmit(bytes.fromhex(command))
    assert link.sent == [command]


@pytest.mark.parametrize("layer", [GetResponseLink, WrongLengthLink])
@pytest.mark.parametrize("answer", ["", "90", "61", "6C"])
def test_an_answer_without_a_status_word(
    layer: type[GetResponseLink | WrongLengthLink], answer: str
) -> None:
    with pytest.raises(MalformedResponseError, match="no status word"):
        layer(ScriptedLink(answer)).transmit(READ)


def test_a_layer_passes_everything_else_on() -> None:
    link = ScriptedLink("9000")
    layer = WrongLengthLink(GetResponseLink(link))
    assert (layer.atr, layer.protocol) == (link.atr, "T=1")
    with layer.transaction():
        assert link.inside
    assert not link.inside
    layer.close()
    assert link.closed
