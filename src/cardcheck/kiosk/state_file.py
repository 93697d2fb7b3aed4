# SPDX-License-Identifier: Apache-2.0
"""The state of ``kiosk watch`` as JSON, ``cardcheck.kiosk/1``, written and read back.

What belongs here: names, order and meaning of fields, and what a later version may have written.
What does not: judgement (``health``).
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Final, Literal, TypeVar

from msgspec import UNSET, Meta, Struct, UnsetType

from cardcheck.codec import decoded
from cardcheck.errors import InputError
from cardcheck.facts.reader import SlotState
from cardcheck.kiosk.health import Health, ReaderHealth, Reason, State, stem_of
from cardcheck.render.json_report import instant

# Not only for type checkers: the schema is made from the types of the fields.
from cardcheck.report.model import Source
from cardcheck.report.rows import Instant  # noqa: TC001
from cardcheck.report.schema import known

if TYPE_CHECKING:
    from enum import StrEnum

_Member = TypeVar("_Member", bound="StrEnum")

_MAX_READERS: Final = 64  # of a state file; pcsc-lite has 16 by default
_DAY: Final = 86_400
_Number = Annotated[int, Meta(ge=0)]


class WatchedReader(Struct, frozen=True, kw_only=True):
    """One slot.

    Attributes:
        name: without serial number and slot number.
        state: how it is.
        reason: why.
        since: since when it holds what it holds, UTC.
        slot: what it holds; null where it is missing, or the service does not say.
        held: what it held when the service went away; left out otherwise.
        held_since: since when it had held that, UTC; likewise.
    """

    name: str
    state: Annotated[str, known(*State)]
    reason: Annotated[str, known(*Reason)]
    since: Instant
    slot: Annotated[str, known(*SlotState)] | None
    held: Annotated[str, known(*SlotState)] | UnsetType = UNSET
    held_since: Instant | UnsetType = UNSET


class WatchDocument(Struct, frozen=True, kw_only=True, tag_field="schema", tag="cardcheck.kiosk/1"):
    """A station's health after a look that touches no card.

    Attributes:
        command: which command made it.
        generated_at: when, UTC.
        station: its label, or null.
        source: what was looked at; older ones of hardware leave it out.
        state: the worst of its readers, or of the service.
        reason: why.
        readers: one row an expected or listed slot.
        expected: how many readers of each name belong here.
        declared: whether somebody has said so; older ones leave it out, and have learned it.
        interval: seconds between two looks.
        looks: how many there were.
        outages: how often the service went away.
        changes: how often a reader went away or came.
        sleeps: how often the computer was suspended.
    """

    command: Literal["kiosk watch"]
    generated_at: Instant
    station: str | None
    source: Annotated[str, known(*Source)] | UnsetType = UNSET
    state: Annotated[str, known(*State)]
    reason: Annotated[str, known(*Reason)]
    readers: tuple[WatchedReader, ...]
    expected: dict[str, _Number]
    declared: bool | UnsetType = UNSET
    interval: Annotated[float, Meta(gt=0, le=_DAY)]
    looks: _Number
    outages: _Number
    changes: _Number
    sleeps: _Number


def health_document(health: Health) -> WatchDocument:
    """A station's health as a JSON document; ``health_in`` reads it again."""
    return WatchDocument(
        command="kiosk watch",
        generated_at=instant(health.at),
        station=health.station,
        source=health.source,
        state=health.state,
        reason=health.reason,
        readers=tuple(
            WatchedReader(
                name=reader.name,
                state=reader.state,
                reason=reader.reason,
                since=instant(reader.since),
                slot=reader.slot,
                held=UNSET if reader.held is None else reader.held,
                held_since=UNSET if reader.held_since is None else instant(reader.held_since),
            )
            for reader in health.readers
        ),
        expected=dict(health.expected),
        declared=health.declared,
        interval=health.interval,
        looks=health.looks,
        outages=health.outages,
        changes=health.changes,
        sleeps=health.sleeps,
    )


def health_in(data: bytes) -> Health:
    """The health in a state file that ``health_document`` made; of later versions' values, unknown.

    Raises:
        InputError: it is none; names the place and the reason.
    """
    try:
        document = decoded(WatchDocument, data)
        return Health(
            at=_instant_of(document.generated_at, "generated_at"),
            station=document.station,
            source=document.source or Source.HARDWARE,
            state=_member(State, document.state, State.UNKNOWN),
            reason=_member(Reason, document.reason, Reason.UNAVAILABLE),
            readers=tuple(_reader_of(row) for row in document.readers[:_MAX_READERS]),
            expected={
                name: min(number, _MAX_READERS) for name, number in document.expected.items()
            },
            declared=bool(document.declared or False),
            interval=document.interval,
            looks=document.looks,
            outages=document.outages,
            changes=document.changes,
            sleeps=document.sleeps,
        )
    except InputError as error:
        raise InputError(f"is not a state file of kiosk watch ({error})") from None


def _reader_of(row: WatchedReader) -> ReaderHealth:
    slot = row.slot
    return ReaderHealth(
        name=stem_of(row.name),
        state=_member(State, row.state, State.UNKNOWN),
        reason=_member(Reason, row.reason, Reason.UNAVAILABLE),
        since=_instant_of(row.since, "readers[...].since"),
        slot=None if slot is None else _member(SlotState, slot, SlotState.UNAVAILABLE),
        held=_member(SlotState, row.held, SlotState.UNAVAILABLE) if row.held else None,
        held_since=_instant_of(row.held_since, "readers[...].held_since")
        if row.held_since
        else None,
    )


def _member(kind: type[_Member], value: str, otherwise: _Member) -> _Member:
    return next((member for member in kind if member.value == value), otherwise)


def _instant_of(text: str, place: str) -> datetime:
    """The instant that a text of the right form stands for.

    Raises:
        InputError: there is no such day or hour.
    """
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise InputError(f"$.{place}: no instant") from None
