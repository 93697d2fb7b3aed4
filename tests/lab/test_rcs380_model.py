# SPDX-License-Identifier: Apache-2.0
"""nfcpy's real ``rcs380`` driver over a model of the firmware: what goes wrong becomes a fact."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cardcheck.facts.card import CardFacts, CardKind, PinId, ReadState
from cardcheck.facts.reader import Backend, ReaderFacts, ReaderIdentity, SlotState, SurveyFacts
from cardcheck.survey.engine import Survey
from cardcheck.survey.request import Silence, SurveyRequest
from cardcheck.transports.nfc.backend import OPEN_SECONDS, NfcWorld
from lab.daemon import wait_until
from lab.patience import overtime
from lab.port100_child import PATH, Scenario

DEVICE = ReaderIdentity(name="SONY RC-S380/P", backend=Backend.NFC, path=PATH, usb=("054c", "06c3"))
COMMANDS = 32  # of a full scan of a valid card


def survey(scenario: Scenario, *, patience: float = 0.2, timeout: float = 30.0) -> SurveyFacts:
    """What a survey finds on the modelled device."""
    world = NfcWorld(lambda: (DEVICE,), command=scenario.command())
    request = SurveyRequest(
        open_backends=(), open_nfc=world.open, patience=patience, timeout=timeout
    )
    try:
        return Survey(request, Silence()).run()
    finally:
        world.close()


def only(facts: SurveyFacts) -> ReaderFacts:
    (reader,) = facts.readers
    return reader


def card_of(facts: SurveyFacts) -> CardFacts:
    card = only(facts).card
    assert card is not None
    return card


def test_a_card_is_read_to_its_end() -> None:
    facts = survey(Scenario())
    reader = only(facts)
    card = card_of(facts)
    assert (reader.slot, card.kind, card.complete) == (SlotState.CARD, CardKind.MY_NUMBER, True)
    assert card.commands == COMMANDS
    assert card.pins[PinId.AUTHENTICATION].state is ReadState.READ
    assert (facts.service.asked, facts.nfc) == (False, True)


@pytest.mark.parametrize(
    ("profile", "kind"),
    [
        ("drivers-licence", CardKind.DRIVERS_LICENCE),
        ("payment-card", CardKind.PAYMENT_CARD),
        ("felica", CardKind.FELICA),
        ("unknown-card", CardKind.UNKNOWN),
    ],
)
def test_other_cards_are_told_apart(profile: str, kind: CardKind) -> None:
    card = card_of(survey(Scenario(profiles=(profile,))))
    assert (card.kind, card.complete) == (kind, True)


def test_an_empty_field() -> None:
    reader = only(survey(Scenario(profiles=())))
    assert (reader.slot, reader.card, reader.error) == (SlotState.EMPTY, None, None)


def test_a_card_that_is_seen_and_does_not_wake_up() -> None:
    reader = only(survey(Scenario(profiles=("mute",))))
    assert (reader.slot, reader.card, reader.error) == (
        SlotState.MUTE,
        None,
        "UnresponsiveCardError",
    )


def test_two_cards_that_collide_are_neither_one_nor_none() -> None:
    reader = only(survey(Scenario(profiles=("valid", "expired"))))
    assert (reader.slot, reader.card, reader.error) == (SlotState.MUTE, None, "GarbledCardError")


def test_a_card_of_each_type_is_no_collision() -> None:
    card = card_of(survey(Scenario(profiles=("valid", "payment-card"))))
    assert card.kind is CardKind.MY_NUMBER


def test_a_device_that_is_not_there() -> None:
    reader = only(survey(Scenario(attached=False)))
    assert (reader.slot, reader.error) == (SlotState.UNAVAILABLE, "NoReaderError")


def test_a_hung_device_costs_its_deadline() -> None:
    began = time.monotonic()
    reader = only(survey(Scenario(firmware={"kind": "hang", "code": 0x2A})))
    assert time.monotonic() - began < overtime(
        OPEN_SECONDS + 15
    )  # it ends; how fast is for benchmarks
    assert (reader.slot, reader.stalled, reader.silence) == (
        SlotState.UNAVAILABLE,
        True,
        OPEN_SECONDS,
    )


def test_a_hung_device_costs_no_more_than_the_deadline_of_the_command() -> None:
    began = time.monotonic()
    facts = survey(Scenario(firmware={"kind": "hang", "code": 0x2A}), timeout=1.0)
    assert time.monotonic() - began < overtime(15)
    assert (facts.deadline, only(facts).stalled) == (True, True)


PARENT = """
import json, sys
from cardcheck.facts.reader import Backend, ReaderIdentity
from cardcheck.transports.nfc.backend import NfcWorld
device = ReaderIdentity(name="x", backend=Backend.NFC, path="usb:001:002")
NfcWorld(lambda: (device,), command=json.loads(sys.argv[1])).open().slot_state(device)
"""


def test_a_child_that_hangs_ends_with_its_parent(tmp_path: Path) -> None:
    """Also when the parent is killed, and can say nothing any more."""
    marker = tmp_path / "hangs"
    scenario = Scenario(firmware={"kind": "hang", "code": 0x2A}, marker=str(marker))
    command = [sys.executable, "-c", PARENT, json.dumps(scenario.command())]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, env=env) as parent:
        assert wait_until(marker.exists, 10)
        time.sleep(0.5)  # now it is inside the driver
        children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()
        parent.kill()
    assert len(children) == 1
    assert wait_until(lambda: has_ended(int(children[0])), 1.5)


def has_ended(pid: int) -> bool:
    """Whether a process is gone, or a zombie that the first process has not taken away yet."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return True
    return stat.rpartition(")")[2].split()[0] == "Z"


