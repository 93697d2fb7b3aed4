# SPDX-License-Identifier: Apache-2.0
"""A virtual card as the peer of nfcpy's ``udp`` driver, so that the NFC path runs without hardware.

What belongs here: nfcpy's datagrams. What does not: what the card answers
(``picc``, ``isodep``, ``card``).

A datagram is ASCII, ``<technology> <hexadecimal frame>`` (``106B 050010``), or ``RFOFF``: the field
is gone. Source: nfcpy/nfcpy, ``src/nfc/clf/udp.py``. Bound to 127.0.0.1 and to nothing else.
"""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING, Final, Self

from cardcheck.errors import InputError

if TYPE_CHECKING:
    from types import TracebackType

    from cardcheck.simulation.picc import Picc

HOST: Final = "127.0.0.1"
_POLL_SECONDS: Final = 0.1
_LARGEST: Final = 2048


class NfcUdpCard:
    """A card in the field of an nfcpy ``udp`` reader, as long as it is served.

    ``with NfcUdpCard(picc, port):`` serves it from a thread.

    Attributes:
        port: where it listens on 127.0.0.1.
    """

    def __init__(self, picc: Picc, port: int) -> None:
        """Takes the port; 0 takes any that is free.

        Raises:
            InputError: ``port`` cannot be had.
        """
        self._picc = picc
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._reader: object = None
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.settimeout(_POLL_SECONDS)
        try:
            self._socket.bind((HOST, port))
        except (OSError, OverflowError) as error:
            self._socket.close()
            reason = getattr(error, "strerror", None) or "no such port"
            raise InputError(f"--nfc-udp {port}: {reason}; choose another port") from None
        self.port: int = self._socket.getsockname()[1]

    def serve(self, stop: threading.Event) -> None:
        """Answers until ``stop`` is set; returns within 0.1 s beside the time of an exchange."""
        with self._socket:
            while not stop.is_set():
                try:
                    datagram, reader = self._socket.recvfrom(_LARGEST)
                except TimeoutError:
                    continue
                except OSError:  # an earlier answer went to a reader that has gone
                    continue
                self._answer(datagram, reader)
        self._picc.power_off()

    def _answer(self, datagram: bytes, reader: tuple[str, int]) -> None:
        if reader != self._reader:  # nfcpy makes a new socket for each field
            self._picc.power_off()
            self._reader = reader
        if datagram.startswith(b"RFOFF"):
            self._picc.power_off()
            return
        technology, _, digits = datagram.partition(b" ")
        try:
            name, frame = technology.decode("ascii"), bytes.fromhex(digits.decode("ascii"))
        except ValueError:
            return  # no frame of nfcpy's
        answer = self._picc.receive(name, frame)
        if answer is not None:
            self._socket.sendto(technology + b" " + answer.hex().encode("ascii"), reader)

    def __enter__(self) -> Self:
        """Serves the card from a thread."""
        self._thread = threading.Thread(
            target=self.serve, args=(self._stop,), name="nfc-udp-card", daemon=True
        )
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Takes the card away and ends the thread."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(5.0)
