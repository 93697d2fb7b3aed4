# SPDX-License-Identifier: Apache-2.0
"""PC/SC through pyscard's ``scard`` layer: the only module that knows pyscard.

What belongs here: calls, codes and their translation into ``errors``. What does not: what is sent,
retries of a whole reading (``survey``). Cards are shared, never reset, and left as they are
(``SCARD_LEAVE_CARD``; pyscard's own default would switch them off and end another program's
session).
"""

from __future__ import annotations

import re
import sys
import time
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Final

from cardcheck import errors
from cardcheck.facts.link_failure import TABLE, failure_of_code
from cardcheck.facts.reader import Backend, ReaderIdentity, SlotState
from cardcheck.transports.guard import guarded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import ModuleType

    from cardcheck.transports.link import CardLink
    from cardcheck.transports.meter import Meter
    from cardcheck.transports.record import Recorder

_TIMEOUT: Final = 0x8010000A
_REMOVED: Final = 0x80100069
_UNPOWERED: Final = 0x80100067
_NO_READERS: Final = 0x8010002E
_SHARING_RETRIES: Final = 4  # Windows holds a fresh card for a moment while it looks for a driver
_SHARING_PAUSE: Final = 0.25  # seconds
_NOTICE: Final = 1.0  # seconds; pcscd looks for cards every 0.4 s
_LOOK: Final = 0.05  # seconds between two looks while that is waited for
_NOTIFICATION: Final = "\\\\?PnP?\\Notification"
_VIRTUAL: Final = re.compile(r"^Virtual PCD\b")
_SLICE: Final = 500  # milliseconds that one wait may take, so that a stop is seen


def _by_bytes() -> ModuleType:
    """The calls that take reader names as bytes; Linux alone needs and has them."""
    from cardcheck.transports import pcsclite

    return pcsclite


def error_of(code: int, doing: str) -> errors.LinkError:
    """The error that PC/SC ``code`` (signed or unsigned) stands for."""
    code &= 0xFFFFFFFF
    kind = TABLE[failure_of_code(code)].kind
    assert issubclass(kind, errors.LinkError)
    return kind(f"{doing}: 0x{code:08X}", code=code)


def check(code: int, doing: str) -> None:
    """Passes silently for SCARD_S_SUCCESS.

    Raises:
        LinkError: the one that ``code`` stands for.
    """
    if code:
        raise error_of(code, doing)


class PcscBackend:
    """The PC/SC service of this computer, through a context of its own."""

    def __init__(self, recorder: Recorder | None = None) -> None:
        """Opens a context; ``recorder`` takes down the exchanges of cards connected through it.

        Raises:
            ImportError: pyscard, or the library that it needs, cannot be loaded.
            NoServiceError: no service answers.
            AccessDeniedError: the service refuses this user.
        """
        from smartcard import scard

        self._scard = scard
        self._recorder = recorder
        self._context = 0
        code, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
        check(code, "SCardEstablishContext")
        self._context = context

    def readers(self) -> Sequence[ReaderIdentity]:
        """All readers in the order of the service; empty where there is none."""
        try:
            code, names = self._scard.SCardListReaders(self._context, [])
        except (SystemError, UnicodeError):  # a name that is not UTF-8
            code, names = _by_bytes().list_readers(self._context)
        if code & 0xFFFFFFFF == _NO_READERS:
            return ()
        check(code, "SCardListReaders")
        return tuple(
            ReaderIdentity(
                name=name, backend=Backend.PCSC, path=name, virtual=bool(_VIRTUAL.match(name))
            )
            for name in names
        )

    def slot_state(self, reader: ReaderIdentity) -> SlotState:
        """What is in a slot, from its event state alone."""
        return self._slot_of(self._look(reader.path)[0])

    def wait_for_card(self, readers: Sequence[ReaderIdentity], seconds: float) -> bool:
        """Whether a card came, or the list of readers changed, within ``seconds``."""
        unaware = [(reader.path, self._scard.SCARD_STATE_UNAWARE) for reader in readers]
        code, states = self._status_change(0, unaware)
        if code & 0xFFFFFFFF != _TIMEOUT:
            check(code, "SCardGetStatusChange")
        if any(self._slot_of(state) is not SlotState.EMPTY for _, state, _ in states):
            return True
        known = [(name, state) for name, state, _ in states]
        if sys.platform != "darwin":  # macOS knows no such reader and would refuse them all
            known.append((_NOTIFICATION, len(readers) << 16))
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            code, _ = self._status_change(min(_SLICE, int(left * 1000) + 1), known)
            if code & 0xFFFFFFFF != _TIMEOUT:
                check(code, "SCardGetStatusChange")
                return True
        return False

    def _status_change(
        self, milliseconds: int, states: list[tuple[str, int]]
    ) -> tuple[int, Sequence[tuple[str, int, Sequence[int]]]]:
        ascii_only = all(name.isascii() for name, _ in states)
        change = self._scard.SCardGetStatusChange if ascii_only else _by_bytes().get_status_change
        code, found = change(self._context, milliseconds, states)
        return code, found

    def connect(self, reader: ReaderIdentity, meter: Meter | None = None) -> CardLink:
        """A guarded link to the card in ``reader``."""
        card, protocol = _connect(self._scard, self._context, reader.path)
        raw = _PcscLink(self._scard, card, protocol, partial(self._look, reader.path))
        return guarded(raw, meter=meter, recorder=self._recorder)

    def _look(self, name: str) -> tuple[int, bytes]:
        """The event state of a slot and the ATR of the card in it, without a word to the card.

        SCardStatus would tell as well, but it waits for other programs' transactions.
        """
        code, states = self._status_change(0, [(name, self._scard.SCARD_STATE_UNAWARE)])
        if code & 0xFFFFFFFF != _TIMEOUT:
            check(code, "SCardGetStatusChange")
        return states[0][1], bytes(states[0][2])

    def close(self) -> None:
        """Releases the context."""
        context, self._context = self._context, 0
        if context:
            self._scard.SCardReleaseContext(context)

    def _slot_of(self, state: int) -> SlotState:
        scard = self._scard
        if state & (scard.SCARD_STATE_UNAVAILABLE | scard.SCARD_STATE_UNKNOWN):
            return SlotState.UNAVAILABLE
        if not state & scard.SCARD_STATE_PRESENT:
            return SlotState.EMPTY
        if state & (scard.SCARD_STATE_INUSE | scard.SCARD_STATE_EXCLUSIVE):
            return SlotState.IN_USE
        return SlotState.MUTE if state & scard.SCARD_STATE_MUTE else SlotState.CARD


