# SPDX-License-Identifier: Apache-2.0
"""A virtual card in a real PC/SC service, by the virtual reader of the vsmartcard project (vpcd).

What belongs here: vpcd's frames, the card's coming and going, and the link model. What does not:
starting a service, and what the card answers.

The reader listens, the card connects. A frame is two bytes of length (big-endian) and as many
bytes: one byte is an order (0 power off, 1 power on, 2 reset, 4 tell the ATR), more are a command
APDU. The ATR and answers go back in the same framing; other orders get no answer. Source:
frankmorgner/vsmartcard, ``virtualsmartcard/src``.

What a card cannot tell vpcd is shown as a card that goes and comes back: a reset by another
program, and an answer without a byte (pcscd reports both as an answer of 0 bytes).
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import threading
import time
from typing import TYPE_CHECKING, Final, Self

from cardcheck.errors import CardRemovedError, CardResetError, InputError, NoServiceError

if TYPE_CHECKING:
    from types import TracebackType

    from cardcheck.simulation.card import SimulatedCard

DEFAULT_HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = 35963
_POWER_OFF, _POWER_ON, _RESET, _ATR = b"\0", b"\1", b"\2", b"\4"
_MUTE_ATR: Final = bytes(34)  # more than an ATR can have: vpcd sees a card and fails to power it
_RETRY_SECONDS: Final = 0.1
_POLL_SECONDS: Final = 0.1
_AWAY_SECONDS: Final = 1.0  # pcscd looks for cards every 0.4 s: a shorter absence could go unseen
_JOIN_SECONDS: Final = 5.0


class _StoppedError(Exception):
    """The caller asked us to stop."""


class VpcdCard:
    """A virtual card that lies on a vpcd reader while it is served.

    ``with VpcdCard(card):`` serves it from a thread and returns as soon as the reader has taken it.

    Attributes:
        card: what answers.
        latency_ms: milliseconds that each APDU takes, whatever its length.
        byte_us: microseconds that each byte of command and answer takes.
        connected: set while the card lies on the reader.
    """

    def __init__(
        self,
        card: SimulatedCard,
        host: str = DEFAULT_HOST,
        port: int = DEFAULT_PORT,
        *,
        latency_ms: float = 0.0,
        byte_us: float = 0.0,
    ) -> None:
        """Prepares the card; nothing is connected yet.

        Raises:
            InputError: ``host`` is not this computer, ``port`` is no port, or a time is negative.
        """
        self.card = card
        self.latency_ms, self.byte_us = latency_ms, byte_us
        self.connected = threading.Event()
        self._address = _loopback(host), _port(port)
        if latency_ms < 0 or byte_us < 0:
            raise InputError("latency and time a byte cannot be negative")
        self._inserted = threading.Event()
        self._inserted.set()
        self._stop = threading.Event()
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None

    def insert(self) -> None:
        """Puts the card on the reader, where it was taken away."""
        self._inserted.set()

    def remove(self) -> None:
        """Takes the card off the reader, even inside an exchange: a closed socket is removal."""
        self._inserted.clear()
        connection = self._socket
        if connection is not None:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def serve(self, stop: threading.Event | None = None, *, patience: float | None = None) -> None:
        """Answers on the reader until ``stop`` is set; comes back when the service restarts.

        Args:
            stop: ends the serving within 0.2 s, beside the time of an exchange.
            patience: seconds to wait for a reader that takes the card, each time; None for ever.

        Raises:
            NoServiceError: nothing took the card within ``patience``.
        """
        self._stop = stop or self._stop
        with contextlib.suppress(_StoppedError):
            while True:
                self._wait_until_inserted()
                with self._connect(patience) as connection:
                    self._lie_on_reader(connection)
                self._pause(_AWAY_SECONDS if self._inserted.is_set() else 0)

    def __enter__(self) -> Self:
        """Serves the card from a thread.

        Raises:
            NoServiceError: nothing took the card within 5 s.
        """
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self.serve, name="vpcd-card", daemon=True)
        self._thread.start()
        if not self.connected.wait(_JOIN_SECONDS):
            self._end()
            raise NoServiceError(self._nobody())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Takes the card away and ends the thread."""
        self._end()

    def _end(self) -> None:
        self._stop.set()
        self.remove()
        if self._thread is not None:
            self._thread.join(_JOIN_SECONDS)

    def _nobody(self) -> str:
        host, port = self._address
        return (
            f"no virtual reader (vpcd) took the card at {host}:{port}; is pcscd running with vpcd?"
        )

    def _wait_until_inserted(self) -> None:
        while not (self._inserted.wait(_POLL_SECONDS) and self.card.present):
            self._pause(0 if not self._inserted.is_set() else _POLL_SECONDS)

    def _pause(self, seconds: float) -> None:
        """Waits, unless we are to stop."""
        if self._stop.wait(seconds):
            raise _StoppedError

    def _connect(self, patience: float | None) -> socket.socket:
        deadline = None if patience is None else time.monotonic() + patience
        while True:
            self._pause(0)
            try:
                connection = socket.create_connection(self._address, timeout=_POLL_SECONDS)
            except OSError:
                if deadline is not None and time.monotonic() >= deadline:
                    raise NoServiceError(self._nobody()) from None
                self._pause(_RETRY_SECONDS)
            else:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return connection

    def _lie_on_reader(self, connection: socket.socket) -> None:
        """Answers until the card is taken away or the reader goes."""
        self._socket = connection
        self.connected.set()
        try:
            while self._inserted.is_set():
                self._obey(connection, self._receive(connection))
        except (OSError, EOFError, CardRemovedError, CardResetError):
            pass  # whatever it was: the socket is closed, and the reader sees the card leave
        finally:
            self._socket = None
            self.connected.clear()
            self.card.power_off()

    def _obey(self, connection: socket.socket, frame: bytes) -> None:
        """Carries out one frame."""
        if frame == _POWER_OFF:
            self.card.power_off()
        elif frame == _POWER_ON:
            self.card.power_on()
        elif frame == _RESET:
            self.card.reset()
        elif frame == _ATR:
            _send(connection, self.card.atr or _MUTE_ATR)
        else:
            started = time.monotonic()
            answer = self.card.transmit(frame)
            if answer == b"":
                raise EOFError("vpcd hangs on an empty frame")
            if answer is not None:
                self._take_time(started, len(frame) + len(answer))
                _send(connection, answer)

    def _take_time(self, started: float, size: int) -> None:
        """Waits until the exchange has taken as long as the link model says."""
        end = started + self.latency_ms / 1e3 + size * self.byte_us / 1e6
        time.sleep(max(0.0, end - time.monotonic()))

    def _receive(self, connection: socket.socket) -> bytes:
        """One frame.

        Raises:
            EOFError: the reader has gone.
        """
        size = int.from_bytes(self._receive_exactly(connection, 2), "big")
        return self._receive_exactly(connection, size)

    def _receive_exactly(self, connection: socket.socket, size: int) -> bytes:
        data = b""
        while len(data) < size:
            self._pause(0)
            _acknowledge_at_once(connection)
            try:
                part = connection.recv(size - len(data))
            except TimeoutError:
                continue
            if not part:
                raise EOFError
            data += part
        return data


def _send(connection: socket.socket, data: bytes) -> None:
    connection.sendall(len(data).to_bytes(2, "big") + data)


def _acknowledge_at_once(connection: socket.socket) -> None:
    """Keeps an APDU from taking 44 ms: vpcd sends length and body apart, our ACK comes late."""
    option = getattr(socket, "TCP_QUICKACK", None)  # Linux only, and it does not last
    if option is not None:
        connection.setsockopt(socket.IPPROTO_TCP, option, 1)


def _loopback(host: str) -> str:
    """A numeric address of this computer; no name is ever looked up."""
    if host == "localhost":
        return DEFAULT_HOST
    with contextlib.suppress(ValueError):
        if ipaddress.ip_address(host).is_loopback:
            return host
    raise InputError(
        f"{host!r} is not this computer; only loopback addresses are served (127.0.0.1)"
    )


def _port(port: int) -> int:
    if not 0 < port < 0x10000:
        raise InputError(f"{port} is not a port (1 to 65535)")
    return port
