# SPDX-License-Identifier: Apache-2.0
"""Each issuer state of the contract, for each kind of key; no damage passes for genuine."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cardcheck.cards import certificate, trust
from cardcheck.cards.trust import IssuerState
from cardcheck.errors import InputError, MalformedCertificateError

if TYPE_CHECKING:
    from collections.abc import Callable

    Issue = Callable[..., bytes]

SHA256_RSA = bytes.fromhex("2A864886F70D01010B")
CA_KEYS = ["rsa-ca", "p256-ca", "p384-ca", "ed25519-ca", "ed448-ca"]

few = settings(
    max_examples=150,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def _ca(issue: Issue, key: str = "rsa-ca", *, ski: bool = True) -> bytes:
    return issue(key, key, subject="Example CA", ski=ski, aki=False)


def _pins(*cas: bytes) -> set[str]:
    return {trust.fingerprint_of(ca) for ca in cas}


def _state(*arguments: object, **options: object) -> str:
    return trust.judge_issuer(*arguments, **options).state  # type: ignore[arg-type]


@pytest.mark.parametrize("key", CA_KEYS)
def test_the_three_ways_to_verify(issue: Issue, key: str) -> None:
    leaf, ca = issue("rsa-holder", key), _ca(issue, key)
    unpinned = trust.judge_issuer(leaf + bytes(300), ca + bytes(300))
    assert unpinned.state is IssuerState.UNPINNED
    assert (unpinned.ca_der, unpinned.ca_fingerprint) == (ca, trust.fingerprint_of(ca))
    assert _state(leaf, ca, anchors=[ca]) == "trust-anchor"
    assert _state(leaf, None, anchors=[ca]) == "trust-anchor"
    assert _state(leaf, ca, pinned=_pins(ca)) == "genuine"
    assert _state(leaf, ca, anchors=[ca], pinned=_pins(ca)) == "genuine"
    assert _state(leaf, None, anchors=[ca], pinned=_pins(ca)) == "genuine"
    assert _state(leaf, None, remembered=[ca], pinned=_pins(ca)) == "genuine"


def test_rsa_pss(issue: Issue) -> None:
    leaf, ca = issue("rsa-holder", "rsa-ca", pss=True), _ca(issue)
    assert _state(leaf, ca, pinned=_pins(ca)) == "genuine"
    damaged = leaf[:-1] + bytes([leaf[-1] ^ 1])
    assert _state(damaged, ca, pinned=_pins(ca)) == "signature-invalid"


def test_a_remembered_ca_without_pin_counts_for_nothing(issue: Issue) -> None:
    leaf, ca = issue("rsa-holder", "rsa-ca"), _ca(issue)
    assert _state(leaf, None, remembered=[ca]) == "not-checked"
    assert _state(leaf, b"", remembered=[ca]) == "unknown-authority"


def test_generations_share_a_name_and_are_told_apart_by_key(issue: Issue) -> None:
    leaf = issue("rsa-holder", "rsa-ca")
    right, wrong = _ca(issue), _ca(issue, "rsa-older")
    assert certificate.parse(right).subject_der == certificate.parse(wrong).subject_der
    assert _state(leaf, wrong) == "unknown-authority"
    assert _state(leaf, wrong, pinned=_pins(wrong)) == "unknown-authority"
    assert _state(leaf, wrong, anchors=[wrong, right]) == "trust-anchor"
    assert _state(leaf, right, remembered=[wrong], pinned=_pins(wrong)) == "unpinned"


def test_names_do_not_matter_where_the_identifier_fits(issue: Issue) -> None:
    leaf = issue("rsa-holder", "rsa-ca", issuer="Another name")
    assert _state(leaf, _ca(issue)) == "unpinned"


def test_a_ca_without_identifier_is_found_by_its_key(issue: Issue) -> None:
    ca = _ca(issue, ski=False)
    assert certificate.parse(ca).ski is None
    assert _state(issue("rsa-holder", "rsa-ca"), ca) == "unpinned"
    assert _state(issue("rsa-holder", "rsa-other"), ca) == "unknown-authority"
    key = certificate.parse(ca).public_key_der
    unreadable = ca.replace(key, key[:5] + b"\x7f" + key[6:])
    assert _state(issue("rsa-holder", "rsa-ca"), unreadable) == "unknown-authority"


def test_without_identifier_the_names_decide(issue: Issue) -> None:
    leaf = issue("rsa-holder", "rsa-ca", aki=False)
    elsewhere = issue("rsa-holder", "rsa-ca", aki=False, issuer="Another name")
    right, wrong = _ca(issue), _ca(issue, "rsa-older")
    assert _state(leaf, right, remembered=[wrong], pinned=_pins(wrong)) == "unpinned"
    assert _state(leaf, wrong) == "signature-invalid"
    assert _state(elsewhere, right) == "unknown-authority"


def test_a_name_alone_is_no_verdict_while_the_cards_ca_is_unread(issue: Issue) -> None:
    leaf, older = issue("rsa-holder", "rsa-ca", aki=False), _ca(issue, "rsa-older")
    assert _state(leaf, None, remembered=[older], pinned=_pins(older)) == "not-checked"


def test_a_wrong_signature(issue: Issue) -> None:
    leaf, ca = issue("rsa-holder", "rsa-ca"), _ca(issue)
    damaged = leaf[:-1] + bytes([leaf[-1] ^ 1])
    judgement = trust.judge_issuer(damaged, ca, [ca], [ca], _pins(ca))
    assert judgement == trust.IssuerJudgement(IssuerState.SIGNATURE_INVALID)
    assert _state(damaged, None, remembered=[ca], pinned=_pins(ca)) == "signature-invalid"


def test_a_key_of_another_kind_never_made_the_signature(issue: Issue) -> None:
    leaf = issue("rsa-holder", "rsa-ca", aki=False)
    assert _state(leaf, _ca(issue, "p256-ca")) == "signature-invalid"


@pytest.mark.parametrize("ca", [b"", bytes(1319), b"\xff" * 40, bytes.fromhex("3084FFFFFFF0")])
def test_a_ca_on_the_card_that_cannot_be_read(issue: Issue, ca: bytes) -> None:
    leaf, other = issue("rsa-holder", "rsa-ca"), _ca(issue)
    assert _state(leaf, ca) == "unknown-authority"
    assert _state(leaf, ca, remembered=[other], pinned=_pins(other)) == "genuine"
    assert _state(leaf, ca, anchors=[other]) == "trust-anchor"


def test_nothing_at_hand_is_not_checked(issue: Issue) -> None:
    assert _state(issue("rsa-holder", "rsa-ca"), None) == "not-checked"


@pytest.mark.parametrize("data", [b"", bytes(1900), b"\x30\x82"])
def test_a_certificate_that_cannot_be_read_is_not_checked(issue: Issue, data: bytes) -> None:
    assert _state(data, _ca(issue), [_ca(issue)]) == "not-checked"


def test_an_algorithm_of_tomorrow_is_not_checked(issue: Issue) -> None:
    tomorrow = SHA256_RSA[:-1] + b"\x7e"
    leaf = issue("rsa-holder", "rsa-ca").replace(SHA256_RSA, tomorrow)
    assert _state(leaf, _ca(issue)) == "not-checked"


def test_two_algorithms_in_one_certificate_are_damage(issue: Issue) -> None:
    leaf = issue("rsa-holder", "rsa-ca")
    place = leaf.rindex(SHA256_RSA) + len(SHA256_RSA) - 1
    assert _state(leaf[:place] + b"\x7e" + leaf[place + 1 :], _ca(issue)) == "signature-invalid"


def test_a_key_that_cannot_be_used_is_not_checked(issue: Issue) -> None:
    ca = _ca(issue)
    key = certificate.parse(ca).public_key_der
    unusable = ca.replace(key, key[:8] + b"\x7e" + key[9:])
    assert _state(issue("rsa-holder", "rsa-ca"), unusable) == "not-checked"


@few
@given(st.data())
def test_no_damage_passes_for_genuine(issue: Issue, data: st.DataObject) -> None:
    leaf, ca = issue("rsa-holder", "rsa-ca"), _ca(issue)
    damaged = bytearray(leaf)
    place = data.draw(st.integers(0, len(leaf) - 1))
    damaged[place] ^= 1 << data.draw(st.integers(0, 7))
    judgement = trust.judge_issuer(bytes(damaged), ca, [ca], [ca], _pins(ca))
    assert judgement.ca_der is None
    try:
        certificate.parse(bytes(damaged))
    except MalformedCertificateError:
        assert judgement.state is IssuerState.NOT_CHECKED
    else:
        assert judgement.state in {IssuerState.SIGNATURE_INVALID, IssuerState.UNKNOWN_AUTHORITY}


@few
@given(st.data())
def test_a_damaged_ca_is_never_genuine_and_never_a_crash(issue: Issue, data: st.DataObject) -> None:
    leaf, ca = issue("rsa-holder", "rsa-ca"), _ca(issue)
    damaged = bytearray(ca)
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(ca) - 1))
        damaged[place] = damaged[place] ^ data.draw(st.integers(1, 255))
    if damaged == ca:
        return
    judgement = trust.judge_issuer(leaf, bytes(damaged), pinned=_pins(ca))
    assert judgement.state is not IssuerState.GENUINE


def test_the_cards_ca_is_needed_unless_a_remembered_one_verifies(issue: Issue) -> None:
    leaf, right, wrong = issue("rsa-holder", "rsa-ca"), _ca(issue), _ca(issue, "rsa-older")
    assert trust.needed_ca(leaf, [wrong, right]) == right
    assert trust.needed_ca(leaf, [wrong]) is None
    assert trust.needed_ca(leaf, []) is None
    assert trust.needed_ca(leaf[:-1] + bytes([leaf[-1] ^ 1]), [right]) is None
    assert trust.needed_ca(bytes(64), [right]) is None


def test_repr_shows_no_certificate(issue: Issue) -> None:
    judgement = trust.judge_issuer(issue("rsa-holder", "rsa-ca"), _ca(issue))
    assert "der" not in repr(judgement)


def _pem(der: bytes, ends: bytes = b"\n") -> bytes:
    lines = [b"-----BEGIN CERTIFICATE-----", *base64.encodebytes(der).split()]
    return ends.join([*lines, b"-----END CERTIFICATE-----", b""])


def test_anchors_of_a_pem_file(issue: Issue) -> None:
    first, second = _ca(issue), _ca(issue, "p256-ca")
    text = _pem(first) + b"a remark\n" + _pem(second)
    assert trust.anchors_from_pem(text) == [first, second]
    assert trust.anchors_from_pem(b"\xef\xbb\xbf" + _pem(first, b"\r\n")) == [first]
    assert trust.anchors_from_pem(_pem(first + bytes(20))) == [first]


def test_what_is_no_file_of_anchors(issue: Issue) -> None:
    good = _pem(_ca(issue))
    bad = [
        b"",
        _ca(issue),
        good[:-30],
        good + good[:200],
        good[:200] + good,
        good.replace(b"MII", b"M*I"),
        _pem(bytes(300)),
        good.replace(b"CERTIFICATE", b"PRIVATE KEY"),
    ]
    for text in bad:
        with pytest.raises(InputError):
            trust.anchors_from_pem(text)
