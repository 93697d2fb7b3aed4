# SPDX-License-Identifier: Apache-2.0
"""What was observed at one slot of one reader, and at the service behind it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

if TYPE_CHECKING:
    from cardcheck.facts.card import CardFacts


class SlotState(StrEnum):
    """What is in a slot; the values of the contract."""

    EMPTY = "empty"
    CARD = "card"
    MUTE = "mute"
    IN_USE = "in-use"
    UNAVAILABLE = "unavailable"


OCCUPIED: Final = frozenset({SlotState.CARD, SlotState.MUTE})
"""There is a card, and no other program is in the way."""
SILENCE_LIMIT: Final = 10
"""Seconds that a survey gives a service, reader or card to answer; it is left behind then."""


class Backend(StrEnum):
    """The ways to a reader."""

    PCSC = "pcsc"
    NFC = "nfc"


class ReaderIdentity(Struct, frozen=True, kw_only=True):
    """One slot as a backend lists it.

    Attributes:
        name: the name as listed, untrusted, serial number included.
        backend: who lists it.
        path: what opens it (the PC/SC name, or an nfcpy path).
        usb: vendor and product id (``("054c", "0dc9")``), where known.
        virtual: a virtual reader that counts (vpcd, nfcpy ``udp``).
    """

    name: str
    backend: Backend
    path: str
    usb: tuple[str, str] | None = None
    virtual: bool = False


class ReaderFacts(Struct, kw_only=True):
    """What was observed at one slot; filled while the survey runs.

    Attributes:
        identity: which slot.
        slot: what is in it.
        card: what was read, where there is a card.
        selected: False where ``--reader`` chose another one: listed, not looked into.
        error: the name of the link error that kept us out, or None.
        code: its PC/SC code, or None.
        holder: programs that use the reader, where the system tells (``("scdaemon", 4242)``).
        stalled: the reader or card stopped answering; the reading was abandoned.
        silence: seconds after which it was, or None for the limit of an exchange.
        deadline: the deadline of the command ended the reading.
        finished: the reading came to an end of its own.
        crash: the name of an exception that is a bug of ours, or None.
    """

    identity: ReaderIdentity
    slot: SlotState = SlotState.EMPTY
    card: CardFacts | None = None
    selected: bool = True
    error: str | None = None
    code: int | None = None
    holder: tuple[tuple[str, int], ...] = ()
    stalled: bool = False
    silence: int | None = None
    deadline: bool = False
    finished: bool = False
    crash: str | None = None


class ServiceFacts(Struct, kw_only=True):
    """What was observed of the PC/SC service.

    Attributes:
        asked: whether PC/SC was asked at all (not with ``--backend nfc``).
        error: the name of the link error, ``ImportError`` where pyscard cannot be loaded, or None.
        code: the PC/SC code, or None.
        detail: one technical line, without personal data.
        stalled: the service took the call and did not answer in time.
    """

    asked: bool = True
    error: str | None = None
    code: int | None = None
    detail: str | None = None
    stalled: bool = False


class SurveyFacts(Struct, kw_only=True):
    """All that one survey observed beside the host itself.

    Attributes:
        source: ``hardware``, ``replay`` or ``simulation``.
        service: the PC/SC service.
        nfc: whether NFC devices were looked for beside it.
        readers: one entry a slot: PC/SC order, then NFC.
        ignored: how many readers were left out because they never count (Windows Hello, for one).
        waited: seconds spent waiting for a card.
        timeout: the deadline that was set, seconds.
        deadline: the deadline of the command ended the survey.
        interrupted: ``SIGINT`` or ``SIGTERM`` ended it, or None.
    """

    source: str = "hardware"
    service: ServiceFacts = field(default_factory=ServiceFacts)
    nfc: bool = False
    readers: list[ReaderFacts] = field(default_factory=list)
    ignored: int = 0
    waited: float = 0.0
    timeout: float = 30.0
    deadline: bool = False
    interrupted: str | None = None
