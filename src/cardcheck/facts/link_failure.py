# SPDX-License-Identifier: Apache-2.0
"""How the way to a card can fail: one enumeration, and one table of all that is known of each.

What belongs here: PC/SC code, error class, word in traces, what is left in the slot, what it means.
What does not: sentences for people (``catalog``).
"""

from __future__ import annotations

from enum import Enum, StrEnum
from typing import Final

from msgspec import Struct

from cardcheck import errors
from cardcheck.facts.reader import Backend, ReaderFacts, SlotState


class LinkFailure(StrEnum):
    """The failures; the name is the word in traces, the value what facts and reports hold."""

    NO_SERVICE = "NoServiceError"
    ACCESS_DENIED = "AccessDeniedError"
    NO_READER = "NoReaderError"
    NO_CARD = "NoCardError"
    CARD_REMOVED = "CardRemovedError"
    CARD_RESET = "CardResetError"
    SHARING_VIOLATION = "SharingViolationError"
    MUTE = "UnresponsiveCardError"
    GARBLED = "GarbledCardError"
    FOREIGN = "ForeignCardError"
    TIMEOUT = "LinkTimeoutError"
    LINK_ERROR = "LinkError"
    MALFORMED_RESPONSE = "MalformedResponseError"
    NO_BINDING = "ImportError"

    __hash__ = str.__hash__  # it equals its value, and is looked up by it


class Meaning(Enum):
    """What a failure tells of the card and the reader."""

    NO_WAY = "no-way"
    """Service or reader have gone: no fault of the card or of where it lies."""
    CONTACT = "contact"
    """Contact with the card was lost."""
    HELD = "held"
    """Another program holds the card."""
    MUTE = "mute"
    """A card is there and does not answer."""
    FOREIGN = "foreign"
    """A card that takes no commands of ISO/IEC 7816."""
    SILENCE = "silence"
    """Nothing came back in time."""
    OTHER = "other"
    """Nothing in particular."""
    RULES = "rules"
    """What came back breaks the rules."""


class FailureRow(Struct, frozen=True, kw_only=True):
    """All that is known of one failure.

    Attributes:
        kind: the exception that stands for it.
        means: what it tells.
        codes: the PC/SC codes, unsigned; winscard.h (Windows), PCSC.framework's wintypes.h (macOS)
            and pcsclite.h (Linux) agree on all of them.
        slot: what is in the slot then.
        traced: whether a trace can hold it.
    """

    kind: type[Exception]
    means: Meaning
    codes: tuple[int, ...] = ()
    slot: SlotState = SlotState.UNAVAILABLE
    traced: bool = True


TABLE: Final[dict[LinkFailure, FailureRow]] = {
    LinkFailure.NO_SERVICE: FailureRow(
        kind=errors.NoServiceError,
        means=Meaning.NO_WAY,
        codes=(
            0x8010001D,  # SCARD_E_NO_SERVICE
            0x8010001E,  # SCARD_E_SERVICE_STOPPED
            0x80100013,  # SCARD_F_COMM_ERROR: it went away in a call
        ),
    ),
    LinkFailure.ACCESS_DENIED: FailureRow(
        kind=errors.AccessDeniedError,
        means=Meaning.NO_WAY,
        codes=(0x8010006A,),  # SCARD_W_SECURITY_VIOLATION: polkit
    ),
    LinkFailure.NO_READER: FailureRow(
        kind=errors.NoReaderError,
        means=Meaning.NO_WAY,
        codes=(
            0x8010002E,  # SCARD_E_NO_READERS_AVAILABLE
            0x80100009,  # SCARD_E_UNKNOWN_READER
            0x80100017,  # SCARD_E_READER_UNAVAILABLE
        ),
    ),
    LinkFailure.NO_CARD: FailureRow(
        kind=errors.NoCardError,
        means=Meaning.CONTACT,
        codes=(0x8010000C,),  # SCARD_E_NO_SMARTCARD
        slot=SlotState.EMPTY,
    ),
    LinkFailure.CARD_REMOVED: FailureRow(
        kind=errors.CardRemovedError,
        means=Meaning.CONTACT,
        codes=(0x80100069,),  # SCARD_W_REMOVED_CARD
        slot=SlotState.EMPTY,
    ),
    LinkFailure.CARD_RESET: FailureRow(
        kind=errors.CardResetError,
        means=Meaning.CONTACT,
        codes=(0x80100068,),  # SCARD_W_RESET_CARD
        slot=SlotState.CARD,
    ),
    LinkFailure.SHARING_VIOLATION: FailureRow(
        kind=errors.SharingViolationError,
        means=Meaning.HELD,
        codes=(0x8010000B,),  # SCARD_E_SHARING_VIOLATION
        slot=SlotState.IN_USE,
    ),
    LinkFailure.MUTE: FailureRow(
        kind=errors.UnresponsiveCardError,
        means=Meaning.MUTE,
        codes=(
            0x80100066,  # SCARD_W_UNRESPONSIVE_CARD
            0x80100067,  # SCARD_W_UNPOWERED_CARD
            0x8010000F,  # SCARD_E_PROTO_MISMATCH: the ATR is no ATR
        ),
        slot=SlotState.MUTE,
    ),
    LinkFailure.GARBLED: FailureRow(
        kind=errors.GarbledCardError, means=Meaning.MUTE, slot=SlotState.MUTE, traced=False
    ),
    LinkFailure.FOREIGN: FailureRow(
        kind=errors.ForeignCardError, means=Meaning.FOREIGN, slot=SlotState.CARD, traced=False
    ),
    LinkFailure.TIMEOUT: FailureRow(
        kind=errors.LinkTimeoutError,
        means=Meaning.SILENCE,
        codes=(0x8010000A,),  # SCARD_E_TIMEOUT
    ),
    LinkFailure.LINK_ERROR: FailureRow(kind=errors.LinkError, means=Meaning.OTHER),
    LinkFailure.MALFORMED_RESPONSE: FailureRow(
        kind=errors.MalformedResponseError, means=Meaning.RULES, slot=SlotState.CARD
    ),
    LinkFailure.NO_BINDING: FailureRow(kind=ImportError, means=Meaning.NO_WAY, traced=False),
}
"""Every failure."""
_BY_CODE: Final = {code: failure for failure, row in TABLE.items() for code in row.codes}
_BY_KIND: Final = {row.kind: failure for failure, row in TABLE.items()}
TRACED: Final = {failure.name: failure for failure, row in TABLE.items() if row.traced}
"""The failures that a trace can hold, by their words."""


def failure_of(error: Exception) -> LinkFailure:
    """The failure that ``error`` stands for: that of its class, else of the next above it."""
    known = (_BY_KIND[kind] for kind in type(error).__mro__ if kind in _BY_KIND)
    other = LinkFailure.MALFORMED_RESPONSE
    return next(known, other if isinstance(error, errors.PeerError) else LinkFailure.LINK_ERROR)


def failure_of_code(code: int | None) -> LinkFailure:
    """The failure that a PC/SC code stands for, signed or unsigned; a link error for any other."""
    return (
        LinkFailure.LINK_ERROR
        if code is None
        else _BY_CODE.get(code & 0xFFFFFFFF, LinkFailure.LINK_ERROR)
    )


def meaning_of(error: Exception) -> Meaning:
    """What ``error`` tells of the card and the reader."""
    return TABLE[failure_of(error)].means


def is_refused(facts: ReaderFacts) -> bool:
    """Whether the PC/SC service let this user see the reader, and not use the card in it."""
    return facts.identity.backend is Backend.PCSC and facts.error == LinkFailure.ACCESS_DENIED
