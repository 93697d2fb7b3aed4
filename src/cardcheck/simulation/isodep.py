# SPDX-License-Identifier: Apache-2.0
"""The card's side of ISO/IEC 14443-4: blocks in, blocks out, APDUs to a card behind them.

What belongs here: blocks, their numbers, chaining, waiting time, deselection. What does not: how a
card is found and activated (``picc``), and how frames get here (``nfc_udp``).

A block has no CRC here: neither nfcpy's ``udp`` nor a reader's driver shows it. CID and NAD are not
announced at activation, so a block that carries one is for somebody else (ISO/IEC 14443-4:2018,
7.1.1.2).
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

FRAME_SIZES: Final = (16, 24, 32, 40, 48, 64, 96, 128, 256)
"""FSD and FSC in bytes by FSDI and FSCI (ISO/IEC 14443-4:2018, 5.1); 9 to 15 count as 8 here."""
DESELECTED: Final = b"\xc2"  # S(DESELECT), the answer to it as well
_OVERHEAD: Final = 3  # prologue (1) and CRC (2) in a frame of FSD bytes
_WTXM: Final = 1  # ask for one more frame waiting time
_CHAINING: Final = 0x10


class _Work:
    """A card that thinks about a command, in a thread that nobody has to wait for."""

    def __init__(self, transmit: Callable[[bytes], bytes | None], command: bytes) -> None:
        self.answer: bytes | None = None
        self.done = threading.Event()
        threading.Thread(target=self._run, args=(transmit, command), daemon=True).start()

    def _run(self, transmit: Callable[[bytes], bytes | None], command: bytes) -> None:
        try:
            self.answer = transmit(command)
        finally:
            self.done.set()


class IsoDepCard:
    """A card that was activated.

    Attributes:
        deselected: whether the reader has sent it to sleep.
    """

    def __init__(
        self,
        transmit: Callable[[bytes], bytes | None],
        *,
        frame_size: int = 256,
        patience: float | None = None,
    ) -> None:
        """Begins with block number 1 (rule C).

        Args:
            transmit: the card's answer to an APDU; None: it stays silent.
            frame_size: bytes that the reader takes in one frame, CRC included.
            patience: seconds after which the card asks for more time; None: it never does.
        """
        self.deselected = False
        self._transmit = transmit
        self._size = frame_size - _OVERHEAD
        self._patience = patience
        self._number = 1
        self._command = b""
        self._answer = b""
        self._last: bytes | None = None
        self._work: _Work | None = None

    def receive(self, block: bytes) -> bytes | None:
        """The block that answers ``block``, or None where a card would stay silent."""
        if not block or self.deselected:
            return None
        pcb = block[0]
        if pcb & 0xEE == 0x02:
            return self._information(block)
        if pcb & 0xEE == 0xA2 and len(block) == 1:
            return self._acknowledgement(pcb)
        if pcb == 0xF2 and len(block) == 2:
            return self._more_time()
        if pcb == DESELECTED[0] and len(block) == 1:
            self.deselected = True
            return DESELECTED
        return None

    def _information(self, block: bytes) -> bytes | None:
        """An I-block: a part of a command, or its end (rules D and 10)."""
        self._number ^= 1
        self._command += block[1:]
        if block[0] & _CHAINING:
            return self._send(bytes((0xA2 | self._number,)))
        command, self._command = self._command, b""
        if self._patience is None:
            return self._begin(self._transmit(command))
        self._work = _Work(self._transmit, command)
        return self._more_time()

    def _more_time(self) -> bytes | None:
        """The answer of the card that is at work, or S(WTX) where it takes too long (rule 9)."""
        work = self._work
        if work is None:
            return None
        if not work.done.wait(self._patience):
            return self._send(bytes((0xF2, _WTXM)))
        self._work = None
        return self._begin(work.answer)

    def _acknowledgement(self, pcb: int) -> bytes | None:
        """An R-block: repeat (rule 11), report (rule 12) or go on (rules E and 13)."""
        if pcb & 1 == self._number:
            return self._last
        if pcb & 0x10:  # R(NAK)
            return bytes((0xA2 | self._number,))
        if not self._answer:
            return None
        self._number ^= 1
        return self._next()

    def _begin(self, answer: bytes | None) -> bytes | None:
        if answer is None:
            self._last = None
            return None
        self._answer = answer
        return self._next()

    def _next(self) -> bytes:
        """The next part of the answer."""
        part, self._answer = self._answer[: self._size], self._answer[self._size :]
        more = _CHAINING if self._answer else 0
        return self._send(bytes((0x02 | more | self._number,)) + part)

    def _send(self, block: bytes) -> bytes:
        self._last = block
        return block


def frame_size(code: int) -> int:
    """The frame size that FSDI or FSCI ``code`` (0 to 15) stands for, in bytes."""
    return FRAME_SIZES[min(code, len(FRAME_SIZES) - 1)]
