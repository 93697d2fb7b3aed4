# SPDX-License-Identifier: Apache-2.0
"""What was observed while a card lay on a reader: read after read, spot by spot. No judgement."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct, field

if TYPE_CHECKING:
    from cardcheck.facts.card import PinId, PinReading


class ContactResult(StrEnum):
    """How one read ended."""

    ANSWERED = "answered"
    LOST = "lost"
    SILENT = "silent"
    GARBLED = "garbled"
    READER_GONE = "reader-gone"


class ContactRead(Struct, frozen=True, kw_only=True):
    """One read of a harmless block.

    Attributes:
        at: when it began, seconds since the first one.
        result: how it ended.
        milliseconds: how long the card took to answer; None where it did not.
        card: which of the cards that answered here: 0 for the first, 1 for another one, …
    """

    at: float
    result: ContactResult
    milliseconds: float | None = None
    card: int = 0


class SpotFacts(Struct):
    """What was read in one spot, in order; grows while the card lies there."""

    reads: list[ContactRead] = field(default_factory=list)


class PlacementFacts(Struct, kw_only=True):
    """What one placement run observed; filled while it runs, the last spot is the present one.

    Attributes:
        spots: the spots, at least one.
        row: the place of the reader among those listed, from 0.
        moving: the person was asked to move the card, and is given time for it.
        absent: no card is in the field at this moment.
        before: the PIN counters at the beginning, as far as they could be asked.
        after: the same at the end.
        stalled: the reader or card stopped answering and was left behind.
        deadline: the deadline came before there were reads enough.
    """

    spots: list[SpotFacts] = field(default_factory=lambda: [SpotFacts()])
    row: int = 0
    moving: bool = False
    absent: bool = False
    before: dict[PinId, PinReading] = field(default_factory=dict)
    after: dict[PinId, PinReading] = field(default_factory=dict)
    stalled: bool = False
    deadline: bool = False
