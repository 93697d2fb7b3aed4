# SPDX-License-Identifier: Apache-2.0
"""One decision on the language, for every command, its help and its errors."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from cardcheck.cli.language import language, wish_in, wished_language
from cardcheck.cli.main import cli, run

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
TRACE = "fixtures/apdu/mynumber-removed-during-read.apdu"
SCAN = ("--simulate", "valid", "--wait", "0", "--plain")
HOST = ("--host-snapshot", "fixtures/hosts/windows.service.trigger.miss.json")
JAPANESE = re.compile("[\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff]")
SPEAKING = {
    "scan": ("scan", *SCAN),
    "readers": ("readers", *SCAN),
    "doctor": ("doctor", "--plain", *HOST),
    "place": ("place", *SCAN),
    "explain": ("explain", "6983"),
    "isolate": ("isolate", *SCAN, "--answers", "q"),
    "compare": ("compare", "OLD", "OLD"),
    "trace show": ("trace", "show", TRACE),
    "trace lint": ("trace", "lint", TRACE),
    "trace redact": ("trace", "redact", TRACE, "-o", "NEW"),
    "trace diff": ("trace", "diff", TRACE, TRACE),
    "trace record": ("trace", "record", "NEW", *SCAN),
    "trace import": ("trace", "import", TRACE, "-o", "NEW"),
    "replay": ("replay", TRACE),
    "simulate": ("simulate",),
    "kiosk accept": ("kiosk", "accept", "--simulate", "valid"),
    "kiosk check": ("kiosk", "check", "--simulate", "valid", "--seconds", "1"),
    "kiosk watch": ("kiosk", "watch", "--simulate", "valid", "--cycles", "1"),
    "fleet summary": ("fleet", "summary", "OLD"),
    "fleet report": ("fleet", "report", "OLD", "--month", "2026-11"),
    "fleet verify": ("fleet", "verify"),
    "exit-codes": ("exit-codes",),
    "checks": ("checks",),
    "schema": ("schema", "--nonsense"),
    "completion": ("completion",),
}
"""One run of each command that makes it say something: a result, or what is wrong."""


@pytest.fixture(autouse=True)
def system_without_a_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows and most programs on macOS: the environment names no language."""
    for name in ("CARDCHECK_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(ROOT)


def commands(group: click.Group, above: str = "") -> Iterator[str]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from commands(command, f"{above}{name} ")
        else:
            yield f"{above}{name}"


def test_every_command_is_tried() -> None:
    assert set(SPEAKING) == set(commands(cli))


@pytest.fixture
def said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """The files that the commands need, by the word that stands for them."""
    assert run(["scan", *SCAN, "--json", "--output", str(tmp_path / "old.json")]) == 0
    capsys.readouterr()
    return {"OLD": str(tmp_path / "old.json"), "NEW": str(tmp_path / "new")}


def spoken(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    run(arguments)
    shown = capsys.readouterr()
    # A banner says that nothing of this is real, always in both languages.
    lines = (shown.out + shown.err).splitlines()
    return "\n".join(line for line in lines if not line.startswith("*** "))


@pytest.mark.parametrize("name", SPEAKING)
def test_a_command_speaks_the_language_of_the_system(
    name: str,
    said: dict[str, str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    arguments = [said.get(word, word) for word in SPEAKING[name]]
    for setting, japanese in (
        (lambda: None, True),
        (lambda: "ja-JP", True),
        (lambda: "en-GB", False),
    ):
        monkeypatch.setattr("cardcheck.host.ui_language.ui_language", setting)
        assert bool(JAPANESE.search(spoken(arguments, capsys))) is japanese
        help_text = spoken([*name.split(), "--help"], capsys)
        assert bool(JAPANESE.search(help_text)) is japanese


@pytest.mark.parametrize("name", SPEAKING)
def test_the_option_stands_on_the_group_and_on_every_command(
    name: str, said: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [said.get(word, word) for word in SPEAKING[name]]
    for first in (["--lang", "en", *arguments], [*arguments, "--lang", "en"]):
        shown = spoken(first, capsys)
        assert shown
        assert not JAPANESE.search(shown)
    # The nearest wish counts.
    assert JAPANESE.search(spoken(["--lang", "en", *arguments, "--lang", "ja"], capsys))


@pytest.mark.parametrize("encoding", ["ascii", "cp437", "cp1252", "latin-1"])
@pytest.mark.parametrize(
    "arguments",
    [
        ["checks"],
        ["scan", *SCAN],
        ["scna"],
        ["scan", "--help"],
        ["doctor", "--plain", *HOST],
        ["--help"],
    ],
)
def test_a_console_without_japanese_gets_english(encoding: str, arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cardcheck", *arguments],
        env={**os.environ, "CARDCHECK_LANG": "ja", "PYTHONIOENCODING": encoding},
        capture_output=True,
        check=False,
        timeout=60,
    )
    shown = (done.stdout + done.stderr).decode(encoding)
    assert re.search("[A-Za-z]{4}", shown)
    assert "???" not in shown
    assert "\\u" not in shown


@pytest.mark.parametrize("encoding", ["utf-8", "cp932", "euc_jp", "iso2022_jp"])
def test_a_console_with_japanese_gets_it(encoding: str) -> None:
    assert language("ja", stream=io.TextIOWrapper(io.BytesIO(), encoding)) == "ja"


def test_a_file_is_japanese_whatever_the_console_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(io.BytesIO(), "ascii"))
    assert language("ja") == "en"
    assert language("ja", "report.txt") == "ja"
    target, html = tmp_path / "report.txt", tmp_path / "report.html"
    assert run(["scan", *SCAN, "--lang", "ja", "--output", str(target)]) == 0
    assert JAPANESE.search(target.read_text("utf-8"))
    assert run(["scan", *SCAN, "--lang", "ja", "--html", str(html)]) == 0
    assert 'lang="ja"' in html.read_text("utf-8")


@pytest.mark.parametrize(
    ("option", "environ", "system", "expected"),
    [
        ("en", {"CARDCHECK_LANG": "ja", "LANG": "ja_JP.UTF-8"}, None, "en"),
        (None, {"CARDCHECK_LANG": "en", "LANG": "ja_JP.UTF-8"}, None, "en"),
        (None, {"CARDCHECK_LANG": "fr", "LANG": "ja_JP.UTF-8"}, None, "ja"),
        (None, {"LC_ALL": "en_US.UTF-8", "LANG": "ja_JP.UTF-8"}, None, "en"),
        (None, {"LC_ALL": "", "LC_MESSAGES": "ja_JP", "LANG": "en_US"}, None, "ja"),
        (None, {"LANG": "de_DE.UTF-8"}, "ja-JP", "en"),
        (None, {"LANG": "C.UTF-8"}, None, "ja"),
        (None, {"LANG": "C.UTF-8"}, "en-US", "en"),
        (None, {"LANG": "POSIX"}, "ja", "ja"),
        (None, {}, None, "ja"),
        (None, {}, "ja", "ja"),
        (None, {}, "de-DE", "en"),
        ("ja", {}, "en-US", "ja"),
    ],
)
def test_whose_wish_counts(
    option: str | None, environ: dict[str, str], system: str | None, expected: str
) -> None:
    assert wished_language(option, environ, lambda: system) == expected


def test_the_system_is_asked_only_where_nothing_else_says() -> None:
    def asked() -> str | None:
        raise AssertionError

    assert wished_language("ja", {}, asked) == "ja"
    assert wished_language(None, {"CARDCHECK_LANG": "en"}, asked) == "en"
    assert wished_language(None, {"LANG": "ja_JP.UTF-8"}, asked) == "ja"


@pytest.mark.parametrize(
    ("arguments", "wish"),
    [
        ([], None),
        (["scan", "--lang", "en"], "en"),
        (["--lang=ja", "scan"], "ja"),
        (["scan", "--lang"], None),
        (["scan", "--lang", "fr"], None),
    ],
)
def test_the_wish_of_a_line_that_is_not_parsed(arguments: list[str], wish: str | None) -> None:
    assert wish_in(arguments) == wish


def test_nobody_else_decides() -> None:
    pattern = re.compile(r"getlocale|getdefaultlocale|LC_MESSAGES|CARDCHECK_LANG")
    home = ROOT / "src/cardcheck"
    found = {
        str(p.relative_to(home)) for p in home.rglob("*.py") if pattern.search(p.read_text("utf-8"))
    }
    assert found == {"cli/language.py"}
