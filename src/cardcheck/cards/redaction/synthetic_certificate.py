# SPDX-License-Identifier: Apache-2.0
"""A synthetic twin for a certificate: same length, structure and verdict, nothing of the holder.

What belongs here: what takes the place of serial number, names, dates, keys and signature. What
does not: where on a card certificates are (``redact``). Dates move to New Year's days and ends of
months chosen by the state alone, so a birthday cannot be worked out from them; the state at the
recorded instant stays.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from cardcheck.cards import certificate
from cardcheck.cards.certificate import AUTHORITY_KEY_ID, SUBJECT_KEY_ID
from cardcheck.cards.redaction import kept_parts, synthetic_key
from cardcheck.cards.trust import IssuerState, judge_issuer
from cardcheck.cards.validity import (
    ValidityStatus,
    day_in_japan,
    status_of_interval,
    status_of_last_day,
)
from cardcheck.errors import MalformedCertificateError, MalformedTlvError
from cardcheck.facts.calendar import JST
from cardcheck.iso7816 import der, tlv

if TYPE_CHECKING:
    from cardcheck.cards.certificate import CertificateSummary
    from cardcheck.cards.redaction.synthetic_key import PrivateKey

_MARK: Final = b"SYNTHETIC"  # in the issuer's name of every certificate that is not a real one
_TWIN_MARK: Final = b"SYNTHETIC TWIN"
_ISSUER: Final = b"JPKI"  # in the organisation of every issuer, the test environment's included
_PUBLIC_TEXTS: Final = frozenset(
    {b"JP", b"JPKI", b"JPKI-TEST", b"JPKI for user authentication", b"JPKI for digital signature"}
)
_OID, _INTEGER, _BIT_STRING, _OCTET_STRING = 0x06, 0x02, 0x03, 0x04
_VERSION, _EXTENSIONS, _KEY_IDENTIFIER = 0xA0, 0xA3, 0x80
_BMP_STRING: Final = 0x1E
_KEPT_LENGTHS: Final = {0x01: 1, 0x05: 0, 0x0A: 1}  # BOOLEAN, NULL, ENUMERATED
_VERSION_LENGTH: Final = 3
_SHORTEST_MARK: Final = 4  # bytes of a serial number that no real one has by chance
_BINARY_TAGS: Final = frozenset({_INTEGER, _BIT_STRING, _OCTET_STRING})
_LAST_SECOND: Final = time(23, 59, 59)  # where every JPKI certificate ends, Japanese time
_TIME_FORMATS: Final = {13: "%y%m%d%H%M%SZ", 15: "%Y%m%d%H%M%SZ"}  # UTCTime, GeneralizedTime
_LARGEST: Final = 0x10000  # no EF of the card is larger (15 bits of offset in READ BINARY)
_DEPTH: Final = 12  # nesting in a certificate; what lies deeper is zeroed


def last_day_for(status: ValidityStatus, now: datetime) -> date:
    """The last day (in Japan) that stands for every last day in ``status`` at ``now``."""
    today = day_in_japan(now)
    if status is ValidityStatus.EXPIRED:
        return date(today.year - 1, 12, 31)
    if status is ValidityStatus.EXPIRING:
        year, month = divmod(today.year * 12 + today.month, 12)
        return date(year, month + 1, monthrange(year, month + 1)[1])
    return date(today.year + (5 if status is ValidityStatus.NOT_YET_VALID else 2), 12, 31)


def synthetic_day(last_day: date, now: datetime) -> date:
    """The day that takes the place of ``last_day``: the same state at ``now``, another day."""
    return last_day_for(status_of_last_day(last_day, now), now)


def twin_dates(
    not_before: datetime, not_after: datetime, now: datetime
) -> tuple[datetime, datetime]:
    """The interval (UTC) in the place of this one: the same state at ``now``, other days."""
    status = status_of_interval(not_before, not_after, now)
    end = datetime.combine(last_day_for(status, now), _LAST_SECOND, JST)
    first_year = (
        day_in_japan(now).year + 1 if status is ValidityStatus.NOT_YET_VALID else end.year - 5
    )
    begin = datetime(first_year, 1, 1, tzinfo=JST)
    return begin.astimezone(UTC), end.astimezone(UTC)


def is_marked_synthetic(data: bytes) -> bool:
    """Whether ``data`` begins as a twin does."""
    return _TWIN_MARK in _names_in(data)[0] or _has_twin_serial(data)


def is_synthetic(data: bytes) -> bool:
    """Whether ``data`` begins as a certificate that says of itself that it is nobody's."""
    return _MARK in _names_in(data)[0] or _has_twin_serial(data)


