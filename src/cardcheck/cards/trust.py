# SPDX-License-Identifier: Apache-2.0
"""Who signed a certificate: which CA fits it, and whether that CA's key verifies it.

What belongs here: the judgement on the issuer, as the contract words it. What does not: which CAs
are known (``catalog.authorities``) and where they are remembered (``host.ca_cache``).

All generations of a JPKI CA share one name, so a CA is found by its key identifier and proven by
the signature; names count only where a certificate has no authority key identifier.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import warnings
from enum import Enum, StrEnum, auto
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from cardcheck.cards import certificate
from cardcheck.errors import InputError, MalformedCertificateError, MalformedTlvError
from cardcheck.iso7816 import tlv
from cardcheck.iso7816.hexview import hex_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.hashes import HashAlgorithm

    from cardcheck.cards.certificate import CertificateSummary

_PEM_BEGIN: Final = b"-----BEGIN CERTIFICATE-----"
_PEM_BLOCK: Final = re.compile(_PEM_BEGIN + rb"(.*?)-----END CERTIFICATE-----", re.DOTALL)
_RSA_PREFIX: Final = bytes.fromhex("2A864886F70D0101")  # pkcs-1, RFC 8017, appendix C
_RSA_PSS: Final = _RSA_PREFIX + b"\x0a"
_RSA_HASHES: Final = {
    _RSA_PREFIX + b"\x0b": "SHA256",
    _RSA_PREFIX + b"\x0c": "SHA384",
    _RSA_PREFIX + b"\x0d": "SHA512",
}
_ECDSA_PREFIX: Final = bytes.fromhex("2A8648CE3D0403")  # ecdsa-with-SHA2, RFC 5758, 3.2
_ECDSA_HASHES: Final = {
    _ECDSA_PREFIX + b"\x02": "SHA256",
    _ECDSA_PREFIX + b"\x03": "SHA384",
    _ECDSA_PREFIX + b"\x04": "SHA512",
}
_EDWARDS: Final = {bytes.fromhex("2B6570"), bytes.fromhex("2B6571")}  # Ed25519, Ed448: RFC 8410, 3


class _Proof(Enum):
    """What a CA's key says of a signature; UNDECIDED: an algorithm or key that we cannot use."""

    HOLDS = auto()
    FAILS = auto()
    UNDECIDED = auto()


class IssuerState(StrEnum):
    """What is known of the issuer; values of the contract."""

    GENUINE = "genuine"
    TRUST_ANCHOR = "trust-anchor"
    UNPINNED = "unpinned"
    UNKNOWN_AUTHORITY = "unknown-authority"
    SIGNATURE_INVALID = "signature-invalid"
    NOT_CHECKED = "not-checked"


class IssuerJudgement(Struct, frozen=True):
    """What is known of the issuer of one certificate.

    Attributes:
        state: the judgement.
        ca_der: the CA whose key verified the certificate, or None.
        ca_fingerprint: SHA-256 of that CA, upper-case hexadecimal, or None.
    """

    state: IssuerState
    ca_der: bytes | None = None
    ca_fingerprint: str | None = None

    def __repr__(self) -> str:
        """The judgement and the fingerprint."""
        return f"IssuerJudgement({self.state!r}, {self.ca_fingerprint!r})"


def fingerprint_of(ca_der: bytes) -> str:
    """SHA-256 of a certificate, upper-case hexadecimal: what ``catalog.authorities`` pins."""
    return hex_of(hashlib.sha256(ca_der).digest())


def judge_issuer(
    certificate_der: bytes,
    card_ca_der: bytes | None,
    anchors: Sequence[bytes] = (),
    remembered: Sequence[bytes] = (),
    pinned: Collection[str] = (),
) -> IssuerJudgement:
    """Who signed ``certificate_der``, by the first of genuine, trust-anchor, unpinned that holds.

    Args:
        certificate_der: the certificate, filler behind it allowed.
        card_ca_der: the card's CA file; empty where it has none, None where it was not read.
        anchors: CAs that the user trusts by option.
        remembered: CAs of earlier runs; those without a pinned fingerprint count for nothing.
        pinned: fingerprints, as ``fingerprint_of`` makes them.

    Returns:
        ``not-checked`` also where the certificate cannot be read, where its algorithm is one that
        we cannot verify, and where no CA fits as long as the card's own was not read.
    """
    try:
        summary = certificate.parse(certificate_der)
    except MalformedCertificateError:
        return IssuerJudgement(IssuerState.NOT_CHECKED)
    found = set()
    for state, ca in _known_cas(card_ca_der or b"", anchors, remembered, pinned):
        if not _fits(summary, ca):
            continue
        proof = _proof_of(summary, ca.public_key_der)
        if proof is _Proof.HOLDS:
            return IssuerJudgement(state, ca.der, fingerprint_of(ca.der))
        found.add(proof)
    if _Proof.UNDECIDED in found:
        return IssuerJudgement(IssuerState.NOT_CHECKED)
    unread = card_ca_der is None
    only_named = summary.aki is None  # then every generation fits, and the right one may be unread
    if _Proof.FAILS in found and not (unread and only_named):
        return IssuerJudgement(IssuerState.SIGNATURE_INVALID)
    return IssuerJudgement(IssuerState.NOT_CHECKED if unread else IssuerState.UNKNOWN_AUTHORITY)


def needed_ca(certificate_der: bytes, remembered: Sequence[bytes]) -> bytes | None:
    """The remembered CA that verifies ``certificate_der``: with one, the card's need not be read.

    Returns:
        Its DER, or None where no remembered CA does, or the certificate cannot be read.
    """
    pinned = {fingerprint_of(ca_der) for ca_der in remembered}
    return judge_issuer(certificate_der, None, (), remembered, pinned).ca_der


