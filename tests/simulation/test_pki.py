# SPDX-License-Identifier: Apache-2.0
"""Synthetic certificates have the shape, the dates and the flaws that were asked for."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from cardcheck.iso7816 import der
from cardcheck.simulation.pki import COMMON_NAME, Flaw, Purpose, Request, authority, end_entity

BEGIN, END = datetime(2025, 1, 2, 3, tzinfo=UTC), datetime(2029, 2, 17, 14, 59, 59, tzinfo=UTC)


def request(
    purpose: Purpose = Purpose.AUTHENTICATION,
    size: int = 1571,
    *,
    elliptic: bool = False,
    flaw: Flaw | None = None,
) -> Request:
    return Request(
        purpose=purpose, not_before=BEGIN, not_after=END, size=size, elliptic=elliptic, flaw=flaw
    )


@pytest.mark.parametrize("elliptic", [False, True])
@pytest.mark.parametrize(
    ("purpose", "size", "ca_size"),
    [(Purpose.AUTHENTICATION, 1571, 1319), (Purpose.SIGNATURE, 1742, 1304)],
)
def test_sizes_dates_and_issuers(
    purpose: Purpose, size: int, ca_size: int, *, elliptic: bool
) -> None:
    own = end_entity(request(purpose, size, elliptic=elliptic))
    ca = authority(request(purpose, ca_size, elliptic=elliptic))
    assert (len(own), len(ca)) == (size, ca_size)
    assert der.total_length(own[:6]) == size
    assert der.validity_of(own[:256]) == (BEGIN, END)
    leaf, issuer = x509.load_der_x509_certificate(own), x509.load_der_x509_certificate(ca)
    leaf.verify_directly_issued_by(issuer)
    issuer.verify_directly_issued_by(issuer)
    assert isinstance(leaf.public_key(), EllipticCurvePublicKey) is elliptic
    assert COMMON_NAME in leaf.subject.rfc4514_string()


@pytest.mark.parametrize("make", [end_entity, authority])
def test_nothing_in_it_can_be_taken_for_real(make: object) -> None:
    assert callable(make)
    certificate = x509.load_der_x509_certificate(make(request()))
    assert "O=JPKI-SYNTHETIC," in certificate.issuer.rfc4514_string() + ","
    assert "SYNTHETIC" in certificate.subject.rfc4514_string()


def test_the_two_authorities_have_two_names() -> None:
    names = {x509.load_der_x509_certificate(authority(request(p))).subject for p in Purpose}
    assert len(names) == 2


def test_only_the_signature_certificate_holds_details_of_the_holder() -> None:
    assert b"SYNTHETIC HOLDER NAME" not in end_entity(request())
    assert b"SYNTHETIC HOLDER NAME" in end_entity(request(Purpose.SIGNATURE, 1742))


def key_identifiers(flaw: Flaw | None) -> tuple[bytes | None, bytes]:
    """What the certificate names as its authority's key, and what the authority calls it."""
    leaf = x509.load_der_x509_certificate(end_entity(request(flaw=flaw)))
    ca = x509.load_der_x509_certificate(authority(request(size=1319)))
    own = ca.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    named = [
        extension.value.key_identifier
        for extension in leaf.extensions
        if isinstance(extension.value, x509.AuthorityKeyIdentifier)
    ]
    return (named or [None])[0], own


def test_flaws() -> None:
    named, own = key_identifiers(None)
    assert named == own
    assert key_identifiers(Flaw.NO_KEY_IDENTIFIER)[0] is None
    assert key_identifiers(Flaw.OTHER_AUTHORITY)[0] not in {None, own}
    assert key_identifiers(Flaw.BAD_SIGNATURE)[0] == own
    spoilt = x509.load_der_x509_certificate(end_entity(request(flaw=Flaw.BAD_SIGNATURE)))
    ca = x509.load_der_x509_certificate(authority(request(size=1319)))
    with pytest.raises(InvalidSignature):
        spoilt.verify_directly_issued_by(ca)


def test_a_size_that_is_too_small_is_refused() -> None:
    with pytest.raises(ValueError, match="too few"):
        end_entity(request(size=500))
