# SPDX-License-Identifier: Apache-2.0
"""Recording: everything on the way is noted, nothing real comes out, and a replay says the same."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from cardcheck import errors
from cardcheck.cards import mynumber, plan
from cardcheck.catalog.readers import clean_name
from cardcheck.facts.card import CardFacts
from cardcheck.facts.link_failure import LinkFailure
from cardcheck.facts.reader import Backend, ReaderIdentity, SlotState
from cardcheck.simulation.profiles import PROFILES
from cardcheck.transports import dump
from cardcheck.transports.link import execute
from cardcheck.transports.privacy import coarse, looks_real
from cardcheck.transports.record import Recorder, RecordingBackend, RecordLink
from cardcheck.transports.replay import ReplayWorld
from cardcheck.transports.simulated import SimulatedWorld
from cardcheck.transports.trace import (
    Exchange,
    Failure,
    Origin,
    Step,
    TraceHeader,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cardcheck.transports.link import CardLink, ReaderBackend
    from cardcheck.transports.meter import Meter
    from cardcheck.transports.trace import Trace

NOW = datetime(2026, 11, 21, 5, 6, 7, tzinfo=UTC)
SELECT = mynumber.JPKI.select.encode()
READER = ReaderIdentity(
    name="Maker Model [CCID] (0123456) 00 00",
    backend=Backend.PCSC,
    path="Maker Model [CCID] (0123456) 00 00",
    usb=("054c", "0dc9"),
)
CARDS = sorted(
    name
    for name, profile in PROFILES.items()
    if len(profile.readers) == 1 and profile.readers[0].make_card is not None
)


def recorder() -> Recorder:
    return Recorder(NOW, "cardcheck 0.0")


def scan(backend: ReaderBackend) -> CardFacts | None:
    """What a scan learns of the card in the first reader; None where there is no card to read."""
    reader, *_ = backend.readers()
    if backend.slot_state(reader) is not SlotState.CARD:
        return None
    facts = CardFacts()
    link = backend.connect(reader)
    facts.atr, facts.protocol = link.atr, link.protocol
    for step in plan.applications(facts, plan.ReadRequest()):
        with suppress(errors.PeerError), link.transaction():
            execute(link, step)
    return facts


def recorded(name: str) -> tuple[CardFacts | None, Trace, SimulatedWorld]:
    own = recorder()
    world = SimulatedWorld(PROFILES[name], NOW)
    facts = scan(RecordingBackend(world.open(own), own))
    return facts, own.finish(), world


@pytest.mark.parametrize("name", CARDS)
def test_a_replay_says_what_the_card_said(name: str) -> None:
    before, trace, simulated = recorded(name)
    text = dump.format_trace(trace)
    words = "".join(line for line in trace.lines if line[:1] not in {">", "<"})
    world = ReplayWorld(dump.parse(text))
    after = scan(world.open())
    world.finish()

    assert looks_real(trace) == []
    assert trace.header.recorded == datetime(2026, 11, 21, 3, tzinfo=UTC)
    for card in simulated.cards.values():
        for secret, value in card.secrets.items():
            assert value.hex().upper() not in text, secret
            assert value.decode("latin-1") not in words, secret
    assert (before is None) == (after is None)
    if before is not None and after is not None:
        for what in ("kind", "label", "applications", "directory", "pins", "complete", "complaint"):
            assert getattr(after, what) == getattr(before, what), what


class ScriptedLink:
    """A link that answers, or raises, what it was told."""

    atr = bytes.fromhex("3BE000FF8131FE4514")
    protocol = "T=1"

    def __init__(self, *answers: bytes | Exception) -> None:
        self._answers = list(answers)
        self.open = True

    def transmit(self, command: bytes) -> bytes:
        answer = self._answers.pop(0)
        if isinstance(answer, bytes):
            return answer
        raise answer

    def transaction(self) -> ScriptedTransaction:
        return ScriptedTransaction(self._answers)

    def close(self) -> None:
        self.open = False


class ScriptedTransaction:
    def __init__(self, answers: list[bytes | Exception]) -> None:
        self._answers = answers

    def __enter__(self) -> None:
        if self._answers and isinstance(self._answers[0], errors.CardResetError):
            raise self._answers[0]

    def __exit__(self, *error: object) -> None:
        pass


class ScriptedBackend:
    """A backend of one reader."""

    def __init__(
        self,
        connect: Callable[[], CardLink],
        readers: Sequence[ReaderIdentity] | errors.LinkError = (READER,),
        state: SlotState = SlotState.CARD,
    ) -> None:
        self._connect, self._readers, self._state = connect, readers, state
        self.open = True

    def readers(self) -> Sequence[ReaderIdentity]:
        if isinstance(self._readers, errors.LinkError):
            raise self._readers
        return self._readers

    def slot_state(self, reader: ReaderIdentity) -> SlotState:
        return self._state

    def wait_for_card(self, readers: Sequence[ReaderIdentity], seconds: float) -> bool:
        return seconds > 1

    def connect(self, reader: ReaderIdentity, meter: Meter | None = None) -> CardLink:
        return self._connect()

    def close(self) -> None:
        self.open = False


def refuse() -> CardLink:
    raise errors.UnresponsiveCardError("mute", code=0x80100066)


def test_exchanges_and_failures_are_noted_with_their_times() -> None:
    own = recorder()
    inner = ScriptedLink(b"\x90\x00", errors.CardRemovedError("gone", code=0x80100069))
    link = RecordLink(inner, own)
    assert (link.atr, link.protocol) == (inner.atr, "T=1")
    with link.transaction():
        assert link.transmit(SELECT) == b"\x90\x00"
    with pytest.raises(errors.CardRemovedError):
        link.transmit(SELECT)
    link.close()
    assert not inner.open
    first, second = own.finish().exchanges
    assert (first.asked, first.response) == (SELECT, b"\x90\x00")
    assert second.failure == Failure(LinkFailure.CARD_REMOVED, 0x80100069)
    assert first.milliseconds is not None
    assert second.milliseconds is not None


def test_an_answer_without_a_status_word_is_a_failure() -> None:
    own = recorder()
    assert RecordLink(ScriptedLink(b"\x90"), own).transmit(SELECT) == b"\x90"
    (only,) = own.finish().exchanges
    assert only.failure == Failure(LinkFailure.MALFORMED_RESPONSE)


def test_a_command_that_was_never_answered_is_a_time_out() -> None:
    own = recorder()
    with pytest.raises(IndexError):  # the way out of a hang does not matter
        RecordLink(ScriptedLink(), own).transmit(SELECT)
    (only,) = own.finish().exchanges
    assert (only.asked, only.failure) == (SELECT, Failure(LinkFailure.TIMEOUT))


def test_a_transaction_that_cannot_begin_is_noted() -> None:
    own = recorder()
    link = RecordLink(ScriptedLink(errors.CardResetError("reset", code=0x80100068)), own)
    with pytest.raises(errors.CardResetError), link.transaction():
        pytest.fail("the transaction was entered")
    assert own.finish().exchanges == (
        Exchange(Step.TRANSACTION, failure=Failure(LinkFailure.CARD_RESET, 0x80100068)),
    )


def test_a_connection_that_fails_is_noted() -> None:
    own = recorder()
    backend = RecordingBackend(ScriptedBackend(refuse), own)
    (reader,) = backend.readers()
    assert backend.slot_state(reader) is SlotState.CARD
    with pytest.raises(errors.UnresponsiveCardError):
        backend.connect(reader)
    trace = own.finish()
    assert trace.exchanges == (
        Exchange(Step.CONNECT, failure=Failure(LinkFailure.MUTE, 0x80100066)),
    )
    assert (trace.header.reader, trace.header.usb) == ("Maker Model [CCID] 00 00", READER.usb)
    assert trace.header.origin is Origin.RECORDED


def test_a_backend_is_passed_on() -> None:
    inner = ScriptedBackend(ScriptedLink)
    backend = RecordingBackend(inner, recorder())
    assert backend.wait_for_card([], 2)
    assert not backend.wait_for_card([], 0)
    assert backend.connect(READER).atr == ScriptedLink.atr
    backend.close()
    assert not inner.open


def test_no_service_no_reader_and_an_empty_slot_replay_as_such() -> None:
    own = recorder()
    gone = ScriptedBackend(refuse, errors.NoServiceError("gone", code=0x8010001D))
    with pytest.raises(errors.NoServiceError):
        RecordingBackend(gone, own).readers()
    with pytest.raises(errors.NoServiceError):
        ReplayWorld(own.finish()).open()

    own = recorder()
    RecordingBackend(ScriptedBackend(refuse, ()), own).readers()
    assert ReplayWorld(own.finish()).open().readers() == ()

    own = recorder()
    backend = RecordingBackend(ScriptedBackend(refuse, state=SlotState.EMPTY), own)
    backend.slot_state(*backend.readers())
    replayed = ReplayWorld(own.finish()).open()
    assert replayed.slot_state(*replayed.readers()) is SlotState.EMPTY


def test_of_several_readers_the_one_with_a_card_is_recorded() -> None:
    own = recorder()
    other = ReaderIdentity(name="Other 01 00", backend=Backend.PCSC, path="Other 01 00")
    own.note_readers([READER, other])
    own.note_slot(READER, SlotState.EMPTY)
    own.note_slot(other, SlotState.MUTE)
    header = own.finish().header
    assert (header.reader, header.slot) == ("Other 01 00", SlotState.MUTE)


def test_two_readers_in_use_are_no_trace() -> None:
    own = recorder()
    own.note_connect(READER)
    own.note_connect(ReaderIdentity(name="Other 01 00", backend=Backend.PCSC, path="Other 01 00"))
    with pytest.raises(errors.InputError, match="--reader"):
        own.finish()


def test_a_simulated_card_makes_a_synthetic_trace() -> None:
    header = Recorder(NOW, "cardcheck 0.0", profile="valid").finish().header
    assert (header.origin, header.profile) == (Origin.SYNTHETIC, "valid")


@pytest.mark.parametrize("origin", Origin)
def test_a_replay_keeps_the_origin_of_what_it_replays(origin: Origin) -> None:
    replayed = TraceHeader(origin=origin, source="https://example.org/x", profile="valid")
    header = Recorder(NOW, "cardcheck 0.0", None, replayed).finish().header
    assert (header.origin, header.source) == (origin, "https://example.org/x")
    assert (header.profile, header.note) == ("valid", "written down from a replay, not from a card")


def test_a_recorder_shows_nothing() -> None:
    own = recorder()
    RecordLink(ScriptedLink(b"secret\x90\x00"), own).transmit(SELECT)
    assert "736563726574" not in repr(own) + repr(own.finish())
    assert "secret" not in repr(Exchange(SELECT, b"secret\x90\x00"))


@pytest.mark.parametrize(
    "name",
    [
        "SONY FeliCa RC-S300/P (0817345) 00 00",
        "SCM Microsystems Inc. SCR 3310 [CCID Interface] (QWERTZUI) 00 00",
        "SCM Microsystems Inc. SCR 3310 [CCID Interface] (12(34)56) 00 00",
        "Circle CIR315 Dual & 1S (CIR315-0000123) CL Reader 0",
        "Evil \x1b[31m\n  name \u202e # 1 \ud800 00 00",
        "none\n> 00A4",
        "(12345)",
        "\u2028",
        "",
    ],
)
def test_a_reader_s_name_is_in_the_trace_as_in_the_report_and_costs_neither(name: str) -> None:
    own = recorder()
    reader = ReaderIdentity(backend=Backend.PCSC, name=name, path=name)
    own.note_readers([reader])
    own.note_connect(reader)
    trace = own.finish()
    assert trace.header.reader == (" ".join(clean_name(name).split()) or "?")
    assert dump.parse(dump.format_trace(trace)).header == trace.header
    assert looks_real(trace) == []


def test_the_instant_is_made_coarse_in_japanese_days() -> None:
    late = datetime(2026, 11, 21, 15, 0, 0, tzinfo=UTC)  # midnight in Japan
    assert coarse(late) == datetime(2026, 11, 22, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("> FFCA000000\n< 010203049000\n", "line 4: the number of a card"),
        ("# 123456789018\n", "line 4: twelve digits"),
        ("> 002000800431323334\n< 9000\n", "line 1: a command carries a PIN"),
        ("> 00B0000002\n< 41429000\n", "line 4: redaction would replace this"),
    ],
)
def test_a_trace_that_looks_real_is_named(text: str, reason: str) -> None:
    head = "cardcheck-apdu 1\norigin: recorded-redacted\nrecorded: 2026-11-21T03:00:00Z\n"
    found = looks_real(dump.parse(head + text))
    assert any(each.startswith(reason) for each in found), found


def test_a_header_that_looks_real_is_named() -> None:
    head = "cardcheck-apdu 1\norigin: recorded-redacted\n"
    assert looks_real(dump.parse(head))[0].startswith("line 1: redaction needs")
    found = looks_real(
        dump.parse(head + "recorded: 2026-11-21T03:00:01Z\natqb: 5090BE4E5B000005E0B381A1\n")
    )
    assert found == [
        "line 1: a PUPI that is not zero",
        "line 1: redaction would change the header",
    ]
