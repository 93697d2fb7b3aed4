# SPDX-License-Identifier: Apache-2.0
"""``--help`` in Japanese: what people need is there, nothing stale, narrow enough."""

from __future__ import annotations

import click
import pytest

from cardcheck.cli.helping import in_japanese, reason_in_japanese, table, wants_japanese_help
from cardcheck.cli.main import COMMANDS, cli, run
from cardcheck.render.base import cell_width

FOR_PEOPLE = ("scan", "readers", "doctor", "place", "explain", "isolate", "compare")
OPTION_WIDTH = 48  # beside the names, in 78 columns
CONTEXT = click.Context(cli)


def command(name: str) -> click.Command:
    found = cli.get_command(CONTEXT, name)
    assert found is not None
    return found


def options_of(made: click.Command) -> list[click.Option]:
    return [param for param in made.params if isinstance(param, click.Option) and not param.hidden]


def test_every_command_has_a_line_and_those_for_people_a_text() -> None:
    texts = table()["command"]
    assert set(texts) == {"cardcheck", *COMMANDS}
    assert all("short" in text for text in texts.values())
    assert {name for name in FOR_PEOPLE if "help" in texts[name]} == set(FOR_PEOPLE)


@pytest.mark.parametrize("name", FOR_PEOPLE)
def test_every_option_for_people_is_translated(name: str) -> None:
    for option in options_of(in_japanese(name, command(name))):
        assert option.help
        assert not option.help.isascii(), option.opts


def test_no_translation_is_left_over() -> None:
    every = [command(name) for name in FOR_PEOPLE] + [cli]
    known = {name for made in every for option in options_of(made) for name in option.opts}
    assert set(table()["option"]) <= known | {"--help"}


def test_lines_fit() -> None:
    assert [t for t in table()["option"].values() if cell_width(t) > OPTION_WIDTH] == []
    lines = [
        line
        for text in table()["command"].values()
        for line in (*text.get("help", "").split("\n"), "  " * 6 + text["short"])
    ]
    assert [line for line in lines if cell_width(line) > 74] == []


@pytest.mark.parametrize(
    ("arguments", "environ", "expected"),
    [
        (["--help"], {"CARDCHECK_LANG": "ja"}, True),
        ([], {"CARDCHECK_LANG": "ja"}, True),
        (["scan", "-h"], {"LANG": "ja_JP.UTF-8"}, True),
        (["scan", "-h"], {"LANG": "en_US.UTF-8"}, False),
        (["scan", "--lang", "en", "-h"], {"CARDCHECK_LANG": "ja"}, False),
        (["scan", "--lang=ja", "-h"], {"CARDCHECK_LANG": "en"}, True),
        (["scan", "-h", "--lang"], {"CARDCHECK_LANG": "ja"}, True),
        (["scan"], {"CARDCHECK_LANG": "ja"}, False),
    ],
)
def test_when(
    arguments: list[str],
    environ: dict[str, str],
    expected: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("CARDCHECK_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.setenv(name, environ.get(name, ""))
    assert wants_japanese_help(arguments) is expected


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["scna"], "「scna」というコマンドはありません"),
        (["scan", "--simulat", "x"], "もしかして"),
        (["scan", "--wait", "abc"], "数字で書いてください"),
        (["checks", "--at"], "値が必要です"),
        (["scan", "--fail-on", "x"], "どれでもありません"),
        (["scan", "--at", "x"], "日時ではありません"),
        (["scan", "--wait", "nan"], "秒数ではありません"),
        (["checks", "x", "y"], "余分なものがあります"),
        (["kiosk", "check", "--seconds", "0"], "範囲"),
        (["trace", "show"], "足りません"),
        (["completion"], "次のどれか"),
        (["simulate"], "PROFILE"),
        (["scan", "--simulat"], "ありません"),
        (["fleet", "report", "x", "--month", "x"], "月ではありません"),
        (["fleet", "summary", "x", "--purge"], "何日分"),
    ],
)
def test_what_is_wrong_is_said_in_japanese(
    arguments: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["--lang", "ja", *arguments]) == 2
    shown = capsys.readouterr().err
    assert reason in shown
    assert "Error" not in shown


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["scan", "--simulate", "valdi"], "もしかして: valid"),
        (["scan", "--simulate", "valid", "--replay", "x"], "どちらか一つ"),
        (["scan", "--simulate", "valid", "--reader", "x"], "そのリーダーはありません"),
        (["replay", "src/cardcheck/cli"], "通信の記録（*.apdu）がありません"),
        (["scan", "--replay", "nothere"], "その名前のものがありません"),
        (["compare", "nothere", "nothere"], "読めません"),
        (["scan", "--fault", "x"], "故障は加えられません"),
        (["doctor", "--only", "x.y"], "という項目はありません"),
        (["fleet", "summary", "nothere"], "そのファイルやフォルダーはありません"),
    ],
)
def test_what_cannot_be_used_is_said_in_japanese(
    arguments: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["--lang", "ja", *arguments]) == 2
    assert reason in capsys.readouterr().err


def test_a_message_of_anybody_stays_as_it_is() -> None:
    assert reason_in_japanese("something {name} else\\1") == "something {name} else\\1"
    told = reason_in_japanese("No such command '{name}'.")
    assert "「{name}」" in told


def test_both_languages_in_one_process(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shown: dict[str, str] = {}
    for lang in ("ja", "en", "ja"):
        monkeypatch.setenv("CARDCHECK_LANG", lang)
        assert run(["place", "--help"]) == 0
        text = capsys.readouterr().out
        assert shown.setdefault(lang, text) == text
    assert "安定して読める" in shown["ja"]
    assert "この説明を表示します" in shown["ja"]
    assert "安定" not in shown["en"]
    assert "Find a spot" in shown["en"]
