# SPDX-License-Identifier: Apache-2.0
"""What goes wrong between a good card and a program, laid over any virtual card.

What belongs here: the faults and their notation. What does not: cards that are faulty by their
content (``profiles``).

Notation: ``KIND``, then in any order ``@K`` (from the K-th command on, counted from 1 and across
reconnections; default 1), ``xN`` (for N commands) and ``=ARG``::

    removed@7       pulled at the 7th command, and gone for good; with xN: back after N commands
    reset@7         another program resets the card at the 7th command
    deselected@7    another program resets the card unseen: the selection is gone
    mute@7          no answer from the 7th command on
    slow=200        200 ms more for every command
    loss=30         30 of 100 commands are lost with the contact, which is back at once; the same
                    ones in every run
    6Cxx@3          the 3rd command is answered 6Cxx (=10: with 6C10), once
    6c-forever@3    every command from the 3rd on is
    61-forever@3    every command from the 3rd on is answered 6110, GET RESPONSE too
    sw=6F00@1       the 1st command is answered 6F00
    empty@3         the 3rd answer has no byte
    short@3         the 3rd answer has one byte
    long@3          the 3rd answer is 256 bytes longer than it should be
    bitflip@3       the 3rd answer has one wrong bit in its first byte (=2A: in byte 0x2A)
    verified        another program has verified every PIN
    atr=3B00        another answer to reset; ``atr`` alone: none
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from cardcheck.errors import CardRemovedError, CardResetError, InputError

if TYPE_CHECKING:
    from cardcheck.simulation.card import SimulatedCard


class FaultKind(StrEnum):
    """What goes wrong."""

    REMOVED = "removed"
    RESET = "reset"
    DESELECTED = "deselected"
    MUTE = "mute"
    SLOW = "slow"
    LOSS = "loss"
    WRONG_LENGTH = "6cxx"
    WRONG_LENGTH_FOREVER = "6c-forever"
    MORE_FOREVER = "61-forever"
    STATUS = "sw"
    EMPTY = "empty"
    SHORT = "short"
    LONG = "long"
    BIT_FLIP = "bitflip"
    VERIFIED = "verified"
    ATR = "atr"


_LASTING: Final = frozenset(
    {
        FaultKind.REMOVED,
        FaultKind.MUTE,
        FaultKind.SLOW,
        FaultKind.LOSS,
        FaultKind.WRONG_LENGTH_FOREVER,
        FaultKind.MORE_FOREVER,
    }
)
_KINDS: Final = "|".join(sorted((re.escape(kind) for kind in FaultKind), key=len, reverse=True))
_NOTATION: Final = re.compile(
    rf"({_KINDS})((?:@\d{{1,6}}|x\d{{1,6}}|=[0-9a-f]{{0,66}})*)", re.ASCII
)
_PART: Final = re.compile(r"@\d+|x\d+|=[0-9a-f]*", re.ASCII)
_FILLER: Final = b"\xaa" * 16
_SURPLUS: Final = b"\xaa" * 256
_GET_RESPONSE: Final = 0xC0
_SCATTER: Final = 2654435761  # Knuth's multiplicative hash: spreads 1, 2, 3... evenly over 32 bits


class Fault(Struct, frozen=True, kw_only=True):
    """One fault.

    Attributes:
        kind: what goes wrong.
        at: the first command that meets it, from 1.
        times: how many commands meet it; None for all that follow.
        argument: hexadecimal digits, decimal milliseconds for ``slow``, decimal percent for
            ``loss``; empty for none.
    """

    kind: FaultKind
    at: int = 1
    times: int | None = None
    argument: str = ""

    def meets(self, number: int) -> bool:
        """Whether the command with this number, from 1, meets the fault."""
        if number < self.at or (self.times is not None and number >= self.at + self.times):
            return False
        return self.kind is not FaultKind.LOSS or _scattered(number) < int(self.argument or "0")


def _scattered(number: int) -> int:
    """A number from 0 to 99 that looks like chance and is the same in every run."""
    mixed = number * _SCATTER & 0xFFFFFFFF
    return (mixed ^ mixed >> 15) * _SCATTER % (1 << 32) * 100 >> 32


def parse_fault(text: str) -> Fault:
    """The fault that ``text`` notates; case does not matter.

    Raises:
        InputError: the notation is wrong, or an argument is missing or of the wrong form.
    """
    match = _NOTATION.fullmatch(text.strip().lower())
    if match is None:
        kinds = ", ".join(FaultKind)
        raise InputError(f"no fault {text!r}: KIND[@K][xN][=ARG] with KIND one of {kinds}")
    kind, parts = FaultKind(match[1]), _PART.findall(match[2])
    values = {part[0]: part[1:] for part in parts}
    if len(values) < len(parts):
        raise InputError(f"fault {text!r} says one thing twice")
    fault = Fault(
        kind=kind,
        at=int(values.get("@", "1")),
        times=int(values["x"]) if "x" in values else None if kind in _LASTING else 1,
        argument=values.get("=", ""),
    )
    _check(fault, text)
    return fault


def _check(fault: Fault, text: str) -> None:
    """Refuses an argument that the kind cannot use."""
    forms = {
        FaultKind.SLOW: r"\d{1,6}",
        FaultKind.LOSS: r"\d|[1-9]\d|100",
        FaultKind.STATUS: r"[0-9a-f]{4}",
        FaultKind.WRONG_LENGTH: r"([0-9a-f]{2})?",
        FaultKind.WRONG_LENGTH_FOREVER: r"([0-9a-f]{2})?",
        FaultKind.BIT_FLIP: r"[0-9a-f]{0,4}",
        FaultKind.ATR: r"([0-9a-f]{2})*",
    }
    if not re.fullmatch(forms.get(fault.kind, ""), fault.argument):
        raise InputError(
            f"fault {text!r}: {fault.kind} cannot take the argument {fault.argument!r}"
        )
    if not fault.at or fault.times == 0:
        raise InputError(f"fault {text!r}: commands are counted from 1")


@dataclass(slots=True)
class FaultyCard:
    """A virtual card with one fault laid over it; lay several by putting one into another.

    Attributes:
        card: the card underneath.
        fault: what goes wrong.
        commands: commands seen so far, those included that never reached the card.
    """

    card: SimulatedCard
    fault: Fault
    commands: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        """Lets another program verify the PINs, where that is the fault."""
        if self.fault.kind is FaultKind.VERIFIED:
            self.card.hold_pins_open()

    @property
    def atr(self) -> bytes:
        """The answer to reset."""
        if self.fault.kind is FaultKind.ATR:
            return bytes.fromhex(self.fault.argument)
        return self.card.atr

    @property
    def present(self) -> bool:
        """Whether the card is in the field: not after it was pulled for good."""
        pulled = self.fault.kind is FaultKind.REMOVED and self.fault.times is None
        return self.card.present and not (pulled and self.commands >= self.fault.at)

    @property
    def log(self) -> list[bytes]:
        """All commands that reached the card, in order."""
        return self.card.log

    @property
    def pin_attempts(self) -> int:
        """How many of them carried data to a PIN."""
        return self.card.pin_attempts

    @property
    def secrets(self) -> dict[str, bytes]:
        """What must not be found in any shareable output, by name."""
        return self.card.secrets

    def power_on(self) -> bytes:
        """The answer to reset after a cold start.

        Raises:
            CardRemovedError: the card was pulled for good.
        """
        self._require_presence()
        self.card.power_on()
        return self.atr

    def power_off(self) -> None:
        """Takes power away."""
        self.card.power_off()

    def reset(self) -> bytes:
        """The answer to a warm reset.

        Raises:
            CardRemovedError: the card was pulled for good.
        """
        self._require_presence()
        self.card.reset()
        return self.atr

    def hold_pins_open(self) -> None:
        """From now on another program has verified every PIN, each time the card gets power."""
        self.card.hold_pins_open()

    def transmit(self, command: bytes) -> bytes | None:
        """The answer to ``command``, or None where the card stays silent.

        Raises:
            CardRemovedError: the card was pulled.
            CardResetError: another program reset the card.
        """
        self.commands += 1
        if not self.fault.meets(self.commands):
            return self.card.transmit(command)
        answer = self._instead(command)
        if answer is not None or self.fault.kind is FaultKind.MUTE:
            return answer
        answer = self.card.transmit(command)
        return None if answer is None else self._spoilt(answer)

    def _require_presence(self) -> None:
        if not self.present:
            raise CardRemovedError("the card was pulled (simulated)")

    def _instead(self, command: bytes) -> bytes | None:
        """What comes instead of an answer of the card; None where the card is asked after all."""
        match self.fault.kind:
            case FaultKind.REMOVED | FaultKind.LOSS:
                self.card.power_off()
                raise CardRemovedError("the card was pulled (simulated)")
            case FaultKind.RESET:
                self.card.reset()
                raise CardResetError("another program reset the card (simulated)")
            case FaultKind.DESELECTED:
                self.card.reset()
            case FaultKind.SLOW:
                time.sleep(int(self.fault.argument) / 1000)
            case FaultKind.STATUS:
                return bytes.fromhex(self.fault.argument)
            case FaultKind.MORE_FOREVER:
                data = _FILLER if command[1:2] == bytes((_GET_RESPONSE,)) else b""
                return data + b"\x61\x10"
        return None

    def _spoilt(self, answer: bytes) -> bytes:
        """The card's answer as it arrives."""
        match self.fault.kind:
            case FaultKind.WRONG_LENGTH | FaultKind.WRONG_LENGTH_FOREVER:
                right = self.fault.argument or f"{(len(answer) - 2) & 0xFF:02x}"
                return b"\x6c" + bytes.fromhex(right)
            case FaultKind.EMPTY:
                return b""
            case FaultKind.SHORT:
                return answer[:1]
            case FaultKind.LONG:
                return answer[:-2] + _SURPLUS + answer[-2:]
            case FaultKind.BIT_FLIP:
                spot = int(self.fault.argument or "0", 16) % len(answer)
                return answer[:spot] + bytes((answer[spot] ^ 1,)) + answer[spot + 1 :]
        return answer
