# SPDX-License-Identifier: Apache-2.0
"""The knowledge base: complete in both languages, linked both ways, no wrong word on PINs."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import date
from typing import TYPE_CHECKING

import pytest

from cardcheck.catalog import knowledge
from cardcheck.catalog.codes import all_codes
from cardcheck.catalog.data import table
from cardcheck.catalog.knowledge import (
    COMMON,
    Entry,
    EntryText,
    entries,
    entries_for,
    entries_for_advice,
    entries_for_check,
    is_overdue,
    labels,
)
from cardcheck.catalog.messages import LANGUAGES, Language, check_table
from cardcheck.report.model import Actor

if TYPE_CHECKING:
    from collections.abc import Iterator

# Another try of a PIN, or a promise about a counter that nobody compared.
FORBIDDEN = {
    "ja": re.compile(
        r"再入力|入力し直|番号[^。]*入れ直|打ち直|(?:もう一度|再度)[^。]*(?:暗証番号|入力)"
        r"|暗証番号[^。]*(?:もう一度|再度|試)|入力(?:して)?みて|回数は減って"
    ),
    "en": re.compile(
        r"re-?enter|re-?type|\b(?:pin|number)\b[^.]*\b(?:again|once more)\b|\btry\b[^.]*\bpin\b"
        r"|another (?:try|attempt)|type (?:it|the pin) again|count(?:er)? (?:has|have|did) not",
        re.IGNORECASE,
    ),
}
TYPING = {
    "ja": re.compile(r"暗証番号を(?:入力して|入れて)ください"),
    "en": re.compile(r"\b(?:enter|type) (?:the|your) pin\b", re.IGNORECASE),
}
ROWS = [
    pytest.param(entry, lang, id=f"{key}-{lang}")
    for key, entry in entries().items()
    for lang in LANGUAGES
]


def sentences(text: EntryText) -> Iterator[str]:
    yield from (text.means, text.next, text.cause, *text.steps)


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"\{([^}]*)\}", text))


@pytest.mark.parametrize(("entry", "lang"), ROWS)
def test_an_entry_is_whole(entry: Entry, lang: Language) -> None:
    text = entry.texts[lang]
    end = {"ja": ("。", "）。"), "en": (".", '."')}[lang]
    assert text.title
    assert not text.title.endswith("。")
    assert not text.title.endswith(".")
    for sentence in (text.means, text.next, text.cause, *text.never):
        assert sentence.endswith(end), sentence
    assert text.next.count(end[0]) == 1  # one next step
    assert len(text.means) <= {"ja": 70, "en": 160}[lang]
    assert all(text.steps)


@pytest.mark.parametrize(("entry", "lang"), ROWS)
def test_nobody_is_told_to_try_a_pin(entry: Entry, lang: Language) -> None:
    text = entry.texts[lang]
    for sentence in (text.title, *sentences(text), *text.never):
        assert not FORBIDDEN[lang].search(sentence), sentence
    for sentence in sentences(text):
        assert not TYPING[lang].search(sentence), sentence


@pytest.mark.parametrize(
    ("lang", "sentence"),
    [
        ("ja", "暗証番号をもう一度入力してください。"),
        ("ja", "念のため暗証番号を試してください。"),
        ("en", "Please try the PIN once more."),
        ("en", "Re-enter the number."),
    ],
)
def test_the_forbidden_words_are_recognised(lang: Language, sentence: str) -> None:
    assert FORBIDDEN[lang].search(sentence)


def test_entries_about_pins_say_what_not_to_do() -> None:
    for key in ("pin-kinds", "pin-wrong-few-left", "pin-locked", "pin-read-failure", "pin-unknown"):
        assert all(text.never for text in entries()[key].texts.values()), key


@pytest.mark.parametrize("entry", entries().values(), ids=entries())
def test_both_languages_say_the_same_things(entry: Entry) -> None:
    japanese, english = entry.texts["ja"], entry.texts["en"]
    assert len(japanese.steps) == len(english.steps)
    assert len(japanese.never) == len(english.never)
    pairs = zip(
        (japanese.title, *sentences(japanese), *japanese.never),
        (english.title, *sentences(english), *english.never),
        strict=True,
    )
    for left, right in pairs:
        assert placeholders(left) == placeholders(right)
        assert not left.isascii() or left.startswith(("Linux:", "sudo")), left
        assert right.isascii(), right
        left.encode("cp932")
        if "かもしれません" in left:
            assert re.search(r"\bmay\b", right), right


@pytest.mark.parametrize("entry", entries().values(), ids=entries())
def test_an_entry_says_who_acts_and_how_we_know(entry: Entry) -> None:
    assert entry.actor in set(Actor)
    assert entry.source
    assert entry.confidence in {"high", "medium", "low"}
    assert re.fullmatch(r"\d{4}-\d\d", entry.as_of)
    assert len(entry.words) == len(set(entry.words)) >= 3
    assert set(entry.related) <= set(entries()) - {entry.id}


def test_links_lead_to_states_that_exist() -> None:
    states = {(row.id, state) for row in check_table() for state in (*row.open, *row.fine)}
    for entry in entries().values():
        assert set(entry.findings) <= states, entry.id


def test_every_open_state_has_an_entry() -> None:
    common = next(row for row in check_table() if row.id == COMMON)
    for row in check_table():
        for state in {*row.open, *common.open}:
            assert entries_for(row.id, state), (row.id, state)
            assert set(entries_for(row.id, state)) <= set(entries())


def test_every_check_and_cause_and_advice_has_an_entry() -> None:
    for row in check_table():
        assert entries_for_check(row.id), row.id
    for advice in table("advice.toml").keys() - {"for", "same-visit"}:
        assert entries_for_advice(advice), advice


def test_links_about_doctor_are_all_used() -> None:
    for start in table("knowledge/doctor.toml")["links"]:
        assert any(f"{row.id}.".startswith(f"{start}.") for row in check_table()), start
    assert entries_for("no.such.check", "no-such-state") == ()
    assert entries_for_check("no.such.check") == ()


def test_ids_are_unique_over_all_files() -> None:
    counted = sum(len(table(f"knowledge/{area}.toml")) - 1 for area in knowledge.AREAS)
    assert counted == len(entries())


def test_every_code_leads_to_entries_in_both_languages() -> None:
    for code in all_codes():
        assert set(code.entries) <= set(entries()), code.key
        assert code.entries
        assert code.source
        assert code.confidence in {"high", "medium", "low"}
        japanese, english = code.texts["ja"], code.texts["en"]
        assert japanese.endswith("。")
        assert english.endswith(".")
        assert english.isascii()
        assert placeholders(japanese) == placeholders(english)
        japanese.encode("cp932")
        assert not FORBIDDEN["ja"].search(japanese)
        assert not FORBIDDEN["en"].search(english)


def test_labels_are_the_same_in_both_languages() -> None:
    japanese, english = labels("ja"), labels("en")
    assert list(japanese) == list(english)
    for key, text in japanese.items():
        assert placeholders(text) == placeholders(english[key]), key
        assert english[key].isascii()
        text.encode("cp932")


@pytest.mark.parametrize(
    ("as_of", "today", "overdue"),
    [
        ("2026-11", date(2026, 11, 30), False),
        ("2026-11", date(2027, 11, 30), False),
        ("2026-11", date(2027, 12, 1), True),
        ("2025-12", date(2027, 1, 1), True),
    ],
)
def test_old_data_is_recognised(as_of: str, today: date, overdue: bool) -> None:
    assert is_overdue(as_of, today) is overdue


@pytest.mark.posix("/dev/null")
def test_other_commands_do_not_load_the_knowledge_base() -> None:
    script = (
        "import builtins, sys\n"
        "real = builtins.open\n"
        "def watch(file, *rest, **more):\n"
        "    if 'knowledge' in str(file) and str(file).endswith('.toml'): print(file)\n"
        "    return real(file, *rest, **more)\n"
        "builtins.open = watch\n"
        "from cardcheck.cli.main import run\n"
        "run(['scan', '--simulate', 'pin-locked', '--plain', '--output', sys.argv[1]])\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, "/dev/null"], capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stdout) == (0, ""), run.stderr
