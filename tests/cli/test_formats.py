# SPDX-License-Identifier: Apache-2.0
"""Every command in every format that it offers, in both languages: whole, and marked as it must."""

from __future__ import annotations

import csv
import io
import json
import re
import shlex
import stat
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

import click
import pytest

from cardcheck.catalog.messages import LANGUAGES, Language, load
from cardcheck.catalog.people import load_people
from cardcheck.cli.main import cli, run
from cardcheck.render.formats import Format, View, formats_for
from cardcheck.render.text import banner
from cardcheck.report.model import FROM_SNAPSHOT, Source

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).parents[2]
REPLAYED: Final = str(ROOT / "fixtures/apdu/mynumber-card-expired.apdu")
COMMANDS: Final = {
    "scan": ("--simulate", "pin-low"),
    "readers": ("--simulate", "valid"),
    "place": ("--simulate", "valid"),
    "isolate": ("--simulate", "no-reader,valid", "--answers", ",,"),
    "doctor": ("--host-snapshot", "{host}"),
    "explain": ("pin-locked",),
    "compare": ("{old}", "{new}"),
    "replay": (REPLAYED,),
    "checks": (),
    "exit-codes": (),
    "kiosk accept": ("--simulate", "valid"),
    "kiosk check": ("--simulate", "valid"),
    "kiosk watch": ("--simulate", "valid", "--cycles", "1"),
    "trace record": ("{trace}", "--simulate", "valid"),
}
NOT_A_SESSION: Final = {"explain", "checks", "exit-codes"}
DATABASE: Final = {"fleet summary", "fleet report"}  # tests/fleet, where DuckDB is
CASES: Final = [
    (name, form) for name in COMMANDS for form in Format if form.value in
    {"text", "json", "html", "csv", "junit", "nagios", "prometheus", "jsonl"}
]  # fmt: skip


