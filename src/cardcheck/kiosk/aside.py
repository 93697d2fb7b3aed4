# SPDX-License-Identifier: Apache-2.0
"""Calls that may hang in a driver, made in a thread that can be left behind.

What belongs here: deadlines. What does not: what is called.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Final, TypeVar

from cardcheck.errors import LinkTimeoutError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_TICK: Final = 0.05  # seconds after which the main thread looks at signals again


def aside(function: Callable[[], T], seconds: float) -> T:
    """What ``function`` returns, called in a daemon thread.

    Raises:
        LinkTimeoutError: it did not come back within ``seconds``; its thread was left behind.
        Interruption: a signal came while waiting, inside ``signals.raising``.
        BaseException: whatever ``function`` raised.
    """
    results: list[T] = []
    errors: list[BaseException] = []

    def call() -> None:
        try:
            results.append(function())
        except BaseException as error:  # noqa: BLE001 - handed to the thread that waits
            errors.append(error)

    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    end = time.monotonic() + seconds
    while thread.is_alive() and time.monotonic() < end:
        thread.join(_TICK)
    if thread.is_alive():
        raise LinkTimeoutError("no answer")
    if errors:
        raise errors[0]
    return results[0]
