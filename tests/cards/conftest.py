# SPDX-License-Identifier: Apache-2.0
"""Synthetic certificates for the tests of ``cards``; every name and number in them is made up."""

from __future__ import annotations

import functools
import warnings
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from collections.abc import Callable


@functools.cache
def _key_named(name: str) -> Any:  # noqa: ANN401
    """One key for each name; the word before the hyphen says of which kind."""
    makers: dict[str, Callable[[], Any]] = {
        "rsa": lambda: rsa.generate_private_key(65537, 2048),
        "p256": lambda: ec.generate_private_key(ec.SECP256R1()),
        "p384": lambda: ec.generate_private_key(ec.SECP384R1()),
        "ed25519": ed25519.Ed25519PrivateKey.generate,
        "ed448": ed448.Ed448PrivateKey.generate,
    }
    return makers[name.partition("-")[0]]()


def _name_of(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _issue(
    key: str,
    by: str,
    *,
    subject: str = "Example holder",
    issuer: str = "Example CA",
    ski: bool = True,
    aki: bool = True,
    serial: int = 0x1234,
    not_after: datetime = datetime(2030, 2, 17, 14, 59, 59, tzinfo=UTC),
    pss: bool = False,
) -> bytes:
    """The certificate (DER) of the key named ``key``, signed with the key named ``by``."""
    public, signer = _key_named(key).public_key(), _key_named(by)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name_of(subject))
        .issuer_name(_name_of(issuer))
        .public_key(public)
        .serial_number(serial)
        .not_valid_before(datetime(2025, 10, 27, 1, 2, 3, tzinfo=UTC))
        .not_valid_after(not_after)
        .add_extension(x509.BasicConstraints(ca=key == by, path_length=None), critical=True)
    )
    if ski:
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(public), False)
    if aki:
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
        builder = builder.add_extension(identifier, False)
    edwards = by.startswith("ed")
    scheme = padding.PSS(padding.MGF1(hashes.SHA384()), 48) if pss else None
    algorithm = hashes.SHA384() if pss else hashes.SHA256()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = builder.sign(signer, None if edwards else algorithm, rsa_padding=scheme)
    return made.public_bytes(Encoding.DER)


@pytest.fixture(scope="session")
def issue() -> Callable[..., bytes]:
    """Makes certificates; see ``_issue``."""
    return functools.cache(_issue)
