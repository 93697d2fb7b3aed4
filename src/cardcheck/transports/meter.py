# SPDX-License-Identifier: Apache-2.0
"""The meter: counts what really goes to a card, and can stop a reading between two exchanges.

What belongs here: counting, and the one place where a reading is told to stop. What does not: when
to stop it (``survey``).
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from cardcheck.errors import LinkTimeoutError

if TYPE_CHECKING:
    from threading import Event

    from cardcheck.facts.card import CardFacts


class Meter:
    """What one reading costs, counted into the facts of its card.

    Attributes:
        since: when the call that is under way began (monotonic seconds), or None between calls.
    """

    def __init__(self, facts: CardFacts, stop: Event) -> None:
        """Counts into ``facts``; the reading is to stop once ``stop`` is set."""
        self._facts = facts
        self._stop = stop
        self.since: float | None = None

    def require_going(self) -> None:
        """Passes silently while the reading may go on.

        Raises:
            LinkTimeoutError: it is to stop.
        """
        if self._stop.is_set():
            raise LinkTimeoutError("stopped")

    def begin(self, command: bytes) -> None:
        """Notes that ``command`` is about to be sent."""
        self._facts.commands += 1
        self._facts.bytes += len(command)
        self.since = time.monotonic()

    def end(self, answer: bytes) -> None:
        """Notes that ``answer`` came, empty where none came."""
        if self.since is not None:
            self._facts.milliseconds += (time.monotonic() - self.since) * 1000
        self.since = None
        self._facts.bytes += len(answer)