def _has_twin_serial(data: bytes) -> bool:
    """Whether the serial number is a twin's: the mark where no name has room for one."""
    try:
        serial = _serial_in(_padded(data)).value
    except MalformedTlvError:
        return False
    return len(serial) >= _SHORTEST_MARK and serial == _serial(len(serial))


def looks_issued(data: bytes) -> bool:
    """Whether ``data`` begins as a certificate that a real JPKI CA issued to somebody."""
    issuer, subject = _names_in(data)
    return _ISSUER in issuer and issuer != subject and not is_synthetic(data)


def _names_in(data: bytes) -> tuple[bytes, bytes]:
    """Issuer and subject of the certificate that begins with ``data``; empty where it is none."""
    try:
        whole = _padded(data)
        offset = tlv.read(whole, _serial_in(whole).end).end
        issuer = tlv.read(whole, offset)
        return issuer.value, tlv.read(whole, tlv.read(whole, issuer.end).end).value
    except MalformedTlvError:
        return b"", b""


def _padded(data: bytes) -> bytes:
    """The object at the front of ``data``, with zeros where its end is missing.

    Raises:
        MalformedTlvError: no object begins there, or one larger than any file.
    """
    total = der.total_length(data)
    if total > _LARGEST:
        raise MalformedTlvError("larger than a file of the card")
    return data[:total].ljust(total, b"\0")


def _serial_in(whole: bytes) -> tlv.Tlv:
    """The serial number of a certificate."""
    item = tlv.read(whole, tlv.read(whole, tlv.read(whole).offset).offset)
    if item.tag != _VERSION:
        return item
    if len(item.value) != _VERSION_LENGTH:
        raise MalformedTlvError("a version of another length than RFC 5280, 4.1 gives it")
    return tlv.read(whole, item.end)


def synthetic_of_prefix(data: bytes, now: datetime) -> bytes:
    """The twin of a certificate whose end is missing; behind the names come zeros."""
    try:
        buffer = bytearray(_padded(data))
        end = _replace_front(buffer, now)
    except (MalformedTlvError, MalformedCertificateError):
        return synthetic_of_malformed(data)
    return bytes(buffer[:end]).ljust(len(data), b"\0")[: len(data)]


def synthetic_of_malformed(data: bytes) -> bytes:
    """What takes the place of bytes that are no certificate: none either, of the same length."""
    if not data.strip(b"\0") or not data.strip(b"\xff"):
        return data
    try:
        der.total_length(data)
    except MalformedTlvError:
        return data[:2] + bytes(max(len(data) - 2, 0))
    return data[:4] + bytes(max(len(data) - 4, 0))


