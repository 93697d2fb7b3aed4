# SPDX-License-Identifier: Apache-2.0
"""``place``, ``isolate``, ``compare``, ``--html`` and ``completion`` as command lines."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from cardcheck.cli.commands.completion import script
from cardcheck.cli.main import COMMANDS, run
from cardcheck.cli.schemas import schema
from cardcheck.simulation.profiles import PROFILES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Command = Callable[..., tuple[int, str, str]]

SHELLS = ("bash", "zsh", "fish", "powershell")


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs a command in English and gives exit code, stdout, stderr."""

    def call(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run([*arguments, "--lang", "en"])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return call


def report(text: str) -> dict[str, Any]:
    """The report, checked against its schema."""
    document: dict[str, Any] = json.loads(text)
    jsonschema.validate(document, schema("report"))
    return document


@pytest.mark.parametrize(
    ("arguments", "code", "state"),
    [
        (("valid",), 0, "good"),
        (("expired",), 0, "good"),  # place judges the spot, not what the card says
        (("felica",), 1, "good"),
        (("valid", "--fault", "loss=20"), 1, "poor"),
        (("mute",), 1, "poor"),
        (("valid", "--fault", "removed@40"), 3, "too-few"),
    ],
)
def test_place_tells_the_spot(
    command: Command, arguments: tuple[str, ...], code: int, state: str
) -> None:
    rc, out, _ = command("place", "--simulate", *arguments, "--json", "--timeout", "3")
    document = report(out)
    assert (rc, document["exit_code"]) == (code, code)
    assert document["placement"]["state"] == state
    assert document["command"] == "place"


def test_place_compares_the_counters(command: Command) -> None:
    _, out, _ = command("place", "--simulate", "valid", "--json")
    document = report(out)
    assert document["placement"]["counters"] == {"compared": True, "same": True}
    [card] = document["cards"]
    assert card["safety"] == {
        "pin_attempts": 0,
        "counters_after": {"authentication": 3, "signature": 5},
    }
    left = {p["id"]: p["tries_left"] for p in card["pins"] if p["state"] == "ok"}
    assert left == card["safety"]["counters_after"]
    assert card["exchange"]["commands"] > 90


@pytest.mark.parametrize(
    ("profile", "code"), [("no-card", 4), ("no-reader", 3), ("no-service", 3), ("in-use", 3)]
)
def test_place_without_a_card_says_what_scan_would(
    command: Command, profile: str, code: int
) -> None:
    rc, out, _ = command("place", "--simulate", profile, "--json")
    assert rc == code
    assert "placement" not in report(out)


@pytest.mark.parametrize("name", ["place", "isolate"])
@pytest.mark.parametrize("option", ["--replay", "--record"])
def test_what_needs_a_person_takes_no_trace(command: Command, name: str, option: str) -> None:
    code, out, err = command(name, option, "x.apdu")
    assert (code, out) == (2, "")
    assert "--replay and --record" in err


def test_place_tells_in_lines_where_there_is_no_terminal(command: Command) -> None:
    _, out, err = command("place", "--simulate", "valid", "--fault", "slow=30")
    assert "\x1b" not in out + err
    assert "30 of 30" in out


@pytest.mark.parametrize(
    ("profiles", "answers", "parts", "sure", "code"),
    [
        ("mute,valid,mute", ",", ["spot"], "sure", 1),
        ("mute,mute,mute,valid,mute", ",,,", ["reader"], "sure", 1),
        ("no-reader,valid", ",s", ["port"], "likely", 1),
        ("no-reader,valid", ",,", ["plug"], "unsteady", 3),
        ("no-card", "s,s,s,s", ["spot", "card", "reader", "port", "computer"], "possible", 4),
        ("mute,mute", ",q", ["card", "reader", "port", "computer"], "possible", 1),
        ("valid", "", [], None, 0),
        ("expired", "", [], None, 1),
    ],
)
def test_isolate_names_the_part(
    command: Command, profiles: str, answers: str, parts: list[str], sure: str | None, code: int
) -> None:
    rc, out, _ = command("isolate", "--simulate", profiles, "--answers", answers, "--json")
    document = report(out)
    assert rc == code
    assert (document["isolation"]["parts"], document["isolation"]["sure"]) == (parts, sure)
    assert document["source"] == "simulation"


def test_isolate_reads_answers_from_a_pipe(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    import io

    monkeypatch.setattr(sys, "stdin", io.StringIO("\nS\n"))
    code, out, err = command("isolate", "--simulate", "no-reader,no-reader")
    assert code == 3
    assert "could not be narrowed down" in out
    assert err.count("Press Enter") == 3
    assert "SIMULATION" in out.upper()


def test_isolate_says_where_else_it_lies(command: Command) -> None:
    _, out, _ = command("isolate", "--simulate", "expired", "--answers", "")
    assert "Certificate" in out
    _, out, _ = command("isolate", "--simulate", "no-service", "--answers", "")
    assert "Service" in out


@pytest.fixture
def saved(command: Command, tmp_path: Path) -> Callable[[str], str]:
    """Saves the report of a profile and gives the file's name."""

    def save(profile: str) -> str:
        path = tmp_path / f"{profile}.json"
        command("scan", "--simulate", profile, "--json", "--output", str(path))
        return str(path)

    return save


def test_compare(command: Command, saved: Callable[[str], str]) -> None:
    code, out, _ = command("compare", saved("expired"), saved("valid"))
    assert code == 1
    assert "\u2713 Mended." in out
    assert "A simulation" in out
    code, out, _ = command("compare", saved("valid"), saved("valid"), "--json")
    document = json.loads(out)
    assert (code, document["schema"], document["same"]) == (0, "cardcheck.compare/1", True)


def test_compare_writes_to_a_file(
    command: Command, saved: Callable[[str], str], tmp_path: Path
) -> None:
    target = tmp_path / "out.txt"
    old, new = saved("valid"), saved("pin-locked")
    code, out, _ = command("compare", old, new, "--output", str(target))
    assert (code, out) == (1, "")
    assert "locked" in target.read_text("utf-8")


@pytest.mark.parametrize("content", [b"", b"[" * 99_999, b"{}", b"\0" * 5_000_000, None])
def test_compare_refuses_what_is_no_report(
    command: Command, saved: Callable[[str], str], tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "odd.json"
    if content is not None:
        path.write_bytes(content)
    code, out, err = command("compare", saved("valid"), str(path))
    assert (code, out) == (2, "")
    assert err.startswith(f"cardcheck: {path}: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_every_state_has_a_page(command: Command, tmp_path: Path, profile: str) -> None:
    path = tmp_path / "page.html"
    arguments = ("scan", "--simulate", profile, "--quick", "--html", str(path))
    code, out, _ = command(*arguments)
    assert code in {0, 1, 3, 4}
    assert out
    page = path.read_text("utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert page.count("<h1>") == 1
    assert "{" not in page.partition("</style>")[2]  # no placeholder is left


def test_a_page_that_cannot_be_written_is_said(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "missing" / "page.html"
    code, _, err = command("scan", "--simulate", "valid", "--html", str(path))
    assert code == 2
    assert "page.html" in err


@pytest.mark.parametrize("shell", SHELLS)
def test_every_shell_has_a_script(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", shell]) == 0
    assert capsys.readouterr().out == script(shell)
    assert "_CARDCHECK_COMPLETE" in script(shell)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_takes_its_script(shell: str, tmp_path: Path) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed: its completion script was not tried")
    path = tmp_path / "completion"
    path.write_text(script(shell), encoding="utf-8")
    done = subprocess.run([shell, "-n", path], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def completions(words: str, last: str) -> list[str]:
    """What a shell is offered, over the protocol that fish and PowerShell speak."""
    env = {
        **os.environ,
        "_CARDCHECK_COMPLETE": "fish_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": last,
    }
    call = "from cardcheck.cli.main import run; import sys; sys.exit(run([]))"
    done = subprocess.run(
        [sys.executable, "-c", call], env=env, capture_output=True, text=True, check=True
    )
    lines = done.stdout.splitlines()
    return [line.partition(",")[2].partition("\t")[0] for line in lines]


@pytest.mark.posix("bash")
def test_commands_and_options_are_completed() -> None:
    assert set(completions("cardcheck ", "")) == set(COMMANDS)
    assert completions("cardcheck com", "com") == ["compare", "completion"]
    assert "--html" in completions("cardcheck scan --", "--")
    assert completions("cardcheck scan --lang ", "") == ["ja", "en"]
