# SPDX-License-Identifier: Apache-2.0
"""A trace in words, in both languages; all keys are in both tables."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cardcheck.catalog.messages import LANGUAGES, Language
from cardcheck.catalog.traces import load_traces
from cardcheck.traces.files import found, read_trace
from cardcheck.traces.outline import outline
from cardcheck.traces.show import shown_trace
from cardcheck.transports.dump import parse

FIXTURES = Path(__file__).parents[2] / "fixtures" / "apdu"
HEAD = "cardcheck-apdu 1\norigin: synthetic\n"


def told(body: str, lang: Language = "en") -> list[str]:
    lines = shown_trace(parse(HEAD + body), load_traces(lang))
    return [re.sub(" {2,}", "  ", line.strip()) for line in lines]


def test_both_languages_say_the_same_things() -> None:
    japanese, english = (load_traces(lang).table for lang in LANGUAGES)
    assert {s: set(t) for s, t in japanese.items()} == {s: set(t) for s, t in english.items()}
    for section, texts in english.items():
        for key, text in texts.items():
            names = [
                sorted(re.findall(r"\{\w+\}", each)) for each in (text, japanese[section][key])
            ]
            assert names[0] == names[1], key


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", found([str(FIXTURES)]), ids=lambda name: Path(name).stem)
def test_every_trace_can_be_shown(name: str, lang: Language) -> None:
    lines = list(shown_trace(read_trace(name), load_traces(lang)))
    assert not [line for line in lines if "{" in line]


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("> 00A4040C05A000000001\n< 6A82", "SELECT application: A000000001  6A82  not there"),
        ("> 00200080\n< 63C2", "VERIFY without data: tries left of ??  63C2  2 tries left"),
        ("> 0020008004FFFFFFFF\n< 63C2", "VERIFY ? (the PIN is blanked)  63C2  2 tries left"),
        ("> 0084000008\n< 00000000000000009000", "GET CHALLENGE  8 bytes, 9000  ok"),
        ("> 80500000\n< 6985", "command 80 50  6985  conditions of use not satisfied"),
        ("> 00A404000512\n< 6700", "command with wrong lengths (INS A4)  6700  wrong length"),
        ("> 00B0000010\n< 6C08", "READ BINARY ?: 16 bytes from 0  6C08  another length is right"),
        ("> 00B09A0003\n< 1234", "READ BINARY 001A: 3 bytes from 0  1234  12xx"),
        ("@ connect\n! MUTE 80100066", "connect  ! MUTE 80100066  the card does not answer"),
    ],
)
def test_a_command_has_a_name(body: str, line: str) -> None:
    assert f"3  {line}" in told(body)


def test_the_time_of_an_exchange_is_told() -> None:
    body = "> 00A4040C0AD392F000260100000001\n< 9000 # 12 ms\n"
    assert "3  SELECT application: JPKI  9000  ok  (12 ms)" in told(body)


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"", ["nothing"]),
        (bytes(16), ["16 x 00"]),
        (b"JPKIAPICCTOKEN2 ", ['"JPKIAPICCTOKEN2"']),
        (b"A\x1b[31mB", ["411B5B33316D42"]),
        (bytes.fromhex("6F0684049F7F0101"), ["6F (6)", "  84 (4) 9F7F0101"]),
        (bytes.fromhex("3082FFFF01"), ["3082FFFF01"]),
    ],
)
def test_an_outline_says_what_bytes_are(data: bytes, lines: list[str]) -> None:
    assert outline(data) == lines


def test_a_certificate_is_told_without_names_and_days() -> None:
    trace = read_trace(str(FIXTURES / "mynumber-valid.apdu"))
    text = "\n".join(shown_trace(trace, load_traces("en")))
    assert "X.509 certificate, 1571 bytes, issued, synthetic" in text
    assert not re.search(r"20\d\d-\d\d-\d\d(?!T)", text)
