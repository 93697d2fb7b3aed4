# SPDX-License-Identifier: Apache-2.0
"""Cards that are none of ours and answer as if they were: no counter is asked of any of them."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from cardcheck.cards import plan, probe
from cardcheck.errors import PeerError
from cardcheck.facts.card import CardFacts
from cardcheck.transports.guard import guarded
from cardcheck.transports.link import execute
from properties import hostile, oracle

if TYPE_CHECKING:
    from collections.abc import Callable

    from cardcheck.transports.link import CardLink
    from properties.hostile import Answer

OK = b"\x90\x00"
VERIFY = bytes.fromhex(oracle.VERIFY)
FCI = bytes.fromhex("6F0A8408A000000003000000")
IMPOSTORS: dict[str, dict[str, bytes]] = {
    "9000 to all": {},
    "a foreign FCI to all": {"00A4": FCI + OK},
    "its own name as FCI": {"00A4": bytes.fromhex(f"6F0C840A{oracle.JPKI}") + OK},
    "data to SELECT of a file": {"00A402": FCI + OK},
    "a hotel key": {"00B0": b"MY HOTEL KEY CARD".ljust(32) + OK},
    "zeros": {"00B0": bytes(32) + OK},
    "FF": {"00B0": b"\xff" * 32 + OK},
    "blanks": {"00B0": b" " * 32 + OK},
    "another's label": {"00B0": b"JPKIXXICCTOKEN2".ljust(32) + OK},
    "lower case": {"00B0": b"jpkiapicctoken2".ljust(32) + OK},
    "the name further behind": {"00B0": b" JPKIAPICCTOKEN2".ljust(32) + OK},
    "garbage behind the name": {"00B0": b"JPKIAP\xde\xad\xbe\xef".ljust(32) + OK},
    "31 bytes": {"00B0": b"JPKIAPICCTOKEN2".ljust(31) + OK},
    "the name alone": {"00B0": b"JPKIAP" + OK},
    "in pieces": {"00B0000020": b"JPKIAPICCTOKEN" + OK, "00B0": b"2".ljust(18) + OK},
    "a byte at a time": {"00B0": b"J" + OK},
    "6282": {"00B0": b"JPKIAPICCTOKEN2".ljust(32) + b"\x62\x82"},
    "6981": {"00B0": bytes.fromhex("6981")},
    "6982": {"00B0": bytes.fromhex("6982")},
    "6D00": {"00B0": bytes.fromhex("6D00")},
    "no label": {"00A4020C020006": bytes.fromhex("6A82")},
    "61xx and nothing": {"00B0": bytes.fromhex("6120"), "00C0": bytes.fromhex("9000")},
    "61xx to SELECT": {"00A404": bytes.fromhex("6110")},
    "one byte": {"00B0": b"\x90"},
    "nothing": {"00B0": b""},
    "too long": {"00B0": b"JPKIAPICCTOKEN2".ljust(32) + bytes(500) + OK},
}
"""Cards that are none of ours, by what they answer to commands that begin so; 9000 to all else."""


def whole_reading(link: CardLink) -> None:
    """What a scan asks."""
    _carry_out(link, CardFacts(), quick=False)


def quick_reading(link: CardLink) -> None:
    """What ``--quick`` asks."""
    _carry_out(link, CardFacts(), quick=True)


def placing(link: CardLink) -> None:
    """What ``place`` asks."""
    for steps in (probe.probe(), probe.identify(CardFacts()), probe.probe()):
        with suppress(PeerError), link.transaction():
            execute(link, steps)


def _carry_out(link: CardLink, facts: CardFacts, *, quick: bool) -> None:
    with suppress(PeerError):
        for steps in plan.applications(facts, plan.ReadRequest(quick=quick)):
            with link.transaction():
                execute(link, steps)


@pytest.mark.parametrize("read", [whole_reading, quick_reading, placing], ids=lambda r: r.__name__)
@pytest.mark.parametrize("impostor", IMPOSTORS)
def test_a_card_that_does_not_prove_itself_is_asked_nothing(
    impostor: str, read: Callable[[CardLink], None]
) -> None:
    table = IMPOSTORS[impostor]

    def answer(command: bytes) -> Answer:
        text = command.hex().upper()
        return next((table[head] for head in table if text.startswith(head)), OK)

    link = hostile.WatchedLink(answer)
    read(guarded(link))
    assert len(link.sent) > 1
    assert VERIFY not in link.sent
    assert not [
        c for c in link.sent if c[:5].hex() == "00a4020c02" and c[6] in {0x11, 0x18, 0x1B, 0x1C}
    ]
