# SPDX-License-Identifier: Apache-2.0
"""The health of a station's readers, from looks that never touch a card: values, pure.

What belongs here: what a state follows from. What does not: looking (``watch``), writing
(``monitoring``).
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field
from msgspec.structs import replace

from cardcheck.catalog.reader_name import SLOT_NUMBERS
from cardcheck.catalog.readers import clean_name, goes_by
from cardcheck.facts.link_failure import LinkFailure
from cardcheck.facts.reader import SlotState
from cardcheck.report.model import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

CARD_LEFT_AFTER: Final = timedelta(minutes=10)
"""A card that lies there so long was forgotten: its owner should get it back."""
STALE_INTERVALS: Final = 3
"""A state is stale once so many intervals have passed without a new one."""
_MAX_READERS: Final = 64  # of a state file; pcsc-lite has 16 by default


class State(StrEnum):
    """The state of a reader or a station."""

    OK = "ok"
    WARNING = "warning"
    CRITICAL = "critical"
    UNKNOWN = "unknown"
    NOT_IN_SERVICE = "not-in-service"
    STALE = "stale"


class Reason(StrEnum):
    """Why a state is what it is."""

    READY = "ready"
    CARD_LEFT = "card-left"
    MUTE = "mute"
    MISSING = "missing"
    UNAVAILABLE = "unavailable"
    NONE = "no-reader"
    SERVICE_DOWN = "service-down"
    SERVICE_STALLED = "service-stalled"
    SERVICE_REFUSES = "service-refuses"
    BINDING_MISSING = "binding-missing"
    CLOSED = "closed"
    OLD = "old"


_WORST_FIRST: Final = (State.CRITICAL, State.UNKNOWN, State.WARNING, State.OK)
_SERVICE: Final[dict[str, tuple[State, Reason]]] = {
    LinkFailure.NO_SERVICE: (State.CRITICAL, Reason.SERVICE_DOWN),
    LinkFailure.TIMEOUT: (State.CRITICAL, Reason.SERVICE_STALLED),
    LinkFailure.ACCESS_DENIED: (State.UNKNOWN, Reason.SERVICE_REFUSES),
    LinkFailure.NO_BINDING: (State.UNKNOWN, Reason.BINDING_MISSING),
}


class Look(Struct, frozen=True, kw_only=True):
    """What one look saw.

    Attributes:
        at: when, UTC.
        slots: name and content of every slot that counts, in the order of the service.
        error: the name of the error that kept it from looking, or None.
        closed: whether the station is said to be out of service.
        slept: whether the computer was suspended since the last look.
    """

    at: datetime
    slots: tuple[tuple[str, SlotState], ...] = ()
    error: str | None = None
    closed: bool = False
    slept: bool = False


class ReaderHealth(Struct, frozen=True, kw_only=True):
    """One slot.

    Attributes:
        name: without serial number and slot number.
        state: how it is.
        reason: why.
        since: since when it holds what it holds, UTC.
        slot: what it holds; None where it is missing, or the service does not say.
        held: what it held when the service went away; None otherwise.
        held_since: since when it had held that, UTC.
    """

    name: str
    state: State
    reason: Reason
    since: datetime
    slot: SlotState | None = None
    held: SlotState | None = None
    held_since: datetime | None = None


class Health(Struct, frozen=True, kw_only=True):
    """A whole station after a look.

    Attributes:
        at: when, UTC.
        station: its label, or None.
        source: ``hardware``, or what was looked at instead.
        state: the worst of its readers, or of the service.
        reason: why.
        readers: one entry an expected or listed slot.
        expected: how many readers of each name belong here.
        declared: whether somebody has said so; else it is the most that were ever seen.
        age: how long ago its look was, where it is stale.
        interval: seconds between two looks.
        looks: how many there were.
        outages: how often the service went away.
        changes: how often a reader went away or came.
        sleeps: how often the computer was suspended.
    """

    at: datetime
    station: str | None = None
    source: str = Source.HARDWARE
    state: State = State.UNKNOWN
    reason: Reason = Reason.NONE
    readers: tuple[ReaderHealth, ...] = ()
    expected: Mapping[str, int] = field(default_factory=dict)
    declared: bool = False
    age: timedelta | None = None
    interval: float = 30.0
    looks: int = 0
    outages: int = 0
    changes: int = 0
    sleeps: int = 0

    @property
    def missing(self) -> int:
        """How many expected readers are not there, or cannot be seen."""
        return sum(reader.slot is None for reader in self.readers)


def after(health: Health, look: Look) -> Health:
    """The health after one more look."""
    counted = replace(health, at=look.at, looks=health.looks + 1, sleeps=health.sleeps + look.slept)
    if look.error is not None:
        state, reason = _SERVICE.get(look.error, (State.UNKNOWN, Reason.UNAVAILABLE))
        down = health.reason not in {each for _, each in _SERVICE.values()}
        unseen = tuple(_unseen(health, look.at, state, reason))
        seen = replace(counted, outages=health.outages + down, readers=unseen)
    else:
        seen = _seen(counted, look)
        state, reason = _worst(seen.readers)
    if look.closed:
        state, reason = State.NOT_IN_SERVICE, Reason.CLOSED
    return replace(seen, state=state, reason=reason)


def stem_of(name: str) -> str:
    """A reader's name without serial number, reader number and slot number."""
    return SLOT_NUMBERS.sub("", clean_name(name))


