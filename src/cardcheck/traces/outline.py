# SPDX-License-Identifier: Apache-2.0
"""What is in the bytes of a file, in a few lines: a certificate, TLV, text, or bytes.

What belongs here: short technical lines. Of a certificate they name kinds, sizes and years, never
names, serial numbers or days.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cardcheck.cards import certificate
from cardcheck.cards.redaction import synthetic_certificate
from cardcheck.errors import MalformedCertificateError, MalformedTlvError
from cardcheck.iso7816 import tlv
from cardcheck.iso7816.hexview import hex_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cardcheck.cards.certificate import CertificateSummary

_MOST_LINES: Final = 24
_DEEPEST: Final = 6
_SHOWN: Final = 24  # bytes of a value
_ALGORITHMS: Final = {
    bytes.fromhex("2A864886F70D010101"): "RSA",
    bytes.fromhex("2A8648CE3D0201"): "EC",
    bytes.fromhex("2A864886F70D01010B"): "sha256WithRSAEncryption",
    bytes.fromhex("2A864886F70D01010C"): "sha384WithRSAEncryption",
    bytes.fromhex("2A864886F70D01010D"): "sha512WithRSAEncryption",
    bytes.fromhex("2A8648CE3D040302"): "ecdsa-with-SHA256",
    bytes.fromhex("2A8648CE3D040303"): "ecdsa-with-SHA384",
}


def outline(data: bytes) -> list[str]:
    """At most 25 lines on what ``data`` is."""
    try:
        return certificate_lines(certificate.parse(data))
    except MalformedCertificateError:
        pass
    lines = list(_tlv_lines(data, 0)) if _is_tlv(data) else []
    if lines:
        more = ["…"] if len(lines) > _MOST_LINES else []
        return lines[:_MOST_LINES] + more
    return [shown(data)]


def certificate_lines(summary: CertificateSummary) -> list[str]:
    """What a certificate is, without whose."""
    years = f"{summary.not_before.year} to {summary.not_after.year}"
    identifiers = [name for name in ("ski", "aki") if getattr(summary, name) is not None]
    kind = "self-issued" if summary.issuer_der == summary.subject_der else "issued"
    made = "synthetic" if synthetic_certificate.is_synthetic(summary.der) else "NOT synthetic"
    return [
        f"X.509 certificate, {len(summary.der)} bytes, {kind}, {made}",
        f"key: {_algorithm_in(summary.public_key_der, 2)}, {len(summary.public_key_der)} bytes",
        f"signature: {_algorithm_in(summary.algorithm_der, 1)}, {len(summary.signature)} bytes",
        f"valid: {years}; key identifiers: {' '.join(identifiers) or 'none'}",
    ]


def _algorithm_in(data: bytes, depth: int) -> str:
    """The algorithm whose OID is the first thing so many SEQUENCEs deep."""
    try:
        for _ in range(depth):
            data = tlv.read(data).value
        oid = tlv.read(data).value
    except MalformedTlvError:
        return "?"
    return _ALGORITHMS.get(oid, hex_of(oid[:_SHOWN]))


def _is_tlv(data: bytes) -> bool:
    """Whether all of ``data`` is TLV, and it begins with a constructed object."""
    try:
        items = list(tlv.walk(data))
    except MalformedTlvError:
        return False
    return bool(items) and items[0].constructed


def _tlv_lines(data: bytes, depth: int) -> Iterator[str]:
    for item in tlv.walk(data):
        indent = "  " * depth
        inside = item.constructed and depth < _DEEPEST and _holds_tlv(item.value)
        value = "" if inside else f" {shown(item.value)}"
        yield f"{indent}{item.tag:02X} ({len(item.value)}){value}"
        if inside:
            yield from _tlv_lines(item.value, depth + 1)


def _holds_tlv(data: bytes) -> bool:
    try:
        return bool(list(tlv.walk(data)))
    except MalformedTlvError:
        return False


def shown(data: bytes) -> str:
    """Bytes as a line shows them: text in quotation marks where all of it is printable ASCII."""
    if not data.strip(data[:1] or b"\0"):
        return f"{len(data)} x {data[:1].hex().upper()}" if data else "nothing"
    text = data.rstrip(b" \0")
    if all(0x20 <= byte < 0x7F for byte in text) and len(text) > 3:
        cut = "…" if len(text) > 2 * _SHOWN else ""
        return f'"{text[: 2 * _SHOWN].decode("ascii")}"{cut}'
    return hex_of(data[:_SHOWN]) + ("…" if len(data) > _SHOWN else "")
