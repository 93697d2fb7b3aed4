# SPDX-License-Identifier: Apache-2.0
"""The support code: short, readable aloud, and no slip of the pen goes unnoticed."""

from __future__ import annotations

import hashlib
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cardcheck.catalog.data import table
from cardcheck.catalog.messages import check_table
from cardcheck.catalog.reader_table import reader_table
from cardcheck.report.model import Verdict
from cardcheck.report.support_code import (
    MAX_LENGTH,
    Fault,
    SupportCodeError,
    SupportFacts,
    code_in,
    decode,
    encode,
)

TABLE = table("support_code.toml")
FINDINGS = [tuple(name.split(":")) for name in TABLE["finding"]]
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
SHAPE = re.compile(r"CC(-[2-9A-HJ-NP-Z]{4})+(-[2-9A-HJ-NP-Z]{2})?")

# How many rows of each part are in use, and the SHA-256 of their lines. Only ever append rows;
# then renew these.
SEALS = {
    "finding": (208, "ca553198d12b894ca127b2f3a426cd25ebe81a5993c4ce50e9aad7c79c12a72b"),
    "reader": (108, "bee46fadb19364e8ea511567fbfe34f8a6624b5bc41140191bf3967b3232ad8d"),
}

some_facts = st.builds(
    SupportFacts,
    verdict=st.sampled_from(list(Verdict)),
    system=st.sampled_from(["Linux", "Windows", "Darwin", "?"]),
    reader=st.sampled_from([None, *TABLE["reader"]]),
    shared=st.booleans(),
    findings=st.lists(st.sampled_from(FINDINGS), max_size=11, unique=True).map(tuple),
    cut=st.booleans(),
)


@settings(max_examples=200, derandomize=True)
@given(some_facts)
def test_what_goes_in_comes_out(facts: SupportFacts) -> None:
    code = encode(facts, TABLE)
    assert decode(code, TABLE) == facts
    assert SHAPE.fullmatch(code)
    assert len(code) <= MAX_LENGTH <= 40


@settings(max_examples=200, derandomize=True)
@given(some_facts, st.data())
def test_two_slips_are_noticed(facts: SupportFacts, data: st.DataObject) -> None:
    letters = list(encode(facts, TABLE))
    places = [at for at in range(2, len(letters)) if letters[at] != "-"]
    first, second = data.draw(
        st.lists(st.sampled_from(places), min_size=2, max_size=2, unique=True)
    )
    wrong = letters.copy()
    wrong[first] = data.draw(st.sampled_from(ALPHABET))
    wrong[second] = data.draw(st.sampled_from(ALPHABET))
    swapped = letters.copy()
    swapped[first], swapped[second] = letters[second], letters[first]
    for typed in (wrong, swapped):
        if typed != letters:
            with pytest.raises(SupportCodeError) as caught:
                decode("".join(typed), TABLE)
            assert caught.value.fault is Fault.CHECK


@pytest.mark.parametrize(
    "typed",
    [
        "cc-5a23-4lbm",
        "CC 5A23 4LBM",
        "ＣＣ－５Ａ２３－４ＬＢＭ",
        "CC5A234LBM",
        "5A234LBM",
        "CC\u20105A23\u30fc4LBM",
    ],
)
def test_a_code_may_be_typed_in_many_ways(typed: str) -> None:
    facts = decode(typed, TABLE)
    assert facts.verdict is Verdict.PROBLEM
    assert facts.system == "Windows"
    assert facts.findings == (("card.pin.authentication-usable", "locked"),)


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("CC-5A23-4LBN", Fault.CHECK),
        ("CC-5A23-4LB", Fault.LENGTH),
        ("CC-5A23", Fault.LENGTH),
        ("CC" + "-5A23" * 8, Fault.LENGTH),
        ("CC-5A20-4LBM", Fault.CHARACTER),
        ("CC-5A23-4LOM", Fault.CHARACTER),
    ],
)
def test_what_is_wrong_is_said(typed: str, fault: Fault) -> None:
    with pytest.raises(SupportCodeError) as caught:
        decode(typed, TABLE)
    assert caught.value.fault is fault
    assert bool(caught.value.character) == (fault is Fault.CHARACTER)


def test_a_newer_version_is_said_to_be_one() -> None:
    code = encode(SupportFacts(verdict=Verdict.READY), {**TABLE, "version": 2})
    with pytest.raises(SupportCodeError) as caught:
        decode(code, TABLE)
    assert caught.value.fault is Fault.VERSION


def test_a_finding_of_a_newer_version_stays_a_number() -> None:
    newer = {**TABLE, "finding": {**TABLE["finding"], "new.check.here:bad": 1000}}
    facts = SupportFacts(verdict=Verdict.PROBLEM, findings=(("new.check.here", "bad"),))
    assert decode(encode(facts, newer), TABLE).findings == (("", "1000"),)
    assert decode(encode(facts, TABLE), TABLE).cut


def test_too_many_findings_are_cut_and_said_to_be() -> None:
    facts = SupportFacts(verdict=Verdict.PROBLEM, findings=tuple(FINDINGS[:12]))
    decoded = decode(encode(facts, TABLE), TABLE)
    assert decoded.cut
    assert decoded.findings == tuple(FINDINGS[:11])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("CC-5A23-4LBM", "CC-5A23-4LBM"),
        ("サポートコードは cc 5a23 4lbm です", "CC-5A23-4LBM"),
        ("CC5A234LBM", "CC5A234LBM"),
        ("CC-5A23-4LBN", "CC-5A23-4LBN"),
        ("CCID driver", None),
        ("ccid", None),
        ("暗証番号", None),
        ("SCC-5A23-4LBM", None),
    ],
)
def test_a_code_is_recognised_in_a_text(text: str, code: str | None) -> None:
    assert code_in(text) == code


def test_numbers_are_unique_and_fit() -> None:
    for part in ("finding", "reader"):
        numbers = list(TABLE[part].values())
        assert len(set(numbers)) == len(numbers)
        assert all(0 < number < 1023 for number in numbers)
    assert set(TABLE["system"].values()) == {1, 2, 3}
    assert 0 < TABLE["version"] < 16


@pytest.mark.parametrize("part", SEALS)
def test_numbers_are_only_ever_appended(part: str) -> None:
    count, seal = SEALS[part]
    rows = [f"{name}={number}" for name, number in TABLE[part].items()]
    assert len(rows) >= count
    assert hashlib.sha256("\n".join(rows[:count]).encode()).hexdigest() == seal


def test_every_finding_that_asks_for_something_has_a_number() -> None:
    wanted = {f"{row.id}:{state}" for row in check_table() for state in row.open if row.layer}
    wanted |= {f"{row.id}:crashed" for row in check_table() if row.layer}
    assert wanted <= set(TABLE["finding"])


def test_every_model_of_a_reader_has_a_number() -> None:
    assert {model.id for model in reader_table().models} <= set(TABLE["reader"])
