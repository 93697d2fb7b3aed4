# SPDX-License-Identifier: Apache-2.0
"""Two worlds in one survey: PC/SC first, NFC devices beside it, each device once."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from cardcheck import errors
from cardcheck.facts.card import CardKind
from cardcheck.facts.reader import Backend, ReaderFacts, ReaderIdentity, SlotState, SurveyFacts
from cardcheck.survey.engine import Survey
from cardcheck.survey.request import Silence, SurveyRequest
from lab.patience import overtime

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cardcheck.transports.link import CardLink
    from cardcheck.transports.meter import Meter


def slot(name: str, backend: Backend = Backend.NFC) -> ReaderIdentity:
    return ReaderIdentity(name=name, backend=backend, path=name)


class World:
    """A backend whose slots hold what the test says: a state, or an error to raise."""

    def __init__(
        self,
        slots: dict[ReaderIdentity, SlotState | errors.LinkError],
        connecting: errors.LinkError | None = None,
    ) -> None:
        self.slots = slots
        self.connecting = connecting or errors.NoCardError("none")
        self.asked: list[str] = []
        self.comes_after = 0.0
        self.began = time.monotonic()
        self.hangs = threading.Event()

    def open(self) -> World:
        return self

    def readers(self) -> Sequence[ReaderIdentity]:
        return list(self.slots)

    def slot_state(self, reader: ReaderIdentity) -> SlotState:
        self.asked.append(reader.name)
        if reader.name == "hangs":
            self.hangs.wait(30)
        state = self.slots[reader]
        if isinstance(state, errors.LinkError):
            raise state
        return state

    def wait_for_card(self, readers: Sequence[ReaderIdentity], seconds: float) -> bool:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.comes_after and time.monotonic() - self.began > self.comes_after:
                for reader in readers:
                    self.slots[reader] = SlotState.CARD
                return True
            time.sleep(0.02)
        return False

    def connect(self, reader: ReaderIdentity, meter: Meter | None = None) -> CardLink:
        raise self.connecting

    def close(self) -> None:
        """Nothing to let go of."""


def survey(
    pcsc: World | None, nfc: World | None, request: SurveyRequest | None = None
) -> SurveyFacts:
    asked = replace(
        request or SurveyRequest(open_backends=()),
        open_backends=(pcsc.open,) if pcsc else (),
        open_nfc=nfc.open if nfc else None,
        read_cards=request is not None,
    )
    return Survey(asked, Silence()).run()


def names(facts: SurveyFacts) -> list[str]:
    return [reader.identity.name for reader in facts.readers]


CONTACT = slot("contact", Backend.PCSC)
SONY = slot("sony")
ACR = slot("acr")
READ = SurveyRequest(open_backends=(), patience=0.05)


def test_pcsc_comes_first_and_nfc_beside_it() -> None:
    facts = survey(World({CONTACT: SlotState.EMPTY}), World({SONY: SlotState.CARD}))
    assert names(facts) == ["contact", "sony"]
    assert (facts.nfc, facts.service.asked, facts.service.error) == (True, True, None)


def test_without_pcsc_nothing_is_said_of_it() -> None:
    facts = survey(None, World({SONY: SlotState.EMPTY}))
    assert (facts.service.asked, facts.service.error, names(facts)) == (False, None, ["sony"])


def test_a_device_that_pcsc_lists_is_neither_shown_twice_nor_touched() -> None:
    nfc = World({SONY: SlotState.CARD, ACR: SlotState.CARD})
    request = SurveyRequest(
        open_backends=(), unlisted=lambda device, known: device is SONY and known == [CONTACT]
    )
    facts = Survey(
        replace(
            request,
            open_backends=(World({CONTACT: SlotState.EMPTY}).open,),
            open_nfc=nfc.open,
            read_cards=False,
        ),
        Silence(),
    ).run()
    assert names(facts) == ["contact", "sony"]
    assert nfc.asked == ["sony"]


def test_one_index_counts_through_both() -> None:
    request = replace(READ, select=lambda readers: readers[1:2])
    pcsc, nfc = World({CONTACT: SlotState.EMPTY}), World({SONY: SlotState.EMPTY})
    facts = survey(pcsc, nfc, request)
    assert [reader.selected for reader in facts.readers] == [False, True]


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (errors.SharingViolationError("x"), SlotState.IN_USE),
        (errors.NoReaderError("x"), SlotState.UNAVAILABLE),
        (errors.AccessDeniedError("x"), SlotState.UNAVAILABLE),
        (errors.GarbledCardError("x"), SlotState.MUTE),
        (errors.LinkError("x"), SlotState.UNAVAILABLE),
    ],
)
def test_why_a_device_is_closed_is_kept(error: errors.LinkError, state: SlotState) -> None:
    (reader,) = survey(None, World({SONY: error})).readers
    assert (reader.slot, reader.error, reader.stalled) == (state, type(error).__name__, False)


def test_a_device_that_was_given_up_says_after_how_long() -> None:
    hung = errors.LinkTimeoutError("hangs", seconds=4)
    (reader,) = survey(None, World({SONY: hung})).readers
    assert (reader.stalled, reader.silence, reader.slot) == (True, 4, SlotState.UNAVAILABLE)


def test_a_device_that_hangs_holds_up_no_other() -> None:
    hanging = slot("hangs")
    world = World({hanging: SlotState.CARD, SONY: SlotState.EMPTY})
    began = time.monotonic()
    facts = survey(None, world, replace(READ, timeout=0.6))
    world.hangs.set()
    assert time.monotonic() - began < overtime(2)
    by_name = {reader.identity.name: reader for reader in facts.readers}
    assert (by_name["hangs"].stalled, by_name["hangs"].slot) == (True, SlotState.UNAVAILABLE)
    assert by_name["sony"].slot is SlotState.EMPTY
    assert facts.deadline


def only(facts: SurveyFacts) -> ReaderFacts:
    (reader,) = facts.readers
    return reader


@pytest.mark.parametrize("kind", [CardKind.FELICA, CardKind.UNKNOWN])
def test_a_card_without_apdus_is_a_card_of_its_kind(kind: CardKind) -> None:
    foreign = errors.ForeignCardError("polled", kind=kind.value)
    reader = only(survey(None, World({SONY: SlotState.CARD}, foreign), READ))
    assert reader.card is not None
    assert (reader.card.kind, reader.card.complete, reader.card.commands) == (kind, True, 0)
    assert (reader.slot, reader.error, reader.finished) == (SlotState.CARD, None, True)


def test_a_device_that_hangs_at_the_card_is_given_up_once() -> None:
    world = World({SONY: SlotState.CARD}, errors.LinkTimeoutError("hangs", seconds=9))
    reader = only(survey(None, world, READ))
    assert (reader.stalled, reader.silence, world.asked) == (True, 9, ["sony"])


@pytest.mark.parametrize("first", ["pcsc", "nfc"])
def test_a_card_may_come_to_either_while_we_wait(first: str) -> None:
    pcsc, nfc = World({CONTACT: SlotState.EMPTY}), World({SONY: SlotState.EMPTY})
    waited_for = {"pcsc": pcsc, "nfc": nfc}[first]
    waited_for.comes_after = 0.3
    began = time.monotonic()
    facts = survey(pcsc, nfc, replace(READ, wait=5.0))
    assert time.monotonic() - began < overtime(3)
    assert 0.2 < facts.waited < 2


def test_a_service_that_is_silent_keeps_no_device_from_being_found() -> None:
    def refuse() -> World:
        raise errors.NoServiceError("none", code=0x8010001D)

    opener: Callable[[], World] = refuse
    request = SurveyRequest(
        open_backends=(opener,), open_nfc=World({SONY: SlotState.EMPTY}).open, read_cards=False
    )
    facts = Survey(request, Silence()).run()
    assert (facts.service.error, names(facts)) == ("NoServiceError", ["sony"])


def test_a_service_that_goes_takes_its_own_readers_along_and_no_other() -> None:
    class Dying(World):
        def connect(self, reader: ReaderIdentity, meter: Meter | None = None) -> CardLink:
            self.slots.clear()
            raise errors.NoReaderError("pulled")

    nfc = World({SONY: SlotState.EMPTY})
    facts = survey(Dying({CONTACT: SlotState.CARD}), nfc, READ)
    gone, there = facts.readers
    assert (gone.slot, gone.error) == (SlotState.UNAVAILABLE, "NoReaderError")
    assert (there.slot, there.error) == (SlotState.EMPTY, None)
