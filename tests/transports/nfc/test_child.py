# SPDX-License-Identifier: Apache-2.0
"""The child's duties, over a device that needs no nfcpy: it too lets nothing pass but reading."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardcheck import errors
from cardcheck.cards.mynumber import JPKI
from cardcheck.transports.nfc.child import Server
from cardcheck.transports.nfc.wire import checked, decode, encode, failure

if TYPE_CHECKING:
    from collections.abc import Iterator

SELECT = JPKI.select.encode().hex()


class Device:
    """A device with a card that answers 9000 to everything."""

    def __init__(self, path: str) -> None:
        if path == "usb:busy":
            raise errors.SharingViolationError(path)
        self.sent: list[bytes] = []
        self.released = self.closed = 0
        self.protocol, self.atr = "ISO-DEP", b""

    def poll(self) -> bool:
        return True

    def connect(self) -> Device:
        return self

    def transmit(self, command: bytes) -> bytes:
        self.sent.append(command)
        return b"\x90\x00"

    @contextmanager
    def transaction(self) -> Iterator[None]:
        yield

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def devices() -> list[Device]:
    return []


@pytest.fixture
def server(devices: list[Device]) -> Server:
    def open_device(path: str) -> Device:
        devices.append(Device(path))
        return devices[-1]

    return Server(open_device)  # type: ignore[arg-type]


def test_a_whole_reading(server: Server, devices: list[Device]) -> None:
    assert server.answer({"do": "open", "path": "usb:001:002"}) == {}
    assert server.answer({"do": "poll"}) == {"card": True}
    for duty in ("connect", "begin"):
        assert server.answer({"do": duty}) == {}
    assert server.answer({"do": "transmit", "apdu": SELECT}) == {"apdu": "9000"}
    assert server.answer({"do": "transmit", "apdu": "00a4020c020018"}) == {"apdu": "9000"}
    refused = server.answer({"do": "transmit", "apdu": "00200080"})
    assert refused["error"] == "WriteRefusedError"  # the child's guard has seen no label
    assert server.answer({"do": "end"}) == {}
    assert server.answer({"do": "release"}) == {}
    assert [command.hex() for command in devices[0].sent] == [
        SELECT,
        "00a4020c020018",
        "00a4020c020006",  # its guard leaves no PIN file current
    ]
    server.close()


@pytest.mark.parametrize(
    "apdu", ["00200080", "0020008004313233", "00240080", "00d6000001ff", "002c0080", "00"]
)
def test_the_guard_of_the_child_refuses(server: Server, devices: list[Device], apdu: str) -> None:
    server.answer({"do": "open", "path": "x"})
    server.answer({"do": "connect"})
    server.answer({"do": "begin"})
    assert server.answer({"do": "transmit", "apdu": apdu})["error"] == "WriteRefusedError"
    assert devices[0].sent == []


def test_a_new_poll_forgets_what_was_selected(server: Server, devices: list[Device]) -> None:
    server.answer({"do": "open", "path": "x"})
    for duty in ("connect", "begin"):
        server.answer({"do": duty})
    server.answer({"do": "transmit", "apdu": SELECT})
    server.answer({"do": "poll"})
    assert server.answer({"do": "transmit", "apdu": SELECT})["error"] == "NoCardError"
    for duty in ("connect", "begin"):
        server.answer({"do": duty})
    refused = server.answer({"do": "transmit", "apdu": "00b0000010"})
    assert refused["error"] == "WriteRefusedError"


def test_what_is_out_of_order_is_an_answer(server: Server) -> None:
    assert server.answer({"do": "poll"})["error"] == "NoReaderError"
    assert server.answer({"do": "transmit", "apdu": SELECT})["error"] == "NoCardError"
    assert server.answer({"do": "open", "path": "usb:busy"})["error"] == "SharingViolationError"
    assert server.answer({"do": "release"}) == {}


def test_a_request_that_does_not_exist_ends_the_child(server: Server) -> None:
    with pytest.raises(KeyError):
        server.answer({"do": "write"})


@pytest.mark.parametrize(
    "error",
    [
        errors.LinkError("a"),
        errors.CardRemovedError("b"),
        errors.GarbledCardError("c"),
        errors.MalformedResponseError("d"),
        errors.ForeignCardError("e", kind="felica"),
    ],
)
def test_errors_cross_the_pipe(error: errors.CardcheckError) -> None:
    with pytest.raises(errors.CardcheckError) as caught:
        checked(decode(encode(failure(error))))
    assert (type(caught.value), str(caught.value)) == (type(error), str(error))
    assert getattr(caught.value, "kind", None) == getattr(error, "kind", None)


@given(st.binary(max_size=60))
def test_noise_on_the_pipe_is_a_link_error(noise: bytes) -> None:
    with suppress(errors.CardcheckError):
        checked(decode(noise))


def test_a_message_is_one_line() -> None:
    assert encode({"message": "one\ntwo \u3042"}).count(b"\n") == 1
