# SPDX-License-Identifier: Apache-2.0
"""docs/library.md: its examples run, its names are all there are, importing them costs nothing."""

from __future__ import annotations

import doctest
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

import cardcheck

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "library.md"
CALLS = {"explain", "replay", "scan", "to_json", "to_text", "virtual_card"}
TRACE = ROOT / "fixtures" / "apdu" / "mynumber-pin-locked.apdu"


def test_the_examples_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    failed, tried = doctest.testfile(
        str(PAGE), module_relative=False, encoding="utf-8", optionflags=doctest.ELLIPSIS
    )
    assert (failed, tried >= 15) == (0, True)


def test_each_name_is_there_and_each_call_is_told_of() -> None:
    text = PAGE.read_text("utf-8")
    assert all(getattr(cardcheck, name) is not None for name in cardcheck.__all__)
    assert {name for name in CALLS if f"cardcheck.{name}(" not in text} == set()
    assert set(cardcheck.__all__) - CALLS <= set(dir(cardcheck))
    absent = "nothing"
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        getattr(cardcheck, absent)


def test_import_loads_nothing() -> None:
    code = "import sys; had = set(sys.modules); import cardcheck; print(*set(sys.modules) - had)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["cardcheck"]


def test_nothing_is_printed_and_the_command_line_is_not_loaded() -> None:
    code = (
        "import sys, cardcheck\n"
        "report = cardcheck.scan(cardcheck.LookOptions(simulate='valid'))\n"
        "assert cardcheck.explain('6983').found\n"
        f"cardcheck.to_text(cardcheck.replay({str(TRACE)!r}))\n"
        "assert not {'click', 'cardcheck.cli'} & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_documents_are_those_of_the_commands(tmp_path: Path) -> None:
    trace = tmp_path / "trace.apdu"
    report = cardcheck.scan(cardcheck.LookOptions(simulate="pin-low", record=str(trace)))
    assert cardcheck.replay(trace).verdict is report.verdict
    assert '"text"' in cardcheck.to_json(report, lang="ja")
    assert '"text"' not in cardcheck.to_json(report)
    explanation = cardcheck.explain("6983")
    assert '"schema": "cardcheck.explain/1"' in cardcheck.to_json(explanation, lang="en")
    assert cardcheck.to_text(explanation, lang="en") != cardcheck.to_text(explanation)


@pytest.mark.parametrize(
    "wrong",
    [
        cardcheck.LookOptions(backend="usb"),
        cardcheck.LookOptions(fail_on="never"),
        cardcheck.LookOptions(timeout=float("nan")),
        cardcheck.LookOptions(wait=-1.0),
        cardcheck.LookOptions(at=datetime(2027, 4, 1)),  # noqa: DTZ001 - that is what is wrong
        cardcheck.LookOptions(skip=("card.speling",)),
    ],
)
def test_a_slip_is_an_error_and_not_a_default(wrong: cardcheck.LookOptions) -> None:
    with pytest.raises(cardcheck.InputError):
        cardcheck.scan(wrong)
