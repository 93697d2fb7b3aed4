# SPDX-License-Identifier: Apache-2.0
"""The parent's side of the child: whatever it does, a ``LinkError`` comes and nothing is left."""

from __future__ import annotations

import json
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cardcheck import errors
from cardcheck.cards.model import select_file
from cardcheck.cards.mynumber import JPKI
from cardcheck.facts.card import CardFacts
from cardcheck.facts.reader import Backend, ReaderIdentity, SlotState
from cardcheck.transports.meter import Meter
from cardcheck.transports.nfc import backend, wire
from cardcheck.transports.nfc.backend import NfcWorld, child_command
from lab.patience import overtime

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    MakeWorld = Callable[[str], NfcWorld]

DEVICE = ReaderIdentity(name="device", backend=Backend.NFC, path="usb:001:002")
FAKE = Path(__file__).with_name("fake_child.py")

_OTHERS: list[str] = []


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log"
    path.touch()
    return path


@pytest.fixture
def make_world(log: Path) -> Iterator[MakeWorld]:
    """Makes worlds whose children behave as told; all are closed, and nothing is left of them."""
    _OTHERS[:] = children()  # such as the pcscd of tests/lab, which ran in this process before
    worlds: list[NfcWorld] = []

    def make(how: str = "well") -> NfcWorld:
        command = [sys.executable, "-S", str(FAKE), how, str(log)]
        worlds.append(NfcWorld(lambda: (DEVICE,), command=command))
        return worlds[-1]

    yield make
    for world in worlds:
        world.close()
    assert not children_of_ours()


def children_of_ours() -> list[str]:
    """The children of this process that the test has started."""
    return [pid for pid in children() if pid not in _OTHERS]


