# SPDX-License-Identifier: Apache-2.0
"""Virtual cards in a field: Type B, Type A (ISO/IEC 14443-3:2018) and FeliCa (JIS X 6319-4).

What belongs here: how a card is found and activated, and what it says about itself. What does not:
blocks (``isodep``), APDUs (``card``), and sockets (``nfc_udp``). Numbers that would be personal on
a real card (PUPI, UID, IDm) are made anew for each card.

Frames come without CRC and, but for FeliCa, without length: that is how nfcpy's drivers show them.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from cardcheck.errors import CardRemovedError, CardResetError, InputError, MalformedAtrError
from cardcheck.iso7816.atr import Atr
from cardcheck.simulation.isodep import IsoDepCard, frame_size

if TYPE_CHECKING:
    from cardcheck.simulation.card import SimulatedCard

_FWT_UNIT: Final = 4096 / 13.56e6  # seconds; ISO/IEC 14443-3, 7.9.4.3: FWT = 302 us x 2^FWI
_PART_OF_FWT: Final = 0.6  # of the frame waiting time, after which a card asks for more
_BYTES_OF_ATQB: Final = bytes.fromhex("000005E0B381A1")  # 3B888001000005E0B381A1007F in pcsc-tools
_SYSTEM_CODE: Final = bytes.fromhex("0003")  # transport cards
_TYPE_A: Final = frozenset({"phone", "payment-card", "passport", "piv", "unknown-card"})
_CONTACT_ONLY: Final = frozenset({"bank-card", "bcas", "etc-card"})


class LinkModel(NamedTuple):
    """How long an APDU takes: seconds whatever its length, and seconds for each byte."""

    latency: float = 0.0
    byte: float = 0.0


NO_DELAY: Final = LinkModel()


class Picc(Protocol):
    """A card in a field."""

    def receive(self, technology: str, frame: bytes) -> bytes | None:
        """The answer to ``frame`` sent as ``106A``, ``106B`` or ``212F``; None: silence."""

    def power_off(self) -> None:
        """The field is gone, and the card forgets all."""


class _IsoCard:
    """What Type A and Type B share: power, activation and the blocks after it."""

    technology = ""

    def __init__(self, card: SimulatedCard, fwi: int, link: LinkModel) -> None:
        self.card = card
        self.state = "idle"
        self._link = link
        self._fwi = fwi
        self._powered = False
        self._blocks: IsoDepCard | None = None

    def power_off(self) -> None:
        """The field is gone."""
        self.state, self._blocks = "idle", None
        if self._powered:
            self._powered = False
            self.card.power_off()

    def receive(self, technology: str, frame: bytes) -> bytes | None:
        """The answer to ``frame``, or None."""
        if technology != self.technology or not frame or not self.card.present:
            return None
        blocks = self._blocks
        if blocks is None:
            return self._find(frame)
        answer = blocks.receive(frame)
        if blocks.deselected:
            self.state, self._blocks = "halt", None
        return answer

    def _find(self, frame: bytes) -> bytes | None:
        raise NotImplementedError

    def _activate(self, reader_takes: int, answer: bytes) -> bytes | None:
        """Powers the chip and gives ``answer``; a card that is mute stays so."""
        if not self.card.atr:
            return None
        try:
            if self._powered:
                self.card.reset()
            else:
                self.card.power_on()
        except CardRemovedError:
            return None
        self._powered, self.state = True, "active"
        patience = _FWT_UNIT * 2**self._fwi * _PART_OF_FWT
        self._blocks = IsoDepCard(self.transmit, frame_size=reader_takes, patience=patience)
        return answer

    def transmit(self, command: bytes) -> bytes | None:
        """The card's answer, as late as the link model says; None where it has gone."""
        end = time.monotonic() + self._link.latency
        try:
            answer = self.card.transmit(command)
        except (CardRemovedError, CardResetError):
            self.state, self._blocks, self._powered = "idle", None, False
            return None
        end += (len(command) + len(answer or b"")) * self._link.byte
        time.sleep(max(0.0, end - time.monotonic()))
        return answer


