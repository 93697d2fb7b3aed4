# SPDX-License-Identifier: Apache-2.0
"""Twins of certificates of every shape: same length and standing, nothing of the holder."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardcheck.cards import certificate
from cardcheck.cards.redaction import kept_parts, synthetic_certificate, synthetic_key
from cardcheck.cards.redaction.synthetic_certificate import NO_CA, SyntheticCa
from cardcheck.cards.trust import IssuerState, judge_issuer
from cardcheck.cards.validity import status_of_interval
from cardcheck.errors import MalformedCertificateError
from cardcheck.iso7816 import der
from cardcheck.simulation import pki

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = datetime(2026, 11, 21, 5, 6, 7, tzinfo=UTC)
HOLDER = "Planted Person 4711"
SERIAL = 0x5EC2E75E
REAL = pki.end_entity(
    pki.Request(
        not_before=datetime(2024, 3, 5, 1, 2, 3, tzinfo=UTC),
        not_after=datetime(2029, 8, 17, 14, 59, 59, tzinfo=UTC),
        size=1571,
    )
)
PLANTED = (
    pki.SERIAL.to_bytes(8, "big"),
    pki.COMMON_NAME.encode(),
    pki.subject_key(REAL)[:12],
    pki.subject_key(REAL)[-12:],
    b"290817",
    b"240305",
)


def patched(original: bytes, old: bytes, new: bytes) -> bytes:
    assert original.count(old) == 1
    assert len(old) == len(new)
    return original.replace(old, new)


@pytest.mark.parametrize("by", ["rsa", "p256", "p384"])
@pytest.mark.parametrize("own", ["rsa-holder", "p256-holder", "p384-holder", "ed25519-holder"])
def test_a_twin_verifies_under_the_twin_ca(issue: Callable[..., bytes], own: str, by: str) -> None:
    ca, holder = issue(by, by), issue(own, by, subject=HOLDER, serial=SERIAL)
    authority = SyntheticCa.of(ca, NOW)
    made = authority.synthetic_of(holder, NOW)
    assert (len(authority.twin), len(made)) == (len(ca), len(holder))
    assert judge_issuer(made, authority.twin).state is IssuerState.UNPINNED
    assert judge_issuer(authority.twin, authority.twin).state is IssuerState.UNPINNED
    assert judge_issuer(made, ca).state is IssuerState.UNKNOWN_AUTHORITY
    old, new = certificate.parse(holder), certificate.parse(made)
    assert HOLDER.encode() not in made
    assert old.public_key_der[-20:] not in made
    for what in ("serial", "ski", "aki", "signature", "not_after", "not_before", "subject_der"):
        assert getattr(old, what) != getattr(new, what), what
    assert old.algorithm_der == new.algorithm_der
    assert status_of_interval(new.not_before, new.not_after, NOW) == status_of_interval(
        old.not_before, old.not_after, NOW
    )


@pytest.mark.parametrize(("ski", "aki"), [(True, False), (False, True), (False, False)])
def test_key_identifiers_may_be_missing(issue: Callable[..., bytes], ski: bool, aki: bool) -> None:
    ca, holder = issue("rsa", "rsa", ski=ski, aki=aki), issue("rsa-holder", "rsa", aki=aki)
    before = judge_issuer(holder, ca).state
    authority = SyntheticCa.of(ca, NOW)
    assert judge_issuer(authority.synthetic_of(holder, NOW), authority.twin).state is before


def test_a_signature_with_pss_is_made_anew(issue: Callable[..., bytes]) -> None:
    ca, holder = issue("rsa", "rsa"), issue("rsa-holder", "rsa", pss=True)
    authority = SyntheticCa.of(ca, NOW)
    made = authority.synthetic_of(holder, NOW)
    assert judge_issuer(made, authority.twin).state is IssuerState.UNPINNED


def test_a_ca_whose_key_cannot_be_made_still_gets_a_twin(issue: Callable[..., bytes]) -> None:
    ca, holder = issue("ed448", "ed448"), issue("rsa-holder", "ed448")
    authority = SyntheticCa.of(ca, NOW)
    made = authority.synthetic_of(holder, NOW)
    assert (len(authority.twin), len(made)) == (len(ca), len(holder))
    assert certificate.parse(holder).signature not in made
    assert certificate.parse(ca).public_key_der[-20:] not in authority.twin


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        ("other key", IssuerState.UNKNOWN_AUTHORITY),
        ("bad signature", IssuerState.SIGNATURE_INVALID),
    ],
)
def test_what_is_wrong_with_the_issuer_stays_wrong(
    issue: Callable[..., bytes], fault: str, state: IssuerState
) -> None:
    ca = issue("rsa", "rsa")
    holder = issue("rsa-holder", "rsa-other" if fault == "other key" else "rsa")
    if fault == "bad signature":
        holder = holder[:-1] + bytes((holder[-1] ^ 1,))
    assert judge_issuer(holder, ca).state is state
    authority = SyntheticCa.of(ca, NOW)
    assert judge_issuer(authority.synthetic_of(holder, NOW), authority.twin).state is state


def test_without_a_ca_the_signature_is_filler(issue: Callable[..., bytes]) -> None:
    holder = issue("rsa-holder", "rsa", subject=HOLDER)
    made = NO_CA.synthetic_of(holder, NOW)
    assert certificate.parse(made).signature == synthetic_key.filler(256, b"signature")


def test_extensions_that_cannot_be_read_are_blanked(issue: Callable[..., bytes]) -> None:
    holder = issue("rsa-holder", "rsa", subject=HOLDER)
    broken = patched(holder, bytes.fromhex("0603551D0E0416"), bytes.fromhex("0603551D0E047F"))
    made = NO_CA.synthetic_of(broken, NOW)
    assert len(made) == len(broken)
    assert certificate.parse(made).ski is None
    assert certificate.parse(holder).ski not in {None, made}  # it had one
    assert (certificate.parse(holder).ski or b"") not in made


def test_an_extension_without_a_value_blanks_them_all(issue: Callable[..., bytes]) -> None:
    holder = issue("rsa-holder", "rsa", subject=HOLDER)
    ski = certificate.parse(holder).ski or b""
    head = bytes.fromhex("0603551D0E04160414")
    # the whole content becomes one OBJECT IDENTIFIER: an extension with one part only
    broken = patched(holder, head + ski, b"\x06\x1b" + bytes(27))
    made = NO_CA.synthetic_of(broken, NOW)
    assert len(made) == len(broken)
    aki = certificate.parse(holder).aki
    assert aki is not None
    assert aki not in made


def test_a_key_that_cannot_be_read_is_scrubbed(issue: Callable[..., bytes]) -> None:
    holder = issue("rsa-holder", "rsa", subject=HOLDER)
    old = certificate.parse(holder).public_key_der
    other = old.replace(bytes.fromhex("2A864886F70D010101"), bytes.fromhex("2A864886F70D01017F"))
    made = NO_CA.synthetic_of(patched(holder, old, other), NOW)
    assert len(made) == len(holder)
    assert old[40:60] not in made


def test_deep_nesting_is_blanked(issue: Callable[..., bytes]) -> None:
    holder = issue("rsa-holder", "rsa", subject=HOLDER)
    nested = b""
    for _ in range(len(HOLDER) // 2):
        nested = bytes((0x30, len(nested))) + nested
    nested = nested.rjust(len(HOLDER) + 2, b"\x30") if len(HOLDER) % 2 else nested
    broken = holder.replace(
        b"\x0c" + bytes((len(HOLDER),)) + HOLDER.encode(), nested[: len(HOLDER) + 2]
    )
    assert len(NO_CA.synthetic_of(broken, NOW)) == len(broken)


def test_text_in_two_bytes_a_character_stays_readable(issue: Callable[..., bytes]) -> None:
    holder = issue("rsa-holder", "rsa", subject="Planted Person ABCD.")
    text = b"\x0c\x14Planted Person ABCD."
    wide = b"\x1e\x14" + "PlantedABC".encode("utf-16-be")
    made = NO_CA.synthetic_of(patched(holder, text, wide), NOW)
    assert "SYNTHETIC ".encode("utf-16-be") in made


@pytest.mark.parametrize("known", [0, 1, 2, 4, 30, 100, 150, 200, 256, 400, 1000, 1570])
def test_a_prefix_keeps_its_validity_and_nothing_else(known: int) -> None:
    made = synthetic_certificate.synthetic_of_prefix(REAL[:known], NOW)
    assert len(made) == known
    assert not any(secret in made for secret in PLANTED)
    try:
        dates = der.validity_of(REAL[:known])
    except MalformedCertificateError:
        assert not made.strip(b"\x00") or made == REAL[:4].ljust(known, b"\x00")[:known]
        return
    assert status_of_interval(*der.validity_of(made), NOW) == status_of_interval(*dates, NOW)


def test_a_huge_length_costs_nothing() -> None:
    data = bytes.fromhex("3084FFFFFFF0") + b"private"
    assert synthetic_certificate.synthetic_of_prefix(data, NOW) == data[:4] + bytes(9)


@pytest.mark.parametrize("data", [b"", b"\x00" * 9, b"\xff" * 9])
def test_an_empty_file_stays_as_it_is(data: bytes) -> None:
    assert synthetic_certificate.synthetic_of_malformed(data) == data


@pytest.mark.parametrize("tag", ["01", "05", "06", "0A", "02", "03", "1E", "80", "A0", "30"])
def test_a_name_behind_a_wrong_tag_goes_as_well(tag: str) -> None:
    name = bytes((0x0C, len(pki.COMMON_NAME))) + pki.COMMON_NAME.encode()
    damaged = patched(REAL, name, bytes.fromhex(tag) + name[1:])
    for made in (
        NO_CA.synthetic_of(damaged, NOW),
        synthetic_certificate.synthetic_of_prefix(damaged[:300], NOW),
    ):
        assert pki.COMMON_NAME.encode() not in made


@given(st.integers(0, len(REAL) - 1), st.integers(0, 255), st.booleans())
def test_no_damage_lets_a_secret_through(place: int, byte: int, prefix: bool) -> None:
    damaged = REAL[:place] + bytes((byte,)) + REAL[place + 1 :]
    try:
        if prefix:
            made = synthetic_certificate.synthetic_of_prefix(damaged[:700], NOW)
        else:
            made = NO_CA.synthetic_of(damaged, NOW)
    except MalformedCertificateError:
        made = synthetic_certificate.synthetic_of_malformed(damaged)
    assert len(made) == (700 if prefix else len(damaged)) or not prefix
    assert not any(secret in made for secret in PLANTED)


def test_what_looks_issued_and_what_does_not(issue: Callable[..., bytes]) -> None:
    real = issue("rsa-holder", "rsa", issuer="JPKI for user authentication")
    assert synthetic_certificate.looks_issued(real)
    assert synthetic_certificate.looks_issued(real[:300])
    assert not synthetic_certificate.looks_issued(
        issue("rsa", "rsa", subject="JPKI", issuer="JPKI")
    )
    assert not synthetic_certificate.looks_issued(REAL)
    assert not synthetic_certificate.looks_issued(b"something else")
    long = issue("rsa-holder", "rsa", issuer="A CA with a name that is long enough")
    assert not synthetic_certificate.is_marked_synthetic(long)
    assert synthetic_certificate.is_marked_synthetic(NO_CA.synthetic_of(long, NOW))


def test_an_algorithm_holds_nothing_but_an_algorithm() -> None:
    sha256_rsa = bytes.fromhex("300D06092A864886F70D01010B0500")
    assert kept_parts.names_algorithm(sha256_rsa)
    for hidden in (
        "301106092A864886F70D01010B0404" + b"1234".hex(),
        "301506092A864886F70D01010B" + "3008" + "0406" + b"secret".hex(),
        "300E060C2A864886F70D0101" + b"1234".hex(),
        "300F06092A864886F70D01010B0202" + "313233",
    ):
        assert not kept_parts.names_algorithm(bytes.fromhex(hidden))


def test_a_twin_of_public_names_has_the_mark(
    issue: Callable[..., bytes],
) -> None:
    twin_data = NO_CA.synthetic_of(
        issue("rsa-holder", "rsa", issuer="JPKI for user authentication"), NOW
    )
    assert synthetic_certificate.is_marked_synthetic(twin_data)
    assert synthetic_certificate.is_synthetic(twin_data)
    assert not synthetic_certificate.looks_issued(twin_data)
