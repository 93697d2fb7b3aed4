# SPDX-License-Identifier: Apache-2.0
"""What an X.509 certificate says, read leniently and without judging it.

What belongs here: the fields of RFC 5280, 4.1 that a diagnosis needs, from the bytes of an EF. What
does not: dates against a clock (``validity``) and signatures (``trust``).

The frame is walked here rather than by the cryptography package because that one refuses a whole
certificate for one odd byte in an extension, and a person whose certificate is odd still needs to
know when it ends. Signatures are verified by that package, over the very bytes found here.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec import Struct

from cardcheck.errors import MalformedCertificateError, MalformedTlvError
from cardcheck.iso7816 import der, tlv

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

_INTEGER: Final = 0x02
_BIT_STRING: Final = 0x03
_OCTET_STRING: Final = 0x04
_VERSION: Final = 0xA0
_EXTENSIONS: Final = 0xA3
_KEY_IDENTIFIER: Final = 0x80  # RFC 5280, 4.2.1.1: keyIdentifier [0] IMPLICIT OCTET STRING
SUBJECT_KEY_ID: Final = bytes.fromhex("551D0E")  # 2.5.29.14
AUTHORITY_KEY_ID: Final = bytes.fromhex("551D23")  # 2.5.29.35
_WANTED: Final = re.compile(
    rb"\x06\x03(?:%b|%b)" % tuple(map(re.escape, (SUBJECT_KEY_ID, AUTHORITY_KEY_ID)))
)
_FRAME_TAGS: Final = (der.SEQUENCE, der.SEQUENCE, _BIT_STRING)
_SIGNED_TAGS: Final = (_INTEGER, *(der.SEQUENCE,) * 5)  # serialNumber to subjectPublicKeyInfo


class CertificateSummary(Struct, frozen=True):
    """What one certificate says. Everything is personal data, so nothing shows in ``repr``.

    Attributes:
        not_before: the first instant, UTC.
        not_after: the last instant, UTC.
        serial: the serial number; None where only a prefix was read, like the empty bytes below.
        issuer_der: the issuer's name, DER.
        subject_der: the subject's name, DER.
        public_key_der: SubjectPublicKeyInfo, DER.
        ski: the subject key identifier, or None without that extension.
        aki: the key identifier in the authority key identifier, or None without it.
        signed_der: TBSCertificate, the bytes that the signature is about.
        inner_algorithm_der: the AlgorithmIdentifier inside the signed bytes.
        algorithm_der: the AlgorithmIdentifier beside the signature; must be the same.
        signature: the signature itself.
        der: the whole certificate without the filler of its EF.
    """

    not_before: datetime
    not_after: datetime
    serial: int | None = None
    issuer_der: bytes = b""
    subject_der: bytes = b""
    public_key_der: bytes = b""
    ski: bytes | None = None
    aki: bytes | None = None
    signed_der: bytes = b""
    inner_algorithm_der: bytes = b""
    algorithm_der: bytes = b""
    signature: bytes = b""
    der: bytes = b""

    def __repr__(self) -> str:
        """Nothing of what it says."""
        return "CertificateSummary()"


def from_prefix(data: bytes) -> CertificateSummary:
    """The validity, and nothing else, of the certificate that begins with ``data``.

    Raises:
        MalformedCertificateError: no certificate, or cut before its validity ends.
    """
    return CertificateSummary(*der.validity_of(data))


@lru_cache(maxsize=4)  # one diagnosis asks a dozen times for the same two
def parse(data: bytes) -> CertificateSummary:
    """All of the certificate at the front of an EF's content; filler behind it is left alone.

    Raises:
        MalformedCertificateError: not whole, or not built as RFC 5280, 4.1 says.
    """
    try:
        return _summary_of(data[: der.total_length(data)])
    except MalformedTlvError as error:
        raise MalformedCertificateError(f"not a certificate: {error}") from None


def _summary_of(whole: bytes) -> CertificateSummary:
    frame = _items_in(tlv.read(whole).value)
    _require_tags(frame, _FRAME_TAGS)
    signed, algorithm, signature = frame
    if signature.value[:1] != b"\x00":
        raise MalformedCertificateError("a signature that is not whole bytes")
    fields = _items_in(signed.value)
    if fields and fields[0].tag == _VERSION:
        del fields[0]
    required, optional = fields[: len(_SIGNED_TAGS)], fields[len(_SIGNED_TAGS) :]
    _require_tags(required, _SIGNED_TAGS)
    serial, inner_algorithm, issuer, validity, subject, key = required
    not_before, not_after = der.interval_of(validity.value)
    extensions = _extensions_in(optional)
    return CertificateSummary(
        not_before=not_before,
        not_after=not_after,
        serial=int.from_bytes(serial.value, "big", signed=True),
        issuer_der=issuer.whole,
        subject_der=subject.whole,
        public_key_der=key.whole,
        ski=_subject_key_of(extensions.get(SUBJECT_KEY_ID, b"")),
        aki=_authority_key_of(extensions.get(AUTHORITY_KEY_ID, b"")),
        signed_der=signed.whole,
        inner_algorithm_der=inner_algorithm.whole,
        algorithm_der=algorithm.whole,
        signature=signature.value[1:],
        der=whole,
    )


class _Item(NamedTuple):
    """A data object with the bytes that it was read from."""

    tag: int
    value: bytes
    whole: bytes


def _items_in(data: bytes) -> list[_Item]:
    items: list[_Item] = []
    start = 0
    while start < len(data):
        tag, offset, end = tlv.head(data, start)
        items.append(_Item(tag, data[offset:end], data[start:end]))
        start = end
    return items


def _require_tags(items: Sequence[_Item], tags: Sequence[int]) -> None:
    if [item.tag for item in items] != list(tags):
        raise MalformedCertificateError("its parts are not those of a certificate")


def _extensions_in(optional: Sequence[_Item]) -> dict[bytes, bytes]:
    """The key identifiers by the bytes of extnID; unreadable ones are no reason to refuse."""
    try:
        explicit = next((item.value for item in optional if item.tag == _EXTENSIONS), b"\x30\x00")
        listed = _items_in(tlv.read(explicit).value)
        extensions = [_items_in(item.value) for item in listed if _WANTED.match(item.value)]
    except MalformedTlvError:
        return {}
    return {parts[0].value: parts[-1].value for parts in extensions if parts}


def _subject_key_of(extension: bytes) -> bytes | None:
    """RFC 5280, 4.2.1.2: an OCTET STRING."""
    try:
        item = tlv.read(extension)
    except MalformedTlvError:
        return None
    return item.value if item.tag == _OCTET_STRING else None


def _authority_key_of(extension: bytes) -> bytes | None:
    """RFC 5280, 4.2.1.1: keyIdentifier, the first and optional part of a SEQUENCE."""
    try:
        parts = _items_in(tlv.read(extension).value)
    except MalformedTlvError:
        return None
    return next((part.value for part in parts if part.tag == _KEY_IDENTIFIER), None)
