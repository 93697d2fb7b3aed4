# SPDX-License-Identifier: Apache-2.0
"""Any bytes are a certificate or MalformedCertificateError; cryptography reads the same."""

from __future__ import annotations

import contextlib
import hashlib
import random
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cardcheck.cards import certificate
from cardcheck.errors import MalformedCertificateError

if TYPE_CHECKING:
    from collections.abc import Callable

KEYS = ["rsa-holder", "p256-holder", "p384-holder", "ed25519-holder", "ed448-holder"]
KEY_IDENTIFIER = bytes.fromhex("0603551D0E")  # the OID that begins the extension

few = settings(
    max_examples=200,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="session")
def leaf(issue: Callable[..., bytes]) -> bytes:
    return issue("rsa-holder", "rsa-ca")


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("serial", [1, 0x80, 2**159 - 1])
def test_agrees_with_cryptography(issue: Callable[..., bytes], key: str, serial: int) -> None:
    der = issue(key, "rsa-ca", serial=serial)
    ours, theirs = certificate.parse(der), x509.load_der_x509_certificate(der)
    assert ours.not_before == theirs.not_valid_before_utc
    assert ours.not_after == theirs.not_valid_after_utc
    assert ours.serial == theirs.serial_number
    assert ours.issuer_der == theirs.issuer.public_bytes()
    assert ours.subject_der == theirs.subject.public_bytes()
    spki = theirs.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert ours.public_key_der == spki
    extensions = theirs.extensions
    assert ours.ski == extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    authority = extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    assert ours.aki == authority.key_identifier
    assert ours.signed_der == theirs.tbs_certificate_bytes
    assert ours.signature == theirs.signature
    assert ours.der == der


@pytest.mark.parametrize("filler", [b"", bytes(596), b"\xff" * 300, b"\x30\x82"])
def test_filler_behind_the_certificate_is_left_alone(leaf: bytes, filler: bytes) -> None:
    assert certificate.parse(leaf + filler) == certificate.parse(leaf)


def test_without_identifiers(issue: Callable[..., bytes]) -> None:
    summary = certificate.parse(issue("rsa-holder", "rsa-ca", ski=False, aki=False))
    assert (summary.ski, summary.aki) == (None, None)


def test_the_first_256_bytes_give_the_same_validity(leaf: bytes) -> None:
    prefix, whole = certificate.from_prefix(leaf[:256]), certificate.parse(leaf)
    assert (prefix.not_before, prefix.not_after) == (whole.not_before, whole.not_after)
    assert prefix.not_after == datetime(2030, 2, 17, 14, 59, 59, tzinfo=UTC)
    assert (prefix.der, prefix.serial) == (b"", None)


def test_a_certificate_without_end(issue: Callable[..., bytes]) -> None:
    no_end = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert certificate.parse(issue("rsa-holder", "rsa-ca", not_after=no_end)).not_after == no_end


def test_an_extension_that_cryptography_refuses_is_no_reason_to_refuse(leaf: bytes) -> None:
    odd = leaf.replace(bytes.fromhex("0603551D130101FF"), bytes.fromhex("0603551D13010101"))
    assert odd != leaf
    with pytest.raises(ValueError, match="parsing"):
        _ = x509.load_der_x509_certificate(odd).extensions  # a BER boolean
    assert certificate.parse(odd).ski == certificate.parse(leaf).ski


def test_broken_extensions_cost_only_the_identifiers(leaf: bytes) -> None:
    place = leaf.index(KEY_IDENTIFIER) + len(KEY_IDENTIFIER) + 2
    assert leaf[place] == 0x04
    summary = certificate.parse(leaf[:place] + b"\x7f" + leaf[place + 1 :])
    assert summary.ski is None
    assert summary.not_after == certificate.parse(leaf).not_after


def test_a_negative_serial_number_is_read_as_one(leaf: bytes) -> None:
    odd = leaf.replace(bytes.fromhex("02021234"), bytes.fromhex("0202FF34"), 1)
    assert certificate.parse(odd).serial == -0xCC


def test_nothing_personal_shows_in_repr(leaf: bytes) -> None:
    assert repr(certificate.parse(leaf)) == "CertificateSummary()"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x30",
        b"\x30\x00",
        bytes(1900),
        b"\xff" * 1900,
        bytes.fromhex("3084FFFFFFF0"),
        bytes.fromhex("3084FFFFFFF0") + bytes(300),
        bytes.fromhex("3080") + bytes(300),
        bytes.fromhex("308500000000FF") + bytes(300),
        bytes.fromhex("3003020100"),
        b"-----BEGIN CERTIFICATE-----",
    ],
)
def test_what_is_no_certificate(data: bytes) -> None:
    for read in (certificate.parse, certificate.from_prefix):
        with pytest.raises(MalformedCertificateError):
            read(data)


def test_every_cut_is_refused(leaf: bytes) -> None:
    for end in range(len(leaf)):
        with pytest.raises(MalformedCertificateError):
            certificate.parse(leaf[:end])


def test_signature_bits_that_are_not_whole_bytes_are_refused(leaf: bytes) -> None:
    place = leaf.rindex(bytes.fromhex("0382010100"))
    with pytest.raises(MalformedCertificateError, match="whole bytes"):
        certificate.parse(leaf[: place + 4] + b"\x01" + leaf[place + 5 :])


@few
@given(st.data())
def test_any_flipped_bits_parse_or_are_refused(leaf: bytes, data: st.DataObject) -> None:
    damaged = bytearray(leaf)
    for _ in range(data.draw(st.integers(1, 3))):
        damaged[data.draw(st.integers(0, len(leaf) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with contextlib.suppress(MalformedCertificateError):
        certificate.parse(bytes(damaged))
    with contextlib.suppress(MalformedCertificateError):
        certificate.from_prefix(bytes(damaged[:256]))


def test_each_flipped_byte_parses_or_is_refused(leaf: bytes) -> None:
    noise = random.Random(7)
    for place in range(len(leaf)):
        damaged = bytearray(leaf)
        damaged[place] ^= noise.randrange(1, 256)
        with contextlib.suppress(MalformedCertificateError):
            assert certificate.parse(bytes(damaged)).der


@few
@given(st.binary(max_size=400), st.sampled_from([b"", b"\x30", b"\x30\x82\x00\x20"]))
def test_any_bytes_parse_or_are_refused(data: bytes, head: bytes) -> None:
    with contextlib.suppress(MalformedCertificateError):
        certificate.parse(head + data)
    with contextlib.suppress(MalformedCertificateError):
        certificate.from_prefix(head + data)


def test_reading_needs_no_cryptography_package() -> None:
    code = "import sys, cardcheck.cards.trust; sys.exit('cryptography' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_key_identifier_is_that_of_the_key(leaf: bytes) -> None:
    key = x509.load_der_x509_certificate(leaf).public_key()
    bits = key.public_bytes(Encoding.DER, PublicFormat.PKCS1)
    assert certificate.parse(leaf).ski == hashlib.sha1(bits).digest()