def _connect(scard: ModuleType, context: int, name: str) -> tuple[int, int]:
    """The handle of the card in the reader called ``name``, and its protocol."""
    connect = scard.SCardConnect if name.isascii() else _by_bytes().connect
    protocols = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
    for attempt in range(_SHARING_RETRIES):
        code, card, protocol = connect(context, name, scard.SCARD_SHARE_SHARED, protocols)
        if not code:
            return card, protocol
        error = error_of(code, "SCardConnect")
        if not _may_pass(error, attempt):
            raise error
        time.sleep(_SHARING_PAUSE)
    raise AssertionError  # the loop returns or raises


def _may_pass(error: errors.LinkError, attempt: int) -> bool:
    """Whether connecting once more can help after ``attempt`` earlier tries."""
    if error.code == _UNPOWERED:  # pcsc-lite, directly after another program switched the card off
        return attempt == 0
    return isinstance(error, errors.SharingViolationError) and attempt < _SHARING_RETRIES - 1


class _PcscLink:
    """A card connected through PC/SC, without the guard."""

    def __init__(
        self, scard: ModuleType, card: int, protocol: int, look: Callable[[], tuple[int, bytes]]
    ) -> None:
        """Takes over handle ``card``; ``look`` tells the event state of its slot and its ATR."""
        self._scard = scard
        self._card: int | None = card
        self._look = look
        t1 = protocol == scard.SCARD_PROTOCOL_T1
        self._pci = scard.SCARD_PCI_T1 if t1 else scard.SCARD_PCI_T0
        self.protocol = "T=1" if t1 else "T=0"
        self.atr = self._read_atr()

    def transmit(self, command: bytes) -> bytes:
        """The card's answer; what pyscard returns beside an error is no answer but old memory."""
        code, answer = self._scard.SCardTransmit(self._card, self._pci, list(command))
        check(code, "SCardTransmit")
        if not answer:
            self._require_presence()
        if len(answer) < 2:
            raise errors.MalformedResponseError(f"an answer of {len(answer)} bytes")
        return bytes(answer)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keeps other programs from the card."""
        check(self._scard.SCardBeginTransaction(self._card), "SCardBeginTransaction")
        try:
            yield
        finally:
            # its result says nothing that the next call would not say again
            self._scard.SCardEndTransaction(self._card, self._scard.SCARD_LEAVE_CARD)

    def close(self) -> None:
        """Disconnects and leaves the card as it is."""
        card, self._card = self._card, None
        if card is not None:
            self._scard.SCardDisconnect(card, self._scard.SCARD_LEAVE_CARD)

    def _require_presence(self) -> None:
        """Passes silently when the card stays.

        pcsc-lite reports a card that is pulled inside an exchange as success without a single byte,
        and notices a little later that it has gone: only then is the card not to blame.

        Raises:
            CardRemovedError: it has gone.
            LinkError: the slot cannot be asked.
        """
        end = time.monotonic() + _NOTICE
        while time.monotonic() < end:
            if not self._look()[0] & self._scard.SCARD_STATE_PRESENT:
                raise error_of(_REMOVED, "SCardTransmit")
            time.sleep(_LOOK)

    def _read_atr(self) -> bytes:
        try:
            return self._look()[1]
        except errors.LinkError:
            return b""