class SyntheticCa(Struct, frozen=True):
    """The twin of the CA on a card, with a key of its own that is never written down.

    Attributes:
        original: the CA as it was read; empty where none was.
        twin: its twin.
        key: the twin's key, or None where it is of a kind that cannot be made.
    """

    original: bytes
    twin: bytes
    key: PrivateKey | None

    @classmethod
    def of(cls, original: bytes, now: datetime) -> SyntheticCa:
        """The twin of the CA ``original``, with a new key.

        Raises:
            MalformedCertificateError: it is not a certificate.
        """
        summary = _parse(original)
        key = synthetic_key.new_key(summary.public_key_der)
        public = b"" if key is None else synthetic_key.public_bytes(key.public_key())
        own_key = judge_issuer(original, original).state is IssuerState.UNPINNED
        identifier = synthetic_key.identifier_of(public, len(summary.ski or b""))
        authority = synthetic_key.filler(len(summary.aki or b""), b"aki")
        if summary.aki == summary.ski:
            authority = identifier
        twin = _twin(summary.der, now, _Values(public, identifier, authority))
        return cls(summary.der, synthetic_key.signed(twin, key if own_key else None), key)

    def synthetic_of(self, original: bytes, now: datetime) -> bytes:
        """The twin of ``original``, standing to the twin CA as the original does to its CA.

        Raises:
            MalformedCertificateError: it is not a certificate.
        """
        summary = _parse(original)
        public = synthetic_key.deterministic_key(summary.public_key_der)
        state = judge_issuer(original, self.original).state
        authority = synthetic_key.filler(len(summary.aki or b""), b"aki")
        if state in {IssuerState.UNPINNED, IssuerState.SIGNATURE_INVALID}:
            authority = self._identifier(len(authority))
        identifier = synthetic_key.identifier_of(public, len(summary.ski or b""))
        twin = _twin(summary.der, now, _Values(public, identifier, authority))
        return synthetic_key.signed(twin, self.key if state is IssuerState.UNPINNED else None)

    def _identifier(self, length: int) -> bytes:
        """The key identifier of the twin CA, as a certificate of it says it."""
        summary = certificate.parse(self.twin)
        return summary.ski or synthetic_key.identifier_of(summary.public_key_der, length)


NO_CA: Final = SyntheticCa(b"", b"", None)
"""For cards whose CA was not read: the twin's signature is filler."""


def _parse(original: bytes) -> CertificateSummary:
    """What the certificate says.

    Raises:
        MalformedCertificateError: it is none, or holds something where an algorithm should be.
    """
    summary = certificate.parse(original)
    if not kept_parts.names_algorithm(summary.algorithm_der + summary.inner_algorithm_der):
        raise MalformedCertificateError("an AlgorithmIdentifier that holds something else")
    return summary


class _Values(Struct, frozen=True):
    """What goes into a twin: SubjectPublicKeyInfo (or empty), and both key identifiers."""

    public_key_der: bytes
    subject_key_id: bytes
    authority_key_id: bytes


def _twin(original: bytes, now: datetime, values: _Values) -> bytes:
    """``original`` with everything replaced but the signature."""
    buffer = bytearray(original)
    try:
        offset = _replace_front(buffer, now)
    except MalformedTlvError as error:
        raise MalformedCertificateError(f"not a certificate: {error}") from None
    key = tlv.read(original, offset)
    if len(values.public_key_der) == key.end - offset:
        buffer[offset : key.end] = values.public_key_der
    else:
        _scrub(buffer, key.offset, key.end)
    signed = tlv.read(original, tlv.read(original).offset)
    for item in tlv.walk(original[: signed.end], key.end):
        if item.tag != _EXTENSIONS or not _replace_extensions(buffer, item, values):
            buffer[item.offset : item.end] = bytes(len(item.value))
    return bytes(buffer)


def _replace_front(buffer: bytearray, now: datetime) -> int:
    """Replaces serial number, issuer, validity and subject; the offset behind them.

    Raises:
        MalformedTlvError: the bytes end before the validity does, or are no certificate.
        MalformedCertificateError: the validity is none.
    """
    original = bytes(buffer)
    dates = twin_dates(*der.validity_of(original), now)
    serial = _serial_in(original)
    buffer[serial.offset : serial.end] = _serial(len(serial.value))
    algorithm = tlv.read(original, serial.end)
    if not kept_parts.names_algorithm(original[serial.end : algorithm.end]):
        raise MalformedTlvError("an AlgorithmIdentifier that holds something else")
    issuer = tlv.read(original, algorithm.end)
    _scrub(buffer, issuer.offset, issuer.end)
    _mark(buffer, issuer.offset, issuer.end)
    validity = tlv.read(original, issuer.end)
    for instant, item in zip(
        dates, tlv.walk(original[: validity.end], validity.offset), strict=True
    ):
        buffer[item.offset : item.end] = instant.strftime(_TIME_FORMATS[len(item.value)]).encode()
    subject = tlv.read(original, validity.end)
    _scrub(buffer, subject.offset, subject.end)
    _mark(buffer, subject.offset, subject.end)
    return subject.end


