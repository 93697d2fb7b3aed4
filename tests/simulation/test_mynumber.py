# SPDX-License-Identifier: Apache-2.0
"""A virtual My Number card has the files of card and certificate that were published."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cardcheck.iso7816 import der
from cardcheck.simulation.files import RecordFile, TransparentFile
from cardcheck.simulation.mynumber import COMMON, JPKI, Variant, build

if TYPE_CHECKING:
    from cardcheck.simulation.card import VirtualCard

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)


def content(card: VirtualCard, aid: bytes, file_id: int) -> bytes:
    """A file as it lies on the card, whatever protects it."""
    application = next(a for a in card.applications if a.aid == aid)
    file = application.files[file_id]
    if isinstance(file, RecordFile):
        return file.records[0]
    assert isinstance(file, TransparentFile)
    return file.data


def test_token_information_is_as_published_but_for_the_serial_number() -> None:
    published = bytes.fromhex(
        "4A504B494150494343544F4B454E322020202020202020202020202020202020"
        "3030303030303030303030303030303030303030303030303030303030303031"
        "4531365230314E4A202020202020202030303030303030303230353030303033"
        "0000040D000000010000000000000001000000000000001000000006FFFFFFFF"
        "FFFFFFFFFFFFFFFFFFFFFFFF3033303139393939393939393939393939393939"
    )
    ours = content(build(Variant(), NOW), JPKI, 0x0006)
    assert ours[:80] + ours[96:] == published[:80] + published[96:]
    assert len(ours) == 160
    assert ours[80:96] != published[80:96]


@pytest.mark.parametrize(
    ("file_id", "size"), [(0x000A, 1571), (0x000B, 1319), (0x0002, 1304), (0x0001, 1742)]
)
def test_certificate_files_are_longer_than_the_certificate(file_id: int, size: int) -> None:
    data = content(build(Variant(), NOW), JPKI, file_id)
    assert len(data) == 0x76C
    assert der.total_length(data[:6]) == size
    assert set(data[size:]) == {0}


def test_the_common_record_ends_with_the_last_day_of_the_card() -> None:
    card = build(Variant(card_ends=1), NOW)
    record = content(card, COMMON, 0x0001)
    assert record[:2] == b"\x01\x1c"
    assert len(record) == 30
    assert record[-8:] == b"20261122" == card.secrets["card-expiry"]


@settings(max_examples=100, derandomize=True, deadline=None)
@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2036, 1, 1)),  # noqa: DTZ001
    st.integers(-2000, 4000),
    st.one_of(st.none(), st.integers(-2000, 4000)),
)
def test_certificates_end_at_midnight_in_japan_and_never_after_the_card(
    instant: datetime, ends: int, card_ends: int | None
) -> None:
    card = build(Variant(ends=ends, card_ends=card_ends), instant.replace(tzinfo=UTC))
    not_before, not_after = der.validity_of(content(card, JPKI, 0x000A)[:256])
    assert not_before < not_after
    assert (not_after + timedelta(hours=9, seconds=1)).strftime("%H%M%S") == "000000"
    last_day = (not_after + timedelta(hours=9)).strftime("%Y%m%d").encode()
    assert last_day <= card.secrets["card-expiry"]


def test_secrets_lie_on_the_card() -> None:
    """What the tests look for in outputs is really there to be leaked."""
    card = build(Variant(), NOW)
    everything = b"".join(
        file.data if isinstance(file, TransparentFile) else b"".join(file.records)
        for application in card.applications
        for file in application.files.values()
        if isinstance(file, TransparentFile | RecordFile)
    )
    derived = {"certificate-serial-decimal", "certificate-not-before", "certificate-not-after"}
    derived.add("card-expiry-iso")
    missing = {name for name, value in card.secrets.items() if value not in everything}
    assert missing == derived


def test_a_variant_that_names_no_pin_is_a_mistake() -> None:
    with pytest.raises(TypeError, match="000A"):
        build(Variant(tries={(JPKI, 0x000A): 0}), NOW)
