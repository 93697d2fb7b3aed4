# SPDX-License-Identifier: Apache-2.0
"""A card for plans that are driven by ``send()`` alone: a table of answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from cardcheck.iso7816.apdu import ResponseApdu

if TYPE_CHECKING:
    from cardcheck.cards.steps import Plan
    from cardcheck.errors import PeerError

T = TypeVar("T")
SELECT_JPKI = "00A4040C0AD392F000260100000001"
SELECT_COMMON = "00A4040C0AD3921000310001010100"
SELECT_TEXT = "00A4040C0AD3921000310001010408"
SELECT_RESIDENT = "00A4040C0AD3921000310001010401"
LABEL = b"JPKIAPICCTOKEN2".ljust(32)
CERTIFICATE = bytes.fromhex("3082061F") + bytes(1567)  # soltia48/myna-card: 1571 bytes in all
CA = bytes.fromhex("30820523") + bytes(1315)  # jpki/myna: the third authentication CA has 1319
RECORD = b"\x01\x1c" + b"1" * 28
OK = "9000"


class Script:
    """Answers for a plan: what is in the table for a command or, after a SELECT, for what follows.

    Attributes:
        sent: the commands that the plan yielded, as hexadecimal digits.
        trouble: by command, what is raised instead of its next answers.
    """

    def __init__(self, files: dict[str, bytes | str], **answers: str) -> None:
        """Has ``files`` by id (a status word: refused) and ``answers`` by name of application."""
        self.sent: list[str] = []
        self.trouble: dict[str, list[PeerError]] = {}
        self._files = files
        self._answers = answers
        self._current = ""

    def run(self, each: Plan[T]) -> T:
        """What the plan returns."""
        try:
            command = next(each)
            while True:
                self.sent.append(command.encode().hex().upper())
                if trouble := self.trouble.get(self.sent[-1]):
                    command = each.throw(trouble.pop())
                    continue
                command = each.send(ResponseApdu.parse(bytes.fromhex(self._answer())))
        except StopIteration as stop:
            result: T = stop.value
            return result

    def _answer(self) -> str:
        text = self.sent[-1]
        if text in self._answers:
            return self._answers[text]
        if text.startswith("00A4040"):
            return OK
        if text.startswith("00A4020C02"):
            self._current = text[10:]
            content = self._files.get(self._current, "6A82")
            return content if isinstance(content, str) and content != "" else OK
        content = self._files[self._current]
        assert isinstance(content, bytes)
        if text.startswith("00B2"):
            return content.hex() + OK
        if text == "00200080":
            return content.hex()
        offset, ne = int(text[4:8], 16), int(text[8:], 16) or 256
        part = content[offset : offset + ne]
        return part.hex() + OK if part else "6B00"


def a_card(**answers: str) -> Script:
    """A My Number card of two certificates."""
    return Script(
        {
            "0006": LABEL + bytes(128),
            "0008": bytes.fromhex("8F8F00"),
            "000A": CERTIFICATE + bytes(329),  # the file is larger than what it holds
            "000B": CA + bytes(581),
            "0018": bytes.fromhex("63C3"),
            "001B": bytes.fromhex("63C5"),
            "0001": RECORD,
            "001C": bytes.fromhex("63C3"),
            "0011": bytes.fromhex("63C3"),
        },
        **answers,
    )
