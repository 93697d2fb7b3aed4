# SPDX-License-Identifier: Apache-2.0
"""The command group: every command is there, and every error becomes one line and one exit code."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import click
import pytest

from cardcheck import __version__
from cardcheck.cli import main
from cardcheck.errors import InputError, WriteRefusedError

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize("name", main.COMMANDS)
def test_every_command_is_there(name: str) -> None:
    module = import_module(main.COMMANDS[name])
    command = getattr(module, f"{name.replace('-', '_')}_command")
    assert isinstance(command, click.Command)
    assert main.cli.get_command(click.Context(main.cli), name) is command
    assert command.get_short_help_str()


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["--version"]) == 0
    assert __version__ in capsys.readouterr().out
    assert main.run(["-h"]) == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in main.COMMANDS)


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["--nonsense"], ["scan", "--nonsense"], ["scan", "--at", "x"]]
)
def test_wrong_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(arguments) == 2
    out, err = capsys.readouterr()
    assert not out
    assert err
    assert "Traceback" not in err


def raising(error: BaseException) -> Callable[..., None]:
    def main_of(*_: object, **__: object) -> None:
        raise error

    return main_of


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (InputError("no profile 'x'"), 2, "no profile 'x'"),
        (click.Abort(), 130, ""),
        (click.exceptions.Exit(3), 3, ""),
        (WriteRefusedError("00200080 1234"), 70, "WriteRefusedError at test_main.py:"),
        (ValueError("20300217"), 70, "ValueError at test_main.py:"),
    ],
)
def test_what_errors_become(
    error: BaseException,
    code: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(main.cli, "main", raising(error))
    assert main.run(["scan"]) == code
    out, err = capsys.readouterr()
    assert not out
    assert said in err
    assert "1234" not in err
    assert "20300217" not in err
    assert err.count("\n") <= 1


@pytest.mark.parametrize(("result", "code"), [(4, 4), (None, 0), ("text", 0), (0, 0)])
def test_what_a_command_returns(result: object, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(main.cli, "main", lambda *_, **__: result)
    assert main.run(["scan"]) == code


@pytest.mark.parametrize(
    ("arguments", "first"),
    [
        ([], "cardcheck scan"),
        (["help"], "cardcheck scan"),
        (["help", "doctor"], "Usage: cardcheck doctor"),
        (["--lang", "en", "help", "place"], "Usage: cardcheck place"),
        (["version"], "cardcheck, version"),
    ],
)
def test_what_people_type_first(
    arguments: list[str],
    first: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CARDCHECK_LANG", "en")
    assert main.run(arguments) == 0
    assert first in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [(["scna"], "scan"), (["docter"], "doctor"), (["xyzzy"], "cardcheck help")],
)
def test_a_slip_is_answered_with_what_may_be_meant(
    arguments: list[str], meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for lang in ("ja", "en"):
        assert main.run(["--lang", lang, *arguments]) == 2
        assert meant in capsys.readouterr().err


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_a_hidden_option_is_never_offered(lang: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["scan", "--lang", lang, "--simulat", "valid"]) == 2
    told = capsys.readouterr().err
    assert "--simulate" in told
    assert "--or-simulate" not in told
