# SPDX-License-Identifier: Apache-2.0
"""Synthetic certificates with the shape of the real ones, and no real name or key.

What belongs here: making them. What does not: judging certificates (``cards.certificate``).

Every name says SYNTHETIC. The key of the authority is generated once a process, on first use, and
forgotten with it. The holder's RSA key has a modulus that is the output of a hash function:
nobody has its private key.

Profile: end-entity and CA certificates published in jpki/myna (``src/ta``), hnakamur's openssl
output of 2022, and the OIDs of jsrsasign-oid-jpki. Sizes: tex2e/blog (1571, 1742 bytes),
jpki/myna (1319, 1304 bytes).
"""

from __future__ import annotations

import functools
import hashlib
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import (
        EllipticCurvePrivateKey,
        EllipticCurvePublicKey,
    )
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

SERIAL: Final = 0x1CEB00DA5EC2E75A
COMMON_NAME: Final = "SYNTHETIC0000098765003A"
HOLDER_NAME: Final = "SYNTHETIC HOLDER NAME"
HOLDER_ADDRESS: Final = "SYNTHETIC HOLDER ADDRESS 1-2-3"
HOLDER_BIRTH: Final = "519790229"  # era 5 is out of use for births of that year: nobody's date
_CA_SERIAL: Final = 0x5EC2E7CA
# A UUID-based arc (ITU-T X.667) for bytes whose only purpose is the length of a certificate.
_PADDING_OID: Final = "2.25.178307330326388478625988293987992454427"
_JPKI_OIDS: Final = "1.2.392.200149.8.5"
_EXPONENT: Final = 65537
_ROUNDS: Final = 200  # an ECDSA signature changes its length by a byte or two each time


class Purpose(StrEnum):
    """Which of the two certificates of a holder."""

    AUTHENTICATION = "authentication"
    SIGNATURE = "signature"


class Flaw(StrEnum):
    """What is wrong with a certificate."""

    NO_KEY_IDENTIFIER = "no-key-identifier"
    OTHER_AUTHORITY = "other-authority"
    BAD_SIGNATURE = "bad-signature"


class Request(Struct, frozen=True, kw_only=True):
    """What certificate to make.

    Attributes:
        purpose: which of the two.
        not_before: first instant, UTC, whole seconds.
        not_after: last instant, UTC, whole seconds.
        size: length in bytes of the DER.
        elliptic: P-384 with SHA-384, as planned for the next card, instead of RSA-2048.
        flaw: what is wrong with it, or None.
    """

    purpose: Purpose = Purpose.AUTHENTICATION
    not_before: datetime
    not_after: datetime
    size: int
    elliptic: bool = False
    flaw: Flaw | None = None


@functools.lru_cache(maxsize=64)
def end_entity(request: Request) -> bytes:
    """A holder's certificate in DER, exactly ``request.size`` bytes.

    Raises:
        ValueError: the size is too small for what the certificate must hold.
    """
    der = _padded(functools.partial(_end_entity_builder, request), request)
    if request.flaw is Flaw.BAD_SIGNATURE:
        return der[:-1] + bytes((der[-1] ^ 1,))
    return der


@functools.lru_cache(maxsize=64)
def authority(request: Request) -> bytes:
    """The self-signed certificate of the synthetic authority for ``request.purpose``, in DER.

    Raises:
        ValueError: the size is too small for what the certificate must hold.
    """
    return _padded(functools.partial(_authority_builder, request), request)


