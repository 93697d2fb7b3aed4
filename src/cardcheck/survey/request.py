# SPDX-License-Identifier: Apache-2.0
"""What a survey is asked to do, and who is told how it gets on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from cardcheck.facts.reader import SILENCE_LIMIT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cardcheck.cards.plan import ReadRequest
    from cardcheck.facts.reader import ReaderIdentity
    from cardcheck.transports.link import ReaderBackend

EXCHANGE_LIMIT = float(SILENCE_LIMIT)
"""Seconds without an answer after which a card counts as silent.

The longest frame waiting time of ISO/IEC 14443-4 (7.2, FWI 14) is 4.95 s; twice that is no slow
card any more.
"""


class Progress(Protocol):
    """Is told, from the main thread, what is going on; must return at once."""

    def looking(self) -> None:
        """Readers are being looked for."""

    def waiting(self, seconds_left: float) -> None:
        """Every reader is empty; waiting for a card."""

    def reading(self, readers: int) -> None:
        """Cards are being read in so many readers."""

    def interrupted_contact(self) -> None:
        """The card was lost; waiting for it to come back."""

    def done(self) -> None:
        """Nothing more is waited for."""


class Silence:
    """Progress that nobody watches."""

    def looking(self) -> None:
        """Says nothing."""

    def waiting(self, seconds_left: float) -> None:
        """Says nothing."""

    def reading(self, readers: int) -> None:
        """Says nothing."""

    def interrupted_contact(self) -> None:
        """Says nothing."""

    def done(self) -> None:
        """Says nothing."""


class SurveyRequest(Struct, frozen=True, kw_only=True):
    """What to do.

    Attributes:
        open_backends: opens the PC/SC service, a simulation or a replay; each call gives a fresh
            instance (one a thread). Empty: PC/SC is not asked.
        open_nfc: opens the NFC devices beside them, or None.
        unlisted: tells whether an NFC device is none of the readers that the service lists.
        read: what to read from a card; None: everything.
        select: picks from the listed readers those to be looked at; None: all, so that cards behind
            the service are read while NFC devices are still being looked for.
        meanwhile: called once, when the first cards are being read or none is: starts what can run
            beside that; returns at once.
        wait: seconds to wait for a card where there is none.
        timeout: seconds for everything but that wait.
        patience: seconds that a card which was lost may take to come back.
        exchange_limit: seconds without an answer after which a card counts as silent.
        even_if_in_use: connect although another program uses the card.
        excluded: tells which readers never count (Windows Hello and its like).
        source: how the bytes are obtained.
    """

    open_backends: Sequence[Callable[[], ReaderBackend]]
    open_nfc: Callable[[], ReaderBackend] | None = None
    unlisted: Callable[[ReaderIdentity, Sequence[ReaderIdentity]], bool] = lambda *_: True
    read: ReadRequest | None = None
    select: Callable[[Sequence[ReaderIdentity]], Sequence[ReaderIdentity]] | None = None
    meanwhile: Callable[[], None] = lambda: None
    wait: float = 0.0
    timeout: float = 30.0
    patience: float = 1.5
    exchange_limit: float = EXCHANGE_LIMIT
    even_if_in_use: bool = False
    excluded: Callable[[str], bool] = lambda _: False
    source: str = "hardware"
    read_cards: bool = True
