# SPDX-License-Identifier: Apache-2.0
"""``--format nagios`` of scan and doctor: one line, 0 to 3, and nothing of the card's owner."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from cardcheck import signals
from cardcheck.cli import session
from cardcheck.cli.main import run
from checks.doctor_hosts import HOSTS

if TYPE_CHECKING:
    from collections.abc import Callable

    Line = Callable[..., tuple[int, str]]

NAGIOS = ("--format", "nagios")
LINE = re.compile(
    r"CARDCHECK (OK|WARNING|CRITICAL|UNKNOWN) - (\w+)( \([a-z]+\))?: (\w+)((?:; [a-z.0-9-]+)*)"
    r" \| usable=\d+;;;0;\d+ problems=\d+;;;0 time=\d+\.\d{3}s;;;0\n"
)


@pytest.fixture
def line(capsys: pytest.CaptureFixture[str]) -> Line:
    """Runs a command for monitoring and gives exit code and stdout."""

    def call(*arguments: str) -> tuple[int, str]:
        capsys.readouterr()
        return run([*arguments, *NAGIOS]), capsys.readouterr().out

    return call


@pytest.mark.parametrize(
    ("profile", "code", "word", "verdict", "due"),
    [
        ("valid", 0, "OK", "ready", ""),
        ("pin-low", 1, "WARNING", "attention", "; card"),
        ("sign-pin-locked", 1, "WARNING", "attention", "; card"),
        ("pin-locked", 2, "CRITICAL", "problem", "; card"),
        ("expired", 2, "CRITICAL", "problem", "; card"),
        ("no-service", 2, "CRITICAL", "problem", "; service.pcscd.listening"),
        ("no-reader", 2, "CRITICAL", "problem", "; reader.attached.any"),
        ("no-card", 3, "UNKNOWN", "undetermined", "; placement.card.present"),
    ],
)
def test_a_scan(line: Line, profile: str, code: int, word: str, verdict: str, due: str) -> None:
    """The verdict decides; of the card it is not said what is wrong with it."""
    returned, out = line("scan", "--simulate", profile)
    match = LINE.fullmatch(out)
    assert match, out
    assert (returned, *match.groups()) == (code, word, "scan", " (simulation)", verdict, due)
    assert line("scan", "--simulate", profile, "--fail-on", "warning")[0] == code


def test_an_interrupted_scan_is_not_ok(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signals, "settle", lambda: "SIGINT")
    code, out = line("scan", "--simulate", "valid")
    assert (code, out.startswith("CARDCHECK UNKNOWN - scan (simulation): ")) == (3, True), out


def test_a_doctor(line: Line) -> None:
    code, out = line("doctor", "--host-snapshot", str(HOSTS / "driver.kernel.free.hit.json"))
    match = LINE.fullmatch(out)
    assert match, out
    assert (code, *match.groups()[:4]) == (2, "CRITICAL", "doctor", " (snapshot)", "problem")
    assert "driver.kernel.free" in match[5].split("; ")


@pytest.mark.parametrize(
    "arguments",
    [
        ("scan", "--json"),
        ("scan", "--show-personal"),
        ("scan", "--simulate", "no|such\nprofile"),
        ("scan", "--nonsense"),
        ("scan", "--reader", "9", "--simulate", "valid"),
        ("scan", "--seal", "x"),
        ("doctor", "--json"),
        ("doctor", "--only", "nothing.there"),
        ("doctor", "--host-snapshot", "/nowhere"),
        ("kiosk", "check", "--simulate", "valid", "--reader", "9"),
        ("kiosk", "watch", "--from", "/nowhere"),
    ],
)
def test_without_a_result_it_is_unknown(line: Line, arguments: tuple[str, ...]) -> None:
    """2 would be CRITICAL to who called; the reason is one line on stdout, without a stroke."""
    code, out = line(*arguments)
    assert code == 3
    assert out.startswith("CARDCHECK UNKNOWN - ")
    assert (out.count("\n"), "|" in out) == (1, False)
    assert run([*arguments, "--format=nagios"]) == 3


def test_a_bug_is_unknown(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object, **__: object) -> None:
        raise ValueError("20300217")

    monkeypatch.setattr(session.Session, "diagnose", crash)
    code, out = line("scan", "--simulate", "valid")
    assert (code, "ValueError at test_nagios.py" in out) == (3, True)
    assert "20300217" not in out


def test_the_line_may_go_to_a_file(line: Line, tmp_path_factory: pytest.TempPathFactory) -> None:
    target = tmp_path_factory.mktemp("out") / "line"
    assert line("scan", "--simulate", "valid", "--output", str(target)) == (0, "")
    assert LINE.fullmatch(target.read_text("utf-8"))


@pytest.mark.parametrize(
    "command",
    [("scan", "--simulate", "valid"), ("doctor", "--host-snapshot", str(HOSTS / "linux.json"))],
)
def test_json_is_json(command: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """``--format json`` is what ``--json`` is."""
    for form in (("--json",), ("--format", "json")):
        run([*command, *form])
        assert capsys.readouterr().out.startswith('{\n  "schema": "cardcheck.')
