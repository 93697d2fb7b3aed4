# SPDX-License-Identifier: Apache-2.0
"""What kinds of words a question has: spellings, services, vague and foreign words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cardcheck.catalog.data import table
from cardcheck.catalog.index import index
from cardcheck.catalog.knowledge import entries
from cardcheck.catalog.question import (
    canonical,
    is_of_another_subject,
    known_share,
    services_in,
    tokens,
    vague_topics,
)
from cardcheck.catalog.search import search

WORDS = table("knowledge/words.toml")


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("あんしょうばんごう", "暗証番号"),
        ("アンショウバンゴウ", "暗証番号"),
        ("ｱﾝｼｮｳﾊﾞﾝｺﾞｳ", "暗証番号"),
        ("暗唱番号", "暗証番号"),
        ("膝の上", "ひざの上"),
        ("翳す", "かざす"),
        ("カードをせんたくした", "カードを洗濯した"),
        ("Win10", "Windows 10"),
        ("アイフォン６", "iPhone 6"),
        ("スマートフォン", "スマホ"),
        ("QRコード", "二次元バーコード"),
    ],
)
def test_ways_of_writing_are_made_one(left: str, right: str) -> None:
    assert list(tokens(canonical(left))) == list(tokens(canonical(right)))


def test_a_reading_is_not_found_inside_a_longer_word() -> None:
    assert canonical("パソコンで") == "パソコンで"
    assert "windows" not in canonical("window")


def test_letters_are_parted_from_digits() -> None:
    assert list(tokens("windows10")) == ["windows", "10"]


@pytest.mark.parametrize(
    ("text", "service"),
    [("年金ネットに入れない", "nenkin"), ("マイナポータル", "portal"), ("e-Taxのエラー", "etax")],
)
def test_services_are_named(text: str, service: str) -> None:
    assert services_in(canonical(text)) == {service}


@pytest.mark.parametrize("name", WORDS["services"])
def test_a_service_alone_is_asked_back_and_finds_no_entry(name: str) -> None:
    for word in WORDS["services"][name]["names"]:
        assert search(word).hits[0].entry.id.startswith("triage-"), word


@pytest.mark.parametrize(
    "text", ["ログインできない", "カードが使えない", "困った", "error", "help"]
)
def test_vague_is_vague(text: str) -> None:
    assert vague_topics(canonical(text))


@pytest.mark.parametrize(
    "text",
    ["カードを落とした", "暗証番号を忘れた", "カードがぬれて使えない", "ドライバ", ""],
)
def test_what_says_more_is_not_vague(text: str) -> None:
    assert vague_topics(canonical(text)) is None


@pytest.mark.parametrize(
    ("text", "foreign"),
    [
        ("クレジットカードの暗証番号", True),
        ("クレジットカードをリーダーに置いていた", False),
        ("Netflix", True),
        ("パスワード", False),  # it has ワード in it
        ("オンラインで更新", False),  # it has ライン in it
        ("help line", False),
    ],
)
def test_other_subjects(text: str, foreign: bool) -> None:
    assert is_of_another_subject(canonical(text)) is foreign


def test_unknown_words_count() -> None:
    vocabulary = index().vocabulary
    assert known_share(canonical("暗証番号"), vocabulary) == 1
    assert known_share(canonical("カレーの作り方"), vocabulary) == 0
    assert 0 < known_share(canonical("カレーと暗証番号"), vocabulary) < 1
    assert known_share(canonical("何の方法"), vocabulary) == 1  # common words count for neither


def test_the_lists_name_entries_that_exist() -> None:
    named = {row["entry"] for row in WORDS["triage"]} | set(WORDS["narrow"])
    for row in WORDS["services"].values():
        named |= {*row["entries"], *row["not"]}
    assert named <= set(entries())
    assert WORDS["triage"][-1]["about"] == ""  # so that there always is one


def test_no_common_word_is_listed_twice() -> None:
    assert len(set(WORDS["others"])) >= len(WORDS["others"]) - 3


@settings(max_examples=150, derandomize=True)
@given(st.text(max_size=60))
def test_no_text_breaks_it(text: str) -> None:
    plain = canonical(text)
    vague_topics(plain)
    assert 0 <= known_share(plain, index().vocabulary) <= 1
