# SPDX-License-Identifier: Apache-2.0
"""What may hang runs in a thread of ``deadline``; elsewhere threads only serve a pipe or a card."""

from __future__ import annotations

from pathlib import Path

HOME = Path(__file__).parents[2] / "src/cardcheck"
SERVING = {
    "cli/serving.py",  # two virtual cards at once
    "simulation/isodep.py",  # a card that asks for more time while it works
    "simulation/nfc_udp.py",
    "simulation/vpcd.py",
    "transports/nfc/backend.py",  # listens to the child process
    "transports/nfc/child.py",  # listens to the parent
}


def test_one_module_starts_threads_for_what_may_hang() -> None:
    starting = {
        path.relative_to(HOME).as_posix()
        for path in HOME.rglob("*.py")
        if "threading.Thread(target" in path.read_text("utf-8")
    }
    assert "deadline.py" in starting
    assert starting - SERVING == {"deadline.py"}
