# SPDX-License-Identifier: Apache-2.0
"""What other projects may rely on: cards, scripts, diagnoses, the pytest plugin, the example."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cardcheck.errors import (
    CardRemovedError,
    InputError,
    NoCardError,
    ReplayMismatchError,
    ReplayUnfinishedError,
)
from cardcheck.report.model import Source, Verdict
from cardcheck.testing import (
    CardBackend,
    ScriptedLink,
    card_of,
    diagnose,
    load_fixture,
    some_computer,
    spoilt,
    virtual_card,
)
from cardcheck.traces.judge import Judge

ROOT = Path(__file__).parents[1]
FIXTURES = ROOT / "fixtures" / "apdu"
EXAMPLE = ROOT / "examples" / "token-label"


def test_a_trace_is_diagnosed() -> None:
    report = diagnose(load_fixture(FIXTURES / "mynumber-pin-locked.apdu"))
    assert (report.verdict, report.source) == (Verdict.PROBLEM, Source.REPLAY)


@pytest.mark.parametrize(
    ("arguments", "verdict"),
    [
        (("valid",), Verdict.READY),
        (("valid", "removed@7"), Verdict.PROBLEM),
        (("valid", "mute@3"), Verdict.PROBLEM),
        (("valid", "removed@3x1", "verified"), Verdict.READY),
    ],
)
def test_a_card_is_diagnosed(arguments: tuple[str, ...], verdict: Verdict) -> None:
    report = diagnose(virtual_card(*arguments))
    assert (report.verdict, report.source) == (verdict, Source.SIMULATION)


@pytest.mark.parametrize("arguments", [("none",), ("no-card",), ("valid", "burnt@3")])
def test_what_there_is_not_is_an_error(arguments: tuple[str, ...]) -> None:
    with pytest.raises(InputError):
        virtual_card(*arguments)


def test_a_fixture_that_is_missing_is_named() -> None:
    with pytest.raises(InputError, match=r"none\.apdu: cannot be read \(No such file"):
        load_fixture("none.apdu")


def test_a_reader_whose_card_was_pulled_is_empty() -> None:
    backend = CardBackend(virtual_card("valid", "removed@1"))
    (reader,) = backend.readers()
    link = backend.connect(reader)
    with pytest.raises(CardRemovedError), link.transaction():
        link.transmit(bytes.fromhex("00A4040C0AD392F000260100000001"))
    assert not backend.wait_for_card([reader], 0)
    with pytest.raises(NoCardError):
        backend.connect(reader)


def test_a_script_is_kept_to() -> None:
    link = ScriptedLink([("00A40400", "6A82"), ("00B0000004", CardRemovedError("gone"))], atr=b"x")
    assert link.transmit(bytes.fromhex("00A40400")) == b"\x6a\x82"
    with pytest.raises(ReplayUnfinishedError):
        link.finish()
    with link.transaction(), pytest.raises(CardRemovedError):
        link.transmit(bytes.fromhex("00B0000004"))
    link.finish()
    link.close()
    with pytest.raises(ReplayMismatchError, match="step 3: expected nothing more"):
        link.transmit(bytes.fromhex("00B0000004"))
    assert len(link.sent) == 3


def test_nothing_is_known_of_some_computer() -> None:
    now = Judge()._build
    assert (some_computer(now).usb, some_computer(now, "Linux").system) == (None, "Linux")


def run_example(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    import cardcheck.errors

    source = str(Path(cardcheck.errors.__file__).parents[1])
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "CARDCHECK", "COV"))}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "cardcheck.pytest_plugin", *options]
    return subprocess.run(
        [*command, "-p", "no:cacheprovider", "-p", "no:randomly"],
        cwd=folder,
        env={**kept, "PYTHONPATH": source, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_example_passes_as_it_stands() -> None:
    done = run_example(EXAMPLE)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "6 passed" in done.stdout


@pytest.mark.timeout(900)
def test_the_example_can_record_its_trace_anew(tmp_path: Path) -> None:
    folder = shutil.copytree(EXAMPLE, tmp_path / "copy")
    trace = folder / "traces" / "label.apdu"
    trace.unlink()
    assert run_example(folder).returncode == 1
    assert run_example(folder, "--cardcheck-record", "simulate:valid").returncode == 0
    assert trace.read_text("utf-8").startswith("cardcheck-apdu 1\norigin: synthetic\n")
    assert run_example(folder).returncode == 0
    trace.write_text(trace.read_text("utf-8").replace("00A4020C020006", "00A4020C020008"))
    failed = run_example(folder)
    assert failed.returncode == 1
    assert "expected 00A4020C020008, got 00A4020C020006" in failed.stdout


def test_a_failed_test_keeps_its_trace_and_fails_once(tmp_path: Path) -> None:
    folder = shutil.copytree(EXAMPLE, tmp_path / "copy")
    trace = folder / "traces" / "label.apdu"
    before = trace.read_bytes()
    (folder / "test_fails.py").write_text(
        "def test_it(apdu_trace):\n    apdu_trace('traces/label.apdu')\n    raise AssertionError\n"
    )
    for options in ([], ["--cardcheck-record", "simulate:valid"]):
        done = run_example(folder, "test_fails.py", *options)
        assert "1 failed" in done.stdout
        assert "error" not in done.stdout.splitlines()[-1]
        assert trace.read_bytes() == before


def test_a_mistyped_source_is_refused(tmp_path: Path) -> None:
    folder = shutil.copytree(EXAMPLE, tmp_path / "copy")
    done = run_example(folder, "--cardcheck-record", "simulat:valid")
    assert "no such source: simulat:valid; did you mean simulate:valid?" in done.stdout


def test_the_card_of_a_trace_has_power() -> None:
    trace = load_fixture(EXAMPLE / "traces" / "label.apdu")
    command = next(e.asked for e in trace.exchanges if isinstance(e.asked, bytes))
    assert card_of(trace).transmit(command)
    with pytest.raises(CardRemovedError):
        spoilt(card_of(trace), "removed@1").transmit(command)


def test_a_trace_that_is_not_used_up_fails_the_test(tmp_path: Path) -> None:
    folder = shutil.copytree(EXAMPLE, tmp_path / "copy")
    trace = folder / "traces" / "label.apdu"
    trace.write_text(trace.read_text("utf-8") + "> 00A4020C020008\n< 9000\n")
    failed = run_example(folder)
    assert failed.returncode == 1
    assert "1 recorded exchanges were not asked for" in failed.stdout
