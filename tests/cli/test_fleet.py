# SPDX-License-Identifier: Apache-2.0
"""``fleet`` as a command line: formats, exit codes, purging, sealed runs, hostile names."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from cardcheck.cli.main import run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Fleet = Callable[..., tuple[int, str]]

HOSTILE = "=1+1<script>alert(1)</script>\x1b[2J"


@pytest.fixture
def fleet(capsys: pytest.CaptureFixture[str]) -> Fleet:
    """Runs ``fleet`` in English and gives the exit code and stdout."""

    def call(*arguments: str) -> tuple[int, str]:
        capsys.readouterr()
        return run(["fleet", *arguments, "--lang", "en"]), capsys.readouterr().out

    return call


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    """A folder with a report of a failing station with a hostile name, and one of a good one."""
    folder = tmp_path / "reports"
    folder.mkdir()
    bad = {"check": "reader.x.y", "layer": "reader", "outcome": "problem", "severity": "error"}
    for name, findings in ((HOSTILE, [bad]), ("city/good", [])):
        report = {
            "schema": "cardcheck.report/1", "report_id": name, "station": name,
            "source": "hardware",
            "generated_at": "2026-10-05T00:00:00Z", "findings": findings,
            "readers": [{"name": HOSTILE}], "platform": {"system": HOSTILE},
        }  # fmt: skip
        with (folder / "all.jsonl").open("a") as file:
            file.write(json.dumps(report) + "\n")
    return folder


@pytest.mark.parametrize("command", [("summary",), ("report", "--month", "2026-10")])
@pytest.mark.parametrize("form", ["text", "json", "csv", "html"])
def test_forms(fleet: Fleet, reports: Path, command: tuple[str, ...], form: str) -> None:
    code, out = fleet(*command, str(reports), "--format", form)
    assert code == 1  # a station is failing
    assert "\x1b" not in out
    if form == "json":
        document = json.loads(out)
        assert (document["schema"], document["reports"]) == ("cardcheck.fleet/1", 2)
    elif form == "csv":
        assert out.startswith("\ufeff")
        rows = list(csv.reader(io.StringIO(out[1:])))
        assert len(rows) == 3
        assert not any(cell[:1] in {"=", "+", "@"} for row in rows for cell in row)
    elif form == "html":
        assert "<script" not in out
        assert out.count("<svg") >= 4


def test_exit_codes(fleet: Fleet, reports: Path, tmp_path: Path) -> None:
    assert fleet("summary", str(tmp_path / "nowhere"))[0] == 2
    assert fleet("summary", str(tmp_path / "no*where"))[0] == 0
    assert fleet("report", str(reports), "--month", "2026-13")[0] == 2
    assert fleet("report", str(reports), "--month", "2026-09")[0] == 0
    assert fleet("summary", str(reports), "--purge")[0] == 2
    assert fleet("summary", str(reports / "*.jsonl"))[0] == 1


def test_purging_deletes_what_is_old_and_says_so(
    fleet: Fleet, reports: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fleet("summary", str(reports), "--retain", "36500", "--purge")[0] == 1
    assert (reports / "all.jsonl").exists()
    fleet("summary", str(reports), "--retain", "1", "--purge")
    assert not (reports / "all.jsonl").exists()


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="needs ssh-keygen")
def test_a_sealed_run_passes_until_it_is_changed(fleet: Fleet, tmp_path: Path) -> None:
    key, seal, signers = tmp_path / "key", tmp_path / "run.zip", tmp_path / "signers"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    signers.write_text(f"city@example.jp {key.with_suffix('.pub').read_text()}")
    sealing = ("--seal", str(seal), "--seal-key", str(key))
    assert run(["kiosk", "check", "--simulate", "valid", *sealing]) == 0
    verify = ("verify", str(seal), "--allowed-signers", str(signers))
    code, out = fleet(*verify)
    assert (code, "intact, signed by city@example.jp" in out) == (0, True)
    data = bytearray(seal.read_bytes())
    data[data.index(b"cardcheck.kiosk/1")] ^= 1
    seal.write_bytes(data)
    assert fleet(*verify)[0] == 1
    signers.write_text("")
    assert fleet(*verify)[0] == 1
    assert fleet("verify", str(tmp_path / "nowhere"), "--allowed-signers", str(signers))[0] == 2


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_why_an_archive_does_not_pass_is_said_in_the_language(
    lang: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Archives come from others: what is wrong with one is for the person who checks it."""
    archive, signers = tmp_path / "run.zip", tmp_path / "signers"
    signers.write_text("")
    for content in (b"{}", b"PK\5\6" + bytes(18)):
        archive.write_bytes(content)
        verify = ("fleet", "verify", str(archive), "--allowed-signers", str(signers))
        assert run([*verify, "--lang", lang]) == 1
        last = capfd.readouterr().out.rstrip().rpartition(": ")[2]
        assert last.isascii() is (lang == "en"), last