def judged(health: Health, now: datetime) -> Health:
    """The health as of ``now``: stale where its look is too long ago, or in the future."""
    age = now - health.at
    limit = timedelta(seconds=health.interval * STALE_INTERVALS)
    if -limit <= age <= limit:
        return health
    return replace(health, state=State.STALE, reason=Reason.OLD, age=age)


def expecting(health: Health, expected: Mapping[str, int]) -> Health:
    """The health of a station of which is said which readers belong to it, by parts of names.

    Where nothing is said any more, what had been said is forgotten.
    """
    if expected:
        return replace(health, expected=dict(expected), declared=True)
    return replace(health, expected={}, declared=False) if health.declared else health


def _seen(health: Health, look: Look) -> Health:
    """The readers of a look; what is not declared is learned: the most of each that were seen."""
    names = Counter(stem_of(name) for name, _ in look.slots)
    expected = health.expected if health.declared else dict(Counter(health.expected) | names)
    before = Counter(each.name for each in health.readers if (each.slot or each.held) is not None)
    changes = (before - names).total() + (names - before).total() if health.readers else 0
    readers = tuple(_readers(health, look, expected))
    return replace(health, expected=expected, readers=readers, changes=health.changes + changes)


def _readers(health: Health, look: Look, expected: Mapping[str, int]) -> Iterator[ReaderHealth]:
    known: dict[tuple[str, int], ReaderHealth] = dict(_numbered(health.readers, expected))
    seen: Counter[str] = Counter()
    for listed, slot in look.slots:
        name = stem_of(listed)
        key = _expected_as(name, expected)
        since = _holding_since(known.get((key, seen[key])), slot, look.at)
        seen[key] += 1
        state, reason = _state_of(slot, look.at - since)
        yield ReaderHealth(name=name, state=state, reason=reason, since=since, slot=slot)
    for key, number in expected.items():
        for index in range(seen[key], number):
            before = known.get((key, index))
            name = before.name if before is not None else key
            gone = before is not None and before.reason is Reason.MISSING
            since = before.since if before is not None and gone else look.at
            yield ReaderHealth(name=name, state=State.CRITICAL, reason=Reason.MISSING, since=since)


def _unseen(health: Health, at: datetime, state: State, reason: Reason) -> Iterator[ReaderHealth]:
    """The expected readers while the service does not tell of any."""
    known = dict(_numbered(health.readers, health.expected))
    for key, number in health.expected.items():
        for index in range(number):
            before = known.get((key, index))
            if before is None:
                yield ReaderHealth(name=key, state=state, reason=reason, since=at)
            elif before.slot is None:  # missing before, or an outage that goes on
                since = before.since if before.reason is reason else at
                yield replace(before, state=state, reason=reason, since=since)
            else:
                yield ReaderHealth(
                    name=before.name,
                    state=state,
                    reason=reason,
                    since=at,
                    held=before.slot,
                    held_since=before.since,
                )


def _holding_since(before: ReaderHealth | None, slot: SlotState, at: datetime) -> datetime:
    """Since when a reader holds ``slot``; an outage of the service does not begin that anew."""
    if before is not None and before.slot is slot:
        return before.since
    if before is not None and before.held is slot and before.held_since is not None:
        return before.held_since
    return at


def _expected_as(name: str, expected: Mapping[str, int]) -> str:
    """The entry of ``expected`` that a reader counts for, the longest that fits; else its name."""
    fitting = (key for key in expected if goes_by(name, key))
    return name if name in expected else max(fitting, key=len, default=name)


def _numbered(
    readers: Iterable[ReaderHealth], expected: Mapping[str, int]
) -> Iterator[tuple[tuple[str, int], ReaderHealth]]:
    """Readers by name and number: after a replug the service gives them other names."""
    counts: Counter[str] = Counter()
    for reader in readers:
        key = _expected_as(reader.name, expected)
        yield (key, counts[key]), reader
        counts[key] += 1


def _state_of(slot: SlotState, lasting: timedelta) -> tuple[State, Reason]:
    if slot is SlotState.UNAVAILABLE:
        return State.CRITICAL, Reason.UNAVAILABLE
    if slot is SlotState.EMPTY or lasting < CARD_LEFT_AFTER:
        return State.OK, Reason.READY
    return State.WARNING, Reason.MUTE if slot is SlotState.MUTE else Reason.CARD_LEFT


def _worst(readers: Sequence[ReaderHealth]) -> tuple[State, Reason]:
    if not readers:
        return State.CRITICAL, Reason.NONE
    worst = min(readers, key=lambda reader: _WORST_FIRST.index(reader.state))
    return worst.state, worst.reason
