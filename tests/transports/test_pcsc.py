# SPDX-License-Identifier: Apache-2.0
"""PC/SC as Windows and macOS speak it, by recorded values; ``tests/lab`` has Linux for real."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from cardcheck import errors
from cardcheck.facts.reader import Backend, ReaderIdentity, SlotState
from cardcheck.transports import pcsc

if TYPE_CHECKING:
    from collections.abc import Callable

NAME = "Sony FeliCa Port/PaSoRi 4.0 0"
READER = ReaderIdentity(name=NAME, backend=Backend.PCSC, path=NAME)
ATR = bytes.fromhex("3B888001000041E0B381A1003B")
SELECT_JPKI = bytes.fromhex("00A4040C0AD392F000260100000001")

# What Windows' pyscard gives (a LONG, so negative), what pcsc-lite's gives, and what they mean.
CODES = [
    (-2146435043, 0x8010001D, errors.NoServiceError),
    (-2146435042, 0x8010001E, errors.NoServiceError),
    (-2146435026, 0x8010002E, errors.NoReaderError),
    (-2146435063, 0x80100009, errors.NoReaderError),
    (-2146435049, 0x80100017, errors.NoReaderError),
    (-2146435060, 0x8010000C, errors.NoCardError),
    (-2146434967, 0x80100069, errors.CardRemovedError),
    (-2146434968, 0x80100068, errors.CardResetError),
    (-2146435061, 0x8010000B, errors.SharingViolationError),
    (-2146434970, 0x80100066, errors.UnresponsiveCardError),
    (-2146434969, 0x80100067, errors.UnresponsiveCardError),
    (-2146435062, 0x8010000A, errors.LinkTimeoutError),
    (-2146434966, 0x8010006A, errors.AccessDeniedError),
    (-2147023728, 0x80070490, errors.LinkError),  # ERROR_NOT_FOUND: no code of PC/SC at all
    (6, 0x00000006, errors.LinkError),  # ERROR_INVALID_HANDLE, as over remote desktop
]
NO_SERVICE, NO_READERS, SHARING, UNPOWERED = -2146435043, -2146435026, -2146435061, -2146434969
TIMEOUT = -2146435062
EMPTY, PRESENT, IN_USE, EXCLUSIVE, MUTE = 0x10, 0x20, 0x100, 0x80, 0x200


class Winscard(SimpleNamespace):
    """Stands in for ``smartcard.scard``: every call is written down, answers are given in order.

    Attributes:
        calls: name and arguments of each call.
        answers: what a function returns next; its last answer stays.
    """

    def __init__(self, **answers: list[Any]) -> None:
        super().__init__(
            SCARD_SCOPE_USER=0,
            SCARD_SHARE_SHARED=2,
            SCARD_PROTOCOL_T0=1,
            SCARD_PROTOCOL_T1=2,
            SCARD_PCI_T0=1,
            SCARD_PCI_T1=2,
            SCARD_LEAVE_CARD=0,
            SCARD_STATE_UNAWARE=0,
            SCARD_STATE_UNKNOWN=4,
            SCARD_STATE_UNAVAILABLE=8,
            SCARD_STATE_PRESENT=PRESENT,
            SCARD_STATE_EXCLUSIVE=EXCLUSIVE,
            SCARD_STATE_INUSE=IN_USE,
            SCARD_STATE_MUTE=MUTE,
        )
        self.calls: list[tuple[str, tuple[Any, ...]]] = []
        self.answers: dict[str, list[Any]] = {
            "SCardEstablishContext": [(0, 1)],
            "SCardReleaseContext": [0],
            "SCardListReaders": [(0, [NAME])],
            "SCardGetStatusChange": [(0, [(NAME, 1 << 16 | PRESENT, list(ATR))])],
            "SCardConnect": [(0, 7, 2)],
            "SCardDisconnect": [0],
            "SCardBeginTransaction": [0],
            "SCardEndTransaction": [0],
            "SCardTransmit": [(0, [0x90, 0x00])],
            **answers,
        }

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if not name.startswith("SCard"):
            raise AttributeError(name)

        def call(*arguments: object) -> object:
            self.calls.append((name, arguments))
            queue = self.answers[name]
            return queue.pop(0) if len(queue) > 1 else queue[0]

        return call


@pytest.fixture
def winscard(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Winscard]:
    """Puts a stand-in in the place of pyscard: ``(SCardConnect=[…], …)``."""

    def put(**answers: list[Any]) -> Winscard:
        scard = Winscard(**answers)
        package = ModuleType("smartcard")
        package.scard = scard  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "smartcard", package)
        monkeypatch.setitem(sys.modules, "smartcard.scard", scard)
        monkeypatch.setattr("time.sleep", lambda _: None)
        return scard

    return put


@pytest.mark.parametrize(("signed", "unsigned", "kind"), CODES)
def test_codes_mean_the_same_signed_and_unsigned(
    signed: int, unsigned: int, kind: type[errors.LinkError]
) -> None:
    for code in (signed, unsigned):
        error = pcsc.error_of(code, "SCardConnect")
        assert (type(error), error.code) == (kind, unsigned)
        assert f"0x{unsigned:08X}" in str(error)


def test_windows_without_a_reader_stops_the_service(winscard: Callable[..., Winscard]) -> None:
    winscard(SCardEstablishContext=[(NO_SERVICE, 0)])
    with pytest.raises(errors.NoServiceError) as refused:
        pcsc.PcscBackend()
    assert refused.value.code == 0x8010001D


def test_no_reader_is_an_empty_list(winscard: Callable[..., Winscard]) -> None:
    winscard(SCardListReaders=[(NO_READERS, [])])
    assert pcsc.PcscBackend().readers() == ()


@pytest.mark.parametrize(
    ("flags", "slot"),
    [
        (EMPTY, SlotState.EMPTY),
        (PRESENT, SlotState.CARD),
        (PRESENT | IN_USE, SlotState.IN_USE),
        (PRESENT | EXCLUSIVE, SlotState.IN_USE),
        (PRESENT | MUTE, SlotState.MUTE),
        (4, SlotState.UNAVAILABLE),
        (8, SlotState.UNAVAILABLE),
    ],
)
def test_slots_by_their_event_state(
    flags: int, slot: SlotState, winscard: Callable[..., Winscard]
) -> None:
    """The upper half counts events and means nothing else."""
    winscard(SCardGetStatusChange=[(0, [(NAME, 3 << 16 | 2 | flags, [])])])
    assert pcsc.PcscBackend().slot_state(READER) is slot


def test_a_fresh_card_on_windows_is_held_for_a_moment(winscard: Callable[..., Winscard]) -> None:
    """Windows looks for a driver first; and a card just switched off answers at the second try."""
    for code in (SHARING, UNPOWERED):
        scard = winscard(SCardConnect=[(code, 0, 0), (0, 7, 2)])
        link = pcsc.PcscBackend().connect(READER)
        assert (link.protocol, link.atr) == ("T=1", ATR)
        assert [name for name, _ in scard.calls].count("SCardConnect") == 2


@pytest.mark.parametrize(
    ("code", "tries", "kind"),
    [
        (SHARING, 4, errors.SharingViolationError),
        (UNPOWERED, 2, errors.UnresponsiveCardError),
        (-2146435060, 1, errors.NoCardError),
    ],
)
def test_what_does_not_pass_is_said(
    code: int, tries: int, kind: type[errors.LinkError], winscard: Callable[..., Winscard]
) -> None:
    scard = winscard(SCardConnect=[(code, 0, 0)])
    with pytest.raises(kind):
        pcsc.PcscBackend().connect(READER)
    assert [name for name, _ in scard.calls].count("SCardConnect") == tries


def test_old_memory_beside_an_error_is_no_answer(winscard: Callable[..., Winscard]) -> None:
    winscard(SCardTransmit=[(-2146434967, [0x90, 0x00])])
    link = pcsc.PcscBackend().connect(READER)
    with pytest.raises(errors.CardRemovedError):
        link.transmit(SELECT_JPKI)


def test_an_empty_answer_is_a_lost_card_or_a_broken_one(
    winscard: Callable[..., Winscard], monkeypatch: pytest.MonkeyPatch
) -> None:
    there: Any = (0, [(NAME, PRESENT, list(ATR))])
    gone: Any = (0, [(NAME, EMPTY, [])])
    winscard(SCardTransmit=[(0, [])], SCardGetStatusChange=[there, there, gone])
    link = pcsc.PcscBackend().connect(READER)
    with pytest.raises(errors.CardRemovedError) as lost:
        link.transmit(SELECT_JPKI)
    assert lost.value.code == 0x80100069
    winscard(SCardTransmit=[(0, [])])
    link = pcsc.PcscBackend().connect(READER)
    monkeypatch.setattr(pcsc, "_NOTICE", 0.01)
    with pytest.raises(errors.MalformedResponseError):
        link.transmit(SELECT_JPKI)


def test_a_card_is_shared_and_left_as_it_is(winscard: Callable[..., Winscard]) -> None:
    scard = winscard()
    link = pcsc.PcscBackend().connect(READER)
    with link.transaction():
        assert link.transmit(SELECT_JPKI) == b"\x90\x00"
    link.close()
    calls = dict(scard.calls)
    assert calls["SCardConnect"] == (1, NAME, 2, 3)
    assert calls["SCardEndTransaction"] == (7, 0)
    assert calls["SCardDisconnect"] == (7, 0)


@pytest.mark.parametrize(("platform", "watched"), [("win32", 2), ("linux", 2), ("darwin", 1)])
def test_waiting_watches_for_readers_where_it_can(
    platform: str,
    watched: int,
    winscard: Callable[..., Winscard],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """macOS does not know the reader that stands for readers; asked for it, it refuses all."""
    monkeypatch.setattr("sys.platform", platform)
    empty: Any = [(NAME, EMPTY, [])]
    scard = winscard(SCardGetStatusChange=[(0, empty), (TIMEOUT, empty), (0, empty)])
    assert pcsc.PcscBackend().wait_for_card([READER], 60.0)
    states = [arguments[2] for name, arguments in scard.calls if name == "SCardGetStatusChange"]
    assert [len(state) for state in states] == [1, watched, watched]
