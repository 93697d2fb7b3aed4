# SPDX-License-Identifier: Apache-2.0
"""Recording: a link at the lowest place under the guard, and the trace that comes of what it saw.

What belongs here: collecting in memory. What does not: what is personal (``privacy``), files. A
recorder holds what the card really said and never shows it: the one way out is ``finish``, which
redacts.
"""

from __future__ import annotations

import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, Final

from cardcheck.errors import (
    InputError,
    LinkError,
    LinkTimeoutError,
    MalformedResponseError,
    PeerError,
)
from cardcheck.facts.reader import Backend, SlotState
from cardcheck.transports.layers import LayerLink
from cardcheck.transports.privacy import redact_exchanges
from cardcheck.transports.trace import (
    NO_READER,
    Exchange,
    Failure,
    Origin,
    Step,
    Trace,
    TraceHeader,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from cardcheck.facts.reader import ReaderIdentity
    from cardcheck.transports.link import CardLink, ReaderBackend
    from cardcheck.transports.meter import Meter


_REPLAYED: Final = "written down from a replay, not from a card"


class Recorder:
    """Collects what happens at one reader, in memory."""

    def __init__(
        self,
        recorded: datetime,
        tool: str,
        profile: str | None = None,
        replayed: TraceHeader | None = None,
    ) -> None:
        """Begins a recording.

        Args:
            recorded: now; the trace keeps the day only.
            tool: name and version of this tool.
            profile: the simulated card that answers, or None where it is a real one.
            replayed: the header of the trace that answers, or None where it is a card.
        """
        self._recorded = recorded
        self._tool = tool
        self._profile = profile
        self._replayed = replayed
        self._exchanges: list[Exchange] = []
        self._readers: dict[str, ReaderIdentity] = {}
        self._used: set[str] = set()
        self._slots: dict[str, SlotState] = {}
        self._service: Failure | None = None
        self._atr = b""
        self._protocol = "T=1"
        self._pending: bytes | None = None
        self._listed = False
        self._connected = False

    def note_service(self, error: LinkError) -> None:
        """Notes that the service could not be asked."""
        self._service = Failure.of(error)

    def note_readers(self, readers: Sequence[ReaderIdentity]) -> None:
        """Notes the readers that were there."""
        self._listed, self._service = True, None
        self._readers.update((reader.name, reader) for reader in readers)

    def note_slot(self, reader: ReaderIdentity, state: SlotState) -> None:
        """Notes what was in the slot of ``reader``."""
        self._slots[reader.name] = state

    def note_connect(self, reader: ReaderIdentity) -> None:
        """Notes that a card in ``reader`` is about to be connected."""
        self._readers[reader.name] = reader
        self._used.add(reader.name)

    def note_card(self, link: CardLink) -> None:
        """Notes what is known of a connected card."""
        self._connected = True
        self._atr = self._atr or link.atr
        self._protocol = link.protocol

    def begin(self, command: bytes) -> None:
        """Notes that ``command`` is on its way; without an answer it will count as a time-out."""
        self._pending = command

    def add(
        self,
        asked: bytes | Step,
        answer: bytes | LinkError | PeerError,
        milliseconds: int | None = None,
    ) -> None:
        """Notes one exchange, or a step that failed."""
        self._pending = None
        response = answer if isinstance(answer, bytes) else None
        failure = None if isinstance(answer, bytes) else Failure.of(answer)
        self._exchanges.append(Exchange(asked, response, failure, milliseconds))

    def finish(self) -> Trace:
        """The trace of all that was noted, redacted.

        Raises:
            InputError: cards in several readers were read; a trace is about one.
        """
        if len(self._used) > 1:
            raise InputError("several readers were in use; name the one to record with --reader")
        if self._pending is not None:
            self.add(self._pending, LinkTimeoutError("no answer by the end"))
        reader = self._reader()
        name = NO_READER if self._listed else None
        slot = SlotState.CARD
        if reader is not None:
            name = reader.name
            slot = SlotState.CARD if self._connected else self._slots.get(name, SlotState.EMPTY)
        header = TraceHeader(
            **self._provenance(),
            reader=name,
            backend=Backend.PCSC if reader is None else reader.backend,
            usb=None if reader is None else reader.usb,
            slot=slot,
            service=self._service,
            atr=self._atr,
            protocol=self._protocol,
            tool=self._tool,
            recorded=self._recorded,
        )
        return redact_exchanges(header, tuple(self._exchanges))

    def _provenance(self) -> dict[str, Any]:
        """Whose answers these are: a replay gives what it replays no better origin."""
        if self._replayed is None:
            origin = Origin.RECORDED if self._profile is None else Origin.SYNTHETIC
            return {"origin": origin, "profile": self._profile}
        given = self._replayed
        return {
            "origin": given.origin,
            "source": given.source,
            "profile": given.profile,
            "note": _REPLAYED,
        }

    def _reader(self) -> ReaderIdentity | None:
        """The reader that was used, or one with something in its slot, or the first."""
        if self._used:
            return self._readers[next(iter(self._used))]
        readers = list(self._readers.values())
        filled = (r for r in readers if self._slots.get(r.name, SlotState.EMPTY) != SlotState.EMPTY)
        return next(filled, readers[0] if readers else None)


class RecordLink(LayerLink):
    """A link that notes all that passes through it."""

    def __init__(self, inner: CardLink, recorder: Recorder) -> None:
        """Records what ``inner`` does."""
        super().__init__(inner)
        self._recorder = recorder
        recorder.note_card(inner)

    def transmit(self, command: bytes) -> bytes:
        """The answer of the recorded link; a failure is an exchange too.

        Raises:
            LinkError: from the link.
            PeerError: from the link.
        """
        begun = time.perf_counter()
        self._recorder.begin(bytes(command))
        try:
            answer = self.inner.transmit(command)
        except (LinkError, PeerError) as error:
            self._recorder.add(bytes(command), error, _milliseconds_since(begun))
            raise
        # an answer without a status word is what the layers above will complain about
        kept = bytes(answer) if len(answer) >= 2 else MalformedResponseError("no status word")
        self._recorder.add(bytes(command), kept, _milliseconds_since(begun))
        return answer

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A transaction of the recorded link; noted only where it cannot begin."""
        with ExitStack() as stack:
            try:
                stack.enter_context(self.inner.transaction())
            except LinkError as error:
                self._recorder.add(Step.TRANSACTION, error)
                raise
            yield


class RecordingBackend:
    """A backend that notes readers, slots and connections; ``RecordLink`` notes the exchanges."""

    def __init__(self, inner: ReaderBackend, recorder: Recorder) -> None:
        """Records what ``inner`` says; ``inner`` must have been given the same recorder."""
        self._inner = inner
        self._recorder = recorder

    def readers(self) -> Sequence[ReaderIdentity]:
        """The readers of the recorded backend."""
        try:
            readers = self._inner.readers()
        except LinkError as error:
            self._recorder.note_service(error)
            raise
        self._recorder.note_readers(readers)
        return readers

    def slot_state(self, reader: ReaderIdentity) -> SlotState:
        """What the recorded backend says of a slot."""
        state = self._inner.slot_state(reader)
        self._recorder.note_slot(reader, state)
        return state

    def wait_for_card(self, readers: Sequence[ReaderIdentity], seconds: float) -> bool:
        """Waits as the recorded backend does."""
        return self._inner.wait_for_card(readers, seconds)

    def connect(self, reader: ReaderIdentity, meter: Meter | None = None) -> CardLink:
        """A guarded link of the recorded backend."""
        self._recorder.note_connect(reader)
        try:
            return self._inner.connect(reader, meter)
        except LinkError as error:
            self._recorder.add(Step.CONNECT, error)
            raise

    def close(self) -> None:
        """Closes the recorded backend."""
        self._inner.close()


def _milliseconds_since(begun: float) -> int:
    return round((time.perf_counter() - begun) * 1000)
