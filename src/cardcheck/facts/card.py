# SPDX-License-Identifier: Apache-2.0
"""What was read from one card. Raw bytes and status words, no judgement.

What belongs here: the record that the card plans fill while they run, so that what was read before
a card was pulled is not lost. What does not: dates, validity, words (``checks``).
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct, field

if TYPE_CHECKING:
    from cardcheck.iso7816.status import StatusWord


class CardKind(StrEnum):
    """What kind of card it is; the values of the contract."""

    MY_NUMBER = "my-number-card"
    JUKICARD = "jukicard"
    SMARTPHONE = "smartphone"
    DRIVERS_LICENCE = "drivers-licence"
    RESIDENCE_CARD = "residence-card"
    PASSPORT = "passport"
    PAYMENT_CARD = "payment-card"
    BANK_CARD = "bank-card"
    FELICA = "felica"
    PIV = "piv"
    HPKI = "hpki"
    BCAS = "bcas"
    ETC = "etc-card"
    UNKNOWN_JPKI = "unknown-jpki"
    UNKNOWN = "unknown"

    @property
    def has_jpki(self) -> bool:
        """Whether the JPKI application answered."""
        return self.is_my_number or self in {CardKind.JUKICARD, CardKind.SMARTPHONE}

    @property
    def is_my_number(self) -> bool:
        """Whether it is a My Number card, also one of a generation yet unknown."""
        return self in {CardKind.MY_NUMBER, CardKind.UNKNOWN_JPKI}


class ReadState(StrEnum):
    """How the reading of one file ended."""

    READ = "read"
    ABSENT = "absent"
    PROTECTED = "protected"
    MALFORMED = "malformed"
    REFUSED = "refused"
    NOT_READ = "not-read"


class PinId(StrEnum):
    """The four PINs of the card; the values of the contract."""

    AUTHENTICATION = "authentication"
    SIGNATURE = "signature"
    TEXT_INPUT = "text-input"
    RESIDENT_REGISTER = "resident-register"


class FileReading(Struct, frozen=True):
    """What reading one file gave.

    Attributes:
        state: how it ended.
        data: the bytes, as far as they came.
        sw: the last status word, or None where none came.
        whole: False where only the first bytes were asked for (``--quick``).
    """

    state: ReadState = ReadState.NOT_READ
    data: bytes = b""
    sw: StatusWord | None = None
    whole: bool = True

    def __repr__(self) -> str:
        """How it ended, and how much was read: never the bytes."""
        return f"FileReading({self.state!r}, {len(self.data)} bytes, {self.sw!r}, {self.whole})"


class PinReading(Struct, frozen=True):
    """What the counter query of one PIN gave.

    Attributes:
        state: READ where the query was answered; ABSENT, REFUSED, MALFORMED or NOT_READ otherwise.
        sw: the status word of the answer (63Cx, 6984, 9000, …).
    """

    state: ReadState = ReadState.NOT_READ
    sw: StatusWord | None = None


NOT_READ = FileReading()
PIN_NOT_READ = PinReading()


class CardFacts(Struct, kw_only=True):
    """What was read from one card; the plans fill it step by step.

    Attributes:
        atr: the answer to reset as PC/SC gave it (empty over nfcpy).
        protocol: ``T=0``, ``T=1`` or ``ISO-DEP``.
        kind: what kind of card it is, as far as it is known.
        label: the token label in printable ASCII, or None where it could not be read.
        proved: whether the label came whole, in one answer, and is one of JPKI; counters are asked
            of no other card.
        applications: ids of the applications that answered 9000, in the order of the file map.
        directory: EF 0008, which certificates exist.
        certificate: EF 000A, the 利用者証明用 certificate.
        ca_certificate: EF 000B, the CA on the card.
        common_record: record 1 of 0100/0001, with the card's expiry date.
        pins: the counters.
        commands: command APDUs sent.
        bytes: bytes sent and received.
        milliseconds: time in exchanges.
        interruption: the name of the link error that ended the reading, or None.
        code: its PC/SC code, or None.
        restarts: how often the reading was begun again after the card had been lost.
        complaint: what the card did against the rules, or None.
        quick: whether only the quick plan was asked for.
        impersonal: whether nothing was asked that tells of the owner: no counter, no list of files.
        complete: whether the plan came to its end.
    """

    atr: bytes = b""
    protocol: str = "T=1"
    kind: CardKind = CardKind.UNKNOWN
    label: str | None = None
    proved: bool = False
    applications: list[str] = field(default_factory=list)
    directory: FileReading = NOT_READ
    certificate: FileReading = NOT_READ
    ca_certificate: FileReading = NOT_READ
    common_record: FileReading = NOT_READ
    pins: dict[PinId, PinReading] = field(default_factory=dict)
    commands: int = 0
    bytes: int = 0
    milliseconds: float = 0.0
    interruption: str | None = None
    code: int | None = None
    restarts: int = 0
    complaint: str | None = None
    quick: bool = False
    impersonal: bool = False
    complete: bool = False
