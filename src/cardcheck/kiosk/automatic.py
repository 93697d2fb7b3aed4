# SPDX-License-Identifier: Apache-2.0
"""The operator's hand where a simulated or recorded card is presented.

What belongs here: hiding a card that has not been placed. What does not: the card.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cardcheck.facts.reader import SlotState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cardcheck.facts.reader import ReaderIdentity
    from cardcheck.transports.link import CardLink, ReaderBackend
    from cardcheck.transports.meter import Meter


class AutomaticHands:
    """Places a fresh card each time; ``open`` opens what is in the reader now."""

    def __init__(self, fresh: Callable[[], Callable[[], ReaderBackend]]) -> None:
        """``fresh`` makes a new card, in the shape of a function that opens its backend."""
        self._fresh = fresh
        self._opener = fresh()
        self._placed = False

    def place(self) -> None:
        """Puts a fresh card on the reader."""
        self._opener, self._placed = self._fresh(), True

    def remove(self) -> None:
        """Takes it away."""
        self._placed = False

    def open(self) -> ReaderBackend:
        """A backend that shows the card only while it is placed.

        Raises:
            LinkError: as the simulated or recorded service does.
        """
        return _Handled(self._opener(), placed=self._placed)


class _Handled:
    """A backend whose slots are empty while nothing is placed."""

    def __init__(self, inner: ReaderBackend, *, placed: bool) -> None:
        self._inner = inner
        self._placed = placed

    def readers(self) -> Sequence[ReaderIdentity]:
        """The readers of the backend behind."""
        return self._inner.readers()

    def slot_state(self, reader: ReaderIdentity) -> SlotState:
        """What is in the slot behind, or empty."""
        return self._inner.slot_state(reader) if self._placed else SlotState.EMPTY

    def wait_for_card(self, readers: Sequence[ReaderIdentity], seconds: float) -> bool:
        """Whether a card is there; none comes by itself."""
        return self._placed and self._inner.wait_for_card(readers, seconds)

    def connect(self, reader: ReaderIdentity, meter: Meter | None = None) -> CardLink:
        """A guarded link to the card."""
        return self._inner.connect(reader, meter)

    def close(self) -> None:
        """Closes the backend behind."""
        self._inner.close()
