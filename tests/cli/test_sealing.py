# SPDX-License-Identifier: Apache-2.0
"""``scan --seal``: what is in an archive, who makes one, what ``fleet verify`` says of it."""

from __future__ import annotations

import json
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cardcheck import signals
from cardcheck.cli.main import run
from cardcheck.host.signing import sign
from cardcheck.output.archive import archive, manifest_of
from cardcheck.transports import dump
from cardcheck.transports.privacy import looks_real

if TYPE_CHECKING:
    from collections.abc import Callable

    Scan = Callable[..., tuple[int, str]]

pytestmark = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="needs ssh-keygen")
TRACES = Path(__file__).parents[2] / "fixtures" / "apdu"
SYNTHETIC = str(TRACES / "mynumber-certificate-absent.apdu")
SIGNED = {"MANIFEST.sha256", "MANIFEST.sha256.sig", "versions.json"}


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)
    return path


@pytest.fixture
def scan(key: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Scan:
    """Runs ``scan`` with ``--seal`` and gives the exit code and stdout."""

    def call(*arguments: str) -> tuple[int, str]:
        sealing = ("--seal", str(tmp_path / "run.zip"), "--seal-key", str(key))
        capsys.readouterr()
        return run(["scan", *arguments, *sealing]), capsys.readouterr().out

    return call


def files_in(archive: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(archive) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def verified(archive: Path, key: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    signers = archive.with_name("signers")
    signers.write_text(f"city@example.jp {key.with_suffix('.pub').read_text()}")
    capsys.readouterr()
    arguments = ["fleet", "verify", str(archive), "--allowed-signers", str(signers)]
    return run([*arguments, "--lang", "en"]), capsys.readouterr().out


def test_report_trace_and_versions_are_sealed(
    scan: Scan, key: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is delivered and what ``--record`` writes are what is sealed; any change is seen."""
    archive, record = tmp_path / "run.zip", tmp_path / "trace.apdu"
    code, out = scan("--simulate", "pin-locked", "--json", "--with-text", "--record", str(record))
    files = files_in(archive)
    assert code == 1
    assert set(files) == SIGNED | {"report.json", "trace.apdu"}
    assert files["report.json"].decode() == out
    assert files["trace.apdu"] == record.read_bytes()
    assert set(json.loads(files["versions.json"])) >= {"cardcheck", "catalog", "python"}
    code, said = verified(archive, key, capsys)
    assert code == 0
    assert "intact, signed by city@example.jp / " in said

    data = bytearray(archive.read_bytes())
    data[data.index(b"origin: synthetic")] ^= 1
    archive.write_bytes(data)
    code, said = verified(archive, key, capsys)
    assert (code, "NOT PASSED" in said) == (1, True)


def test_a_replay_says_so_in_report_and_trace(
    scan: Scan, key: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Replaying what a simulation said does not turn it into a recorded card."""
    scan("--replay", SYNTHETIC)
    files = files_in(tmp_path / "run.zip")
    trace = dump.parse(files["trace.apdu"].decode())
    assert json.loads(files["report.json"])["source"] == "replay"
    assert trace.header.origin.value == "synthetic"
    assert trace.header.note is not None
    assert "from a replay" in trace.header.note
    assert looks_real(trace) == []
    assert "This is the replay of a record" in verified(tmp_path / "run.zip", key, capsys)[1]


def test_counters_do_not_stand_beside_a_station(scan: Scan, tmp_path: Path) -> None:
    record = tmp_path / "trace.apdu"
    scan("--simulate", "pin-low", "--station", "office/1", "--record", str(record))
    files = files_in(tmp_path / "run.zip")
    report = json.loads(files["report.json"])
    assert set(files) == SIGNED | {"report.json"}
    assert record.exists()
    assert report["station"] == "office/1"
    assert {pin["state"] for pin in report["cards"][0]["pins"]} == {"not-checked"}


@pytest.mark.parametrize(
    "arguments",
    [
        ("--show-personal",),
        ("--show-personal", "--json"),
        ("--replay", SYNTHETIC),
        ("--seal-key", "/nowhere/key"),
    ],
)
def test_what_is_refused(
    arguments: tuple[str, ...],
    key: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """2, one line that says why, and neither a report nor an archive."""
    archive = tmp_path / "run.zip"
    sealing = ("--seal", str(archive), "--seal-key", str(key))
    assert run(["scan", "--simulate", "valid", *sealing, *arguments]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert not archive.exists()


def test_an_archive_without_a_name_is_refused(
    key: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is read."""
    assert run(["scan", "--simulate", "valid", "--seal", "", "--seal-key", str(key)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "--seal" in err


def test_an_archive_that_cannot_be_written_keeps_no_diagnosis_back(
    key: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The report is there; what failed is said, and the exit code says it too."""
    sealing = ("--seal", "/nowhere/run.zip", "--seal-key", str(key))
    assert run(["scan", "--simulate", "valid", "--json", *sealing]) == 2
    out, err = capsys.readouterr()
    assert json.loads(out)["verdict"] == "ready"
    assert "/nowhere/run.zip" in err


def test_an_archive_is_written_whole_or_not_at_all(
    scan: Scan, key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a signature the archive of yesterday stays as it was, and nothing lies beside it."""
    archive = tmp_path / "run.zip"
    assert scan("--simulate", "valid")[0] == 0
    before, beside = archive.read_bytes(), {path.name for path in tmp_path.iterdir()}
    key.write_text("no key")
    assert scan("--simulate", "valid")[0] == 2
    assert archive.read_bytes() == before
    monkeypatch.setenv("PATH", "")
    assert scan("--simulate", "valid")[0] == 2
    assert archive.read_bytes() == before
    assert {path.name for path in tmp_path.iterdir()} == beside


def test_an_interrupted_scan_is_not_sealed(
    scan: Scan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signals, "settle", lambda: "SIGINT")
    code, out = scan("--simulate", "valid", "--json")
    assert (code, json.loads(out)["exit_code"]) == (130, 130)
    assert not (tmp_path / "run.zip").exists()


def signed(files: dict[str, bytes], key: Path) -> bytes:
    """An archive with these files, signed as ours are."""
    return archive(files, sign(manifest_of(files), str(key)))


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"report.json": b"{}"},
        {"versions.json": b"{}"},
        {"report.json": b'{"schema": "cardcheck.report/1"}'},
        {"report.json": b"[" * 100_000},
        {"report.txt": b"all is well"},
    ],
)
def test_an_archive_without_a_report_does_not_pass(
    files: dict[str, bytes], key: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever signed it: it says nothing of any run."""
    path = tmp_path / "empty.zip"
    path.write_bytes(signed(files, key))
    code, said = verified(path, key, capsys)
    assert code == 1
    assert "no report" in said


@pytest.mark.parametrize("where", ["before", "behind", "between", "comment"])
def test_bytes_around_the_files_do_not_pass(
    where: str, scan: Scan, key: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was not signed has no place in an archive."""
    path = tmp_path / "run.zip"
    scan("--simulate", "valid")
    data = path.read_bytes()
    end = len(data) - 22
    directory = int.from_bytes(data[end + 16 : end + 20], "little")
    path.write_bytes(
        {
            "before": b"#!/bin/sh\n" + data,
            "behind": data + b"more",
            "between": data[:directory]
            + b"more"
            + data[directory : end + 16]
            + (directory + 4).to_bytes(4, "little")
            + data[end + 20 :],
            "comment": data[:-2] + b"\4\0more",
        }[where]
    )
    code, said = verified(path, key, capsys)
    assert code == 1
    assert "intact" not in said


def test_station_instant_run_and_result_are_said(
    scan: Scan, key: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As the sealed report has them, harmless on a terminal."""
    scan("--simulate", "expired", "--station", "city\x1b[2J\n::error::x")
    code, said = verified(tmp_path / "run.zip", key, capsys)
    assert code == 0
    assert said.count("\n") == 1
    assert "\x1b" not in said
    for part in ("city", "scan", "problem", "+09:00"):
        assert part in said


def test_what_is_wanted_alone_passes(
    scan: Scan, key: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not another station's, not one from before, not the same twice."""
    scan("--simulate", "valid", "--station", "a")
    first, copy, signers = (tmp_path / name for name in ("run.zip", "copy.zip", "signers"))
    copy.write_bytes(first.read_bytes())
    assert verified(first, key, capsys)[0] == 0
    verify = ("fleet", "verify", "--allowed-signers", str(signers), "--lang", "en")
    for wish, code in (
        (("--station", "a"), 0),
        (("--station", "b"), 1),
        (("--not-before", "2020-01-01"), 0),
        (("--not-before", "2199-01-01"), 1),
        ((str(copy),), 1),
        ((str(first),), 1),
    ):
        assert run([*verify, str(first), *wish]) == code, wish
    said = capsys.readouterr().out
    for reason in ("another station: a", "too early", "the same report"):
        assert reason in said


def test_one_that_cannot_be_read_does_not_hide_the_others(
    scan: Scan, key: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """All are told; then 2."""
    scan("--simulate", "valid")
    assert verified(tmp_path / "run.zip", key, capsys)[0] == 0
    archives = (str(tmp_path / "nowhere.zip"), str(tmp_path / "run.zip"))
    signers = ("--allowed-signers", str(tmp_path / "signers"), "--lang", "en")
    assert run(["fleet", "verify", *archives, *signers]) == 2
    out, err = capsys.readouterr()
    assert "intact" in out
    assert "nowhere.zip" in err