def anchors_from_pem(text: bytes) -> list[bytes]:
    """The certificates (DER) of a PEM file (RFC 7468); line ends and text between do not matter.

    Raises:
        InputError: no certificate in it, or one that cannot be read.
    """
    anchors = [_anchor_of(block) for block in _PEM_BLOCK.findall(text)]
    if not anchors or len(anchors) != text.count(_PEM_BEGIN):
        raise InputError("not a PEM file: every BEGIN CERTIFICATE needs its END CERTIFICATE")
    return anchors


def warm_up() -> None:
    """Loads what ``judge_issuer`` will need, at a time when a card is being read."""
    from cryptography import x509  # noqa: F401
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: F401
    from cryptography.hazmat.primitives.asymmetric import padding, rsa  # noqa: F401


def _anchor_of(block: bytes) -> bytes:
    try:
        return certificate.parse(base64.b64decode(b"".join(block.split()), validate=True)).der
    except (binascii.Error, MalformedCertificateError):
        raise InputError("a certificate in the PEM file cannot be read") from None


def _known_cas(
    card_ca_der: bytes,
    anchors: Iterable[bytes],
    remembered: Iterable[bytes],
    pinned: Collection[str],
) -> Iterator[tuple[IssuerState, CertificateSummary]]:
    """The CAs at hand, with what its proof would mean, the best meaning first."""
    from_card, by_option = list(_readable([card_ca_der])), list(_readable(anchors))
    everything = [*_readable(remembered), *from_card, *by_option]
    yield from ((IssuerState.GENUINE, ca) for ca in everything if fingerprint_of(ca.der) in pinned)
    yield from ((IssuerState.TRUST_ANCHOR, ca) for ca in by_option)
    yield from ((IssuerState.UNPINNED, ca) for ca in from_card)


def _readable(candidates: Iterable[bytes]) -> Iterator[CertificateSummary]:
    for candidate in candidates:
        try:
            yield certificate.parse(candidate)
        except MalformedCertificateError:
            continue


def _fits(summary: CertificateSummary, ca: CertificateSummary) -> bool:
    """Whether ``ca`` may have signed: by key identifier, or by name where there is none."""
    if summary.aki is None:
        return summary.issuer_der == ca.subject_der
    return summary.aki == (ca.ski or _key_identifier_of(ca.public_key_der))


def _key_identifier_of(public_key_der: bytes) -> bytes | None:
    """The identifier of a key whose CA states none: SHA-1 of its bits (RFC 5280, 4.2.1.2, (1))."""
    try:
        _, key_bits = tlv.walk(tlv.read(public_key_der).value)
    except (MalformedTlvError, ValueError):
        return None
    return hashlib.sha1(key_bits.value[1:], usedforsecurity=False).digest()


def _proof_of(summary: CertificateSummary, public_key_der: bytes) -> _Proof:
    """Whether the key verifies the signature of ``summary``."""
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    if summary.inner_algorithm_der != summary.algorithm_der:  # RFC 5280, 4.1.1.2
        return _Proof.FAILS
    try:
        _verify(summary, public_key_der)
    except InvalidSignature:
        return _Proof.FAILS
    except (UnsupportedAlgorithm, MalformedTlvError, ValueError):
        return _Proof.UNDECIDED
    return _Proof.HOLDS


def _verify(summary: CertificateSummary, public_key_der: bytes) -> None:
    """Returns where the signature holds.

    Raises:
        InvalidSignature: it does not.
        UnsupportedAlgorithm, MalformedTlvError, ValueError: it could not be decided.
    """
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    key = load_der_public_key(public_key_der)
    algorithm = tlv.read(tlv.read(summary.algorithm_der).value).value
    content = summary.signature, summary.signed_der
    if isinstance(key, rsa.RSAPublicKey) and algorithm in _RSA_HASHES:
        key.verify(*content, padding.PKCS1v15(), _hash_named(_RSA_HASHES[algorithm]))
    elif isinstance(key, rsa.RSAPublicKey) and algorithm == _RSA_PSS:
        _verify_pss(summary, key)
    elif isinstance(key, ec.EllipticCurvePublicKey) and algorithm in _ECDSA_HASHES:
        key.verify(*content, ec.ECDSA(_hash_named(_ECDSA_HASHES[algorithm])))
    elif isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey) and algorithm in _EDWARDS:
        key.verify(*content)
    elif algorithm in {*_RSA_HASHES, _RSA_PSS, *_ECDSA_HASHES, *_EDWARDS}:
        raise InvalidSignature  # made with another kind of key
    else:
        raise UnsupportedAlgorithm("not an algorithm that we know")


def _verify_pss(summary: CertificateSummary, key: RSAPublicKey) -> None:
    """Like ``_verify``; the many parameters of PSS are left to the cryptography package to read."""
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.padding import PSS

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of odd serial numbers and versions
        loaded = x509.load_der_x509_certificate(summary.der)
    parameters, algorithm = loaded.signature_algorithm_parameters, loaded.signature_hash_algorithm
    assert isinstance(parameters, PSS)
    assert algorithm is not None  # PSS has one
    key.verify(summary.signature, summary.signed_der, parameters, algorithm)


def _hash_named(name: str) -> HashAlgorithm:
    from cryptography.hazmat.primitives import hashes

    algorithms: dict[str, HashAlgorithm] = {
        "SHA256": hashes.SHA256(),
        "SHA384": hashes.SHA384(),
        "SHA512": hashes.SHA512(),
    }
    return algorithms[name]
