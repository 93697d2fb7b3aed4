# SPDX-License-Identifier: Apache-2.0
"""Names that a stranger chose reach no terminal and no log of CI as they are."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from cardcheck.cli.main import run

TRACE = Path(__file__).parents[2] / "fixtures" / "apdu" / "mynumber-certificate-absent.apdu"
NAMES = [
    "esc\x1b[31m",
    "title\x1b]0;x\x07",
    "c1\x9b31m",
    "bidi\u202egpj",
    "line\n::error file=x::forged",
    "::error file=x::forged",
    "##[error]forged",
    "##vso[task.complete result=Failed]",
    "bytes\udc80",
    "back\rover",
]
if sys.platform == "win32":
    pytest.skip("Windows has no such file names", allow_module_level=True)


def harmless(text: str) -> bool:
    """Whether nothing in ``text`` acts."""
    bad = any((ord(c) < 0x20 and c not in "\t\n") or 0x7F <= ord(c) <= 0x9F for c in text)
    bad = bad or not set(text).isdisjoint("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    commands = [line for line in text.split("\n") if line.lstrip().startswith("::")]
    return not (bad or commands or "##[" in text or "##vso[" in text)


@pytest.fixture(params=NAMES, ids=[ascii(name) for name in NAMES])
def name(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    return str(request.param)


COMMANDS = {
    "replay": ["replay", "--verbose", "--", "{}"],
    "replay a broken one": ["replay", "--", "{}.broken.apdu"],
    "replay as JSON": ["replay", "--json", "--", "{}"],
    "lint": ["trace", "lint", "--privacy-report", "--", "{}"],
    "lint a broken one": ["trace", "lint", "--", "{}.broken.apdu"],
    "lint a folder": ["trace", "lint", "--", "."],
    "show": ["trace", "show", "--", "{}"],
    "show none": ["trace", "show", "--", "{}.none"],
    "redact": ["trace", "redact", "-o", "{}.redacted", "--", "{}"],
    "import": ["trace", "import", "-o", "{}.imported", "--", "{}"],
    "diff": ["trace", "diff", "--", "{}", "{}.broken.apdu"],
    "compare": ["compare", "--", "{}", "{}"],
    "compare none": ["compare", "--", "{}.none", "{}"],
    "scan": ["scan", "--replay", "{}.none"],
    "reader": ["scan", "--simulate", "valid", "--reader", "{}"],
    "profile": ["scan", "--simulate", "{}"],
    "fault": ["scan", "--simulate", "valid", "--fault", "{}"],
    "anchor": ["scan", "--simulate", "valid", "--trust-anchor", "{}"],
    "output": ["scan", "--simulate", "valid", "--output", "{}.none/x"],
    "at": ["scan", "--simulate", "valid", "--at", "{}"],
    "lang": ["scan", "--lang", "{}"],
    "snapshot": ["doctor", "--host-snapshot", "{}"],
    "fleet summary": ["fleet", "summary", "--", "{}.json"],
    "fleet summary none": ["fleet", "summary", "--", "{}.none"],
    "fleet verify": ["fleet", "verify", "--allowed-signers", "{}", "--", "{}"],
    "explain": ["explain", "--", "{}"],
    "command": ["{}"],
    "option": ["scan", "--{}"],
    "argument": ["readers", "{}"],
    "kiosk": ["kiosk", "check", "--reader", "{}", "--simulate", "valid"],
    "only": ["scan", "--simulate", "valid", "--only", "{}"],
    "schema": ["schema", "{}"],
    "completion": ["completion", "{}"],
}


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_name_that_acts_is_shown_instead(
    name: str, command: str, lang: str, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    for file, content in (
        (name, TRACE.read_bytes()),
        (f"{name}.broken.apdu", b"nonsense\n"),
        (f"{name}.json", b'{"station": "\\ud800"}'),
    ):
        if "/" not in file:
            Path(file).write_bytes(content)
    monkeypatch.setenv("CARDCHECK_LANG", lang)
    run([word.replace("{}", name) for word in COMMANDS[command]])
    out, err = capsys.readouterr()
    assert harmless(out), out
    assert harmless(err), err


def test_a_station_of_no_text_names_the_file_of_the_user(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("duckdb")
    file = tmp_path / "report.json"
    file.write_text('{"schema": "cardcheck.report/1", "station": "\\ud800"}')
    run(["fleet", "summary", "--json", str(tmp_path)])
    refused = json.loads(capsys.readouterr().out)["refused"]
    assert [(each["file"], each["reason"]) for each in refused] == [(str(file), "malformed")]


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="needs ssh-keygen")
def test_an_archive_is_not_believed_before_it_is_verified(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import zipfile

    signers = tmp_path / "signers"
    signers.write_text("")
    archive = tmp_path / "a.zip"
    for entry in NAMES:
        if "\udc80" in entry:
            continue
        with zipfile.ZipFile(archive, "w") as packed:
            packed.writestr("MANIFEST.sha256", f"{'0' * 64}  {entry}\n")
            packed.writestr("MANIFEST.sha256.sig", "x")
            packed.writestr(entry, "y")
        assert run(["fleet", "verify", os.fspath(archive), "--allowed-signers", str(signers)]) == 1
        out, err = capsys.readouterr()
        assert harmless(out), out
        assert harmless(err), err
