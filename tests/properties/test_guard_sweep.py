# SPDX-License-Identifier: Apache-2.0
"""From every state that a guard can be in, everything that lies one step beside a known command."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from itertools import product
from typing import TYPE_CHECKING

import pytest

from cardcheck.errors import CardRemovedError, MalformedResponseError, PeerError, WriteRefusedError
from cardcheck.transports.guard import ReadOnlyGuard
from properties import hostile, oracle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from properties.hostile import Answer

OK, REFUSED, MORE = "9000", "6A82", "6120"
JPKI, COMMON = f"00A4040C0A{oracle.JPKI}", f"00A4040C0A{oracle.COMMON}"
LICENCE = "00A4040C10A0000002310100000000000000000000"
READ, TOKEN = "00B0000020", "4A504B494150494343544F4B454E3220" + "20" * 16 + "9000"
LABEL, PIN, RECORD = "00A4020C020006", "00A4020C020018", "00A4020C020001"
VERIFY = oracle.VERIFY
PROVED = [("enter", ""), (JPKI, OK), ("00A4020C020006", OK), (READ, TOKEN)]
ENTER, LEAVE, LEAVE_BADLY, PULL = "enter", "leave", "leave badly", "pull"
STATES: dict[str, list[tuple[str, str]]] = {
    "fresh": [],
    "entered": [(ENTER, "")],
    "identified": [(ENTER, ""), (JPKI, OK)],
    "label selected": [(ENTER, ""), (JPKI, OK), (LABEL, OK)],
    "label, no transaction": [(JPKI, OK), (LABEL, OK)],
    "label not selected": [(ENTER, ""), (JPKI, OK), (LABEL, REFUSED)],
    "PIN, then label refused": [(ENTER, ""), (JPKI, OK), (PIN, OK), (LABEL, REFUSED)],
    "PIN, then label with 61xx": [(ENTER, ""), (JPKI, OK), (PIN, OK), (LABEL, MORE)],
    "PIN selected": [*PROVED, (PIN, OK)],
    "PIN selected, no proof": [(ENTER, ""), (JPKI, OK), (PIN, OK)],
    "PIN selected, half a label": [*PROVED[:3], (READ, TOKEN[2:]), (PIN, OK)],
    "PIN selected, label from another place": [
        *PROVED[:3], ("00B0000120", TOKEN), ("00B0860020", TOKEN), (PIN, OK)
    ],
    "PIN selected, proof before JPKI": [*PROVED, (JPKI, OK), (PIN, OK)],
    "PIN selected before": [(JPKI, OK), (PIN, OK), (ENTER, "")],
    "PIN with 61xx": [*PROVED, (PIN, MORE)],
    "PIN with data": [*PROVED, (PIN, "6F00" + OK)],
    "PIN refused": [*PROVED, (PIN, REFUSED)],
    "PIN, pulled": [*PROVED, (PIN, OK), (PULL, "")],
    "PIN, asked": [*PROVED, (PIN, OK), (VERIFY, "63C3")],
    "PIN, then read": [*PROVED, (PIN, OK), ("00B0860020", REFUSED)],
    "PIN, left": [*PROVED, (PIN, OK), (LEAVE, "")],
    "label, left": [(ENTER, ""), (JPKI, OK), (LABEL, OK), (LEAVE, "")],
    "JPKI with 61xx": [(ENTER, ""), (JPKI, MORE), (PIN, OK)],
    "JPKI refused": [(ENTER, ""), (JPKI, REFUSED)],
    "JPKI, then another": [(ENTER, ""), (JPKI, OK), (LABEL, OK), (LICENCE, OK)],
    "JPKI, then none": [(ENTER, ""), (JPKI, OK), (LABEL, OK), (LICENCE, REFUSED)],
    "JPKI, then not": [
        *PROVED, (JPKI, REFUSED), (COMMON, OK), ("00A4020C02001C", OK)
    ],
    "common": [(ENTER, ""), (JPKI, OK), (COMMON, OK)],
    "common refused": [(ENTER, ""), (JPKI, OK), (COMMON, REFUSED)],
    "common, no JPKI": [(ENTER, ""), (COMMON, OK), ("00A4020C02001C", OK)],
    "common PIN": [*PROVED, (COMMON, OK), ("00A4020C02001C", OK)],
    "common PIN, no proof": [(ENTER, ""), (JPKI, OK), (COMMON, OK), ("00A4020C02001C", OK)],
    "common PIN, proof earlier": [
        *PROVED, (LEAVE, ""), (ENTER, ""), (COMMON, OK), ("00A4020C02001C", OK)
    ],
    "common, left badly": [
        *PROVED, (LEAVE_BADLY, ""),
        (ENTER, ""), (COMMON, OK), ("00A4020C02001C", OK)
    ],
    "common, pulled": [
        *PROVED, (PULL, ""), (COMMON, OK), ("00A4020C02001C", OK)
    ],
    "record selected": [(ENTER, ""), (JPKI, OK), (COMMON, OK), (RECORD, OK)],
    "reading": [(ENTER, ""), (JPKI, OK), (LABEL, OK), ("00B0000000", "006110")],
    "read": [(ENTER, ""), (JPKI, OK), (LABEL, OK), ("00B0000000", "00" * 32 + OK)],
}  # fmt: skip


class _Bench:
    """A guard brought into one of the states, as often as that is needed."""

    def __init__(self, steps: list[tuple[str, str]], trouble: BaseException) -> None:
        self._steps = steps
        self._trouble = trouble
        self._answer: Answer = b""
        self.prepare()

    def prepare(self) -> None:
        self.link = hostile.WatchedLink(lambda _: self._answer)
        self.guard = ReadOnlyGuard(self.link)
        self._stack = ExitStack()
        for command, answer in self._steps:
            self._take(command, answer)
        self._answer = bytes.fromhex(OK)

    def try_(self, command: bytes) -> bool:
        """Whether the guard lets ``command`` pass; the state is made anew where it did."""
        try:
            self.guard.transmit(command)
        except WriteRefusedError:
            return False
        self.prepare()
        return True

    def _take(self, command: str, answer: str) -> None:
        match command:
            case "enter":
                self._stack.enter_context(self.guard.transaction())
            case "leave":
                self._stack.close()
            case "leave badly":
                with suppress(CardRemovedError), self._stack:
                    raise CardRemovedError("gone")
            case "pull":
                self._answer = self._trouble
                with suppress(type(self._trouble)):
                    self.guard.transmit(bytes.fromhex(LABEL))
            case _:
                self._answer = bytes.fromhex(answer)
                with suppress(PeerError, WriteRefusedError):
                    self.guard.transmit(bytes.fromhex(command))


def beside(command: bytes) -> Iterator[bytes]:
    """The command, and everything one step beside it."""
    yield command
    for index, bit in product(range(len(command)), range(8)):
        yield command[:index] + bytes([command[index] ^ 1 << bit]) + command[index + 1 :]
    for index in range(len(command)):
        yield command[:index]
        yield command[:index] + command[index + 1 :]
        yield command[:index] + b"\0" + command[index:]
    for tail in (b"\0", b"\1", b"\0\0", b"\0\0\0", b"\x041234"):
        yield command + tail
        yield command[:4] + tail + command[4:]
    for cla in (0x80, 0x84, 0x04, 0x0C, 0x10, 0x01, 0x03, 0x40, 0xFF):
        yield bytes([cla]) + command[1:]


def parameters() -> Iterator[bytes]:
    """Every P1 and every P2 of the instructions that are known at all."""
    odd = (0x00, 0x01, 0x02, 0x04, 0x0C, 0x80, 0x86, 0x8A, 0x98)
    for ins, (p1, p2) in product(
        (0x20, 0xA4, 0xB0, 0xB1, 0xB2, 0xB3, 0xC0, 0xCA, 0xCB),
        {*product(range(256), odd), *product(odd, range(256))},
    ):
        header = bytes([0x00, ins, p1, p2])
        yield from (header, header + b"\0") if ins == 0x20 else (header + b"\0",)


NEIGHBOURS = sorted({*(near for known in hostile.KNOWN for near in beside(known)), *parameters()})


@pytest.mark.parametrize("state", STATES)
def test_one_step_beside(state: str) -> None:
    """The link itself asks the oracle; here it is only counted that something passes at all."""
    bench = _Bench(STATES[state], CardRemovedError("gone"))
    passed = [command for command in NEIGHBOURS if bench.try_(command)]
    assert len(passed) >= len(oracle.OWN) + len(oracle.FOREIGN)
    asked = [command for command in passed if command[1] == 0x20]
    may = state in {"PIN selected", "common PIN", "common PIN, proof earlier"}
    assert asked == ([bytes.fromhex(VERIFY)] if may else [])


@pytest.mark.parametrize(
    "trouble", [KeyboardInterrupt(), RuntimeError("?"), MalformedResponseError("?")]
)
def test_any_exception_at_all_clears_the_proof(trouble: BaseException) -> None:
    bench = _Bench(STATES["common, pulled"], trouble)
    assert not bench.try_(bytes.fromhex(VERIFY))
    assert bench.try_(bytes.fromhex(JPKI))
