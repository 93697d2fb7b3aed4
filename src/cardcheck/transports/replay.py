# SPDX-License-Identifier: Apache-2.0
"""Replaying: a trace in the place of a reader and a card.

What belongs here: answering what was recorded, in that order or file by file in another, and saying
where a program asks for something else. What does not: the format (``dump``), judging the outcome.
"""

from __future__ import annotations

from contextlib import contextmanager
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final

from cardcheck import errors
from cardcheck.cards.exchange_log import SelectionTracker
from cardcheck.cards.model import READ_BINARY, READ_RECORD, SELECT, VERIFY
from cardcheck.facts.link_failure import TABLE, LinkFailure, Meaning
from cardcheck.facts.reader import ReaderIdentity, SlotState
from cardcheck.iso7816.hexview import hex_of
from cardcheck.transports.guard import guarded
from cardcheck.transports.trace import NO_READER, Failure, Step

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cardcheck.transports.link import CardLink
    from cardcheck.transports.meter import Meter
    from cardcheck.transports.record import Recorder
    from cardcheck.transports.trace import Exchange, Trace

UNNAMED_READER: Final = "Recorded reader 00 00"
_VIRTUAL: Final = ("Virtual PCD", "udp", "simulated")
_ORDERLESS: Final = frozenset({SELECT, READ_BINARY, READ_RECORD, VERIFY})
_SHOWN: Final = 24  # bytes of a command that a message shows
_COMPARED: Final = 1000  # exchanges that are searched for the nearest command
_CONNECTING: Final = {
    SlotState.EMPTY: LinkFailure.NO_CARD,
    SlotState.MUTE: LinkFailure.MUTE,
    SlotState.IN_USE: LinkFailure.SHARING_VIOLATION,
    SlotState.UNAVAILABLE: LinkFailure.NO_READER,
}


