# SPDX-License-Identifier: Apache-2.0
"""``cardcheck replay``: exit codes, JUnit, JSON, headers that are brought up to date."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from cardcheck.catalog.traces import load_traces
from cardcheck.cli.main import run
from cardcheck.cli.replaying import ProgressBar
from cardcheck.transports.dump import parse

FIXTURES = Path(__file__).parents[2] / "fixtures" / "apdu"
HEAD = "cardcheck-apdu 1\norigin: synthetic\n"
PASSES = HEAD + "slot: empty\nexpect: verdict=undetermined\n"
FAILS = HEAD + "slot: empty\nexpect: verdict=ready placement.card.present=present\n"
MISMATCH = HEAD + "> 00B0000000\n< 6986\n"
PARTIAL = HEAD + "scope: partial\n"
NEAREST = (
    "line 3: expected 00B0000000, got 00A4040C0AD392F000260100000001; "
    "nearest recorded: line 3, 00B0000000"
)
BROKEN = "cardcheck-apdu 1\norigin: here\n"


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARDCHECK_LANG", "en")


def traces(folder: Path, *contents: str) -> Path:
    for number, content in enumerate(contents):
        (folder / f"{number}.apdu").write_text(content, "utf-8")
    return folder


@pytest.mark.parametrize(
    ("contents", "code"),
    [
        ([PASSES], 0),
        ([PASSES, PARTIAL], 0),
        ([PASSES, FAILS], 1),
        ([PASSES, MISMATCH], 1),
        ([PARTIAL, PARTIAL], 1),
        ([FAILS, BROKEN], 2),
        ([BROKEN], 2),
    ],
)
def test_the_exit_code_is_that_of_the_contract(
    tmp_path: Path, contents: list[str], code: int
) -> None:
    assert run(["replay", str(traces(tmp_path, *contents))]) == code


SETTLE = "if that is right now: cardcheck replay --update-expect"


def test_what_did_not_pass_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["replay", str(traces(tmp_path, PASSES, FAILS, MISMATCH, PARTIAL, BROKEN))])
    told = capsys.readouterr().out.replace(tmp_path.as_posix(), "").splitlines()
    assert told[:-1] == [
        "\u2717 FAILED  /1.apdu  undetermined",
        "    verdict: expected ready, got undetermined",
        "    placement.card.present: expected present, got none",
        f"    to look: cardcheck scan --replay /1.apdu; {SETTLE} /1.apdu",
        "\u2717 FAILED  /2.apdu",
        f"    {NEAREST}",
        "- skipped  /3.apdu",
        "    a part of a session; it cannot be diagnosed",
        "? UNREADABLE  /4.apdu",
        "    line 2: 'origin': 'here' is not a valid Origin",
    ]
    assert told[-1].startswith("Replayed 5 traces: 1 ok, 2 failed, 1 unreadable, 1 skipped.")


def test_a_path_without_a_trace_is_wrong_usage(tmp_path: Path) -> None:
    assert run(["replay", str(tmp_path)]) == 2
    assert run(["replay", str(tmp_path / "none.apdu")]) == 2


def test_junit_tells_each_file(tmp_path: Path) -> None:
    folder = traces(tmp_path, PASSES, FAILS, PARTIAL, BROKEN)
    report = tmp_path / "junit.xml"
    run(["replay", "--junit", str(report), str(folder)])
    suite = ET.fromstring(report.read_text("utf-8"))
    assert {k: suite.get(k) for k in ("tests", "failures", "errors", "skipped")} == {
        "tests": "4", "failures": "1", "errors": "1", "skipped": "1",
    }  # fmt: skip
    [source, *cases] = suite
    assert [part.attrib for part in source] == [{"name": "source", "value": "replay"}]
    inside = [[part.tag for part in case] for case in cases]
    assert inside == [[], ["failure"], ["skipped"], ["error"]]


def test_json_has_a_report_a_trace(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["replay", "--json", str(traces(tmp_path, PASSES, FAILS, PARTIAL))])
    document = json.loads(capsys.readouterr().out)
    assert (document["schema"], document["exit_code"], code) == ("cardcheck.replay/1", 1, 1)
    assert document["summary"] == {"passed": 1, "failed": 1, "skipped": 1, "unreadable": 0}
    assert [row["result"] for row in document["traces"]] == ["passed", "failed", "skipped"]
    reports = [row["report"] for row in document["traces"]]
    assert [report and report["schema"] for report in reports] == ["cardcheck.report/1"] * 2 + [
        None
    ]


def test_several_processes_say_the_same_as_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = traces(tmp_path, *[PASSES, FAILS] * 40)
    told = []
    for jobs in ("1", "2"):
        assert run(["replay", "--json", "--jobs", jobs, str(folder)]) == 1
        rows = json.loads(capsys.readouterr().out)["traces"]
        told.append([(row["trace"], row["result"], row["differences"]) for row in rows])
    assert told[0] == told[1]


def test_headers_are_brought_up_to_date(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = traces(tmp_path, PASSES, FAILS, HEAD + "slot: empty\n", PARTIAL, MISMATCH)
    before = [(folder / f"{n}.apdu").read_bytes() for n in range(5)]
    assert run(["replay", "--update-expect", str(folder)]) == 1
    told = capsys.readouterr().out
    assert "    - expect: verdict=ready placement.card.present=present" in told
    assert told.count("    + expect: verdict=undetermined placement.card.present=none") == 2
    after = [(folder / f"{n}.apdu").read_bytes() for n in range(5)]
    assert [old == new for old, new in zip(before, after, strict=True)] == [
        True,
        False,
        False,
        True,
        True,
    ]
    (folder / "4.apdu").unlink()
    assert run(["replay", str(folder)]) == 0


def test_the_result_can_go_to_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = traces(tmp_path, FAILS)
    assert run(["replay", "--lang", "ja", "--output", str(tmp_path / "out.txt"), str(folder)]) == 1
    assert capsys.readouterr().out == ""
    assert (tmp_path / "out.txt").read_text("utf-8").startswith("\u2717 不合格")
    assert run(["replay", "--output", str(tmp_path / "no" / "out.txt"), str(folder)]) == 2


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_bar_shows_how_far_it_is_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cardcheck.cli.replaying._EVERY", -1.0)
    for stream, drawn in ((Terminal(), True), (io.StringIO(), False)):
        bar = ProgressBar(4, load_traces("en"), stream)
        bar.at(2)
        bar.clear()
        assert ("[###############...............] Replaying 2/4" in stream.getvalue()) is drawn
        assert stream.getvalue().endswith("\r\x1b[K") is drawn


@pytest.mark.parametrize("name", ["mynumber-valid", "mynumber-pin-locked", "passport"])
def test_scan_says_the_same_of_a_trace(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    file = FIXTURES / f"{name}.apdu"
    run(["scan", "--replay", str(file), "--json"])
    document = json.loads(capsys.readouterr().out)
    expected = parse(file.read_text("utf-8")).header.expect
    assert expected is not None
    assert document["verdict"] == expected.verdict
    states = {finding["check"]: finding["state"] for finding in document["findings"]}
    assert expected.states.items() <= states.items()


def test_a_fault_can_be_laid_over_a_trace(capsys: pytest.CaptureFixture[str]) -> None:
    file = str(FIXTURES / "mynumber-valid.apdu")
    assert run(["scan", "--replay", file, "--fault", "removed@7", "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["source"] == "replay"
    states = {finding["check"]: finding["state"] for finding in document["findings"]}
    assert states["placement.contact.kept"] == "lost"


def test_a_copy_of_all_traces_replays_from_anywhere(tmp_path: Path) -> None:
    shutil.copytree(FIXTURES, tmp_path / "elsewhere")
    assert run(["replay", str(tmp_path)]) == 0
