# SPDX-License-Identifier: Apache-2.0
"""Files that a command line names: none is lost, and no report is kept back by one."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from msgspec.structs import replace

from cardcheck.cli.main import run
from cardcheck.simulation import profiles

TRACE = Path(__file__).parents[2] / "fixtures/apdu/mynumber-valid.apdu"
SCAN = ("scan", "--simulate", "valid")
EMPTY = (
    *((*SCAN, option) for option in ("--output", "--html", "--snapshot", "--record", "--seal")),
    *((*SCAN[:1], option) for option in ("--replay", "--host-snapshot", "--trust-anchor")),
    ("doctor", "--output"),
    ("doctor", "--snapshot"),
    ("doctor", "--host-snapshot"),
    ("replay", str(TRACE), "--junit"),
    ("compare",),
    ("trace", "show"),
    ("fleet", "summary"),
    ("kiosk", "watch", "--simulate", "valid", "--cycles", "1", "--state"),
    ("kiosk", "check", "--simulate", "valid", "--log"),
)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("command", EMPTY)
def test_an_empty_name_is_refused(
    command: tuple[str, ...], here: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A variable that is not set: 2, nothing on stdout, nothing written."""
    assert run([*command, ""]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert "empty" in err
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("second", ["a", "./a", "../{}/a", "{}/link/../a", "sub/a"])
@pytest.mark.parametrize("options", [("--output", "--html"), ("--record", "--output")])
@pytest.mark.posix("symbolic links for everybody")
def test_two_outputs_on_one_place_are_refused(
    second: str, options: tuple[str, str], here: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """By any spelling, through links too; before anything is written."""
    (here / "sub").symlink_to(".")
    (here / "link").mkdir()
    second = second.format(here if second.startswith("{") else here.name)
    assert run([*SCAN, options[0], "a", options[1], second]) == 2
    assert capfd.readouterr().out == ""
    assert not (here / "a").exists()


@pytest.mark.parametrize("link", ["same", "hard", "soft"])
@pytest.mark.posix("symbolic links for everybody")
def test_an_output_on_an_input_is_refused(
    link: str, here: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The evidence stays, whatever its other name is."""
    shutil.copy(TRACE, here / "t.apdu")
    out = {"same": "./t.apdu", "hard": "hard", "soft": "soft"}[link]
    os.link("t.apdu", "hard")
    (here / "soft").symlink_to("t.apdu")
    for command in (
        ("scan", "--replay", "t.apdu", "--output", out),
        ("scan", "--output", out, "--replay", "t.apdu"),
        ("scan", "--replay", "t.apdu", "--record", out),
        ("replay", "t.apdu", "--junit", out),
        ("replay", str(here), "--output", out),
        ("replay", "t.*", "--output", out),
        ("trace", "redact", "t.apdu", "-o", out),
        ("trace", "import", "t.apdu", "-o", out),
        ("compare", "t.apdu", "t.apdu", "--output", out),
    ):
        assert run([*command]) == 2, command
        assert capfd.readouterr().out == ""
    assert (here / "t.apdu").read_bytes() == TRACE.read_bytes()


@pytest.mark.posix("/dev/null")
def test_devices_may_be_named_twice() -> None:
    """Nothing is lost on them."""
    assert run([*SCAN, "--output", "/dev/null", "--html", "/dev/null"]) == 0


def test_a_snapshot_is_never_written_over_a_file(here: Path) -> None:
    """Of two computers one would be gone."""
    (here / "s.json").write_text("mine")
    for command in ((*SCAN, "--snapshot", "s.json"), ("doctor", "--snapshot", "./s.json")):
        assert run([*command]) == 2
    assert (here / "s.json").read_text() == "mine"


def test_a_named_report_that_is_broken_is_never_0(here: Path) -> None:
    """The roll-up is written; the exit code says that something of it is missing."""
    (here / "broken.json").write_text('{"schema":')
    (here / "lines.jsonl").write_text("torn\n")
    (here / "other.txt").write_text("{}")
    for name in ("broken.json", "lines.jsonl", "other.txt", "missing.json"):
        assert run(["fleet", "summary", name]) == 2, name


def test_a_roll_up_replaces_no_report(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Those that a folder or a pattern brings are inputs too; yesterday's roll-up is none."""
    assert run([*SCAN, "--output", "r.json", "--json"]) == 0
    kept = (here / "r.json").read_bytes()
    for options in (("--output", "r.json"), ("--html", "./r.json")):
        for place in (".", "*.json", "r.json"):
            assert run(["fleet", "summary", place, *options]) == 2, (place, options)
    assert run(["fleet", "report", ".", "--month", "2026-11", "--output", "r.json"]) == 2
    assert (here / "r.json").read_bytes() == kept
    capfd.readouterr()
    for _ in range(2):
        assert run(["fleet", "summary", ".", "--json", "--output", "sum.json"]) == 0


@pytest.mark.parametrize("option", ["--output", "--html", "--record"])
def test_what_cannot_be_written_keeps_no_diagnosis_back(
    option: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """The report is on stdout, the failure on stderr, and 2 is the exit code."""
    assert run([*SCAN, "--json", option, "/nowhere/file"]) == 2
    out, err = capfd.readouterr()
    assert json.loads(out)["verdict"] == "ready"
    assert "/nowhere/file" in err


def test_each_output_is_tried(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """One that fails does not keep the others from being written."""
    files = ("--html", "/nowhere/a", "--record", "t.apdu", "--output", "/nowhere/b")
    assert run([*SCAN, "--json", *files]) == 2
    out, err = capfd.readouterr()
    assert json.loads(out)
    assert "/nowhere/a" in err
    assert "/nowhere/b" in err
    assert (here / "t.apdu").exists()


def test_the_counter_speaks_first(capfd: pytest.CaptureFixture[str]) -> None:
    """So do the check of the morning and the acceptance of a reader."""
    check = ("kiosk", "check", "--simulate", "valid", "--json", "--log", "/nowhere/log")
    assert run([*check]) == 2
    assert json.loads(capfd.readouterr().out)
    accept = ("kiosk", "accept", "--simulate", "valid", "--json", "--html", "/nowhere/page")
    assert run([*accept]) == 2
    assert json.loads(capfd.readouterr().out)


def test_cards_in_several_readers_keep_no_diagnosis_back(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], here: Path
) -> None:
    """A trace is about one card: the report is there, the trace is not, and it is said how."""
    first = profiles.PROFILES["valid"].readers[0]
    second = replace(first, name="another reader 01 00")
    both = profiles.Profile(name="both", summary="", readers=(first, second))
    monkeypatch.setattr(profiles, "PROFILES", {**profiles.PROFILES, "both": both})
    record = ("scan", "--simulate", "both", "--json", "--record", "t.apdu")
    assert run([*record]) == 2
    out, err = capfd.readouterr()
    assert len(json.loads(out)["cards"]) == 2
    assert "--reader" in err
    assert not (here / "t.apdu").exists()
    assert run([*record, "--reader", "1"]) == 0
    assert (here / "t.apdu").exists()
