# SPDX-License-Identifier: Apache-2.0
"""A survey of readers that fail in every way: what is noted, and that nothing is waited for."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from cardcheck import errors
from cardcheck.facts.reader import SlotState
from cardcheck.simulation.profiles import PROFILES, Profile, SimulatedReader
from cardcheck.survey.engine import Survey
from cardcheck.survey.request import Silence, SurveyRequest
from cardcheck.transports.simulated import SimulatedBackend, SimulatedWorld
from lab.patience import overtime

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cardcheck.facts.reader import ReaderFacts, ReaderIdentity, SurveyFacts
    from cardcheck.simulation.card import SimulatedCard

NOW = datetime(2026, 11, 22, tzinfo=UTC)
COMMANDS = 32  # of a full scan of a good card
FIRST, MIDDLE, LAST = 1, 17, COMMANDS


class Failing:
    """A card whose way to us fails at the ``at``-th command, for ``times`` commands."""

    def __init__(self, card: SimulatedCard, at: int, times: int, fail: Callable[[], None]) -> None:
        self._card, self._fail = card, fail
        self._range = range(at, at + times)
        self.commands = 0

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - all else is the card's own
        return getattr(self._card, name)

    def transmit(self, command: bytes) -> bytes | None:
        self.commands += 1
        if self.commands in self._range:
            self._fail()
        return self._card.transmit(command)


def raising(error: BaseException) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


def hang() -> None:
    time.sleep(3600)


def survey(
    fail: Callable[[], None] = lambda: None,
    *,
    at: int = FIRST,
    times: int = 1,
    profile: Profile = PROFILES["valid"],
    opener: Callable[[SimulatedWorld], SimulatedBackend] = SimulatedWorld.open,
    **request: Any,  # noqa: ANN401 - as SurveyRequest has them
) -> SurveyFacts:
    """The facts of a survey in which ``fail`` happens."""
    cards: list[Failing] = []

    def overlay(card: SimulatedCard) -> SimulatedCard:
        cards.append(Failing(card, at, times, fail))
        return cards[-1]

    world = SimulatedWorld(profile, NOW, overlay=overlay)
    values: dict[str, Any] = {"patience": 0.2, "exchange_limit": 0.3, "timeout": 10.0, **request}
    facts = Survey(SurveyRequest(open_backends=(lambda: opener(world),), **values), Silence()).run()
    assert all(card.pin_attempts == 0 for card in cards)
    return facts


def only(facts: SurveyFacts) -> ReaderFacts:
    [reader] = facts.readers
    return reader


def test_nothing_fails() -> None:
    reader = only(survey())
    assert reader.finished
    assert reader.card is not None
    assert (reader.card.complete, reader.card.commands) == (True, COMMANDS)
    assert (reader.error, reader.crash, reader.stalled, reader.deadline) == (
        None,
        None,
        False,
        False,
    )


@pytest.mark.parametrize("at", range(1, COMMANDS + 1))
def test_the_reader_is_pulled(at: int) -> None:
    """Gone at any command: no contact that was lost, but a reader."""
    gone: list[bool] = []

    def pull() -> None:
        gone.append(True)
        raise errors.NoReaderError("pulled", code=0x80100017)

    class Backend(SimulatedBackend):
        def readers(self) -> tuple[ReaderIdentity, ...]:
            return () if gone else tuple(super().readers())

        def slot_state(self, reader: ReaderIdentity) -> SlotState:
            if gone:
                raise errors.NoReaderError("no such reader", code=0x80100009)
            return super().slot_state(reader)

    facts = survey(pull, at=at, opener=Backend)
    reader = only(facts)
    assert (reader.slot, reader.error) == (SlotState.UNAVAILABLE, "NoReaderError")
    assert reader.card is not None
    assert (reader.card.interruption, min(at, reader.card.commands)) == (None, at)
    assert facts.service.error is None


@pytest.mark.parametrize("at", [FIRST, MIDDLE, LAST])
def test_the_service_dies(at: int) -> None:
    dead: list[bool] = []

    def die() -> None:
        dead.append(True)
        raise errors.NoServiceError("died", code=0x8010001E)

    def opener(world: SimulatedWorld) -> SimulatedBackend:
        if dead:
            raise errors.NoServiceError("dead", code=0x8010001D)
        return world.open()

    facts = survey(die, at=at, opener=opener)
    assert (facts.service.error, facts.service.code) == ("NoServiceError", 0x8010001D)
    assert (only(facts).slot, only(facts).error) == (SlotState.UNAVAILABLE, "NoServiceError")


@pytest.mark.parametrize("at", [FIRST, MIDDLE, LAST])
@pytest.mark.parametrize(
    "error",
    [errors.CardRemovedError("away"), errors.CardResetError("reset"), errors.LinkError("?")],
)
def test_contact_that_comes_back_is_read_anew(at: int, error: errors.LinkError) -> None:
    for times, whole in ((1, True), (999, False)):
        card = only(survey(raising(error), at=at, times=times)).card
        assert card is not None
        assert card.complete is whole
        assert card.restarts == (1 if whole else 2)
        assert card.interruption == (None if whole else type(error).__name__)


@pytest.mark.parametrize("at", [FIRST, MIDDLE, LAST])
def test_silence_is_noted_and_left_behind(at: int) -> None:
    began = time.monotonic()
    facts = survey(hang, at=at)
    assert time.monotonic() - began < overtime(5)
    reader = only(facts)
    assert (reader.stalled, reader.deadline, facts.deadline) == (True, False, False)
    assert reader.card is not None
    assert reader.card.commands == at


def test_the_deadline_comes_before_the_silence() -> None:
    facts = survey(hang, at=MIDDLE, timeout=0.6, exchange_limit=99.0)
    reader = only(facts)
    assert (reader.stalled, reader.deadline, facts.deadline) == (False, True, True)


def test_a_slow_card_meets_the_deadline() -> None:
    """Stopped between two exchanges: nothing hangs, and what was read is kept."""
    facts = survey(lambda: time.sleep(0.1), times=999, timeout=1.0)
    reader = only(facts)
    assert (reader.deadline, facts.deadline, reader.stalled) == (True, True, False)
    assert reader.card is not None
    assert 2 < reader.card.commands < COMMANDS


def test_one_that_hangs_does_not_keep_others_from_being_read() -> None:
    hung: list[bool] = []

    def first_hangs() -> None:
        if not hung:
            hung.append(True)
            hang()

    make_card = PROFILES["valid"].readers[0].make_card
    slots = tuple(SimulatedReader(name=name, make_card=make_card) for name in ("one", "two"))
    facts = survey(first_hangs, profile=Profile(name="two", summary="", readers=slots))
    assert sorted(reader.stalled for reader in facts.readers) == [False, True]
    read = next(reader for reader in facts.readers if not reader.stalled)
    assert read.card is not None
    assert read.card.complete


def test_a_bug_is_told_by_type_and_place() -> None:
    """Never by what it says: that might hold what was read."""
    reader = only(survey(raising(ValueError("SECRET")), at=MIDDLE))
    assert reader.crash is not None
    assert reader.crash.startswith("ValueError at test_engine.py:")
    assert "SECRET" not in reader.crash


def test_an_input_that_does_not_fit_is_raised() -> None:
    with pytest.raises(errors.InputError):
        survey(raising(errors.ReplayMismatchError("asked for something else")), at=MIDDLE)


@pytest.mark.parametrize(
    ("error", "name", "code"),
    [
        (errors.NoServiceError("no", code=0x8010001D), "NoServiceError", 0x8010001D),
        (errors.AccessDeniedError("no", code=0x8010006A), "AccessDeniedError", 0x8010006A),
        (ImportError("libpcsclite.so.1: missing\nmore"), "ImportError", None),
    ],
)
def test_a_service_that_cannot_be_asked(error: Exception, name: str, code: int | None) -> None:
    def opener(_: SimulatedWorld) -> SimulatedBackend:
        raise error

    facts = survey(opener=opener)
    assert (facts.service.error, facts.service.code, facts.readers) == (name, code, [])
    assert "\n" not in (facts.service.detail or "")


def test_a_service_that_hangs() -> None:
    def opener(_: SimulatedWorld) -> SimulatedBackend:
        hang()
        raise AssertionError

    facts = survey(opener=opener)
    assert (facts.service.stalled, facts.deadline) == (True, False)
    facts = survey(opener=opener, timeout=0.4, exchange_limit=99.0)
    assert (facts.service.stalled, facts.deadline) == (True, True)


@pytest.mark.parametrize(
    ("profile", "slot", "even", "read"),
    [
        ("in-use", SlotState.IN_USE, False, False),
        ("in-use", SlotState.CARD, True, True),
        ("exclusive", SlotState.IN_USE, True, False),
        ("mute", SlotState.MUTE, False, False),
        ("no-card", SlotState.EMPTY, False, False),
    ],
)
def test_slots_that_are_not_free(profile: str, slot: SlotState, even: bool, read: bool) -> None:
    reader = only(survey(profile=PROFILES[profile], even_if_in_use=even))
    assert (reader.slot, reader.card is not None) == (slot, read)


def test_a_wait_does_not_count_against_the_deadline() -> None:
    came: list[float] = []

    class Backend(SimulatedBackend):
        def slot_state(self, reader: ReaderIdentity) -> SlotState:
            return super().slot_state(reader) if came else SlotState.EMPTY

        def wait_for_card(self, readers: Sequence[ReaderIdentity], seconds: float) -> bool:
            time.sleep(1.2)  # longer than the scan as a whole may take
            came.append(seconds)
            return True

    slow = partial(time.sleep, 0.05)
    facts = survey(slow, times=3, opener=Backend, wait=5.0, timeout=1.0)
    assert facts.waited >= 1.2
    assert not facts.service.stalled
    assert not facts.deadline
    assert only(facts).finished


def test_after_a_wait_a_slow_card_has_the_whole_time() -> None:
    """The deadline is moved by what was waited: the card would miss it otherwise."""
    came: list[float] = []

    class Backend(SimulatedBackend):
        def slot_state(self, reader: ReaderIdentity) -> SlotState:
            return super().slot_state(reader) if came else SlotState.EMPTY

        def wait_for_card(self, readers: Sequence[ReaderIdentity], seconds: float) -> bool:
            time.sleep(1.2)
            came.append(seconds)
            return True

    facts = survey(lambda: time.sleep(0.02), times=30, opener=Backend, wait=5.0, timeout=1.5)
    assert (only(facts).finished, facts.deadline) == (True, False)


def test_what_can_run_beside_a_reading_is_started_once_and_then() -> None:
    """After the first command, or where there is nothing to read."""
    for profile, sent in (("valid", True), ("no-card", False), ("no-service", False)):
        started: list[bool] = []
        facts = survey(
            lambda: time.sleep(0.05),
            times=3,
            profile=PROFILES[profile],
            meanwhile=lambda started=started: started.append(True),
            wait=0.2,
        )
        assert started == [True]
        assert (any(reader.card for reader in facts.readers)) is sent
