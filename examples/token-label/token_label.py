# SPDX-License-Identifier: Apache-2.0
"""Reads the label of the JPKI application, over whatever has a ``transmit``."""

from __future__ import annotations

from typing import Protocol

SELECT_JPKI = bytes.fromhex("00A4040C0AD392F000260100000001")
SELECT_TOKEN = bytes.fromhex("00A4020C020006")
READ_LABEL = bytes.fromhex("00B0000020")
SUCCESS = b"\x90\x00"


class Card(Protocol):
    """A connected card: pyscard, nfcpy and cardcheck can all be made to look like this."""

    def transmit(self, command: bytes) -> bytes:
        """The answer to a command, status word included."""


def token_label(card: Card) -> str | None:
    """The label, or None for a card without JPKI."""
    for command in (SELECT_JPKI, SELECT_TOKEN):
        if card.transmit(command) != SUCCESS:
            return None
    answer = card.transmit(READ_LABEL)
    return answer[:-2].decode("ascii").rstrip() if answer.endswith(SUCCESS) else None