def children() -> list[str]:
    tasks = Path("/proc/self/task").glob("*/children")
    return [pid for task in tasks for pid in task.read_text().split()]


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Deadlines of half a second."""
    for name in ("OPEN_SECONDS", "POLL_SECONDS", "EXCHANGE_SECONDS"):
        monkeypatch.setattr(backend, name, 0.5)


def requests(log: Path) -> list[str]:
    return [json.loads(line)["do"] for line in log.read_text().splitlines()]


def test_listing_starts_no_child(make_world: MakeWorld) -> None:
    assert make_world("die").open().readers() == (DEVICE,)
    assert not children_of_ours()


def test_one_child_serves_all_backends(make_world: MakeWorld, log: Path) -> None:
    world = make_world("well")
    assert world.open().slot_state(DEVICE) is SlotState.CARD
    assert world.open().slot_state(DEVICE) is SlotState.CARD
    world.close()
    assert requests(log) == ["open", "poll", "poll", "close"]


def test_a_link_is_guarded_metered_and_released(make_world: MakeWorld, log: Path) -> None:
    facts = CardFacts()
    link = make_world("well").open().connect(DEVICE, Meter(facts, threading.Event()))
    assert (link.protocol, link.atr) == ("ISO-DEP", b"")
    with link.transaction():
        assert link.transmit(JPKI.select.encode()) == b"\x90\x00"
        link.transmit(select_file(0x0018).encode())
        for forbidden in ("00200080", "0020008004313233", "00d6000001ff", "80ca9f7f00"):
            with pytest.raises(errors.WriteRefusedError):
                link.transmit(bytes.fromhex(forbidden))
    link.close()
    link.close()
    assert requests(log) == [
        *("open", "connect", "begin", "transmit", "transmit", "transmit", "end", "release")
    ]
    assert facts.commands == 3  # the last is the guard's own: away from the PIN file
    with pytest.raises(errors.CardcheckError):
        link.transmit(JPKI.select.encode())


@pytest.mark.parametrize(
    ("how", "error"),
    [
        ("open:AccessDeniedError", errors.AccessDeniedError),
        ("open:SharingViolationError", errors.SharingViolationError),
        ("poll:NoReaderError", errors.NoReaderError),
        ("poll:GarbledCardError", errors.GarbledCardError),
        ("poll:NoSuchError", errors.LinkError),
        ("import", errors.LinkError),
        ("die", errors.LinkError),
        ("die-at-open", errors.LinkError),
        ("die-at-poll", errors.LinkError),
        ("noise-at-poll", errors.LinkError),
    ],
)
def test_what_goes_wrong_is_a_link_error(
    make_world: MakeWorld, how: str, error: type[errors.LinkError]
) -> None:
    with pytest.raises(errors.LinkError) as caught:
        make_world(how).open().slot_state(DEVICE)
    assert type(caught.value) is error


def test_a_mute_card_is_a_state(make_world: MakeWorld) -> None:
    world = make_world("poll:UnresponsiveCardError")
    assert world.open().slot_state(DEVICE) is SlotState.MUTE


def test_a_card_without_apdus_says_what_it_is(make_world: MakeWorld) -> None:
    with pytest.raises(errors.ForeignCardError) as caught:
        make_world("connect:ForeignCardError:felica").open().connect(DEVICE)
    assert caught.value.kind == "felica"


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("how", ["hang-at-open", "hang-at-poll"])
def test_a_hung_child_is_killed_at_its_deadline(make_world: MakeWorld, how: str) -> None:
    began = time.monotonic()
    with pytest.raises(errors.LinkTimeoutError) as caught:
        make_world(how).open().slot_state(DEVICE)
    assert time.monotonic() - began < overtime(2)
    assert caught.value.seconds is not None
    assert not children_of_ours()


def test_a_child_that_never_comes_up_is_killed(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backend, "START_SECONDS", 0.5)
    with pytest.raises(errors.LinkTimeoutError):
        make_world("mute").open().slot_state(DEVICE)
    assert not children_of_ours()


@pytest.mark.usefixtures("short")
def test_a_child_that_hung_is_started_anew(make_world: MakeWorld, log: Path) -> None:
    backend = make_world("hang-at-transmit").open()
    link = backend.connect(DEVICE)
    with pytest.raises(errors.LinkTimeoutError):
        link.transmit(JPKI.select.encode())
    with pytest.raises(errors.LinkError):
        link.transmit(JPKI.select.encode())
    link.close()
    assert backend.slot_state(DEVICE) is SlotState.CARD
    assert requests(log).count("open") == 2


def test_closing_while_a_child_hangs_kills_it(make_world: MakeWorld) -> None:
    world = make_world("hang-at-poll")
    seen: list[BaseException] = []

    def poll() -> None:
        try:
            world.open().slot_state(DEVICE)
        except errors.LinkError as error:
            seen.append(error)

    thread = threading.Thread(target=poll)
    thread.start()
    time.sleep(0.6)
    began = time.monotonic()
    world.close()
    thread.join(2)
    assert time.monotonic() - began < overtime(1)
    assert [type(error) for error in seen] == [errors.LinkError]


def test_a_closed_world_starts_nothing(make_world: MakeWorld) -> None:
    world = make_world("well")
    world.close()
    with pytest.raises(errors.LinkError, match="ended"):
        world.open().slot_state(DEVICE)
    assert not children_of_ours()


def test_waiting_ends_with_a_card_or_with_the_time(make_world: MakeWorld) -> None:
    assert make_world("well").open().wait_for_card([DEVICE], 5)
    with pytest.raises(errors.NoReaderError):
        make_world("poll:NoReaderError").open().wait_for_card([DEVICE], 5)


def test_a_program_that_cannot_be_started_is_a_link_error() -> None:
    world = NfcWorld(lambda: (DEVICE,), command=["/nonexistent/program"])
    with pytest.raises(errors.LinkError, match="cannot be started"):
        world.open().slot_state(DEVICE)


def test_a_frozen_program_starts_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    assert child_command()[1:] == ["-P", "-m", "cardcheck.transports.nfc.child"]
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert child_command() == [sys.executable, "--nfc-child"]


def test_the_child_sees_our_modules_and_not_the_current_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cardcheck").mkdir()
    (tmp_path / "cardcheck" / "__init__.py").write_text("raise SystemExit('not this one')")
    wire_file = str(wire.__file__)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", "")
    code = (
        "import cardcheck.transports.nfc.wire as wire\n"
        "error = {'error': 'NoReaderError', 'message': wire.__file__}\n"
        "print(wire.encode(error).decode())"
    )
    world = NfcWorld(lambda: (DEVICE,), command=[child_command()[0], "-P", "-c", code])
    with pytest.raises(errors.NoReaderError) as caught:
        world.open().slot_state(DEVICE)
    assert str(caught.value) == wire_file