@pytest.mark.slow
def test_a_device_that_hangs_in_the_middle_is_given_up() -> None:
    began = time.monotonic()
    facts = survey(Scenario(firmware={"kind": "hang", "at": 20}), timeout=30.0)
    reader = only(facts)
    assert time.monotonic() - began < overtime(13)
    assert (reader.stalled, card_of(facts).interruption) == (True, "LinkTimeoutError")
    assert card_of(facts).commands < COMMANDS


@pytest.mark.parametrize("kind", ["no-ack", "error-frame", "garbage", "short", "wrong-code"])
def test_malformed_frames_from_the_start_end_in_a_fact(kind: str) -> None:
    facts = survey(Scenario(firmware={"kind": kind, "code": 0x20}))
    reader = only(facts)
    assert (reader.slot, reader.card) == (SlotState.UNAVAILABLE, None)
    assert reader.error in {"LinkError", "LinkTimeoutError"}


@pytest.mark.parametrize("kind", ["error-frame", "garbage", "short", "wrong-code"])
def test_malformed_frames_in_the_middle_are_read_over_by_beginning_again(
    kind: str, tmp_path: Path
) -> None:
    """nfcpy crashes on them; a new child begins anew, and reads the card to its end."""
    scenario = Scenario(
        firmware={"kind": kind, "at": 20, "times": 1}, marker=str(tmp_path / "once")
    )
    card = card_of(survey(scenario, patience=5.0))
    assert (card.kind, card.complete) == (CardKind.MY_NUMBER, True)
    assert card.restarts == 1


def test_a_wrong_checksum_is_nothing_to_nfcpy() -> None:
    """Its driver does not look at them (``Frame``): the content was right, and is taken."""
    card = card_of(survey(Scenario(firmware={"kind": "checksum"})))
    assert (card.complete, card.restarts) == (True, 0)


@pytest.mark.parametrize("at", [5, 20])
def test_a_frame_that_got_lost_is_asked_for_again(at: int) -> None:
    card = card_of(survey(Scenario(firmware={"kind": "crc-error", "at": at, "times": 1})))
    assert (card.complete, card.restarts, card.commands) == (True, 0, COMMANDS)


def test_a_lost_frame_is_asked_for_again_where_nfcpy_would_give_up() -> None:
    """The licence has FWI 12: a second and more, for which nfcpy repeats nothing."""
    firmware = {"kind": "crc-error", "at": 4, "times": 1}
    card = card_of(survey(Scenario(profiles=("drivers-licence",), firmware=firmware)))
    assert (card.kind, card.restarts) == (CardKind.DRIVERS_LICENCE, 0)


@pytest.mark.parametrize("at", [1, 2, 12, 22, 27, 32])
def test_a_card_that_is_pulled_for_good(at: int, tmp_path: Path) -> None:
    log = tmp_path / "log"
    facts = survey(Scenario(faults=(f"removed@{at}",), log=str(log)))
    assert card_of(facts).interruption == "CardRemovedError"
    assert not card_of(facts).complete
    assert not only(facts).stalled
    assert_no_pin_was_sent(log)


@pytest.mark.parametrize("at", [1, 2, 12, 22, 27, 32])
def test_a_card_that_is_pulled_and_comes_back(at: int, tmp_path: Path) -> None:
    log = tmp_path / "log"
    card = card_of(survey(Scenario(faults=(f"removed@{at}x1",), log=str(log)), patience=3.0))
    assert (card.kind, card.complete, card.interruption) == (CardKind.MY_NUMBER, True, None)
    assert card.restarts == (0 if at == 1 else 1)  # the first command is simply sent again
    assert_no_pin_was_sent(log)


def assert_no_pin_was_sent(log: Path) -> None:
    verify = [line for line in log.read_text().splitlines() if line[2:4] == "20"]
    assert set(verify) <= {"00200080"}


def test_a_card_that_needs_time_gets_it() -> None:
    """300 ms an answer is near its frame waiting time, 1 s beyond: it asks for more (WTX)."""
    card = card_of(survey(Scenario(profiles=("payment-card",), faults=("slow=700",))))
    assert (card.kind, card.restarts) == (CardKind.PAYMENT_CARD, 0)


def test_nothing_that_follows_a_card_leaves_the_child() -> None:
    world = NfcWorld(lambda: (DEVICE,), command=Scenario().command())
    try:
        child = world.child(PATH)
        child.ask({"do": "poll"}, 9)
        said = [child.ask({"do": "connect"}, 9), child.ask({"do": "poll"}, 9)]
    finally:
        world.close()
    assert said == [{}, {"card": True}]


def test_the_child_keeps_a_guard_of_its_own(tmp_path: Path) -> None:
    from cardcheck.errors import WriteRefusedError

    log = tmp_path / "log"
    log.touch()
    world = NfcWorld(lambda: (DEVICE,), command=Scenario(log=str(log)).command())
    try:
        child = world.child(PATH)
        child.ask({"do": "connect"}, 9)
        for command in ("0020008004313233", "00d6000001ff", "00200080", "00240080", "80ca9f7f00"):
            with pytest.raises(WriteRefusedError):
                child.ask({"do": "transmit", "apdu": command}, 9)
    finally:
        world.close()
    assert log.read_text() == ""