def _mark(buffer: bytearray, start: int, end: int) -> None:
    """Puts the mark into a name of public texts alone, where one of them has room for it."""
    if _TWIN_MARK in buffer[start:end]:
        return
    for text in sorted(_PUBLIC_TEXTS, key=len, reverse=True):
        place = buffer.find(text, start, end)
        if place >= 0 and len(text) >= len(_TWIN_MARK):
            buffer[place : place + len(text)] = (_TWIN_MARK + b" " + _TWIN_MARK * 2)[: len(text)]
            return


def _replace_extensions(buffer: bytearray, extensions: tlv.Tlv, values: _Values) -> bool:
    """Replaces what extensions say, but for those that say nothing of a person.

    Returns:
        False where they cannot be read; some may have been replaced by then.
    """
    original = bytes(buffer)
    try:
        inner = tlv.read(original, extensions.offset)
        for extension in tlv.walk(original[: inner.end], inner.offset):
            oid, *_, content = tlv.walk(original[: extension.end], extension.offset)
            if oid.tag != _OID:
                return False
            if content.tag != _OCTET_STRING or not kept_parts.says_no_name(
                oid.value, content.value
            ):
                _replace_extension(buffer, oid.value, content, values)
    except (MalformedTlvError, ValueError):  # ValueError: an extension without a value
        return False
    return True


def _replace_extension(buffer: bytearray, oid: bytes, content: tlv.Tlv, values: _Values) -> None:
    outer = tlv.read(bytes(buffer), content.offset)
    _scrub(buffer, content.offset, content.end)
    if oid == SUBJECT_KEY_ID:
        _replace_identifier(buffer, content, _OCTET_STRING, values.subject_key_id)
    elif oid == AUTHORITY_KEY_ID:
        _replace_identifier(buffer, outer, _KEY_IDENTIFIER, values.authority_key_id)


def _replace_identifier(buffer: bytearray, outer: tlv.Tlv, tag: int, identifier: bytes) -> None:
    """Puts ``identifier`` into the object with ``tag`` inside ``outer``, where it fits."""
    for item in tlv.walk(bytes(buffer[: outer.end]), outer.offset):
        if item.tag == tag and len(item.value) == len(identifier):
            buffer[item.offset : item.end] = identifier


def _scrub(buffer: bytearray, start: int, end: int, depth: int = _DEPTH) -> None:
    """Replaces all values between ``start`` and ``end``, nested ones included."""
    try:
        items = list(tlv.walk(bytes(buffer[:end]), start)) if depth else None
    except MalformedTlvError:
        items = None
    if items is None:
        buffer[start:end] = bytes(end - start)
        return
    for item in items:
        if item.constructed:
            _scrub(buffer, item.offset, item.end, depth - 1)
        elif not _is_harmless(item):
            buffer[item.offset : item.end] = _value_for(item)


def _is_harmless(item: tlv.Tlv) -> bool:
    """Whether a primitive value may stay; a tag alone may be a bit error in front of a name."""
    if item.tag == _OID:
        return kept_parts.is_known_oid(item.value)
    return item.value in _PUBLIC_TEXTS or _KEPT_LENGTHS.get(item.tag) == len(item.value)


def _value_for(item: tlv.Tlv) -> bytes:
    """What takes the place of a primitive value."""
    length = len(item.value)
    if item.tag == _INTEGER:
        return _serial(length)
    if item.tag == _OID:
        return b"\x01" * length
    if item.tag == _BIT_STRING:
        return item.value[:1] + synthetic_key.filler(max(length - 1, 0))
    if item.tag in _BINARY_TAGS:
        return synthetic_key.filler(length)
    text = (_TWIN_MARK.decode() + " ").encode("utf-16-be" if item.tag == _BMP_STRING else "ascii")
    return (text * (length // len(text) + 1))[:length]


def _serial(length: int) -> bytes:
    """A positive INTEGER of ``length`` bytes in its shortest form."""
    return (b"\x5a" + synthetic_key.filler(max(length - 1, 0), b"serial"))[:length]
