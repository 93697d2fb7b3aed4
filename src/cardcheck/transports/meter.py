# SPDX-License-Identifier: Apache-2.0
"""The meter: counts what really goes to a card, and is where a reading can be stopped between two exchanges."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from cardcheck.errors import LinkTimeoutError
from cardcheck.transports.layers import LayerLink

if TYPE_CHECKING:
    from threading import Event

    from cardcheck.facts.card import CardFacts
    from cardcheck.transports.link import CardLink


class Meter:
    """What one reading costs, counted into the facts of its card.

    Attributes:
        since: when the call that is under way began (monotonic seconds), or None between calls.
    """

    def __init__(self, facts: CardFacts, stop: Event) -> None:
        """Counts into ``facts``; refuses further commands once ``stop`` is set."""
        self._facts = facts
        self._stop = stop
        self.since: float | None = None

    def begin(self, command: bytes) -> None:
        """Notes that ``command`` is about to be sent.

        Raises:
            LinkTimeoutError: the reading is to stop; nothing is sent.
        """
        if self._stop.is_set():
            raise LinkTimeoutError("stopped")
        self._facts.commands += 1
        self._facts.bytes += len(command)
        self.since = time.monotonic()

    def end(self, answer: bytes) -> None:
        """Notes that ``answer`` came, empty where none came."""
        if self.since is not None:
            self._facts.milliseconds += (time.monotonic() - self.since) * 1000
        self.since = None
        self._facts.bytes += len(answer)


class MeterLink(LayerLink):
    """A link whose exchanges a meter counts."""

    def __init__(self, inner: CardLink, meter: Meter) -> None:
        """Counts what passes to ``inner`` in ``meter``."""
        super().__init__(inner)
        self._meter = meter

    def transmit(self, command: bytes) -> bytes:
        """The card's answer to ``command``.

        Raises:
            LinkTimeoutError: the reading is to stop.
        """
        self._meter.begin(command)
        answer = b""
        try:
            answer = self.inner.transmit(command)
        finally:
            self._meter.end(answer)
        return answer