def commands(group: click.Group, before: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command that can be typed, with its whole name."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


def offered(command: click.Command) -> list[str]:
    """The formats that a command has; none where it has no ``--format``."""
    for parameter in command.params:
        if parameter.name == "form" and isinstance(parameter.type, click.Choice):
            return list(parameter.type.choices)
    return []


ALL: Final = {name: offered(command) for name, command in commands(cli)}


def test_every_command_with_formats_is_tried_here() -> None:
    assert {name for name, forms in ALL.items() if forms} == {*COMMANDS, *DATABASE}


def test_a_format_belongs_to_a_view_and_is_offered_wherever_there_is_one() -> None:
    for forms in ALL.values():
        views = {Format(form).view for form in forms}
        log = Format.JSONL.value in forms
        assert forms == [each.value for each in formats_for(tuple(views), log=log)]
    assert set(formats_for(tuple(View), log=True)) == set(Format)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Files that commands are given."""
    folder = tmp_path_factory.mktemp("formats")
    given = {name: str(folder / f"{name}.json") for name in ("old", "new")}
    run(["scan", "--simulate", "expired", "--json", "--output", given["old"]])
    run(["scan", "--simulate", "valid", "--json", "--output", given["new"]])
    host = min((ROOT / "fixtures/hosts").glob("*.json"))
    return {**given, "trace": str(folder / "t.apdu"), "host": str(host)}


def written(
    name: str,
    form: Format,
    lang: Language,
    files: dict[str, str],
    capsys: pytest.CaptureFixture[str],
) -> str:
    """What a command writes in one format."""
    arguments = [each.format_map(files) for each in COMMANDS[name]]
    capsys.readouterr()
    code = run([*name.split(), *arguments, "--format", form.value, "--lang", lang])
    shown = capsys.readouterr()
    assert code in {0, 1, 2, 3, 4}, shown.err
    assert shown.out, shown.err
    return shown.out


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("name", "form"), [(name, form) for name, form in CASES if form.value in ALL[name]]
)
def test_it_is_whole_and_says_that_nothing_of_it_is_real(
    name: str,
    form: Format,
    lang: Language,
    files: dict[str, str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = written(name, form, lang, files, capsys)
    whole(form, text)
    if name not in NOT_A_SESSION:
        assert re.search(marks(name, form), text), text[:600]


def whole(form: Format, text: str) -> None:
    """Fails where a program could not read the text."""
    match form:
        case Format.JSON | Format.JSONL:
            assert json.loads(text)
            assert form is Format.JSON or text.count("\n") == 1
        case Format.CSV:
            rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
            assert len({len(row) for row in rows}) == 1
        case Format.JUNIT:
            assert ET.fromstring(text).tag == "testsuite"
        case Format.HTML:
            assert text.startswith("<!DOCTYPE html>\n")
            assert text.endswith("</html>\n")
        case Format.NAGIOS:
            assert re.match(r"CARDCHECK (OK|WARNING|CRITICAL|UNKNOWN) - ", text)
        case Format.PROMETHEUS:
            assert text.startswith("# HELP cardcheck_")
        case Format.TEXT:
            assert text.endswith("\n")


def marks(name: str, form: Format) -> str:
    """A pattern of what must stand in a result that no real card gave."""
    kind = {"replay": "replay", "doctor": "snapshot"}.get(name, "simulation")
    if form in {Format.TEXT, Format.HTML}:
        if kind == "snapshot":
            return re.escape(banner(Source.REPLAY, (FROM_SNAPSHOT,))[1])
        if name == "replay" and form is Format.TEXT:
            return "Replayed|再生"
        return re.escape(banner(kind)[1])
    return "simulation|snapshot|replay"


@pytest.mark.parametrize("name", [name for name, forms in ALL.items() if "json" in forms])
def test_json_is_short_for_one_format_and_contradicts_the_others(
    name: str, files: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    others = [form for form in ALL[name] if form != "json"]
    for form in others:
        arguments = [*name.split(), *given_to(name, files), "--json", "--format", form]
        assert run(arguments) in ({2, 3} if form == "nagios" else {2}), shlex.join(arguments)
        assert re.search(rf"--json .*--format {form} ", capsys.readouterr().err)


def given_to(name: str, files: dict[str, str]) -> list[str]:
    """Arguments that a command cannot do without."""
    needed = {"fleet summary": ["."], "fleet report": [".", "--month", "2026-11"]}
    return needed.get(name) or [each.format_map(files) for each in COMMANDS[name]]


def test_the_page_is_opened_from_a_file_that_nobody_else_can_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    browser, seen = tmp_path / "browser", tmp_path / "seen"
    browser.write_text(
        f"#!{sys.executable}\nimport sys\nopen({str(seen)!r}, 'w').write(sys.argv[1])\n"
    )
    browser.chmod(0o700)
    monkeypatch.setenv("BROWSER", str(browser))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    assert run(["scan", "--simulate", "valid", "--open", "--lang", "ja"]) == 0
    for _ in range(100):
        if seen.exists() and seen.read_text():
            break
        time.sleep(0.05)
    page = Path(seen.read_text().removeprefix("file://"))
    assert page.parent == tmp_path
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    assert load("ja").label("simulated") in page.read_text("utf-8")
    assert load("ja").label("simulated") in capsys.readouterr().out


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", ["place", "isolate", "scan"])
def test_screen_and_page_say_the_same_headline_and_next_step(
    name: str, lang: Language, files: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    import html

    page = html.unescape(written(name, Format.HTML, lang, files, capsys))
    screen = written(name, Format.TEXT, lang, files, capsys)
    match = re.search(r'<section class="result [a-z]+">.*?<p class="step">.*?</p>', page, re.DOTALL)
    assert match is not None
    label = load_people(lang).label("next-step")
    said = re.sub(r"<span[^>]*>.</span>|<[^>]+>", "", match[0])
    headline, step = said.rsplit(f"{label}:", 1)
    flat = "".join(screen.split())
    assert "".join(step.split()) in flat
    assert "".join(headline.strip().splitlines()[-1].split()).split("（")[0].rstrip("。.") in flat
