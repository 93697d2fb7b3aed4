# SPDX-License-Identifier: Apache-2.0
"""What becomes of a log: redacted traces, no PIN, and the extent that they have."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cardcheck.errors import InputError
from cardcheck.traces.importing.conversion import format_of, traces_in
from cardcheck.traces.judge import Judge, Result
from cardcheck.transports.dump import format_trace
from cardcheck.transports.privacy import looks_real
from cardcheck.transports.trace import Extent, Origin, Trace

HERE = Path(__file__).parent
NOW = datetime(2026, 11, 22, 1, tzinfo=UTC)
PIN = b"31323334"


def imported(name: str, *, blank_pins: bool = False) -> list[Trace]:
    with (HERE / name).open("rb") as file:
        return list(traces_in(file, format_of(file), NOW, blank_pins=blank_pins))


def test_a_scan_that_pcscd_logged_is_diagnosed_like_one_that_was_recorded() -> None:
    (trace,) = imported("pcscd-scan.log")
    assert trace.header.scope is Extent.WHOLE
    assert Judge().judge(trace).result is Result.PASSED
    assert trace.header.origin is Origin.RECORDED
    assert trace.header.tool == "cardcheck 0.1.0, from a log of pcscd"
    assert looks_real(trace) == []


@pytest.mark.parametrize("name", ["spy-colour.log", "apdu4j-dump.log"])
def test_a_dialogue_of_another_program_is_a_part(name: str) -> None:
    assert all(trace.header.scope is Extent.PARTIAL for trace in imported(name)[:1])


def test_a_pin_is_refused() -> None:
    with pytest.raises(InputError, match=r"session 1: a command carries a PIN.*--blank-pins"):
        imported("opensc-send.log")


def test_a_pin_is_blanked_and_the_rest_of_the_session_kept() -> None:
    (trace,) = imported("opensc-send.log", blank_pins=True)
    assert trace.exchanges[3].asked == bytes.fromhex("0020008004FFFFFFFF")
    assert trace.exchanges[3].response == b"\x63\xc2"
    assert PIN.decode() not in format_trace(trace)
    assert looks_real(trace) == []


@pytest.mark.parametrize(
    "command",
    [
        "0020008004 31323334",
        "0C20008004 31323334",
        "0020008000000431323334",
        "002C008008 3132333434333231",
        "0024000008 3132333434333231",
    ],
)
def test_no_encoding_hides_a_pin(command: str) -> None:
    text = f"# ATR: 3B00\n{command.replace(' ', '')}\n9000\n".encode()
    for blank in (False, True):
        file = io.BytesIO(text)
        traces = traces_in(file, format_of(file), NOW, blank_pins=blank)
        if blank:
            assert "3132" not in format_trace(next(traces))
        else:
            with pytest.raises(InputError, match="PIN"):
                next(traces)


def test_the_serial_number_of_a_reader_does_not_get_through() -> None:
    text = (
        "00000001 winscard.c:258:SCardConnect() Attempting Connect to "
        "Maker Model [CCID] (12345678) 00 00 using protocol: 3\n"
        "00000001 APDU: 00 A4 00 00 \n00000001 SW: 90 00 \n"
    )
    assert reader_in(text) == "Maker Model [CCID] 00 00"


def test_a_long_number_in_the_name_of_a_reader_does_not_get_through() -> None:
    # found by scripts/fuzz: twelve digits that could be somebody's individual number
    text = (
        "SCardConnect\n i szReader Maker 123456789018 00 00\n o phCard 0x00000001 (1)\n"
        " => ok (S [0x00000000])\nSCardTransmit\n i hCard: 0x00000001\n"
        " i  0000 00 A4 00 00                                      ....\n"
        " o  0000 90 00                                            ..\n => ok (S [0x00000000])\n"
    )
    assert reader_in(text) == "Maker 999999999999 00 00"


def test_a_serial_number_that_was_blanked_is_nobody_s_number() -> None:
    # found by scripts/fuzz: half of the sixteen zeros in EF 0006, read by itself
    text = (
        "00A4040C0AD392F000260100000001\n9000\n00A4020C020006\n9000\n00B00000A0\n"
        + (b"JPKIAPICCTOKEN2 ".ljust(80) + b"123456789018").hex()
        + "9000\n"
    )
    file = io.BytesIO(text.encode())
    (trace,) = traces_in(file, "apdu4j", NOW)
    assert trace.exchanges[2].response == b"JPKIAPICCTOKEN2 ".ljust(80) + b"0" * 12 + b"\x90\0"
    assert looks_real(trace) == []


def reader_in(text: str) -> str | None:
    file = io.BytesIO(text.encode())
    (trace,) = traces_in(file, format_of(file), NOW)
    assert looks_real(trace) == []
    return trace.header.reader