class TypeB(_IsoCard):
    """A Type B card, such as every My Number card without contacts."""

    technology = "106B"

    def __init__(self, card: SimulatedCard, link: LinkModel = NO_DELAY) -> None:
        """Answers for ``card``, with what its answer to reset tells of its ATQB."""
        said = _type_b_bytes(card.atr)
        super().__init__(card, said[6] >> 4, link)
        self.pupi = os.urandom(4)
        self._said = said

    def _find(self, frame: bytes) -> bytes | None:
        """REQB, WUPB (7.7), HLTB (7.12) and ATTRIB (7.10)."""
        if len(frame) == 3 and frame[0] == 0x05:
            return self._answer_request(frame)
        mine = frame[1:5] == self.pupi and self.state == "ready"
        if mine and frame[0] == 0x50 and len(frame) == 5:
            self.state = "halt"
            return b"\0"
        if mine and frame[0] == 0x1D and len(frame) >= 9:
            return self._activate(frame_size(frame[6] & 0x0F), b"\0")
        return None

    def _answer_request(self, frame: bytes) -> bytes | None:
        """ATQB, where family and state fit; one byte longer where the reader takes that."""
        wake_up, extended = bool(frame[2] & 0x08), bool(frame[2] & 0x10)
        if frame[1] not in {0, self._said[0]} or (self.state == "halt" and not wake_up):
            return None
        self.state = "ready"
        return b"\x50" + self.pupi + self._said + (b"\0" if extended else b"")


class TypeA(_IsoCard):
    """A Type A card with ISO/IEC 14443-4: payment cards, passports, phones."""

    technology = "106A"

    def __init__(self, card: SimulatedCard, link: LinkModel = NO_DELAY, fwi: int = 8) -> None:
        """Answers for ``card`` with a random UID of four bytes (ISO/IEC 14443-3, 6.5.4)."""
        super().__init__(card, fwi, link)
        uid = b"\x08" + os.urandom(3)
        self.uid = uid + bytes((uid[0] ^ uid[1] ^ uid[2] ^ uid[3],))
        # TL, T0 (TA, TB, TC follow, FSCI 8), TA, TB (FWI), TC (ISO/IEC 14443-4, 5.2)
        self._ats = bytes((5, 0x78, 0x80, fwi << 4, 0))

    def _find(self, frame: bytes) -> bytes | None:
        """REQA, WUPA, anticollision, SELECT (6.5) and RATS."""
        if frame == b"\x52" or (frame == b"\x26" and self.state != "halt"):
            self.state = "ready"
            return b"\x04\x00"
        if self.state == "ready" and frame == b"\x93\x20":
            return self.uid
        if self.state == "ready" and frame == b"\x93\x70" + self.uid:
            self.state = "selected"
            return b"\x20"  # SAK: complete, ISO/IEC 14443-4
        if self.state == "selected" and frame[0] == 0xE0 and len(frame) == 2:
            return self._activate(frame_size(frame[1] >> 4), self._ats)
        return None


class Felica:
    """A FeliCa card, which answers polling and takes no APDU."""

    def __init__(self, card: SimulatedCard) -> None:
        """Answers as long as ``card`` is present."""
        self.card = card
        self.idm = b"\x01\x12" + os.urandom(6)

    def receive(self, technology: str, frame: bytes) -> bytes | None:
        """The answer to polling (JIS X 6319-4, 9.6.1), with the system code where asked for."""
        if technology not in {"212F", "424F"} or not self.card.present:
            return None
        if len(frame) != 6 or frame[:2] != b"\x06\x00" or not _matches(frame[2:4]):
            return None
        body = b"\x01" + self.idm + bytes(8) + (_SYSTEM_CODE if frame[4] == 1 else b"")
        return bytes((len(body) + 1,)) + body

    def power_off(self) -> None:
        """Nothing is remembered."""


def picc_of(profile: str, card: SimulatedCard, link: LinkModel = NO_DELAY) -> Picc:
    """The card of a profile as it shows itself in a field.

    Raises:
        InputError: such a card has contacts only.
    """
    if profile in _CONTACT_ONLY:
        raise InputError(f"profile {profile!r} is a card with contacts only; use --vpcd")
    if profile == "felica":
        return Felica(card)
    return TypeA(card, link) if profile in _TYPE_A else TypeB(card, link)


def _matches(wanted: bytes) -> bool:
    """Whether a system code with its wild cards (FF) means ours."""
    return all(want in {0xFF, own} for want, own in zip(wanted, _SYSTEM_CODE, strict=True))


def _type_b_bytes(atr: bytes) -> bytes:
    """Application data (4) and protocol info (3) of the ATQB, from the ATR of PC/SC."""
    try:
        found = Atr.parse(atr).type_b
    except MalformedAtrError:
        found = None
    if found is None or not found.iso14443_4:
        return _BYTES_OF_ATQB
    return found.application_data + found.protocol_info