def subject_key(der: bytes) -> bytes:
    """The public key of a certificate: the RSA modulus, or the x of an EC point."""
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    key = x509.load_der_x509_certificate(der).public_key()
    if isinstance(key, RSAPublicKey):
        value = key.public_numbers().n
    elif isinstance(key, EllipticCurvePublicKey):
        value = key.public_numbers().x
    else:
        raise TypeError(f"no synthetic certificate has a key of {type(key).__name__}")
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def _padded(builder: functools.partial[x509.CertificateBuilder], request: Request) -> bytes:
    """The signed certificate, with padding that makes it ``request.size`` bytes long."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.serialization import Encoding

    key = _authority_key(elliptic=request.elliptic)
    digest = hashes.SHA384() if request.elliptic else hashes.SHA256()
    base, filler = builder(), 0
    for _ in range(_ROUNDS):
        text = (b"SYNTHETIC " * (filler // 10 + 1))[:filler]
        padding = x509.UnrecognizedExtension(x509.ObjectIdentifier(_PADDING_OID), text)
        der = (
            base.add_extension(padding, critical=False).sign(key, digest).public_bytes(Encoding.DER)
        )
        if len(der) == request.size:
            return der
        filler += request.size - len(der)
        if filler < 0:
            raise ValueError(f"{request.size} bytes are too few: {len(der)} at the least")
    raise ValueError(f"no certificate of {request.size} bytes came about")


def _end_entity_builder(request: Request) -> x509.CertificateBuilder:
    from cryptography import x509

    key, flaw = _holder_key(elliptic=request.elliptic), request.flaw
    signing = request.purpose is Purpose.SIGNATURE
    policy = f"{_JPKI_OIDS}.1.1.20" if signing else f"{_JPKI_OIDS}.1.3.30"
    builder = _builder(request, _holder_name(signing=signing), SERIAL + signing, key)
    builder = builder.add_extension(_key_usage(content_commitment=signing), critical=True)
    builder = builder.add_extension(
        x509.CertificatePolicies(
            [
                x509.PolicyInformation(
                    x509.ObjectIdentifier(policy), ["http://synthetic.invalid/cps.html"]
                )
            ]
        ),
        critical=True,
    )
    service = x509.DirectoryName(_name(organization="SYNTHETIC certification service"))
    builder = builder.add_extension(x509.IssuerAlternativeName([service]), critical=False)
    if signing:
        builder = builder.add_extension(_holder_details(), critical=False)
    builder = builder.add_extension(
        _distribution_point(
            _name(
                "JPKI-SYNTHETIC",
                _unit(request.purpose),
                "CRL Distribution Points",
                "SYNTHETIC-CITY CRLDP",
            )
        ),
        critical=False,
    )
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    if flaw is Flaw.NO_KEY_IDENTIFIER:
        return builder
    identifier = _key_identifier(elliptic=request.elliptic)
    if flaw is Flaw.OTHER_AUTHORITY:
        identifier = hashlib.shake_256(b"another authority").digest(len(identifier))
    return builder.add_extension(
        x509.AuthorityKeyIdentifier(identifier, None, None), critical=False
    )


def _authority_builder(request: Request) -> x509.CertificateBuilder:
    from cryptography import x509

    key = _authority_key(elliptic=request.elliptic).public_key()
    own_name = _issuer(request.purpose)
    signing = request.purpose is Purpose.SIGNATURE
    builder = _builder(request, own_name, _CA_SERIAL + signing, key)
    builder = builder.add_extension(_key_usage(certificate_signing=True), critical=True)
    service = x509.DirectoryName(_name(organization="SYNTHETIC certification service"))
    builder = builder.add_extension(x509.SubjectAlternativeName([service]), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    builder = builder.add_extension(_distribution_point(own_name), critical=False)
    identifier = x509.SubjectKeyIdentifier(_key_identifier(elliptic=request.elliptic))
    return builder.add_extension(identifier, critical=False)


def _builder(
    request: Request, subject: x509.Name, serial: int, key: RSAPublicKey | EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    """Everything but the extensions."""
    from cryptography import x509

    return (
        x509.CertificateBuilder()
        .issuer_name(_issuer(request.purpose))
        .subject_name(subject)
        .serial_number(serial)
        .not_valid_before(request.not_before)
        .not_valid_after(request.not_after)
        .public_key(key)
    )


def _unit(purpose: Purpose) -> str:
    """The unit that the real names have as well: it tells the two authorities apart."""
    return (
        "JPKI for digital signature"
        if purpose is Purpose.SIGNATURE
        else "JPKI for user authentication"
    )


def _issuer(purpose: Purpose) -> x509.Name:
    return _name("JPKI-SYNTHETIC", _unit(purpose), "SYNTHETIC, of no agency, for tests only")


def _holder_name(*, signing: bool) -> x509.Name:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    places = ["SYNTHETIC-KEN", "SYNTHETIC-SHI"] if signing else []
    parts = [x509.NameAttribute(NameOID.LOCALITY_NAME, place) for place in places]
    common = x509.NameAttribute(NameOID.COMMON_NAME, COMMON_NAME)
    return x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"), *parts, common])


def _name(organization: str, *units: str) -> x509.Name:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    attributes = [x509.NameAttribute(NameOID.COUNTRY_NAME, "JP")]
    attributes.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization))
    attributes += [x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit) for unit in units]
    return x509.Name(attributes)


def _distribution_point(name: x509.Name) -> x509.CRLDistributionPoints:
    from cryptography import x509

    return x509.CRLDistributionPoints(
        [x509.DistributionPoint([x509.DirectoryName(name)], None, None, None)]
    )


def _key_usage(
    *, content_commitment: bool = False, certificate_signing: bool = False
) -> x509.KeyUsage:
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=not certificate_signing,
        content_commitment=content_commitment,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certificate_signing,
        crl_sign=certificate_signing,
        encipher_only=False,
        decipher_only=False,
    )


def _holder_details() -> x509.SubjectAlternativeName:
    """Name, birth and address as the signature certificate holds them: UTF8Strings in otherName."""
    from cryptography import x509

    details = {"1": HOLDER_NAME, "4": HOLDER_BIRTH, "3": "1", "5": HOLDER_ADDRESS}
    return x509.SubjectAlternativeName(
        [
            x509.OtherName(
                x509.ObjectIdentifier(f"{_JPKI_OIDS}.5.{part}"),
                b"\x0c" + bytes((len(text),)) + text.encode("ascii"),
            )
            for part, text in details.items()
        ]
    )


def _key_identifier(*, elliptic: bool) -> bytes:
    """The key identifier of the authority, 20 bytes (RFC 5280, 4.2.1.2, method 1)."""
    from cryptography import x509

    return x509.SubjectKeyIdentifier.from_public_key(
        _authority_key(elliptic=elliptic).public_key()
    ).digest


@functools.cache
def _authority_key(*, elliptic: bool) -> RSAPrivateKey | EllipticCurvePrivateKey:
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    if elliptic:
        return ec.generate_private_key(ec.SECP384R1())
    return rsa.generate_private_key(public_exponent=_EXPONENT, key_size=2048)


@functools.cache
def _holder_key(*, elliptic: bool) -> RSAPublicKey | EllipticCurvePublicKey:
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    if elliptic:
        return ec.generate_private_key(ec.SECP384R1()).public_key()
    digest = hashlib.shake_256(b"cardcheck synthetic holder").digest(256)
    modulus = int.from_bytes(digest, "big") | 1 << 2047 | 1
    return rsa.RSAPublicNumbers(_EXPONENT, modulus).public_key()
