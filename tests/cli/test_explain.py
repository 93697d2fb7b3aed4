# SPDX-License-Identifier: Apache-2.0
"""``cardcheck explain`` as a user runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from cardcheck.cli.main import run


def explain(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = run(["explain", *arguments])
    return code, capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "first"),
    [
        (["暗証番号", "を3回間違えた"], "pin-locked"),
        (["-2146435043"], "reader-service"),
        (["--", "-2146435043"], "reader-service"),
        (["0x8010002E"], "reader-none"),
        (["my", "certificate", "has", "expired"], "cert-expired"),
        (["CC-5A23-4LBM"], "pin-locked"),
    ],
)
def test_something_is_found(
    capsys: pytest.CaptureFixture[str], arguments: list[str], first: str
) -> None:
    code, out = explain(capsys, "--json", "--lang", "ja", *arguments)
    document = json.loads(out)
    assert code == 0
    assert document["schema"] == "cardcheck.explain/1"
    assert document["results"][0]["id"] == first
    assert 0 < document["results"][0]["score"] <= 1


def test_nothing_found_ends_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    code, out = explain(capsys, "--lang", "en", "weather", "forecast")
    assert code == 1
    assert out.startswith("No explanation was found")
    code, out = explain(capsys, "--json", "weather", "forecast")
    assert (code, json.loads(out)["results"]) == (1, [])


@pytest.mark.parametrize(
    "arguments", [[], [""], [" ", "\u3000"], ["x", "--limit", "0"], ["x", "--lang", "fr"]]
)
def test_wrong_usage_ends_with_2(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert explain(capsys, *arguments)[0] == 2


def test_the_limit_and_the_language_are_heeded(capsys: pytest.CaptureFixture[str]) -> None:
    _, out = explain(capsys, "--json", "--limit", "1", "--lang", "en", "暗証番号")
    (only,) = json.loads(out)["results"]
    assert only["title"].isascii()


def test_a_support_code_is_decoded(capsys: pytest.CaptureFixture[str]) -> None:
    code, out = explain(capsys, "--lang", "ja", "サポートコードは", "cc", "5a23", "4lbm")
    assert code == 0
    assert out.startswith("サポートコード CC-5A23-4LBM")
    assert "[card.pin.authentication-usable:locked]" in out
    assert "[pin-locked]" in out


def test_a_mistyped_support_code_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    code, out = explain(capsys, "--json", "CC-5A23-4LBN")
    assert code == 1
    assert json.loads(out)["support_code"] == {"code": "CC-5A23-4LBN", "error": "check"}


def test_what_was_asked_is_not_repeated(capsys: pytest.CaptureFixture[str]) -> None:
    _, out = explain(capsys, "--json", "暗証番号は 7351 です")
    assert "7351" not in out


def test_help_has_examples() -> None:
    from cardcheck.cli.commands.explain import explain_command

    text = CliRunner().invoke(explain_command, ["--help"]).output
    assert "0x8010001D" in text
    assert "Never type a PIN" in " ".join(text.split())


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_without_words_a_terminal_is_asked_and_led_to_one_entry() -> None:
    import pty

    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "cardcheck", "explain", "--lang", "en"]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        os.write(ours, b"1\n9\n2\n3\n")  # 9: there is no such answer, so it is asked again
        assert process.wait(timeout=60) == 0
    shown = read_all(ours)
    assert "Where is the trouble?" in shown
    assert "[pin-locked]" in shown


def read_all(descriptor: int) -> str:
    parts = []
    try:
        while part := os.read(descriptor, 4096):
            parts.append(part)
    except OSError:  # the other end is closed
        pass
    os.close(descriptor)
    return b"".join(parts).decode()
