# SPDX-License-Identifier: Apache-2.0
"""For the tests of other projects: traces, virtual cards, scripted cards, and a diagnosis of them.

What belongs here: the few names that other projects may rely on. What does not: pytest
(``pytest_plugin``, which is made of these).

All of it works without a reader, a service and a network::

    report = diagnose(load_fixture("locked.apdu"))
    report = diagnose(virtual_card("valid", "removed@7"))
    card = card_of(load_fixture("valid.apdu"))          # answers in any order
    link = ScriptedLink([("00A40400", "6A82"), ("00B0000004", CardRemovedError("gone"))])
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from cardcheck.composition.library import load_trace as load_fixture
from cardcheck.errors import (
    CardRemovedError,
    LinkTimeoutError,
    MalformedResponseError,
    NoCardError,
    ReplayMismatchError,
    ReplayUnfinishedError,
)
from cardcheck.facts.host import HostFacts
from cardcheck.facts.reader import SILENCE_LIMIT, Backend, ReaderIdentity, SlotState
from cardcheck.iso7816.hexview import bytes_of, hex_of
from cardcheck.simulation.virtual import spoilt, virtual_card
from cardcheck.survey.inline import surveyed
from cardcheck.traces.card import card_of as _unpowered
from cardcheck.traces.judge import Judge
from cardcheck.transports.guard import guarded
from cardcheck.transports.trace import Trace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from cardcheck.report.model import Report
    from cardcheck.simulation.card import SimulatedCard
    from cardcheck.transports.link import CardLink
    from cardcheck.transports.meter import Meter
    from cardcheck.transports.record import Recorder

__all__ = [
    "CardBackend",
    "ScriptedLink",
    "Trace",
    "card_of",
    "diagnose",
    "load_fixture",
    "some_computer",
    "spoilt",
    "virtual_card",
]

_READER: Final = "cardcheck virtual reader 00 00"


def card_of(trace: Trace) -> SimulatedCard:
    """The card that ``trace`` is about, as far as the trace shows it, with power."""
    card = _unpowered(trace)
    card.power_on()
    return card


def some_computer(now: datetime, system: str = "any") -> HostFacts:
    """A computer of which nothing is known but its clock and the name of its system."""
    return HostFacts(system=system, release="", python="", now=now)


def diagnose(subject: Trace | SimulatedCard, *, at: datetime | None = None) -> Report:
    """The report of a scan of a trace, which is replayed strictly, or of a card.

    Args:
        subject: what is looked at.
        at: the instant by which is judged; by default that of the recording, or the present one.

    Raises:
        ReplayMismatchError: the scan asks for something else than was recorded.
        ReplayUnfinishedError: exchanges are left over.
    """
    judge = Judge(command="scan")
    if isinstance(subject, Trace):
        return judge.report(judge.diagnose(subject, at=at))
    world = CardBackend(subject)
    facts = surveyed(lambda: world, "simulation")
    return judge.report(judge.diagnose_facts(facts, at or datetime.now(UTC)))


class CardBackend:
    """One reader with a virtual card in it, for the surveys and links of cardcheck itself."""

    def __init__(self, card: SimulatedCard, recorder: Recorder | None = None) -> None:
        """Puts ``card`` into the reader; ``recorder`` takes the exchanges down."""
        self._card = card
        self._recorder = recorder

    def readers(self) -> Sequence[ReaderIdentity]:
        """The one reader."""
        return (ReaderIdentity(name=_READER, backend=Backend.PCSC, path=_READER, virtual=True),)

    def slot_state(self, reader: ReaderIdentity) -> SlotState:  # noqa: ARG002  # there is one
        """Whether the card is there."""
        return SlotState.CARD if self._card.present else SlotState.EMPTY

    def wait_for_card(
        self,
        readers: Sequence[ReaderIdentity],  # noqa: ARG002  # there is one
        seconds: float,
    ) -> bool:
        """Whether a card is there; none comes later."""
        if not self._card.present:
            time.sleep(seconds)
        return self._card.present

    def connect(self, reader: ReaderIdentity, meter: Meter | None = None) -> CardLink:  # noqa: ARG002
        """A guarded link to the card.

        Raises:
            NoCardError: it was pulled.
        """
        if not self._card.present:
            raise NoCardError("pulled", code=0x8010000C)
        return guarded(_DirectLink(self._card), meter=meter, recorder=self._recorder)

    def close(self) -> None:
        """Nothing to let go of."""


class _DirectLink:
    """A connected virtual card, without the guard; a silent one is given up at once."""

    def __init__(self, card: SimulatedCard) -> None:
        self._card = card
        self.atr = card.power_on()
        self.protocol = "T=1"

    def transmit(self, command: bytes) -> bytes:
        answer = self._card.transmit(command)
        if answer is None:
            raise LinkTimeoutError("no answer", seconds=SILENCE_LIMIT)
        if not answer:
            raise CardRemovedError("an empty answer", code=0x80100069)
        if len(answer) < 2:
            raise MalformedResponseError(f"an answer of {len(answer)} bytes")
        return answer

    @contextmanager
    def transaction(self) -> Iterator[None]:
        yield

    def close(self) -> None:
        """Leaves the card as it is."""


class ScriptedLink:
    """A card that answers what the test has written down, in that order, and nothing else.

    Attributes:
        atr: the answer to reset.
        protocol: ``T=0``, ``T=1`` or ``ISO-DEP``.
        sent: the commands so far.
    """

    def __init__(
        self,
        script: Iterable[tuple[str, str | Exception]],
        *,
        atr: bytes = b"",
        protocol: str = "T=1",
    ) -> None:
        """Takes commands and answers in hexadecimal digits, or what to raise for an answer."""
        self.atr, self.protocol = atr, protocol
        self.sent: list[bytes] = []
        self._script = [(bytes_of(command), outcome) for command, outcome in script]

    def transmit(self, command: bytes) -> bytes:
        """The next answer.

        Raises:
            ReplayMismatchError: the script has another command here, or is at its end.
            Exception: what the script says.
        """
        place = len(self.sent)
        self.sent.append(bytes(command))
        expected, outcome = self._script[place] if place < len(self._script) else (b"", "")
        if command != expected:
            wanted = hex_of(expected) or "nothing more"
            raise ReplayMismatchError(f"step {place + 1}: expected {wanted}, got {hex_of(command)}")
        if isinstance(outcome, Exception):
            raise outcome
        return bytes_of(outcome)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A transaction, in which nothing is different."""
        yield

    def close(self) -> None:
        """Nothing to let go of."""

    def finish(self) -> None:
        """Passes silently where the whole script was used.

        Raises:
            ReplayUnfinishedError: commands are left over.
        """
        left = len(self._script) - len(self.sent)
        if left > 0:
            raise ReplayUnfinishedError(f"{left} commands of the script were not asked for")
