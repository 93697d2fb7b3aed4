# SPDX-License-Identifier: Apache-2.0
"""Logs of other tools: captured from the real ones (that of apdu4j is made by its public format).

The card behind them was a virtual one. What is not captured is written here line by line: threads
in the log of pcscd 2.x, clients that speak at once, failures.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardcheck.cli.commands import trace as commands
from cardcheck.errors import InputError
from cardcheck.facts.link_failure import LinkFailure
from cardcheck.traces.importing import apdu4j, normalise, opensc, pcscd, session, spy
from cardcheck.traces.importing.conversion import FORMATS, NAMES, format_of
from cardcheck.traces.importing.conversion import sessions_in as sessions_of
from cardcheck.traces.importing.normalise import lines_of
from cardcheck.transports.trace import Failure

if TYPE_CHECKING:
    from cardcheck.traces.importing.session import LogFormat, LoggedSession

HERE = Path(__file__).parent
ATR = bytes.fromhex("3B888001000005E0B381A1007F")
SELECT = bytes.fromhex("00A4040C0AD392F000260100000001")
SPACED = "00 A4 04 0C 0A D3 92 F0 00 26 01 00 00 00 01"


def sessions_in(name: str) -> list[LoggedSession]:
    with (HERE / name).open("rb") as file:
        return list(sessions_of(file, format_of(file)))


def told(log_format: LogFormat, text: str) -> list[LoggedSession]:
    return list(log_format.sessions(text.splitlines()))


@pytest.mark.parametrize(
    ("name", "expected", "reader", "commands"),
    [
        ("pcscd-scan.log", pcscd, "Virtual PCD 00 00", [32]),
        ("opensc-send.log", opensc, "Virtual PCD 00 00", [4]),
        ("spy-colour.log", spy, "Virtual PCD 00 00", [3, 1]),
        ("spy-diffable.log", spy, "Virtual PCD 00 00", [3, 1]),
        ("apdu4j-dump.log", apdu4j, None, [3, 1]),
    ],
)
def test_a_log_is_recognised_and_read(
    name: str, expected: LogFormat, reader: str | None, commands: list[int]
) -> None:
    with (HERE / name).open("rb") as file:
        assert format_of(file) == expected.NAME
        assert file.tell() == 0
    sessions = sessions_in(name)
    assert [len(each.exchanges) for each in sessions] == commands
    assert {each.reader for each in sessions} == {reader}
    assert sessions[0].exchanges[0].asked == SELECT
    assert sessions[0].exchanges[0].response == b"\x90\x00"
    assert sessions[-1].atr == ATR
    assert {each.protocol for each in sessions} == {"T=1"}


def test_a_long_answer_of_opensc_goes_over_many_lines() -> None:
    line = " ".join(f"{byte:02X}" for byte in range(16)) + " ................"
    rows = "\n".join([line] * 16)
    text = (
        "P:1; T:0x1 10:00:00.000 [t] reader-pcsc.c:325:pcsc_transmit: reader 'R'\n"
        "Outgoing APDU (5 bytes):\n00 B0 00 00 00 .....\n\n"
        "P:1; T:0x1 10:00:00.021 [t] reader-pcsc.c:335:pcsc_transmit: \n"
        f"Incoming APDU (258 bytes):\n{rows}\n90 00 ..\n\n"
    )
    ((exchange,),) = (each.exchanges for each in told(opensc, text))
    assert exchange.response == bytes(range(16)) * 16 + b"\x90\x00"
    assert exchange.milliseconds == 21


def test_opensc_tells_why_a_command_failed() -> None:
    text = (
        "Outgoing APDU (4 bytes):\n00 20 00 80 . ..\n\n"
        "P:1; T:0x1 10:00:00.021 [t] reader-pcsc.c:1:f: R:SCardTransmit failed: 0x80100069\n"
    )
    ((exchange,),) = (each.exchanges for each in told(opensc, text))
    assert exchange.failure == Failure(LinkFailure.CARD_REMOVED, 0x80100069)


def pcscd_log(*lines: str) -> str:
    return "\n".join(f"00000012 {line}" for line in lines)


def test_each_answer_to_reset_begins_a_session() -> None:
    text = pcscd_log(
        "eventhandler.c:423:EHStatusHandlerThread() Card inserted into R 00 00",
        "Card ATR: 3B 00 ",
        "winscard_svc.c:361:ContextThread() Received command: CONNECT from client 9",
        "winscard.c:258:SCardConnect() Attempting Connect to R 00 00 using protocol: 3",
        "winscard.c:430:SCardConnect() Active Protocol: T=0",
        f"APDU: {SPACED} ",
        "SW: 90 00 ",
        "winscard.c:609:SCardReconnect() Reset complete.",
        "Card ATR: 3B 01 ",
        f"APDU: {SPACED} ",
        "SW: 6A 82 ",
        "eventhandler.c:358:EHStatusHandlerThread() Card Removed From R 00 00",
    )
    first, second = told(pcscd, text)
    assert (first.atr, first.protocol, first.reader) == (b"\x3b\x00", "T=0", "R 00 00")
    assert (second.atr, second.exchanges[0].response) == (b"\x3b\x01", b"\x6a\x82")


def test_the_threads_of_pcscd_2_are_kept_apart() -> None:
    lines = [
        "[11] winscard.c:258:SCardConnect() Attempting Connect to A using protocol: 3",
        "[22] winscard.c:258:SCardConnect() Attempting Connect to B using protocol: 3",
        "[11] APDU: 00 A4 00 0A ",
        "[22] APDU: 00 A4 00 0B ",
        "[22] SW: 90 0B ",
        "[11] SW: 90 0A ",
    ]
    found = {each.reader: each.exchanges for each in told(pcscd, pcscd_log(*lines))}
    for name, byte in (("A", 0x0A), ("B", 0x0B)):
        (exchange,) = found[name]
        assert (exchange.asked[-1], (exchange.response or b"")[-1]) == (byte, byte)


def test_of_two_clients_the_one_that_waits_gets_the_answer() -> None:
    received = "winscard_svc.c:361:ContextThread() Received command: TRANSMIT from client"
    text = pcscd_log(
        f"{received} 9",
        "winscard.c:258:SCardConnect() Attempting Connect to A using protocol: 3",
        "APDU: 00 A4 00 0A ",
        f"{received} 10",
        "SW: 90 00 ",
    )
    ((exchange,),) = (each.exchanges for each in told(pcscd, text))
    assert exchange.response == b"\x90\x00"


def test_an_empty_answer_of_pcscd_is_a_card_that_left() -> None:
    ((exchange,),) = (s.exchanges for s in told(pcscd, pcscd_log(f"APDU: {SPACED} ", "SW: ")))
    assert exchange.failure == Failure(LinkFailure.CARD_REMOVED)


def test_a_command_without_an_answer_failed() -> None:
    text = pcscd_log(f"APDU: {SPACED} ", f"APDU: {SPACED} ", "SW: 90 00 ")
    ((lost, answered),) = (each.exchanges for each in told(pcscd, text))
    assert (lost.failure, answered.response) == (Failure(LinkFailure.LINK_ERROR), b"\x90\x00")


def test_pcsc_spy_tells_why_a_command_failed() -> None:
    text = (
        "SCardTransmit\n i hCard: 0x00000001\n i bSendBuffer\n"
        f" i  0000 {SPACED}    .........&.....\n"
        " => Command failed. (SCARD_W_REMOVED_CARD [0x80100069])  [0.000123]\n"
    )
    ((exchange,),) = (each.exchanges for each in told(spy, text))
    assert exchange.failure == Failure(LinkFailure.CARD_REMOVED, 0x80100069)


def test_a_session_without_a_command_is_none() -> None:
    text = (
        "SCardConnect\n i szReader R\n o phCard 0x00000001 (1)\n => ok (S [0x00000000])\n"
        "SCardDisconnect\n i hCard: 0x00000001\n => ok (S [0x00000000])\n"
    )
    assert told(spy, text) == []


def test_a_session_of_any_length_takes_little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "MOST_EXCHANGES", 3)
    text = pcscd_log(*[f"APDU: {SPACED} ", "SW: 90 00 "] * 7)
    assert [len(each.exchanges) for each in told(pcscd, text)] == [3, 3, 1]


def test_a_line_longer_than_any_of_a_log_is_noise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(normalise, "MAX_LINE", 10)
    monkeypatch.setattr(normalise, "_BLOCK", 8)
    assert list(lines_of(io.BytesIO(b"x\n" + b"y" * 50 + b"\nz\n"))) == ["x", "z"]


@pytest.mark.parametrize("content", [b"", b"hello\n", bytes(range(256)) * 9])
def test_what_is_no_log_is_said_to_be_none(content: bytes) -> None:
    with pytest.raises(InputError, match="no log of pcscd"):
        format_of(io.BytesIO(content))


def test_the_command_line_knows_every_format() -> None:
    assert commands._FORMATS == NAMES


SAMPLES = [path.read_text("utf-8", "replace").splitlines() for path in sorted(HERE.glob("*.log"))]
LINES = st.sampled_from([line for lines in SAMPLES for line in lines]) | st.text(max_size=60)


@given(st.sampled_from(sorted(FORMATS)), st.lists(LINES, max_size=60))
def test_no_lines_in_any_order_upset_an_importer(name: str, lines: list[str]) -> None:
    for logged in FORMATS[name].sessions(lines):
        assert logged.exchanges
        for exchange in logged.exchanges:
            assert len(exchange.asked) >= 4
            assert (exchange.response is None) is (exchange.failure is not None)
            assert exchange.response is None or len(exchange.response) >= 2
