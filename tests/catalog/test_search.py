# SPDX-License-Identifier: Apache-2.0
"""The search: ids, folding, honest scores, and saying that nothing was found."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cardcheck.catalog.knowledge import entries
from cardcheck.catalog.question import fold
from cardcheck.catalog.search import named, search


def ids(query: str, limit: int = 5) -> list[str]:
    return [hit.entry.id for hit in search(query, limit).hits]


@pytest.mark.parametrize("key", entries())
def test_an_entry_is_found_by_its_id(key: str) -> None:
    (best, *_) = search(key).hits
    assert (best.entry.id, best.score) == (key, 1.0)


@pytest.mark.parametrize("key", entries())
@pytest.mark.parametrize("lang", ["ja", "en"])
def test_an_entry_is_found_by_its_title(key: str, lang: str) -> None:
    (title,) = (text.title for name, text in entries()[key].texts.items() if name == lang)
    assert key in ids(title)[:3]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("card.pin.authentication-usable:locked", "pin-locked"),
        ("card.pin.authentication-usable locked", "pin-locked"),
        ("card.pin.authentication-usable:low", "pin-wrong-few-left"),
        ("[reader.slot.free:in-use]", "reader-busy"),
        ("host.clock.plausible", "clock-wrong"),
        ("service.polkit.session", "reader-permission"),
        ("reader.attached.any:crashed", "tool-bug"),
        ("renew-certificate", "cert-expired"),
        ("0x8010000B", "reader-busy"),
        ("6984", "pin-locked"),
        ("HJS0432E", "pin-locked"),
        ("EW044-C300", "app-missing"),
    ],
)
def test_names_lead_straight_there(query: str, first: str) -> None:
    (best, *_) = search(query).hits
    assert (best.entry.id, best.score) == (first, 1.0)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("ロック", "ﾛｯｸ"),
        ("ロック", "ろっく"),
        ("カードリーダー", "カードリーダ"),
        ("ＰＩＮ", "pin"),
        ("ユーザー ID", "ユーザ　ＩＤ"),
        ("EW044-C300", "ew044C300"),
    ],
)
def test_spellings_are_folded(left: str, right: str) -> None:
    assert fold(left) == fold(right)


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("あんしょうばんごう ろっく", "pin-locked"),
        ("電子証名書のきげんぎれ", "cert-expired"),
        ("ｶｰﾄﾞﾘｰﾀﾞｰが見つからない", "reader-none"),
    ],
)
def test_kana_and_slips_are_forgiven(query: str, key: str) -> None:
    assert key in ids(query)[:3]


@pytest.mark.parametrize(
    "query", ["今日の天気", "asdfgh", "犬の散歩", "株価", "12345", "???", "how do I bake bread"]
)
def test_nothing_is_said_to_be_nothing(query: str) -> None:
    answer = search(query)
    assert answer.hits == ()
    assert len(answer.nearest) == 3
    assert set(answer.nearest) <= set(entries())


def test_an_unlisted_code_leads_to_its_family() -> None:
    answer = search("EW999-C111")
    assert answer.hits == ()
    assert answer.unknown[0].key == "EW999-C111"
    assert answer.nearest[0] == "app-missing"


def test_the_limit_holds_and_the_best_comes_first() -> None:
    hits = search("暗証番号がロックされた", 2).hits
    assert len(hits) == 2
    assert hits[0].score >= hits[1].score


def test_named_entries_keep_their_order() -> None:
    hits = named(("pin-locked", "no-such-entry", "cert-expired", "reader-none"), 2)
    assert [hit.entry.id for hit in hits] == ["pin-locked", "cert-expired"]
    assert hits[0].score > hits[1].score


def test_a_long_log_is_survived() -> None:
    assert ids("SCardEstablishContext: 0x8010001D\n" + "x" * 100_000)[0] == "reader-service"


@settings(max_examples=150, derandomize=True)
@given(st.text(max_size=80))
def test_scores_are_shares(query: str) -> None:
    hits = search(query).hits
    assert all(0 < hit.score <= 1 for hit in hits)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
