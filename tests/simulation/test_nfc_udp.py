# SPDX-License-Identifier: Apache-2.0
"""nfcpy's datagrams: what comes is answered, what is none is not, and loopback is all there is."""

from __future__ import annotations

import socket
import threading
import time
from typing import TYPE_CHECKING

import pytest

from cardcheck.errors import InputError
from cardcheck.simulation.nfc_udp import NfcUdpCard
from lab.patience import overtime

if TYPE_CHECKING:
    from collections.abc import Iterator


class Echo:
    """Answers each frame with itself, but for the empty one."""

    def __init__(self) -> None:
        self.off = 0

    def receive(self, technology: str, frame: bytes) -> bytes | None:
        return frame if frame and technology == "106B" else None

    def power_off(self) -> None:
        self.off += 1


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture
def port(echo: Echo) -> Iterator[int]:
    with NfcUdpCard(echo, 0) as served:
        yield served.port


@pytest.fixture
def reader() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ours:
        ours.settimeout(2)
        yield ours


def test_a_frame_is_answered_in_its_own_technology(port: int, reader: socket.socket) -> None:
    reader.sendto(b"106B 050010", ("127.0.0.1", port))
    assert reader.recvfrom(100) == (b"106B 050010", ("127.0.0.1", port))


@pytest.mark.parametrize("noise", [b"", b"106B", b"106B 0x", b"\xff\xff 00", b"106A 26", b" "])
def test_noise_is_not_answered(port: int, reader: socket.socket, noise: bytes) -> None:
    reader.sendto(noise, ("127.0.0.1", port))
    reader.sendto(b"106B 01", ("127.0.0.1", port))
    assert reader.recv(100) == b"106B 01"


def test_another_field_and_no_field_take_power_away(
    port: int, reader: socket.socket, echo: Echo
) -> None:
    reader.sendto(b"106B 01", ("127.0.0.1", port))
    reader.recv(100)
    assert echo.off == 1
    reader.sendto(b"RFOFF", ("127.0.0.1", port))
    reader.sendto(b"106B 01", ("127.0.0.1", port))
    reader.recv(100)
    assert echo.off == 2


def test_a_port_in_use_is_named() -> None:
    with (
        NfcUdpCard(Echo(), 0) as first,
        pytest.raises(InputError, match=f"{first.port}: Address already in use"),
    ):
        NfcUdpCard(Echo(), first.port)
    with pytest.raises(InputError, match="70000"):
        NfcUdpCard(Echo(), 70000)


def test_serving_ends_soon_after_it_is_told_to() -> None:
    stop = threading.Event()
    served = NfcUdpCard(Echo(), 0)
    thread = threading.Thread(target=served.serve, args=(stop,))
    thread.start()
    began = time.monotonic()
    stop.set()
    thread.join(2)
    assert time.monotonic() - began < overtime(0.5)
