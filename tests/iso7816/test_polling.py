# SPDX-License-Identifier: Apache-2.0
"""What cards say when they are polled, and that their numbers stay out of it."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardcheck.errors import MalformedAtrError
from cardcheck.iso7816.polling import (
    is_felica,
    system_code,
    type_a_supports_iso14443_4,
    type_b_activation,
)

# A My Number card's (nfcpy's README form): PUPI 90BE4E5B, FWI 10, ISO/IEC 14443-4.
ATQB = bytes.fromhex("5090BE4E5B000005E0B381A100")
SENSF_RES = bytes.fromhex("01" + "0112AABBCCDDEEFF" + "0F0F0F0F0F0F0F0F")


def test_an_atqb_is_told_without_its_number() -> None:
    said = type_b_activation(ATQB)
    assert (said.application_data.hex(), said.protocol_info.hex()) == ("000005e0", "b381a1")
    assert (said.fwi, said.iso14443_4, said.mbli) == (10, True, 0)
    assert "90be4e5b" not in repr(said).lower()


def test_a_card_without_blocks_is_told() -> None:
    assert not type_b_activation(ATQB[:10] + b"\x80" + ATQB[11:]).iso14443_4


@pytest.mark.parametrize("atqb", [b"", ATQB[:11], b"\x51" + ATQB[1:]])
def test_what_is_no_atqb_is_refused(atqb: bytes) -> None:
    with pytest.raises(MalformedAtrError):
        type_b_activation(atqb)


@pytest.mark.parametrize(("sak", "takes"), [("20", True), ("28", True), ("08", False), ("", False)])
def test_the_sak_tells_of_blocks(sak: str, takes: bool) -> None:
    assert type_a_supports_iso14443_4(bytes.fromhex(sak)) is takes


def test_felica_and_its_system_code() -> None:
    assert is_felica(SENSF_RES)
    assert is_felica(SENSF_RES + b"\x00\x03")
    assert system_code(SENSF_RES + b"\x00\x03") == 0x0003
    assert system_code(SENSF_RES) is None


def test_a_telephone_in_peer_mode_is_no_felica_card() -> None:
    assert not is_felica(b"\x01\x01\xfe" + SENSF_RES[3:])
    assert not is_felica(SENSF_RES[:-1])
    assert not is_felica(b"\x00" + SENSF_RES[1:])


@given(st.binary(max_size=24))
def test_nothing_breaks_on_noise(noise: bytes) -> None:
    is_felica(noise)
    system_code(noise)
    type_a_supports_iso14443_4(noise)
    with suppress(MalformedAtrError):
        type_b_activation(noise)
