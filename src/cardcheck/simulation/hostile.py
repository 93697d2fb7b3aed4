# SPDX-License-Identifier: Apache-2.0
"""A card that does whatever a card must not do, and watches what it is asked.

What belongs here: answers chosen by somebody else (chance, a fuzzer), between plausible and absurd.
What does not: judgement of a program, but for one thing: a command that no program of ours may send
to a card ends the test at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from cardcheck.errors import CardRemovedError, CardResetError

if TYPE_CHECKING:
    from collections.abc import Callable

    from cardcheck.simulation.card import SimulatedCard

_READING: Final = frozenset({0xA4, 0xB0, 0xB2, 0xC0, 0xCA})
_COUNTER_QUERY: Final = bytes.fromhex("00200080")
_STATUS: Final = bytes.fromhex(
    "9000 9000 9000 6282 6300 63C0 63C1 63C3 63CF 6100 6110 61FF 6700 6982 6983 6984 6985 6986"
    "6A81 6A82 6A83 6A86 6A88 6B00 6C00 6C10 6CFF 6D00 6E00 6F00 0000 FFFF"
)
_HEADS: Final = tuple(
    bytes.fromhex(text)
    for text in (
        "",
        "30",
        "3080",
        "3082061F",
        "3082061F30820507A003020102",
        "308400000010",
        "3084FFFFFFF0",
        "30820BB8",
        "011C",
        "4A504B494150494343544F4B454E32202020",
        "8F8F00",
        "6F",
        "7F7F7F7F",
    )
)
_PATIENCE: Final = (32, 128, 512, 1024)  # of so many answers, 14 are bad
_LENGTHS: Final = (0, 1, 2, 3, 6, 16, 30, 32, 35, 160, 254, 255, 256, 257, 300, 600)
_ATRS: Final = (
    bytes.fromhex("3B888001000005E0B381A1007F"),
    bytes.fromhex("3BDA13FF8131FB468012392F31C173C601C03B"),
    bytes.fromhex("3B8F8001804F0CA00000030611003B0000000042"),
    b"",
    b"\x3b",
    b"\xff" * 33,
)
_MOST: Final = 5_000
"""Commands to one card; a scan in three attempts, each read followed by 64 GET RESPONSE, fits."""


class ForbiddenCommandError(AssertionError):
    """A command that no program of ours may send, or more commands than any scan takes."""


@dataclass(slots=True)
class HostileCard:
    """A card whose answers ``choose`` decides: ``choose(n)`` gives a number from 0 to n - 1.

    Attributes:
        choose: where the decisions come from.
        model: a good card, whose answers are given and spoilt at times.
        log: the commands so far.
        secrets: none.
    """

    choose: Callable[[int], int]
    model: SimulatedCard
    log: list[bytes] = field(default_factory=list, repr=False)
    secrets: dict[str, bytes] = field(default_factory=dict)
    present: bool = True
    _patience: int = 0

    @property
    def atr(self) -> bytes:
        """The answer to reset: any."""
        return _ATRS[self.choose(len(_ATRS))]

    @property
    def pin_attempts(self) -> int:
        """None: the first one would have ended the test."""
        return 0

    def power_on(self) -> bytes:
        """The answer to reset."""
        self.model.power_on()
        return self.atr

    def power_off(self) -> None:
        """Takes power away."""
        self.model.power_off()

    def reset(self) -> bytes:
        """The answer to a warm reset."""
        self.model.reset()
        return self.atr

    def hold_pins_open(self) -> None:
        """Another program has verified every PIN."""
        self.model.hold_pins_open()

    def transmit(self, command: bytes) -> bytes | None:
        """Any answer at all, or none.

        Raises:
            ForbiddenCommandError: the command might change something, or spend a try.
            CardRemovedError: the card was pulled.
            CardResetError: another program reset the card.
        """
        self.log.append(command)
        if len(self.log) > _MOST:
            raise ForbiddenCommandError(f"more than {_MOST} commands")
        if command != _COUNTER_QUERY and (command[0] or command[1] not in _READING):
            raise ForbiddenCommandError(command.hex())
        return self._answer(command)

    def _answer(self, command: bytes) -> bytes | None:
        if not self._patience:
            self._patience = _PATIENCE[self.choose(len(_PATIENCE))]
        kind = self.choose(self._patience)
        if kind < 18 or kind >= 32:
            return self.model.transmit(command)
        if kind < 21:
            return self._spoilt(self.model.transmit(command) or b"\x6f\x00")
        if kind < 25:
            return self._status()
        if kind < 29:
            return self._made_up() + self._status()
        if kind == 29:
            return self._made_up()
        return self._end(kind)

    def _status(self) -> bytes:
        place = 2 * self.choose(len(_STATUS) // 2)
        return _STATUS[place : place + 2]

    def _end(self, kind: int) -> bytes | None:
        """Contact is lost, for good or for a moment; or the card falls silent."""
        if kind == 30:
            self.present = bool(self.choose(2))
            raise CardRemovedError("pulled (hostile)")
        if self.choose(2):
            raise CardResetError("reset (hostile)")
        return None

    def _made_up(self) -> bytes:
        """Data of any length with a head that promises something."""
        length = _LENGTHS[self.choose(len(_LENGTHS))]
        head = _HEADS[self.choose(len(_HEADS))]
        return (head + bytes((self.choose(256),)) * length)[:length]

    def _spoilt(self, answer: bytes) -> bytes:
        """A good answer, cut, prolonged, or with one byte changed."""
        place = self.choose(len(answer))
        how = self.choose(3)
        if how == 0:
            return answer[:place]
        if how == 1:
            return answer[:place] + bytes((self.choose(256),)) + answer[place + 1 :]
        return answer[:-2] + b"\xaa" * self.choose(300) + answer[-2:]
