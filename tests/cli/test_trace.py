# SPDX-License-Identifier: Apache-2.0
"""``cardcheck trace``: record, show, lint, redact, diff, import."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from cardcheck.cli.main import run
from cardcheck.transports.dump import parse
from cardcheck.transports.trace import Extent

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "fixtures" / "apdu"
LOGS = ROOT / "tests" / "traces" / "importing"
VALID = str(FIXTURES / "mynumber-valid.apdu")
HEAD = "cardcheck-apdu 1\norigin: recorded-redacted\nrecorded: 2026-11-21T03:00:00Z\n"


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARDCHECK_LANG", "en")


def test_a_scan_is_recorded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "t.apdu"
    assert run(["trace", "record", str(file), "--simulate", "pin-locked", "--json"]) == 1
    told = capsys.readouterr()
    assert '"verdict": "problem"' in told.out
    assert f"Recorded into {file}" in told.err
    assert len(parse(file.read_text("utf-8")).exchanges) == 32
    assert run(["trace", "lint", str(file)]) == 0


def test_a_trace_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["trace", "show", VALID, "--lang", "ja"]) == 0
    assert "公的個人認証" in capsys.readouterr().out
    assert run(["trace", "show", str(FIXTURES / "none.apdu")]) == 2


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", 0),
        ("> 0020008004 31323334\n< 63C2\n", 1),
        ("> FFCA000000\n< 01020304 9000\n", 1),
        ("# 123456789018\n> 00A40000\n< 9000\n", 1),
        ("> 00A4\n< 9000\n", 2),
    ],
)
def test_what_looks_real_does_not_pass(tmp_path: Path, body: str, code: int) -> None:
    file = tmp_path / "t.apdu"
    file.write_text(HEAD + body, "utf-8")
    assert run(["trace", "lint", str(file)]) == code


def test_a_reviewer_is_told_why_nothing_is_real(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["trace", "lint", VALID, "--privacy-report", "--coverage"]) == 0
    told = capsys.readouterr().out
    assert "authentication certificate (000A): a synthetic certificate" in told
    assert "States of readers and cards that have a trace:" in told
    assert "card.pin.authentication-usable=locked" in told


def test_a_trace_is_redacted_into_another_file(tmp_path: Path) -> None:
    raw, safe = tmp_path / "raw.apdu", tmp_path / "safe.apdu"
    select = "> 00A4040C0AD392F000260100000001\n< 9000\n> 00A4020C020001\n< 9000\n"
    body = select + "> 00B0000004\n< 3082061F 9000\n"
    raw.write_text(HEAD + "# of Taro\n" + body, "utf-8")
    assert run(["trace", "redact", str(raw), "-o", str(safe)]) == 0
    assert "Taro" not in safe.read_text("utf-8")
    assert parse(safe.read_text("utf-8")).exchanges[2].response == bytes(4) + b"\x90\x00"
    assert run(["trace", "lint", str(safe)]) == 0


def test_what_a_header_gives_away_is_not_written(tmp_path: Path) -> None:
    raw, safe = tmp_path / "raw.apdu", tmp_path / "safe.apdu"
    raw.write_text(HEAD + "note: of 123456789018\n> 00A40000\n< 9000\n", "utf-8")
    assert run(["trace", "redact", str(raw), "-o", str(safe)]) == 2
    assert not safe.exists()


def test_a_pin_is_blanked_only_on_demand(tmp_path: Path) -> None:
    raw, safe = tmp_path / "raw.apdu", tmp_path / "safe.apdu"
    raw.write_text(HEAD + "> 0020008004 31323334\n< 63C2\n", "utf-8")
    assert run(["trace", "redact", str(raw), "-o", str(safe)]) == 2
    assert not safe.exists()
    assert run(["trace", "redact", str(raw), "-o", str(safe), "--blank-pins"]) == 0
    assert "0020008004FFFFFFFF" in safe.read_text("utf-8")


@pytest.mark.parametrize(("other", "code"), [("mynumber-valid", 0), ("mynumber-pin-low", 1)])
def test_two_traces_are_compared(other: str, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["trace", "diff", VALID, str(FIXTURES / f"{other}.apdu")]) == code
    told = capsys.readouterr().out
    assert ("The traces say the same." in told) is (code == 0)
    assert ("+ 63C1  1 tries left" in told) is (code == 1)


def test_two_cards_differ_in_what_is_on_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["trace", "diff", VALID, str(FIXTURES / "mynumber-next-generation.apdu")]) == 1
    told = capsys.readouterr().out
    assert '    + "JPKIAPICCTOKEN3"' in told
    assert "    + key: EC, 120 bytes" in told


def test_each_session_of_a_log_becomes_a_file(tmp_path: Path) -> None:
    output = str(tmp_path / "t.apdu")
    assert (
        run(
            [
                "trace",
                "import",
                str(LOGS / "spy-colour.log"),
                str(LOGS / "pcscd-scan.log"),
                "-o",
                output,
            ]
        )
        == 0
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["t-2.apdu", "t-3.apdu", "t.apdu"]
    headers = [
        parse((tmp_path / name).read_text("utf-8")).header for name in ("t.apdu", "t-3.apdu")
    ]
    assert [header.scope for header in headers] == [Extent.PARTIAL, Extent.WHOLE]


def test_one_session_of_a_log_can_be_had(tmp_path: Path) -> None:
    log, output = str(LOGS / "spy-colour.log"), str(tmp_path / "t.apdu")
    assert run(["trace", "import", log, "-o", output, "--session", "2", "--from", "pcsc-spy"]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["t.apdu"]
    assert len(parse((tmp_path / "t.apdu").read_text("utf-8")).exchanges) == 1
    assert run(["trace", "import", log, "-o", output, "--session", "3"]) == 2


def test_the_time_of_the_log_is_that_of_the_trace(tmp_path: Path) -> None:
    log, output = tmp_path / "a.log", tmp_path / "t.apdu"
    shutil.copy(LOGS / "pcscd-scan.log", log)
    os.utime(log, (1_700_000_000, 1_700_000_000))
    for options, day in (([], "2023-11-15"), (["--at", "2026-11-22"], "2026-11-22")):
        assert run(["trace", "import", str(log), "-o", str(output), *options]) == 0
        assert f"recorded: {day}T03:00:00Z" in output.read_text("utf-8")


def test_nothing_stays_of_a_log_with_a_pin(tmp_path: Path) -> None:
    logs = [str(LOGS / name) for name in ("pcscd-scan.log", "opensc-send.log")]
    output = str(tmp_path / "t.apdu")
    assert run(["trace", "import", *logs, "-o", output]) == 2
    assert list(tmp_path.iterdir()) == []
    assert run(["trace", "import", *logs, "-o", output, "--blank-pins"]) == 0
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("content", [b"", b"\0\xff" * 100, b"nothing of the kind\n" * 9])
def test_what_is_no_log_is_wrong_usage(tmp_path: Path, content: bytes) -> None:
    log = tmp_path / "a.log"
    log.write_bytes(content)
    assert run(["trace", "import", str(log), "-o", str(tmp_path / "t.apdu")]) == 2
    assert run(["trace", "import", str(tmp_path / "none"), "-o", str(tmp_path / "t.apdu")]) == 2
