# SPDX-License-Identifier: Apache-2.0
"""How long a DER object is, and when a certificate ends, from its first bytes alone.

What belongs here: what must be known *before* the whole file has been read. What does not: X.509
as a whole (``cards.certificate``).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from cardcheck.errors import MalformedCertificateError, MalformedTlvError
from cardcheck.iso7816 import tlv

SEQUENCE: Final = 0x30
_EXPLICIT_VERSION: Final = 0xA0  # RFC 5280, 4.1: [0] EXPLICIT Version
_UTC_TIME: Final = 0x17
_GENERALIZED_TIME: Final = 0x18
_TIME_DIGITS: Final = {_UTC_TIME: 12, _GENERALIZED_TIME: 14}  # YYMMDDHHMMSS, with century
_PIVOT: Final = 50  # RFC 5280, 4.1.2.5.1: YY >= 50 is 19YY


def total_length(prefix: bytes) -> int:
    """The length in bytes, header included, of the SEQUENCE that begins with ``prefix``.

    Args:
        prefix: the first bytes; 6 are always enough.

    Raises:
        MalformedTlvError: not a SEQUENCE, cut inside the length, or an indefinite length.
    """
    if not prefix or prefix[0] != SEQUENCE:
        raise MalformedTlvError("not a DER SEQUENCE")
    length, start = tlv.read_length(prefix, 1)
    return start + length


def validity_of(prefix: bytes) -> tuple[datetime, datetime]:
    """notBefore and notAfter (UTC) of the certificate that begins with ``prefix``.

    Both stand in front of the subject and the key (RFC 5280, 4.1), so the first 256 bytes do for
    every certificate whose issuer name is not unusually long.

    Raises:
        MalformedCertificateError: the bytes are no certificate, or end before the validity does.
    """
    try:
        validity = tlv.read(prefix, _issuer_end(prefix))
    except MalformedTlvError:
        raise MalformedCertificateError(f"no validity in {len(prefix)} bytes") from None
    if validity.tag != SEQUENCE:
        raise MalformedCertificateError("no validity where it should be")
    return interval_of(validity.value)


def interval_of(validity: bytes) -> tuple[datetime, datetime]:
    """The two instants (UTC) in the value of a Validity (RFC 5280, 4.1.2.5).

    Raises:
        MalformedCertificateError: the bytes are none.
    """
    try:
        start_time, end_time = tlv.walk(validity)
        return _time_of(start_time), _time_of(end_time)
    except (MalformedTlvError, ValueError):
        # neither message nor cause may quote the bytes: the date is a birthday
        raise MalformedCertificateError(f"no validity in {len(validity)} bytes") from None


def _issuer_end(prefix: bytes) -> int:
    """Where the issuer ends: behind version (optional), serialNumber, signature and issuer."""
    offset = _enter(prefix, _enter(prefix, 0))
    skip = 4 if prefix[offset : offset + 1] == bytes((_EXPLICIT_VERSION,)) else 3
    for _ in range(skip):
        _, after_tag = tlv.read_tag(prefix, offset)
        length, start = tlv.read_length(prefix, after_tag)
        offset = start + length
    return offset


def _enter(data: bytes, offset: int) -> int:
    """Where the value of the SEQUENCE at ``offset`` begins; its end may lie behind the data."""
    tag, after_tag = tlv.read_tag(data, offset)
    if tag != SEQUENCE:
        raise MalformedTlvError("not a SEQUENCE")
    return tlv.read_length(data, after_tag)[1]


def _time_of(item: tlv.Tlv) -> datetime:
    """The instant of a UTCTime or GeneralizedTime in the one form that RFC 5280, 4.1.2.5 allows."""
    digits, zone = item.value[:-1], item.value[-1:]
    if zone != b"Z" or len(digits) != _TIME_DIGITS.get(item.tag) or not digits.isdigit():
        raise MalformedCertificateError("a time in no form of RFC 5280")
    text = digits.decode("ascii")
    if item.tag == _UTC_TIME:
        text = ("19" if int(text[:2]) >= _PIVOT else "20") + text
    month, day, hour, minute, second = (int(text[i : i + 2]) for i in range(4, 14, 2))
    return datetime(int(text[:4]), month, day, hour, minute, second, tzinfo=UTC)
