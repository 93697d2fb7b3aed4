# SPDX-License-Identifier: Apache-2.0
"""The one door to a card, the one door to readers, and the only loop that does card I/O.

What belongs here: the protocols that drivers fulfil, and ``execute``. What does not: any driver.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from cardcheck.errors import PeerError
from cardcheck.iso7816.apdu import ResponseApdu

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from contextlib import AbstractContextManager

    from cardcheck.facts.reader import ReaderIdentity, SlotState
    from cardcheck.iso7816.apdu import CommandApdu
    from cardcheck.transports.meter import Meter

T = TypeVar("T")


class CardLink(Protocol):
    """A connected card."""

    @property
    def atr(self) -> bytes:
        """The answer to reset, as the driver gives it; empty where there is none."""

    @property
    def protocol(self) -> str:
        """``T=0``, ``T=1`` or ``ISO-DEP``."""

    def transmit(self, command: bytes) -> bytes:
        """The card's answer to ``command``, at least the two bytes of a status word.

        Raises:
            LinkError: the way to the card is broken.
            PeerError: an answer that no card may give.
        """

    def transaction(self) -> AbstractContextManager[None]:
        """Keeps other programs out while it is open, where the driver can.

        Raises:
            LinkError: on entering, when the card has gone, was reset, or is held by another.
        """

    def close(self) -> None:
        """Lets go of the card without resetting it or switching it off; never raises."""


class ReaderBackend(Protocol):
    """A service that lists readers and connects cards. Not thread-safe: one instance a thread."""

    def readers(self) -> Sequence[ReaderIdentity]:
        """All slots, in the order of the service.

        Raises:
            LinkError: NoServiceError, AccessDeniedError or another: the service cannot be asked.
        """

    def slot_state(self, reader: ReaderIdentity) -> SlotState:
        """What is in a slot, without connecting to a card.

        Raises:
            LinkError: the slot cannot be asked.
        """

    def wait_for_card(self, readers: Sequence[ReaderIdentity], seconds: float) -> bool:
        """Whether a card came into one of ``readers`` (or readers changed) within ``seconds``.

        Raises:
            LinkError: the service cannot be asked.
        """

    def connect(self, reader: ReaderIdentity, meter: Meter | None = None) -> CardLink:
        """A guarded link to the card in ``reader``: shared, never resetting the card.

        Args:
            reader: which slot.
            meter: counts what is sent.

        Raises:
            LinkError: NoCardError, UnresponsiveCardError, SharingViolationError or another.
        """

    def close(self) -> None:
        """Lets go of the service; never raises."""


def execute(link: CardLink, plan: Generator[CommandApdu, ResponseApdu, T]) -> T:
    """Runs ``plan`` over ``link`` and returns what the plan returns.

    Raises:
        LinkError: from the link; what the plan has noted by then stays noted.
        PeerError: from the link, where the plan does not deal with it, or from the plan.
    """
    try:
        command = next(plan)
        while True:
            try:
                answer = ResponseApdu.parse(link.transmit(command.encode()))
            except PeerError as error:
                command = plan.throw(error)
            else:
                command = plan.send(answer)
    except StopIteration as stop:
        result: T = stop.value
        return result
    finally:
        plan.close()
