# SPDX-License-Identifier: Apache-2.0
"""The card speaks vpcd's frames, comes and goes, and serves this computer only.

The reader is a socket here; the same against a real pcscd is in ``tests/lab``.
"""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from cardcheck.errors import InputError, NoServiceError
from cardcheck.simulation.card import VirtualCard
from cardcheck.simulation.faults import FaultyCard, parse_fault
from cardcheck.simulation.mynumber import Variant, build
from cardcheck.simulation.vpcd import VpcdCard
from lab.patience import overtime

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)
SELECT = bytes.fromhex("00A4040C0AD392F000260100000001")


class Reader:
    """vpcd's side: listens, takes one card at a time, writes length and body apart as vpcd does."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(5)
        self.port: int = self.listener.getsockname()[1]
        self.card: socket.socket | None = None

    def take(self) -> None:
        """Waits for a card."""
        self.drop()
        self.card, _ = self.listener.accept()
        self.card.settimeout(2)

    def drop(self) -> None:
        """Closes the connection."""
        if self.card:
            self.card.close()
        self.card = None

    def order(self, body: bytes) -> None:
        """Sends one frame."""
        assert self.card
        self.card.sendall(len(body).to_bytes(2, "big"))
        self.card.sendall(body)

    def ask(self, body: bytes) -> bytes:
        """The answer to one frame; nothing at all where the card has gone."""
        self.order(body)
        size = int.from_bytes(self._exactly(2), "big")
        return self._exactly(size)

    def _exactly(self, size: int) -> bytes:
        assert self.card
        data = b""
        while len(data) < size:
            part = self.card.recv(size - len(data))
            if not part:
                return b""
            data += part
        return data


@contextmanager
def reader() -> Iterator[Reader]:
    """A reader that is closed at the end."""
    made = Reader()
    try:
        yield made
    finally:
        made.drop()
        made.listener.close()


def good_card() -> VirtualCard:
    return build(Variant(), NOW)


def test_orders_and_commands() -> None:
    card = good_card()
    with reader() as there, VpcdCard(card, port=there.port) as served:
        there.take()
        assert there.ask(b"\4") == card.atr
        there.order(b"\1")
        assert there.ask(SELECT) == b"\x90\x00"
        assert there.ask(bytes.fromhex("00B08A0000"))[:4] == bytes.fromhex("3082061F")
        there.order(b"\2")
        assert there.ask(bytes.fromhex("00B0000000")) == b"\x69\x86"
        there.order(b"\0")
        assert there.ask(b"\4") == card.atr
        assert card.transmit(SELECT) is None
        assert served.connected.is_set()
    names = [thread.name for thread in threading.enumerate()]
    assert [name for name in names if "vpcd" in name and "pytest" not in name] == []


def test_taken_away_and_put_back() -> None:
    with reader() as there, VpcdCard(good_card(), port=there.port) as served:
        there.take()
        served.remove()
        assert there.card
        assert there.card.recv(1) == b""
        there.listener.settimeout(0.3)
        with pytest.raises(TimeoutError):
            there.take()
        there.listener.settimeout(5)
        served.insert()
        there.take()
        assert len(there.ask(b"\4")) == 13


def test_the_service_restarts() -> None:
    with reader() as there, VpcdCard(good_card(), port=there.port):
        there.take()
        there.take()
        assert len(there.ask(b"\4")) == 13


@pytest.mark.parametrize(
    ("fault", "returns"),
    [("removed@1", False), ("removed@1x1", True), ("reset@1", True), ("empty@1", True)],
)
def test_a_card_that_cannot_answer_leaves_the_reader(fault: str, *, returns: bool) -> None:
    card = FaultyCard(good_card(), parse_fault(fault))
    with reader() as there, VpcdCard(card, port=there.port):
        there.take()
        there.order(b"\1")
        assert there.ask(SELECT) == b""
        there.listener.settimeout(5 if returns else 1.5)
        if not returns:
            with pytest.raises(TimeoutError):
                there.take()
            return
        there.take()
        there.order(b"\1")
        assert there.ask(SELECT) == b"\x90\x00"


def test_a_mute_card_blocks_nobody_here() -> None:
    card = FaultyCard(good_card(), parse_fault("mute"))
    started = time.monotonic()
    with reader() as there, VpcdCard(card, port=there.port):
        there.take()
        there.order(b"\1")
        assert there.card
        there.card.settimeout(0.2)
        with pytest.raises(TimeoutError):
            there.ask(SELECT)
    assert time.monotonic() - started < overtime(2)


def test_a_card_without_answer_to_reset_sends_what_no_reader_can_power() -> None:
    with reader() as there, VpcdCard(VirtualCard(atr=b""), port=there.port):
        there.take()
        assert len(there.ask(b"\4")) > 33


def test_the_link_model_takes_its_time() -> None:
    with reader() as there:
        card = VpcdCard(good_card(), port=there.port, latency_ms=20, byte_us=1000)
        with card:
            there.take()
            there.order(b"\1")
            started = time.monotonic()
            assert there.ask(SELECT) == b"\x90\x00"
            assert time.monotonic() - started >= 0.020 + 0.017


@pytest.mark.parametrize(
    "host", ["192.0.2.1", "0.0.0.0", "example.com", "::", "", "127.0.0.1.evil"]
)
def test_other_computers_are_refused(host: str) -> None:
    with pytest.raises(InputError, match="not this computer"):
        VpcdCard(good_card(), host)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_this_computer_is_served(host: str) -> None:
    assert not VpcdCard(good_card(), host).connected.is_set()


def test_bad_numbers_are_refused() -> None:
    for bad in ({"port": 0}, {"port": 65536}, {"latency_ms": -1}, {"byte_us": -1}):
        with pytest.raises(InputError):
            VpcdCard(good_card(), **bad)  # type: ignore[arg-type]


def test_nobody_there() -> None:
    with reader() as there:
        port = there.port
    with pytest.raises(NoServiceError, match=str(port)):
        VpcdCard(good_card(), port=port).serve(patience=0.2)


def test_an_event_ends_the_serving() -> None:
    stop = threading.Event()
    with reader() as there:
        served = VpcdCard(good_card(), port=there.port)
        thread = threading.Thread(target=served.serve, args=(stop,))
        thread.start()
        there.take()
        stop.set()
        thread.join(2)
        assert not thread.is_alive()
