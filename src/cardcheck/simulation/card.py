# SPDX-License-Identifier: Apache-2.0
"""A smart card by ISO/IEC 7816-4 and JICSAP as a model: commands in, answers out, no transport.

What belongs here: what any such card does. What does not: which files a card has (``mynumber``,
``othercards``), broken cards (``faults``), and how a command gets here (``vpcd``,
``transports``).

The model is no judge: it carries out what a real card would, a VERIFY with data included, and
counts it, so that a test can prove that nobody sent one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

from msgspec import Struct

from cardcheck.errors import BadCommandError
from cardcheck.iso7816.apdu import CommandApdu
from cardcheck.simulation.files import (
    Application,
    ElementaryFile,
    PinFile,
    RecordFile,
    TransparentFile,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_Answer: TypeAlias = tuple[bytes, int]

_OK: Final = 0x9000
_SHORT_NE: Final = 256
# VERIFY (20, 21), CHANGE REFERENCE DATA (24), RESET RETRY COUNTER (2C), and of JICSAP:
# CHANGE KEY (32), LOCK and UNLOCK DF (50, 52), UNLOCK KEY (54).
CREDENTIAL_INS: Final = frozenset({0x20, 0x21, 0x24, 0x2C, 0x32, 0x50, 0x52, 0x54})


class SimulatedCard(Protocol):
    """What a link or a virtual reader needs: a ``VirtualCard`` or a ``FaultyCard``."""

    @property
    def atr(self) -> bytes:
        """The answer to reset."""

    @property
    def present(self) -> bool:
        """Whether the card is in the field."""

    @property
    def log(self) -> list[bytes]:
        """All commands that reached the card, in order."""

    @property
    def pin_attempts(self) -> int:
        """How many of them carried data to a PIN."""

    @property
    def secrets(self) -> dict[str, bytes]:
        """What must not be found in any shareable output, by name."""

    def power_on(self) -> bytes:
        """The answer to reset after a cold start.

        Raises:
            CardRemovedError: the card is not there.
        """

    def power_off(self) -> None:
        """Takes power away: selection and verified PINs are forgotten."""

    def reset(self) -> bytes:
        """The answer to a warm reset: the selection is forgotten, verified PINs are not."""

    def hold_pins_open(self) -> None:
        """From now on another program has verified every PIN, each time the card gets power."""

    def transmit(self, command: bytes) -> bytes | None:
        """The answer to ``command``, or None where the card stays silent.

        Raises:
            CardRemovedError: the card has gone.
            CardResetError: another program reset the card.
        """


class Behaviour(Struct, frozen=True, kw_only=True):
    """How a card differs from others with the same files.

    Attributes:
        first_command_fails: the first command after a cold start is answered 6F00.
        announces_length: answers with data come as 61xx and wait for GET RESPONSE.
        corrects_length: a read of more than there is gets 6Cxx.
        extended: extended lengths are understood; else 6700.
        blocked: status word of the counter query where no try is left (63C0 or 6984).
        unknown_application: status word of SELECT by a name that is not on the card.
        has_mf: SELECT of the master file works (driving licences; not My Number cards).
    """

    first_command_fails: bool = False
    announces_length: bool = False
    corrects_length: bool = False
    extended: bool = True
    blocked: int = 0x63C0
    unknown_application: int = 0x6A82
    has_mf: bool = False


ORDINARY: Final = Behaviour()


class _RefusedError(Exception):
    """A command ends with this status word."""

    def __init__(self, sw: int) -> None:
        super().__init__(f"{sw:04X}")
        self.sw = sw


@dataclass(slots=True)
class VirtualCard:
    """A card without a fault.

    Attributes:
        atr: the answer to reset; empty for a card that does not answer at all.
        applications: what SELECT by name finds; the first match wins.
        default: the application that is current after power-on (a GlobalPlatform ISD), or None.
        behaviour: how it differs from others.
        secrets: what must not be found in any shareable output, by name.
        log: all commands that reached the card while it had power.
        pin_attempts: how many of them carried data to a PIN, or could not be told from that.
    """

    atr: bytes
    applications: Sequence[Application] = ()
    default: Application | None = None
    behaviour: Behaviour = ORDINARY
    secrets: dict[str, bytes] = field(default_factory=dict, repr=False)
    log: list[bytes] = field(default_factory=list, repr=False)
    pin_attempts: int = 0
    _powered: bool = False
    _fresh: bool = False
    _current: Application | None = None
    _current_id: int | None = None
    _pending: bytes = field(default=b"", repr=False)

    @property
    def present(self) -> bool:
        """Always: a card without a fault stays."""
        return True

    def power_on(self) -> bytes:
        """The answer to reset after a cold start."""
        self._forget_pins()
        self._powered, self._fresh = bool(self.atr), True
        return self.reset()

    def power_off(self) -> None:
        """Takes power away: selection and verified PINs are forgotten."""
        self._forget_pins()
        self._powered = False

    def reset(self) -> bytes:
        """The answer to a warm reset.

        The selection is forgotten; verified PINs are not, as was reported of real My Number cards.
        """
        self._current, self._current_id, self._pending = self.default, None, b""
        return self.atr

    def hold_pins_open(self) -> None:
        """From now on another program has verified every PIN, each time the card gets power."""
        for pin in self._pins():
            pin.held_open = pin.verified = True

    def transmit(self, command: bytes) -> bytes | None:
        """The answer to ``command``, or None without power."""
        if not self._powered:
            return None
        self.log.append(bytes(command))
        try:
            apdu = CommandApdu.parse(command)
        except BadCommandError:
            self.pin_attempts += command[1:2] != b"" and command[1] in CREDENTIAL_INS
            return _encode(b"", 0x6700)
        self.pin_attempts += bool(apdu.data) and apdu.ins in CREDENTIAL_INS
        fresh, self._fresh = self._fresh, False
        if fresh and self.behaviour.first_command_fails:
            return _encode(b"", 0x6F00)
        try:
            return self._fit(apdu, *self._run(apdu))
        except _RefusedError as refused:
            return _encode(b"", refused.sw)

    def _pins(self) -> list[PinFile]:
        return [pin for application in self.applications for pin in application.pins()]

    def _forget_pins(self) -> None:
        for pin in self._pins():
            pin.verified = pin.held_open

    def _run(self, apdu: CommandApdu) -> _Answer:
        """Data and status word of a command, whatever its Le."""
        if apdu.is_extended and not self.behaviour.extended:
            raise _RefusedError(0x6700)
        if apdu.cla:
            raise _RefusedError(0x6E00)
        if apdu.ins == 0xC0:
            return self._get_response(apdu)
        self._pending = b""
        handlers: dict[int, Callable[[CommandApdu], _Answer]] = {
            0xA4: self._select,
            0xB0: self._read_binary,
            0xB2: self._read_record,
            0xCA: self._get_data,
            0x20: self._verify,
            0x24: _refuse_change,
        }
        if apdu.ins not in handlers:
            raise _RefusedError(0x6D00)
        return handlers[apdu.ins](apdu)

    def _fit(self, apdu: CommandApdu, data: bytes, sw: int) -> bytes:
        """The answer, no longer than asked for."""
        if data and apdu.ins != 0xC0 and self.behaviour.announces_length:
            self._pending = data[: apdu.ne]
            return _encode(b"", 0x6100 | (min(len(self._pending), _SHORT_NE) & 0xFF))
        return _encode(data[: apdu.ne or 0], sw)

    def _get_response(self, apdu: CommandApdu) -> _Answer:
        if not self._pending or apdu.ne is None:
            raise _RefusedError(0x6985)
        data, self._pending = self._pending[: apdu.ne], self._pending[apdu.ne :]
        more = 0x6100 | (min(len(self._pending), _SHORT_NE) & 0xFF)
        return data, more if self._pending else _OK

    def _select(self, apdu: CommandApdu) -> _Answer:
        if apdu.p1 == 0x04 and apdu.p2 in {0x00, 0x0C}:
            return self._select_application(apdu)
        if apdu.p1 == 0x02 and apdu.p2 == 0x0C and len(apdu.data) == 2:
            file_id = int.from_bytes(apdu.data, "big")
            self._file(file_id)
            self._current_id = file_id
            return b"", _OK
        if apdu.p1 == 0x00:
            return self._select_mf(apdu)
        raise _RefusedError(0x6A86)

    def _select_application(self, apdu: CommandApdu) -> _Answer:
        """Any beginning of a name selects the first match; a failure changes nothing."""
        found = next((a for a in self.applications if a.aid.startswith(apdu.data)), None)
        if found is None or not apdu.data:
            raise _RefusedError(self.behaviour.unknown_application)
        self._current, self._current_id = found, None
        name = b"\x84" + bytes((len(found.aid),)) + found.aid + found.fci
        return (b"\x6f" + bytes((len(name),)) + name if apdu.p2 == 0 else b""), _OK

    def _select_mf(self, apdu: CommandApdu) -> _Answer:
        """My Number cards: 6A86 after power-on, 9000 without any change inside an application."""
        if self.behaviour.has_mf:
            self._current, self._current_id = self.default, None
        elif apdu.data:
            raise _RefusedError(0x6A82)
        elif self._current is self.default:
            raise _RefusedError(0x6A86)
        return b"", _OK

    def _file(self, file_id: int | None) -> ElementaryFile:
        """A file of the current application."""
        if file_id is None:
            raise _RefusedError(0x6986)
        if self._current is None or file_id not in self._current.files:
            raise _RefusedError(0x6A82)
        return self._current.files[file_id]

    def _addressed(self, short_id: int) -> ElementaryFile:
        """The file with a short id, which becomes current, or the current one for 0."""
        if short_id:
            file = self._file(short_id)
            self._current_id = short_id
            return file
        return self._file(self._current_id)

    def _require(self, pin: int | None) -> None:
        """Refuses what needs a PIN that is not verified."""
        guard = self._current.files.get(pin) if self._current and pin is not None else None
        if pin is not None and not (isinstance(guard, PinFile) and guard.verified):
            raise _RefusedError(0x6982)

    def _read_binary(self, apdu: CommandApdu) -> _Answer:
        short = bool(apdu.p1 & 0x80)
        if short and apdu.p1 & 0x60:
            raise _RefusedError(0x6A86)
        file = self._addressed(apdu.p1 & 0x1F if short else 0)
        offset = apdu.p2 if short else apdu.p1 << 8 | apdu.p2
        if not isinstance(file, TransparentFile):
            raise _RefusedError(0x6981)
        self._require(file.pin)
        if file.barred is not None:
            raise _RefusedError(file.barred)
        if apdu.ne is None or apdu.data:
            raise _RefusedError(0x6700)
        rest = file.data[offset:]
        if not rest:
            raise _RefusedError(0x6B00)
        if self.behaviour.corrects_length and len(rest) < min(apdu.ne, _SHORT_NE):
            raise _RefusedError(0x6C00 | len(rest))
        return rest[: apdu.ne], _OK

    def _read_record(self, apdu: CommandApdu) -> _Answer:
        if (
            apdu.p2 & 0x07 != 0x04
        ):  # one record by number (ISO/IEC 7816-4, table 49); no other way here
            raise _RefusedError(0x6A81)
        file = self._addressed(apdu.p2 >> 3)
        if not isinstance(file, RecordFile):
            raise _RefusedError(0x6981)
        self._require(file.pin)
        if apdu.ne is None or apdu.data:
            raise _RefusedError(0x6700)
        if not 1 <= apdu.p1 <= len(file.records):
            raise _RefusedError(0x6A83)
        record = file.records[apdu.p1 - 1]
        if self.behaviour.corrects_length and apdu.ne != len(record):
            raise _RefusedError(0x6C00 | len(record))
        return record, _OK

    def _get_data(self, apdu: CommandApdu) -> _Answer:
        objects = self._current.data_objects if self._current else {}
        tag = apdu.p1 << 8 | apdu.p2
        if tag not in objects:
            raise _RefusedError(0x6A88)
        if apdu.ne is None or apdu.data:
            raise _RefusedError(0x6700)
        return objects[tag], _OK

    def _verify(self, apdu: CommandApdu) -> _Answer:
        """The counter query (JICSAP 2.0, 6.4.9 (5): no try is used up), or a real VERIFY."""
        if apdu.p1 or not apdu.p2 & 0x80 or apdu.p2 & 0x60:
            raise _RefusedError(0x6A86)
        pin = self._addressed(apdu.p2 & 0x1F)
        if not isinstance(pin, PinFile):
            raise _RefusedError(0x6981)
        if apdu.ne is not None:  # a Le is nowhere documented for this command
            raise _RefusedError(0x6700)
        if not apdu.data:
            return b"", self._counter(pin)
        if not pin.tries_left:
            raise _RefusedError(0x6984)
        return b"", _OK if pin.attempt(apdu.data) else 0x63C0 | pin.tries_left

    def _counter(self, pin: PinFile) -> int:
        """The status word of the counter query."""
        if pin.verified:
            return _OK
        return 0x63C0 | pin.tries_left if pin.tries_left else self.behaviour.blocked


def _refuse_change(_apdu: CommandApdu) -> _Answer:
    """No PIN of a virtual card can be changed: conditions of use not satisfied."""
    raise _RefusedError(0x6985)


def _encode(data: bytes, sw: int) -> bytes:
    return data + sw.to_bytes(2, "big")
