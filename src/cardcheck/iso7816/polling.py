# SPDX-License-Identifier: Apache-2.0
"""What cards without contacts say when they are polled, as far as it tells what they are.

What belongs here: ATQB (ISO/IEC 14443-3:2018, 7.9), SAK (6.5.3) and the answer to FeliCa polling
(JIS X 6319-4, 9.6.1). What does not: the numbers that follow a card through the world (PUPI, UID,
IDm), which these functions leave out.
"""

from __future__ import annotations

from typing import Final

from cardcheck.errors import MalformedAtrError
from cardcheck.iso7816.atr import TypeBActivation

_ATQB: Final = 0x50
_ATQB_LENGTH: Final = 12  # 50, PUPI (4), application data (4), protocol info (3)
_SAK_ISO_DEP: Final = 0x20
_SENSF_RES: Final = 0x01
_SENSF_LENGTH: Final = 17  # 01, IDm (8), PMm (8)
_PEER: Final = b"\x01\xfe"  # beginning of the IDm of an NFC-DEP device, such as a telephone


def type_b_activation(atqb: bytes) -> TypeBActivation:
    """What an ATQB says, without the PUPI; its MBLI is 0, for that comes with ATTRIB.

    Raises:
        MalformedAtrError: no ATQB.
    """
    if len(atqb) < _ATQB_LENGTH or atqb[0] != _ATQB:
        raise MalformedAtrError(f"an ATQB of {len(atqb)} bytes")
    return TypeBActivation(bytes(atqb[5:9]), bytes(atqb[9:12]), 0)


def type_a_supports_iso14443_4(sak: bytes) -> bool:
    """Whether a Type A card speaks ISO/IEC 14443-4, by its SAK."""
    return bool(sak and sak[0] & _SAK_ISO_DEP)


def is_felica(sensf_res: bytes) -> bool:
    """Whether the answer to polling is a FeliCa card's, not a telephone's in peer mode.

    Args:
        sensf_res: the answer from its response code (01) on, as nfcpy gives it.
    """
    if len(sensf_res) < _SENSF_LENGTH or sensf_res[0] != _SENSF_RES:
        return False
    return bytes(sensf_res[1:3]) != _PEER


def system_code(sensf_res: bytes) -> int | None:
    """The FeliCa system code (0003 transport, FE00 common area, ...), or None where none came."""
    code = bytes(sensf_res[_SENSF_LENGTH : _SENSF_LENGTH + 2])
    return int.from_bytes(code, "big") if len(code) == 2 else None
