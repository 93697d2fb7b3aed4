# SPDX-License-Identifier: Apache-2.0
"""Keys, key identifiers and signatures for synthetic twins of certificates.

What belongs here: what needs the cryptography package, imported late. What does not: the structure
of a certificate (``synthetic_certificate``). The key of a twin CA is made at run time and never
written down; that of a twin's holder comes from a hash function, so nobody has its private half.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from cardcheck.iso7816 import tlv

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import (
        EllipticCurvePrivateKey,
        EllipticCurvePublicKey,
    )
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

    PrivateKey = RSAPrivateKey | EllipticCurvePrivateKey
    PublicKey = RSAPublicKey | EllipticCurvePublicKey


_SIGNING_ATTEMPTS: Final = 400  # the length of an ECDSA signature varies by a few bytes


def filler(length: int, salt: bytes = b"") -> bytes:
    """``length`` bytes that look like nothing and are the same every time."""
    return hashlib.shake_256(b"cardcheck synthetic" + salt).digest(length)


def identifier_of(public_key_der: bytes, length: int) -> bytes:
    """SHA-1 of the key's bits (RFC 5280, 4.2.1.2, method 1); filler for another length."""
    if length != hashlib.sha1(usedforsecurity=False).digest_size or not public_key_der:
        return filler(length, b"ski")
    *_, bits = tlv.walk(tlv.read(public_key_der).value)
    return hashlib.sha1(bits.value[1:], usedforsecurity=False).digest()


def _load_key(public_key_der: bytes) -> PublicKey | None:
    """The public key, or None where it is of a kind that a twin cannot have."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    try:
        key = load_der_public_key(public_key_der)
    except (ValueError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, (rsa.RSAPublicKey, ec.EllipticCurvePublicKey)) else None


def new_key(public_key_der: bytes) -> PrivateKey | None:
    """A new private key of the same kind and size."""
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    old = _load_key(public_key_der)
    if old is None:
        return None
    if isinstance(old, ec.EllipticCurvePublicKey):
        return ec.generate_private_key(old.curve)
    exponent = old.public_numbers().e
    return rsa.generate_private_key(exponent, old.key_size) if exponent in {3, 65537} else None


def deterministic_key(public_key_der: bytes) -> bytes:
    """SubjectPublicKeyInfo of a key of the same kind that nobody holds; empty: no such kind."""
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    old = _load_key(public_key_der)
    if old is None:
        return b""
    if isinstance(old, ec.EllipticCurvePublicKey):
        scalar = int.from_bytes(filler(old.curve.key_size // 8 - 1, b"ec"), "big")
        return public_bytes(ec.derive_private_key(scalar, old.curve).public_key())
    size = old.key_size
    modulus = (
        int.from_bytes(filler((size + 7) // 8, b"rsa"), "big") % (1 << size) | 1 << (size - 1) | 1
    )
    return public_bytes(rsa.RSAPublicNumbers(old.public_numbers().e, modulus).public_key())


def public_bytes(key: PublicKey) -> bytes:
    """SubjectPublicKeyInfo of ``key``, DER."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def signed(twin: bytes, key: PrivateKey | None) -> bytes:
    """``twin`` signed anew; with filler for a signature where ``key`` cannot make one."""
    outer = tlv.read(twin)
    content, _, bits = tlv.walk(twin[: outer.end], outer.offset)
    length = len(bits.value) - 1
    signature = _signature(twin, twin[outer.offset : content.end], key, length)
    return twin[: bits.offset + 1] + (signature or filler(length, b"signature")) + twin[bits.end :]


def _signature(twin: bytes, content: bytes, key: PrivateKey | None, length: int) -> bytes | None:
    """A signature of ``length`` bytes by the algorithm that the certificate names, or None."""
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

    if key is None:
        return None
    try:
        loaded = x509.load_der_x509_certificate(twin)
        parameters, algorithm = (
            loaded.signature_algorithm_parameters,
            loaded.signature_hash_algorithm,
        )
    except (ValueError, UnsupportedAlgorithm):
        return None
    for _ in range(_SIGNING_ATTEMPTS):
        signature = b""
        if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(parameters, ec.ECDSA):
            signature = key.sign(content, parameters)
        elif (
            isinstance(key, rsa.RSAPrivateKey)
            and algorithm
            and not isinstance(parameters, ec.ECDSA)
        ):
            signature = key.sign(content, parameters or padding.PKCS1v15(), algorithm)
        if len(signature) == length:
            return signature
    return None
