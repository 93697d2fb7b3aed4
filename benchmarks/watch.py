# SPDX-License-Identifier: Apache-2.0
"""``kiosk watch`` at full speed: memory, files and threads before and after.

    python benchmarks/watch.py [CYCLES] [--pcscd]

Publishes after each look like the program, into memory-backed /dev/shm where there is one (the
unit writes to /run). With ``--pcscd`` the looks go to the PC/SC service of this computer. The exit
code is 1 where memory grows by more than 1 MB, or handles or threads by any.
"""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cardcheck.cli.kiosk import Kiosk, KioskOptions
from cardcheck.cli.kiosk_runs import Publisher
from cardcheck.errors import NoReaderError, NoServiceError
from cardcheck.facts.reader import Backend, ReaderIdentity, SlotState
from cardcheck.kiosk.health import Health
from cardcheck.kiosk.watch import Watcher

if TYPE_CHECKING:
    from collections.abc import Sequence

SHARED = "/dev/shm"  # noqa: S108 - a folder of its own is made in it
CYCLES = 100_000
WARM_UP = 2_000
MOST_GROWTH = 1 << 20  # bytes


class Restless:
    """Two readers that come and go, cards too, and a service that is restarted every 97 calls."""

    calls = 0

    def readers(self) -> Sequence[ReaderIdentity]:
        """One reader or two."""
        type(self).calls += 1
        if self.calls % 97 == 0:
            raise NoServiceError("restarted")
        number = self.calls // 50 % 200
        names = [f"Reader A {number:02X} 00", "Reader B 01 00"][: 1 + (self.calls // 13) % 2]
        return [ReaderIdentity(name=name, backend=Backend.PCSC, path=name) for name in names]

    def slot_state(self, reader: ReaderIdentity) -> SlotState:  # noqa: ARG002 - all alike
        """Empty, a card or a mute one in turn."""
        if self.calls % 31 == 0:
            raise NoReaderError("unplugged")
        return (SlotState.EMPTY, SlotState.CARD, SlotState.MUTE)[self.calls // 7 % 3]

    def close(self) -> None:
        """Nothing is held."""


def measured() -> tuple[int, int, int]:
    """Resident memory in bytes, open files, threads."""
    status = Path("/proc/self/status").read_text("ascii").splitlines()
    fields = dict(line.split(":", 1) for line in status)
    return (
        int(fields["VmRSS"].split()[0]) * 1024,
        len(list(Path("/proc/self/fd").iterdir())),
        int(fields["Threads"]),
    )


def main(arguments: list[str]) -> int:
    """Prints what was measured; returns the exit code."""
    real = "--pcscd" in arguments
    numbers = [int(each) for each in arguments if each.isdigit()]
    cycles = numbers[0] if numbers else CYCLES
    kiosk = Kiosk("kiosk watch", KioskOptions(lang="en"))
    memory = SHARED if Path(SHARED).is_dir() else None
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        publish = Publisher(kiosk, f"{folder}/state.json", f"{folder}/cardcheck.prom")
        health = Health(at=datetime.now(UTC), interval=1e-9)
        watcher = Watcher(kiosk.opener() if real else Restless, health)
        watcher.run(publish, min(WARM_UP, cycles))
        before, began = measured(), time.monotonic()
        watcher.run(publish, cycles)
        after, seconds = measured(), time.monotonic() - began
    print(f"{cycles} looks in {seconds:.1f} s, {seconds / cycles * 1e6:.0f} us each")
    for name, old, new in zip(("memory, bytes", "files", "threads"), before, after, strict=True):
        print(f"{name}: {old} before, {new} after")
    print(f"outages {watcher.health.outages}, changes {watcher.health.changes}")
    grown = after[0] - before[0] > MOST_GROWTH or after[1:] != before[1:]
    print("FAILED: it grows" if grown else "ok: flat")
    return int(grown)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
