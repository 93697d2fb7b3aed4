# SPDX-License-Identifier: Apache-2.0
"""What of a certificate stays in its synthetic twin: a list of what is known to name nobody.

What belongs here: algorithms, extensions and object identifiers. What does not: what takes the
place of the rest (``synthetic_certificate``).
"""

from __future__ import annotations

import re
from typing import Final

from cardcheck.errors import MalformedTlvError
from cardcheck.iso7816 import tlv

_KEPT_EXTENSIONS: Final = {  # keyUsage and basicConstraints (RFC 5280, 4.2.1.3, 4.2.1.9), in DER
    bytes.fromhex("551D0F"): re.compile(rb"\x03\x02[\x00-\x07][\x00-\xff]\Z"),
    bytes.fromhex("551D13"): re.compile(
        rb"\x30(?:\x00|\x03\x01\x01\xff|\x03\x02\x01[\x00-\x08]|\x06\x01\x01\xff\x02\x01[\x00-\x08])\Z"
    ),
}
_ALGORITHMS: Final = frozenset(
    bytes.fromhex(oid)
    for oid in (
        *(f"2A864886F70D0101{last:02X}" for last in (1, 5, 8, 10, 11, 12, 13, 14)),  # PKCS #1
        *(f"2A8648CE3D04030{last}" for last in (1, 2, 3, 4)),  # ECDSA with SHA-2
        "2A8648CE3D0401",  # ECDSA with SHA-1
        *(f"60864801650304020{last}" for last in (1, 2, 3, 4)),  # SHA-2
        "2B0E03021A",  # SHA-1
        "2B6570",  # Ed25519 and Ed448 (RFC 8410)
        "2B6571",
    )
)
_DEPTH: Final = 8  # RSASSA-PSS needs seven
_OID, _INTEGER, _NULL = 0x06, 0x02, 0x05
_LARGEST_NUMBER: Final = 2  # bytes of an INTEGER beside an algorithm: length of the salt, trailer
_KEPT_OIDS: Final = tuple(
    bytes.fromhex(arc)
    for arc in ("5504", "551D", "2A8308", "2A8648", "2B0601")  # X.500, Japan, US, Internet
)
_LONGEST_OID: Final = 12


def is_known_oid(value: bytes) -> bool:
    """Whether an object identifier is one of an arc that certificates use, and no longer."""
    return value.startswith(_KEPT_OIDS) and len(value) <= _LONGEST_OID


def says_no_name(oid: bytes, content: bytes) -> bool:
    """Whether an extension is one that only says what its key may do."""
    rule = _KEPT_EXTENSIONS.get(oid)
    return rule is not None and rule.match(content) is not None


def names_algorithm(data: bytes, depth: int = _DEPTH) -> bool:
    """Whether objects name a known algorithm and its parameters, and hold nothing else."""
    try:
        items = list(tlv.walk(data))
    except MalformedTlvError:
        return False
    return bool(depth) and all(
        names_algorithm(item.value, depth - 1)
        if item.constructed
        else item.value in _ALGORITHMS
        if item.tag == _OID
        else len(item.value) <= {_NULL: 0, _INTEGER: _LARGEST_NUMBER}.get(item.tag, -1)
        for item in items
    )
