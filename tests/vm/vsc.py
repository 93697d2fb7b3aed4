# SPDX-License-Identifier: Apache-2.0
"""A virtual card in QEMU's USB reader (``usb-ccid`` with ``ccid-card-passthru``).

What belongs here: libcacard's VSC protocol, from the card's side. What does not: the card, and
plugging the reader in and out (``guest``).

A message is a header, type, reader and length in 32 bits each, big-endian, and its data. Source:
QEMU ``hw/usb/ccid-card-passthru.c``, libcacard ``vscard_common.h``.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from cardcheck.simulation.card import SimulatedCard

_INIT, _ATR, _CARD_REMOVE, _APDU = 1, 5, 6, 7
_NO_READER: Final = 0xFFFFFFFF
_VERSION: Final = 2  # 0.0.2
_NOT_SUPPORTED: Final = b"\x6e\x00"  # class FF is for readers, and QEMU's passes it on


class PassthruCard:
    """Serves a card over QEMU's socket from a thread; a context manager."""

    def __init__(self, path: Path, card: SimulatedCard) -> None:
        self.card = card
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(path))
        self._send(_INIT, b"VSCD" + struct.pack(">II", _VERSION, 0), _NO_READER)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def insert(self) -> None:
        """Puts the card into the reader."""
        self._send(_ATR, self.card.power_on())

    def remove(self) -> None:
        """Takes it out."""
        self.card.power_off()
        self._send(_CARD_REMOVE)

    def __enter__(self) -> Self:
        """The card, connected."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Hangs up."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(timeout=5)
        self._socket.close()

    def _send(self, kind: int, data: bytes = b"", reader: int = 0) -> None:
        self._socket.sendall(struct.pack(">III", kind, reader, len(data)) + data)

    def _receive(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            more = self._socket.recv(size - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def _serve(self) -> None:
        with contextlib.suppress(EOFError, OSError):
            while True:
                kind, _, size = struct.unpack(">III", self._receive(12))
                data = self._receive(size)
                if kind == _ATR:  # the guest powered the card: QEMU asks for its answer to reset
                    self._send(_ATR, self.card.power_on())
                elif kind == _APDU:
                    reader_command = data[:1] == b"\xff"
                    answer = _NOT_SUPPORTED if reader_command else self.card.transmit(data)
                    if answer is not None:
                        self._send(_APDU, answer)
