# SPDX-License-Identifier: Apache-2.0
"""The readers of a simulated profile, behind the same guard and the same code as real ones."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cardcheck.errors import (
    CardRemovedError,
    MalformedResponseError,
    NoCardError,
    NoReaderError,
    NoServiceError,
    SharingViolationError,
    UnresponsiveCardError,
)
from cardcheck.facts.reader import Backend, ReaderIdentity, SlotState
from cardcheck.transports.guard import guarded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from cardcheck.simulation.card import SimulatedCard
    from cardcheck.simulation.profiles import Profile, SimulatedReader
    from cardcheck.transports.link import CardLink
    from cardcheck.transports.meter import Meter
    from cardcheck.transports.record import Recorder

_FOREVER = 3600.0


class SimulatedWorld:
    """One profile come alive: its cards keep their state between connections, like real ones."""

    def __init__(
        self,
        profile: Profile,
        now: datetime,
        *,
        overlay: Callable[[SimulatedCard], SimulatedCard] | None = None,
    ) -> None:
        """Builds the readers and cards of ``profile`` for ``now``; ``overlay`` adds faults."""
        self.profile = profile
        self.readers: dict[str, SimulatedReader] = {}
        self.cards: dict[str, SimulatedCard] = {}
        for reader in profile.readers:
            self.readers[reader.name] = reader
            if reader.make_card is not None:
                card = reader.make_card(now)
                self.cards[reader.name] = overlay(card) if overlay else card

    def open(self, recorder: Recorder | None = None) -> SimulatedBackend:
        """A backend over this world.

        Raises:
            NoServiceError: the profile has no service.
        """
        if not self.profile.service:
            raise NoServiceError("simulated: no service", code=0x8010001D)
        return SimulatedBackend(self, recorder)


class SimulatedBackend:
    """Lists and connects the readers of a simulated world."""

    def __init__(self, world: SimulatedWorld, recorder: Recorder | None = None) -> None:
        """Looks at ``world``."""
        self._world = world
        self._recorder = recorder

    def readers(self) -> Sequence[ReaderIdentity]:
        """All simulated slots."""
        return tuple(
            ReaderIdentity(name=name, backend=Backend.PCSC, path=name, virtual=True)
            for name in self._world.readers
        )

    def slot_state(self, reader: ReaderIdentity) -> SlotState:
        """What the profile says is in the slot."""
        simulated = self._reader(reader)
        if simulated.in_use or simulated.exclusive:
            return SlotState.IN_USE
        if simulated.mute:
            return SlotState.MUTE
        card = self._world.cards.get(reader.path)
        return SlotState.CARD if card is not None and card.present else SlotState.EMPTY

    def wait_for_card(self, readers: Sequence[ReaderIdentity], seconds: float) -> bool:
        """Whether a card is there; in a simulation none comes later."""
        if any(self.slot_state(reader) is not SlotState.EMPTY for reader in readers):
            return True
        time.sleep(seconds)
        return False

    def connect(self, reader: ReaderIdentity, meter: Meter | None = None) -> CardLink:
        """A guarded link to the simulated card."""
        simulated = self._reader(reader)
        if simulated.exclusive:
            raise SharingViolationError("simulated: in use", code=0x8010000B)
        if simulated.mute:
            raise UnresponsiveCardError("simulated: mute", code=0x80100066)
        card = self._world.cards.get(reader.path)
        if card is None:
            raise NoCardError("simulated: empty", code=0x8010000C)
        return guarded(_SimulatedLink(card), meter=meter, recorder=self._recorder)

    def close(self) -> None:
        """Nothing to let go of."""

    def _reader(self, reader: ReaderIdentity) -> SimulatedReader:
        try:
            return self._world.readers[reader.path]
        except KeyError:
            raise NoReaderError("simulated: no such reader", code=0x80100009) from None


class _SimulatedLink:
    """A connected virtual card, without the guard."""

    def __init__(self, card: SimulatedCard) -> None:
        self._card = card
        self.atr = card.power_on()
        self.protocol = "T=1"

    def transmit(self, command: bytes) -> bytes:
        """The card's answer; a card that has gone silent blocks, as a real one would."""
        answer = self._card.transmit(command)
        if answer is None:
            time.sleep(_FOREVER)
            raise UnresponsiveCardError("simulated: silent")
        if not answer:
            raise CardRemovedError("simulated: an empty answer", code=0x80100069)
        if len(answer) < 2:
            raise MalformedResponseError(f"an answer of {len(answer)} bytes")
        return answer

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """No other program can come in between."""
        yield

    def close(self) -> None:
        """Leaves the card as it is."""
