# SPDX-License-Identifier: Apache-2.0
"""Several probes at once, each on its own: one that hangs or crashes takes nothing else with it.

What belongs here: threads and the deadline. What does not: any one probe.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_LOOK: Final = 0.05  # seconds between two looks at whether it is broken off


class Gathered(Struct, frozen=True):
    """What came of it.

    Attributes:
        values: what each probe returned, by name, of those that did.
        unread: the names of the others.
        hung: those of them that did not end in time; their threads are left behind. None where
            the gathering was broken off, for then they may have been only slow.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    unread: tuple[str, ...] = ()
    hung: tuple[str, ...] = ()


def gather(
    probes: Mapping[str, Callable[[], object]],
    seconds: float,
    broken_off: Callable[[], object] = lambda: None,
) -> Gathered:
    """What ``probes`` return, run at once in daemon threads. Never raises.

    Args:
        probes: functions by name.
        seconds: how long all of them together may take.
        broken_off: asked again and again; what is true ends the wait.
    """
    found: dict[str, object] = {}

    def run(name: str, probe: Callable[[], object]) -> None:
        try:
            found[name] = probe()
        except Exception:  # noqa: BLE001 - a probe that fails is a probe without an answer
            return

    deadline = time.monotonic() + seconds
    threads = [
        threading.Thread(target=run, args=item, daemon=True, name=item[0])
        for item in probes.items()
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        while thread.is_alive() and time.monotonic() < deadline and not broken_off():
            thread.join(min(_LOOK, max(0.0, deadline - time.monotonic())))
    values = {name: found[name] for name in probes if name in found}
    return Gathered(
        values=values,
        unread=tuple(name for name in probes if name not in values),
        hung=() if broken_off() else tuple(t.name for t in threads if t.is_alive()),
    )
