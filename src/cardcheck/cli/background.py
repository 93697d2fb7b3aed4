# SPDX-License-Identifier: Apache-2.0
"""What runs beside the reading of a card.

What belongs here: facts of the host, and imports that will be needed afterwards.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from cardcheck import signals

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_LOOK: Final = 0.05  # seconds between two looks at whether a signal has come
_LITTLE: Final = 0.2  # seconds for what is not yet known then; a report must follow within a second


class Later(Generic[T]):
    """A function for a daemon thread of its own; what it returns can be asked for later.

    Attributes:
        error: what the function raised, or None.
    """

    def __init__(self, function: Callable[[], T]) -> None:
        """Prepares to run ``function``; see ``start``."""
        self.error: Exception | None = None
        self._found: list[T] = []
        self._function = function
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._started = False

    def start(self) -> None:
        """Runs the function, once."""
        if not self._started:
            self._started = True
            self._thread.start()

    def _run(self) -> None:
        try:
            self._found.append(self._function())
        except Exception as error:  # noqa: BLE001 - what was only to be loaded early fails again, and is said, in its place
            self.error = error

    def result(self, seconds: float) -> T | None:
        """What the function returned, or None where it raised or takes longer than ``seconds``.

        Starts it where nobody has. After SIGINT or SIGTERM it has little time left.
        """
        self.start()
        end = time.monotonic() + seconds
        while self._thread.is_alive() and (left := end - time.monotonic()) > 0:
            self._thread.join(min(left, _LOOK))
            if signals.pending():
                end = min(end, time.monotonic() + _LITTLE)
        return self._found[0] if self._found else None


def load_what_comes_after(*, text: bool, page: bool, cards: bool, issuer: bool) -> None:
    """Imports what turns facts into a report, while a card is being read."""
    if cards:
        import cardcheck.checks.diagnosis
    else:
        import cardcheck.checks.inventory
    if text:
        import cardcheck.render.pages.report
        import cardcheck.render.plain
    else:
        import cardcheck.render.json_report  # noqa: F401
    if page:
        from cardcheck.render import html

        html.warm_up()
    if issuer:
        from cardcheck.cards import trust

        trust.warm_up()
