# SPDX-License-Identifier: Apache-2.0
"""Lengths and dates from the first bytes of a certificate."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cardcheck.errors import MalformedCertificateError, MalformedTlvError
from cardcheck.iso7816 import der


@pytest.mark.parametrize(
    ("prefix", "length"),
    [
        ("3000", 2),
        ("307F", 129),
        ("308180", 131),
        ("3082061F", 1571),  # soltia48/myna-card and a published transcript: the size of one card's
        ("3082061F3082", 1571),
        ("3084FFFFFFF0", 0xFFFFFFF0 + 6),
    ],
)
def test_the_length_of_the_whole(prefix: str, length: int) -> None:
    assert der.total_length(bytes.fromhex(prefix)) == length


@pytest.mark.parametrize("prefix", ["", "30", "3080", "308206", "3085", "0482061F", "00", "FFFF"])
def test_no_length(prefix: str) -> None:
    with pytest.raises(MalformedTlvError):
        der.total_length(bytes.fromhex(prefix))


def sequence(*parts: bytes) -> bytes:
    content = b"".join(parts)
    return b"\x30\x82" + len(content).to_bytes(2, "big") + content


def utc(text: str) -> bytes:
    return b"\x17" + bytes([len(text)]) + text.encode()


def generalized(text: str) -> bytes:
    return b"\x18" + bytes([len(text)]) + text.encode()


VERSION, SERIAL, NAME = bytes.fromhex("A003020102"), bytes.fromhex("020101"), sequence(b"\x31\x00")
FIRST = utc("251027000000Z")


def certificate(*times: bytes, version: bytes = VERSION) -> bytes:
    return sequence(sequence(version, SERIAL, sequence(), NAME, sequence(*times), NAME))


@pytest.mark.parametrize(
    ("time", "year"),
    [
        (utc("300217145959Z"), 2030),
        (utc("490217145959Z"), 2049),
        (utc("500217145959Z"), 1950),  # RFC 5280, 4.1.2.5.1
        (generalized("20500217145959Z"), 2050),
        (generalized("99990217145959Z"), 9999),
    ],
)
def test_both_forms_of_time(time: bytes, year: int) -> None:
    expected = datetime(2025, 10, 27, tzinfo=UTC), datetime(year, 2, 17, 14, 59, 59, tzinfo=UTC)
    assert der.validity_of(certificate(FIRST, time)) == expected
    assert der.validity_of(certificate(FIRST, time, version=b"")) == expected


@pytest.mark.parametrize(
    "time",
    [
        utc("300231145959Z"),
        utc("300217145960Z"),
        utc("3002171459Z"),
        utc("300217145959+"),
        utc("300217145959+0900"),
        utc("30 2 7145959Z"),
        utc("+30217145959Z"),
        utc("30021714595\xb2Z"),
        generalized("300217145959Z"),
        generalized("20300217145959.5Z"),
        generalized("00000217145959Z"),
        b"\x04\x0d300217145959Z",
    ],
)
def test_times_that_are_none(time: bytes) -> None:
    with pytest.raises(MalformedCertificateError) as caught:
        der.validity_of(certificate(FIRST, time))
    assert "0217" not in str(caught.value)


@pytest.mark.parametrize(
    "raw",
    [b"", b"\x30\x00", certificate(), certificate(FIRST), certificate(FIRST, FIRST, FIRST)],
)
def test_no_validity(raw: bytes) -> None:
    with pytest.raises(MalformedCertificateError):
        der.validity_of(raw)
