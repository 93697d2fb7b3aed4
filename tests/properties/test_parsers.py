# SPDX-License-Identifier: Apache-2.0
"""Any bytes into any parser: a value, or the one error that the parser documents."""

from __future__ import annotations

import traceback
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardcheck.cards import certificate, trust, validity
from cardcheck.errors import (
    BadCommandError,
    InputError,
    MalformedAtrError,
    MalformedCertificateError,
    MalformedResponseError,
    MalformedTlvError,
)
from cardcheck.facts import snapshot
from cardcheck.iso7816 import der, polling, tlv
from cardcheck.iso7816.apdu import CommandApdu, ResponseApdu
from cardcheck.iso7816.atr import Atr
from cardcheck.report.loaded import parse_report
from cardcheck.simulation import mynumber
from cardcheck.simulation.faults import parse_fault
from cardcheck.transports import dump

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)
RECORD = b"\x01\x1c" + b"123456789012345" + b"98765" + b"20310314"
ATR = bytes.fromhex("3BDA13FF8131FB468012392F31C173C601C03B")
TRACE = (
    b"cardcheck-apdu 1\norigin: synthetic\nreader: x\natr: 3B00\nprotocol: T=1\n"
    b"> 00B0000004\n< 9000\n> 00B0000004\n! CARD_REMOVED\n"
)
REPORT = b"""{"schema": "cardcheck.report/1", "report_id": "x", "source": "hardware",
"readers": [], "cards": [], "findings": []}"""
HOST = b'{"schema": "cardcheck.host/1", "host": {"system": "Linux"}}'
PEM = b"-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----"
PARSERS: list[tuple[Callable[[bytes], object], type[Exception], bytes]] = [
    (Atr.parse, MalformedAtrError, ATR),
    (CommandApdu.parse, BadCommandError, bytes.fromhex("00A4040C0AD392F00026010000000100")),
    (ResponseApdu.parse, MalformedResponseError, bytes.fromhex("0102039000")),
    (tlv.read, MalformedTlvError, bytes.fromhex("7F218104DF210100")),
    (lambda raw: list(tlv.walk(raw)), MalformedTlvError, bytes.fromhex("DF210100DF22020000")),
    (der.total_length, MalformedTlvError, bytes.fromhex("3082061F")),
    (der.validity_of, MalformedCertificateError, b"certificate"),
    (certificate.from_prefix, MalformedCertificateError, b"certificate"),
    (certificate.parse, MalformedCertificateError, b"certificate"),
    (validity.card_expiry_of, MalformedResponseError, RECORD),
    (polling.type_b_activation, MalformedAtrError, bytes.fromhex("5090BE4E5B000005E0B381A100")),
    (trust.anchors_from_pem, InputError, PEM),
    (dump.parse_bytes, InputError, TRACE),
    (parse_report, InputError, REPORT),
    (snapshot.loads, InputError, HOST),
    (lambda raw: parse_fault(raw.decode("latin-1")), InputError, b"removed@7x2"),
]  # fmt: skip


@cache
def a_certificate() -> bytes:
    """EF 000A of the virtual card."""
    card = mynumber.build(mynumber.Variant(), NOW)
    (jpki,) = (each for each in card.applications if each.aid == mynumber.JPKI)
    file: Any = jpki.files[0x000A]
    return certificate.parse(file.data).der


@pytest.mark.parametrize("row", PARSERS, ids=lambda row: f"{row[1].__name__}-{row[2][:4].hex()}")
@given(data=st.data())
def test_a_value_or_the_documented_error(
    row: tuple[Callable[[bytes], object], type[Exception], bytes], data: st.DataObject
) -> None:
    parser, error, sample = row
    good = a_certificate() if sample == b"certificate" else sample
    raw = bytearray(data.draw(st.one_of(st.just(good), st.binary(max_size=80)), "bytes"))
    for _ in range(data.draw(st.integers(0, 3), "changes")):
        if raw:
            index = data.draw(st.integers(0, min(len(raw), 300) - 1), "where")
            raw[index : index + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=4))
    cut = data.draw(st.one_of(st.none(), st.integers(0, len(raw))), "cut")
    with suppress(error):
        parser(bytes(raw[:cut]))


GOOD = [row for row in PARSERS if row[2] not in {PEM, HOST}]  # these two only begin well


@pytest.mark.parametrize("row", GOOD, ids=lambda row: f"{row[1].__name__}-{row[2][:4].hex()}")
def test_the_samples_are_good_and_nothing_is_not(
    row: tuple[Callable[[bytes], object], type[Exception], bytes],
) -> None:
    """So that the test above begins from something that gets deep into the parser."""
    parser, error, sample = row
    assert parser(a_certificate() if sample == b"certificate" else sample) is not None
    if parser is not PARSERS[4][0]:  # nothing is an empty list of data objects
        with pytest.raises(error):
            parser(b"")


@given(end=st.integers(0, 2000))
def test_a_prefix_never_gives_other_dates_than_the_whole(end: int) -> None:
    whole = a_certificate()
    expected = der.validity_of(whole)
    try:
        assert der.validity_of(whole[:end]) == expected
    except MalformedCertificateError:
        assert end < 256, "the first 256 bytes must do"


@given(index=st.integers(0, 255), bit=st.integers(0, 7))
def test_no_error_quotes_the_date(index: int, bit: int) -> None:
    """An expiry date is a birthday, and the messages of errors end up on screens."""
    raw = bytearray(a_certificate())
    raw[index] ^= 1 << bit
    told = ""
    try:
        certificate.parse(bytes(raw))
    except MalformedCertificateError as error:
        told = "".join(traceback.format_exception(error))
    _, last = der.validity_of(a_certificate())
    assert f"{last:%y%m%d}" not in told


@given(raw=st.binary(max_size=70))
def test_an_atr_that_parses_is_that_atr(raw: bytes) -> None:
    try:
        atr = Atr.parse(raw)
    except MalformedAtrError:
        return
    assert atr.raw == raw
    assert 2 + len(atr.interface) + len(atr.historical) + (atr.tck is not None) == len(raw)
    assert atr.protocols