class ReplayLink:
    """A card that answers what was recorded; connected again, it goes on where it was."""

    def __init__(self, trace: Trace, *, skip_unknown: bool = False) -> None:
        """Replays ``trace``; ``skip_unknown`` passes over exchanges that nobody asks for."""
        self._exchanges = trace.exchanges
        self._skip_unknown = skip_unknown
        self._place = 0
        self._taken: set[int] = set()
        self._contexts = [_context_of(*pair) for pair in _tracked(trace.exchanges)]
        self._now = SelectionTracker()
        self.atr = trace.header.atr
        self.protocol = trace.header.protocol

    def transmit(self, command: bytes) -> bytes:
        """What was recorded as the answer to ``command``.

        Raises:
            ReplayMismatchError: something else was recorded here.
            LinkError: the recorded failure.
            PeerError: the recorded failure.
        """
        command = bytes(command)
        exchange = self._take(command)
        answer = None if exchange.failure is not None else exchange.response or b""
        if answer is None or len(answer) > 1:
            self._now.track(command, answer)
        if exchange.failure is not None:
            raise exchange.failure.error()
        return exchange.response or b""

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A transaction; it fails where one failed in the recording.

        Raises:
            LinkError: the recorded failure.
        """
        self.step(Step.TRANSACTION)
        yield

    def close(self) -> None:
        """Nothing: the place in the trace is kept."""

    def step(self, step: Step) -> None:
        """Passes silently unless this very step failed here in the recording.

        Raises:
            LinkError: the recorded failure.
            PeerError: the recorded failure.
        """
        following = self.following
        if following is not None and following.asked == step and following.failure is not None:
            self._take_from(self._place)
            raise following.failure.error()

    @property
    def following(self) -> Exchange | None:
        """The first exchange that was not asked for yet, or None where there is none."""
        while self._place in self._taken:
            self._place += 1
        return self._exchanges[self._place] if self._place < len(self._exchanges) else None

    @property
    def lost(self) -> LinkFailure | None:
        """How the card was lost for good: the failure that ended a trace replayed whole."""
        if self.following is not None or not self._exchanges:
            return None
        failure = self._exchanges[-1].failure
        if failure is None or failure.name is LinkFailure.MALFORMED_RESPONSE:
            return None
        return failure.name

    def finish(self) -> None:
        """Passes silently where every exchange was replayed, or unknown ones may be skipped.

        Raises:
            ReplayUnfinishedError: exchanges are left over.
        """
        following = self.following
        if following is not None and not self._skip_unknown:
            left = len(self._exchanges) - len(self._taken)
            raise errors.ReplayUnfinishedError(
                f"{left} recorded exchanges were not asked for, the first at line "
                f"{following.line}: {_shown(following.asked)}"
            )

    def _take(self, command: bytes) -> Exchange:
        """The recorded exchange for ``command``; the place moves behind it."""
        following, place = self.following, self._place
        waits = following is not None and following.asked != command and _of_a_file(following.asked)
        if waits and not self._skip_unknown:
            place = self._elsewhere(command)
        if self._skip_unknown:
            places = range(place, len(self._exchanges))
            place = next((p for p in places if self._exchanges[p].asked == command), place)
        if place >= len(self._exchanges) or self._exchanges[place].asked != command:
            raise self._mismatch(command)
        self._take_from(place)
        return self._exchanges[place]

    def _take_from(self, place: int) -> None:
        self._taken.add(place)
        if self._skip_unknown:
            self._taken.update(range(place))

    def _elsewhere(self, command: bytes) -> int:
        """Where ``command`` was answered in the same file; else where the replay stands.

        Programs of other versions asked for the files of a card in another order. A file that is
        selected once more answers as it did.
        """
        wanted = _context_of(command, self._now)
        found = [place for place, context in enumerate(self._contexts) if context == wanted]
        fresh = [place for place in found if place not in self._taken]
        again = [place for place in found if self._exchanges[place].failure is None]
        if fresh or command[1:2] != bytes((SELECT,)):
            again = []
        return next(iter([*fresh, *again]), self._place)

    def _mismatch(self, command: bytes) -> errors.ReplayMismatchError:
        following = self.following
        if following is None:
            where = "behind the last line: expected nothing more"
        else:
            where = f"line {following.line}: expected {_shown(following.asked)}"
        nearest = _nearest(command, self._exchanges[:_COMPARED])
        hint = ""
        if nearest is not None:
            hint = f"; nearest recorded: line {nearest.line}, {_shown(nearest.asked)}"
        return errors.ReplayMismatchError(f"{where}, got {_shown(command)}{hint}")


class ReplayWorld:
    """A trace come alive: however many backends are opened, they share one place in it."""

    def __init__(self, trace: Trace, *, skip_unknown: bool = False) -> None:
        """Replays ``trace``; ``skip_unknown`` passes over exchanges that nobody asks for."""
        self.header = trace.header
        self.link = ReplayLink(trace, skip_unknown=skip_unknown)

    def open(self, recorder: Recorder | None = None) -> ReplayBackend:
        """A backend over this trace; ``recorder`` takes down the exchanges once more.

        Raises:
            LinkError: the recorded failure of the service.
        """
        if self.header.service is not None:
            raise self.header.service.error()
        return ReplayBackend(self, recorder)

    def finish(self) -> None:
        """Passes silently where the whole trace was replayed.

        Raises:
            ReplayUnfinishedError: exchanges are left over.
        """
        self.link.finish()


class ReplayBackend:
    """The readers of a trace: the recorded one, or none."""

    def __init__(self, world: ReplayWorld, recorder: Recorder | None = None) -> None:
        """Looks at ``world``."""
        self._header = world.header
        self._link = world.link
        self._recorder = recorder

    def readers(self) -> Sequence[ReaderIdentity]:
        """The recorded reader, or none."""
        header = self._header
        if header.reader == NO_READER:
            return ()
        name = header.reader or UNNAMED_READER
        virtual = any(mark in name for mark in _VIRTUAL)
        return (
            ReaderIdentity(
                name=name, backend=header.backend, path=name, usb=header.usb, virtual=virtual
            ),
        )

    def slot_state(self, reader: ReaderIdentity) -> SlotState:  # noqa: ARG002  # there is one
        """What was in the slot; behind a trace that ended in a failure, what that left there."""
        lost = self._link.lost
        return self._header.slot if lost is None else _left_behind(lost)

    def wait_for_card(
        self,
        readers: Sequence[ReaderIdentity],
        seconds: float,  # noqa: ARG002  # nothing will change
    ) -> bool:
        """Whether there is a card; at once, for nothing will change."""
        return any(self.slot_state(reader) is not SlotState.EMPTY for reader in readers)

    def connect(self, reader: ReaderIdentity, meter: Meter | None = None) -> CardLink:
        """A guarded link that goes on where the last one stopped.

        Raises:
            LinkError: the recorded failure; behind the last line, what the slot stands for.
        """
        self._link.step(Step.CONNECT)
        failure = _CONNECTING.get(self.slot_state(reader))
        if failure is not None and self._link.following is None:
            raise Failure(failure).error()
        return guarded(self._link, meter=meter, recorder=self._recorder)

    def close(self) -> None:
        """Nothing is held."""


def _tracked(exchanges: Sequence[Exchange]) -> Iterator[tuple[bytes | Step, SelectionTracker]]:
    """Each exchange with what was selected before it."""
    tracker = SelectionTracker()
    for exchange in exchanges:
        yield exchange.asked, tracker
        if isinstance(exchange.asked, bytes):
            answer = exchange.response if exchange.failure is None else None
            if answer is None or len(answer) > 1:
                tracker.track(exchange.asked, answer)


def _of_a_file(asked: bytes | Step) -> bool:
    """Whether the exchange is one of those that a card may be asked for in another order."""
    return isinstance(asked, bytes) and asked[1] in _ORDERLESS


def _context_of(asked: bytes | Step, before: SelectionTracker) -> tuple[object, ...]:
    """A command with all on which its answer depends: application and file, as far as it does."""
    if isinstance(asked, Step):
        return (asked,)
    if asked[1:3] == bytes((SELECT, 4)):
        return (asked,)
    if asked[1:2] == bytes((SELECT,)):
        return asked, before.application
    return asked, before.application, before.file


def _nearest(command: bytes, exchanges: Sequence[Exchange]) -> Exchange | None:
    """The exchange whose command is most like ``command``; None where there is none."""
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(_shown(command))
    best, best_ratio = None, -1.0
    for exchange in exchanges:
        matcher.set_seq1(_shown(exchange.asked))
        ratio = matcher.ratio()
        if ratio > best_ratio:
            best, best_ratio = exchange, ratio
    return best


def _shown(asked: bytes | Step) -> str:
    """A command as a message shows it."""
    if isinstance(asked, Step):
        return f"@ {asked}"
    return hex_of(asked[:_SHOWN]) + ("…" if len(asked) > _SHOWN else "")


def _left_behind(failure: LinkFailure) -> SlotState:
    """What is in the slot at the end of a trace: a card that says nothing where nobody knows."""
    row = TABLE[failure]
    unknown = row.slot is SlotState.UNAVAILABLE and row.means is not Meaning.NO_WAY
    return SlotState.MUTE if unknown else row.slot
