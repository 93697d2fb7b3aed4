# SPDX-License-Identifier: Apache-2.0
"""The sentences: complete, equal in both languages, and never a wrong word about PINs."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cardcheck.catalog.data import packaged
from cardcheck.catalog.messages import (
    LANGUAGES,
    CheckRow,
    Language,
    advice_for,
    advice_table,
    check_table,
    load,
)
from cardcheck.facts.card import CardKind, PinId
from cardcheck.facts.reader import SlotState
from cardcheck.report.model import Actor, Layer, Outcome, Severity, Source, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

FIRST_LENGTH = {"ja": 60, "en": 110}
SCREEN_ONLY = {"left", "year", "era"}
STATES = [
    (row, state, {*names, *({"name"} if row.subject == "reader" else set())})
    for row in check_table()
    for state, names in (*row.fine.items(), *row.open.items())
]
IDS = [f"{row.id}-{state}" for row, state, _ in STATES]

# Another try of a PIN, or a promise about a counter that nobody compared.
FORBIDDEN = {
    "ja": re.compile(
        r"再入力|入力し直|番号[^。]*入れ直|打ち直|(?:もう一度|再度)[^。]*(?:暗証番号|入力)"
        r"|暗証番号[^。]*(?:もう一度|再度|試)|入力(?:して)?みて|回数は減って"
    ),
    "en": re.compile(
        r"re-?enter|re-?type|(?:pin|number)[^.]*\b(?:again|once more)\b|\btry\b[^.]*\bpin\b"
        r"|another (?:try|attempt)|type (?:it|the pin) again|count(?:er)? (?:has|have|did) not",
        re.IGNORECASE,
    ),
}
BAD_EXAMPLES = {
    "ja": [
        "暗証番号をもう一度入力してください。",
        "もう一度、4桁の番号を入力してください。",
        "暗証番号を入れ直してみてください。",
        "念のため暗証番号を試してください。",
        "回数は減っていません。",
    ],
    "en": [
        "Please enter your PIN again.",
        "Re-enter the number.",
        "Please try the PIN once more.",
        "You have another try.",
        "The counter has not changed.",
    ],
}


def strings(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a table with its path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from strings(item, f"{path}[{index}]")
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from strings(item, f"{path}/{key}")


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"\{([^}]*)\}", text))


@cache
def whole(lang: Language) -> Any:  # noqa: ANN401 - a TOML document
    """All sentences of one language: those of every run and those of a thorough look."""
    table = load(lang).table
    own = tomllib.loads(packaged(f"messages/computer-{lang}.toml").decode())
    assert not set(table["check"]) & set(own["check"])
    return {**table, "check": {**table["check"], **own["check"]}}


def texts_of(lang: Language, check: str, state: str) -> dict[str, str]:
    table = whole(lang)
    states = table["common"] if check == "common" else table["check"][check]
    texts: dict[str, str] = states.get(state) or table["common"][state]
    return texts


@pytest.mark.parametrize(("row", "state", "allowed"), STATES, ids=IDS)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_state_has_its_sentences(
    lang: Language, row: CheckRow, state: str, allowed: set[str]
) -> None:
    texts = texts_of(lang, row.id, state)
    assert set(texts) - {"dated", "next"} == {"first", "technical"}
    assert not placeholders(texts.get("next", ""))  # advice is looked up without values
    assert ("dated" in texts) == ("year" in allowed)
    assert placeholders("".join(texts.values())) <= allowed
    assert not placeholders(texts["first"] + texts["technical"]) & SCREEN_ONLY
    assert len(texts["first"]) <= FIRST_LENGTH[lang]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_sentence_is_left_over(lang: Language) -> None:
    table = whole(lang)
    declared = {row.id: {*row.fine, *row.open} for row in check_table()}
    common = declared.pop("common")
    assert set(table["common"]) == common
    told = {check: set(texts) - {"title"} for check, texts in table["check"].items()}
    assert told == {check: states - ({"clear"} & common) for check, states in declared.items()}
    remedies = {
        f"{check}.{state}"
        for check, states in table["check"].items()
        for state, texts in states.items()
        if "next" in texts
    }
    assert {*table["advice"], *remedies} == set(advice_table())
    assert all(load(lang).check_title(check) != check for check in declared)


def test_both_languages_say_the_same_things() -> None:
    japanese, english = (dict(strings(whole(lang))) for lang in LANGUAGES)
    assert list(japanese) == list(english)
    for path, text in japanese.items():
        assert placeholders(text) == placeholders(english[path]), path
        assert bool(text) == bool(english[path]), path


def test_japanese_is_japanese_and_shows_on_every_japanese_console() -> None:
    for path, text in strings(whole("ja")):
        assert not text or not text.isascii() or text == "Rosetta 2", path
        text.encode("cp932")
        assert not re.search(r"[（「][^（）「」]*$", text), path


def test_english_is_plain_ascii() -> None:
    for path, text in strings(whole("en")):
        assert text.isascii() or path == "/label/simulated-both", path


@pytest.mark.parametrize("lang", LANGUAGES)
def test_sentences_end_and_titles_do_not(lang: Language) -> None:
    end = {"ja": ("。",), "en": (".",)}[lang]
    table: Any = load(lang).table
    for check, texts in table["check"].items():
        assert not texts["title"].endswith(end), check
        for state, sentences in texts.items():
            if state != "title":
                assert sentences["first"].endswith(end)
                assert sentences["first"].count(end[0]) == 1 or lang == "en"
    for advice in table["advice"].values():
        assert advice["next"].endswith(end)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nobody_is_told_to_type_a_pin_again(lang: Language) -> None:
    for path, text in strings(whole(lang)):
        assert not FORBIDDEN[lang].search(text), path


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_forbidden_words_are_recognised(lang: Language) -> None:
    for example in BAD_EXAMPLES[lang]:
        assert FORBIDDEN[lang].search(example), example


def test_guesses_are_worded_as_guesses() -> None:
    japanese = dict(strings(load("ja").table))
    english = dict(strings(load("en").table))
    for path, text in japanese.items():
        if "かもしれません" in text:
            assert re.search(r"\bmay\b", english[path]), path


def test_revocation_is_said_not_to_be_checked() -> None:
    for lang, words in (("ja", "確認できません"), ("en", "cannot be checked")):
        assert words in load(lang).first("card.certificate.not-revoked", "not-checked", {})
        assert words in load(lang).label("footer-revocation")


@pytest.mark.parametrize("system", ["Linux", "Darwin", "Windows"])
def test_every_open_state_has_a_next_step(system: str) -> None:
    only_here = {("host.login.supported", "linux"), ("login.system.supported", "linux")}
    for row in check_table():
        for state in row.open if not row.systems or system in row.systems else ():
            if system == "Linux" or (row.id, state) not in only_here:
                assert advice_for(row.id, state, system), (row.id, state)
        for state in row.fine:
            assert not advice_for(row.id, state, system), (row.id, state)


def test_advice_is_all_used_and_all_known() -> None:
    text = files("cardcheck.catalog").joinpath("advice.toml").read_text(encoding="utf-8")
    mapping = tomllib.loads(text)["for"]
    declared = {row.id: set(row.open) for row in check_table()}
    used = {
        key for check, states in declared.items() for s in states for key in advice_for(check, s)
    }
    assert used == set(advice_table()) - {"same-visit"}  # stands before that of a state
    assert all(set(states) <= declared[check] for check, states in mapping.items())
    assert all(len(ids) == len(set(ids)) for states in mapping.values() for ids in states.values())


def test_advice_says_who_acts_and_how_we_know() -> None:
    for advice in advice_table().values():
        assert advice.actor in set(Actor)
        assert set(advice.systems) <= {"Linux", "Darwin", "Windows"}
        assert advice.source
        assert advice.confidence in {"high", "medium", "low"}
        assert re.fullmatch(r"\d{4}-\d\d", advice.as_of)


# What a system does not have; advice for it speaks of none of these.
OF_LINUX = r"polkit|udev|modprobe|systemctl|sudo|\bapt\b|pcscd|libpcsclite|libccid|SSH|Linux"
FOREIGN = {
    "Windows": rf"{OF_LINUX}|Finder|Homebrew|System Settings|システム設定",
    "Darwin": rf"{OF_LINUX}|Windows Hello|Device Manager|デバイスマネージャー|PowerShell|regedit",
    "Linux": r"Windows Hello|Device Manager|デバイスマネージャー|PowerShell|Finder|Homebrew",
}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("system", FOREIGN)
def test_advice_speaks_of_nothing_that_the_system_lacks(system: str, lang: Language) -> None:
    for advice in advice_table().values():
        if advice.applies_to(system):
            text = load(lang).advice(advice.id)
            said = " ".join((text.next, *text.more))
            assert not re.search(FOREIGN[system], said), (advice.id, said)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nobody_is_told_to_do_what_only_an_administrator_can(lang: Language) -> None:
    ask = {"ja": "このパソコンを管理している人", "en": "whoever looks after this computer"}[lang]
    for advice in advice_table().values():
        if advice.actor == Actor.ADMINISTRATOR:
            assert ask in load(lang).advice(advice.id).next, advice.id


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_to_say_at_the_office_stands_in_the_words_of_its_forms(lang: Language) -> None:
    quoted = {"ja": re.compile("「[^」]+」"), "en": re.compile('"[^"]+"')}[lang]
    for advice in advice_table().values():
        if advice.visit:
            assert quoted.search(load(lang).advice(advice.id).next), advice.id


def test_advice_follows_the_system() -> None:
    stopped = "pcsc.service.running", "stopped"
    assert advice_for(*stopped, "Linux")[0] == "service.pcscd.listening.stopped"
    assert advice_for(*stopped, "Windows")[0] == "windows.service.running.stopped"
    assert advice_for(*stopped, "Darwin") == ("restart-computer",)
    denied = "pcsc.service.permitted", "denied"
    assert advice_for(*denied, "Linux") == ("permit-service", "permit-program")
    assert advice_for(*denied, "Windows") == ("permit-program", "log-in-locally")
    assert advice_for(*denied, "Darwin") == ("permit-program",)
    assert advice_for("card.pin.signature-usable", "crashed") == ("tell-us",)
    assert advice_for("no.such.check", "no-such-state") == ()


def test_a_card_that_may_be_a_face_card_is_not_to_be_unlocked() -> None:
    (advice,) = advice_for("card.pin.authentication-usable", "locked-face-auth")
    text = load("ja").advice(advice)
    assert "顔認証" in text.next
    assert not any("ロック" in line or "解除" in line for line in (text.next, *text.more))


@pytest.mark.parametrize(
    ("section", "keys"),
    [
        ("verdict", list(Verdict)),
        ("layer", list(Layer)),
        ("actor", list(Actor)),
        ("outcome", list(Outcome)),
        ("severity", list(Severity)),
        ("slot", list(SlotState)),
        ("kind", list(CardKind)),
        ("pin", list(PinId)),
        ("readiness", ["mynaportal", "nenkin", "e-tax"]),
        ("readiness.state", ["ready", "not-ready", "not-here", "unknown"]),
        ("interface", ["contact", "contactless", "dual", "unknown"]),
        ("certificate", ["authentication", "signature"]),
        (
            "pin.state",
            ["ok", "low", "locked", "already-verified", "absent", "unknown", "not-checked"],
        ),
        (
            "compatibility",
            ["reported-ok", "claimed", "unknown", "limited", "not-usable", "virtual"],
        ),
        ("source", list(Source)),
        ("why", ["not-in-pcsc", "pcsc-not-asked", "pcsc-first"]),
    ],
)
def test_every_value_has_a_word(section: str, keys: list[str]) -> None:
    for lang in LANGUAGES:
        table: Any = load(lang).table
        for part in section.split("."):
            table = table[part]
        assert {key for key, text in table.items() if isinstance(text, str)} == set(keys)
        assert [load(lang).word(section, key) for key in keys] == [table[key] for key in keys]


def test_every_kind_of_card_is_a_state() -> None:
    (row,) = (row for row in check_table() if row.id == "card.kind.my-number")
    assert {*row.fine, *row.open} == {*CardKind, "undecided"}


def test_layers_are_those_of_the_contract() -> None:
    assert all(row.layer in set(Layer) for row in check_table() if row.id != "common")


def test_values_are_put_in() -> None:
    check = "card.pin.authentication-usable"
    values = {"tries_left": 1, "tries_max": 3}
    assert "残り1回(最大3回)" in load("ja").technical(check, "low", values).translate(
        str.maketrans("（）", "()")
    )
    assert load("en").technical(check, "low", values).endswith("1 of 3 tries left")


def test_codes_are_hexadecimal() -> None:
    english = load("en")
    stopped = english.technical("pcsc.service.running", "stopped", {"code": 0x8010001D})
    assert "0x8010001D" in stopped
    assert "6A82" in english.technical("card.validity.current", "unreadable", {"sw": 0x6A82})


def test_the_year_is_shown_only_where_it_is_given() -> None:
    check = "card.validity.current"
    japanese, english = load("ja"), load("en")
    values = {"left": "year-1", "year": 2030}
    assert "令和12年" in japanese.first(check, "valid", values)
    assert "2030年" in japanese.first(check, "valid", values)
    assert "残り1年以上" in japanese.first(check, "valid", values)
    assert "Reiwa 12 (2030): more than a year left" in english.first(check, "valid", values)
    assert "?" not in japanese.first(check, "valid", {})
    assert "2027" in english.first(
        "card.certificate.authentication-valid", "not-yet-valid", {"year": 2027}
    )
    assert not re.search(r"\d", japanese.first(check, "valid", {}))


def test_a_year_before_reiwa_keeps_the_era_given() -> None:
    values = {"left": "expired", "year": 2017, "era": "平成29年"}
    assert "平成29年" in load("ja").first("card.validity.current", "expired", values)


def test_an_unnamed_holder_is_another_program() -> None:
    check = "reader.slot.free"
    assert "別のプログラム" in load("ja").technical(check, "in-use", {"name": "R", "holder": None})
    assert "by gpg" in load("en").technical(check, "in-use", {"name": "R", "holder": "gpg"})


def test_what_is_unknown_is_survived() -> None:
    english = load("en")
    assert english.first("no.such.check", "odd", {}) == english.first("common", "undescribed", {})
    assert english.check_title("no.such.check") == "no.such.check"
    assert english.word("kind", "ring") == "ring"
    assert english.word("pin", "state") == "state"
    assert english.advice("no-such-advice").next == "no-such-advice"
    with pytest.raises(KeyError):
        english.label("no-such-label")


@settings(max_examples=100, derandomize=True)
@given(
    st.sampled_from(STATES),
    st.dictionaries(
        st.sampled_from(["name", "model", "detail", "code", "sw", "left", "year", "holder", "era"]),
        st.one_of(st.none(), st.integers(), st.booleans(), st.text(max_size=20)),
    ),
)
def test_no_value_can_break_a_sentence(
    case: tuple[CheckRow, str, set[str]], values: dict[str, object]
) -> None:
    row, state, _ = case
    for words in map(load, LANGUAGES):
        assert words.first(row.id, state, values) and words.technical(row.id, state, values)  # noqa: PT018


def test_values_are_not_formats() -> None:
    hostile = "{code}{0.__class__}%s{name!r}"
    shown = load("en").technical("reader.slot.responding", "failed", {"detail": hostile, "code": 1})
    assert shown == f"?: code 0x00000001, {hostile}"
