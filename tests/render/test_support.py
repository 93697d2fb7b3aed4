# SPDX-License-Identifier: Apache-2.0
"""Which findings and which reader a report's support code carries, and how a code is explained."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from cardcheck.catalog.messages import load
from cardcheck.render.document import Document
from cardcheck.render.json_report import document
from cardcheck.render.pages.report import report_screen
from cardcheck.render.pages.support import SupportText, support_text
from cardcheck.render.plain import plain_text
from cardcheck.render.reference_json import CodeFinding, SupportDocument
from cardcheck.render.support import numbers, support_code
from cardcheck.render.text import page
from cardcheck.report.model import Finding, Layer, Outcome, Report, Severity, Verdict
from cardcheck.report.support_code import MAX_LENGTH, SupportFacts, decode, encode
from render.examples import EXPIRED, NO_CARD, NO_READER, PERSONAL_SERIAL, READY, SIMULATED

REPORTS = [READY, EXPIRED, NO_CARD, NO_READER]


def words(said: SupportText) -> str:
    """What is said of a code, each part in a line."""
    return plain_text(Document(lang="ja", blocks=(said.block,)), width=400)


def code_of(report: Report) -> str:
    """The support code of a report on hardware."""
    code = support_code(report)
    assert code is not None
    return code


def finding(check: str, state: str, layer: Layer, outcome: Outcome = Outcome.PROBLEM) -> Finding:
    return Finding(check=check, layer=layer, outcome=outcome, severity=Severity.ERROR, state=state)


LOCKED = finding("card.pin.authentication-usable", "locked", Layer.PIN)
BUSY = finding("reader.slot.free", "in-use", Layer.READER)
CRASHED = finding("card.validity.current", "whatever", Layer.CARD, Outcome.CRASHED)


def test_a_simulation_has_no_code() -> None:
    """Read out over the phone it would pass for a real card."""
    assert support_code(SIMULATED) is None
    assert document(SIMULATED).support_code is None


@pytest.mark.parametrize("report", REPORTS)
def test_the_code_holds_what_was_found(report: object) -> None:
    (whole,) = (item for item in REPORTS if item is report)
    code = code_of(whole)
    facts = decode(code, numbers())
    assert len(code) <= MAX_LENGTH
    assert facts.verdict is whole.verdict
    checks = {item.check for item in whole.findings if item.outcome is Outcome.PROBLEM}
    assert checks <= {check for check, _ in facts.findings}


def test_text_and_json_show_the_same_code_once() -> None:
    code = code_of(EXPIRED)
    for lang in ("ja", "en"):
        said = page(EXPIRED, load("ja" if lang == "ja" else "en"))
        assert said.support is not None
        assert said.support.endswith(f": {code}")
        screen = report_screen(EXPIRED, load("ja" if lang == "ja" else "en"))
        assert plain_text(screen).splitlines()[-1] == said.support
    assert document(EXPIRED).support_code == code
    assert document(EXPIRED, show_personal=True).support_code == code


def test_the_worst_comes_first_and_a_crash_is_one() -> None:
    report = replace(READY, verdict=Verdict.PROBLEM, findings=(LOCKED, CRASHED, BUSY))
    facts = decode(code_of(report), numbers())
    assert facts.findings == (
        ("reader.slot.free", "in-use"),
        ("card.validity.current", "crashed"),
        ("card.pin.authentication-usable", "locked"),
    )


def test_the_reader_is_a_model_and_never_a_device() -> None:
    facts = decode(code_of(READY), numbers())
    assert facts.reader == "pasori-rc-s300-p"
    (reader,) = READY.readers
    for other in (
        replace(reader, virtual=True),
        replace(reader, name="Unheard-of 00 00", usb=None),
    ):
        assert decode(code_of(replace(READY, readers=(other,))), numbers()).reader is None
    named = replace(reader, serial=PERSONAL_SERIAL)
    assert code_of(replace(READY, readers=(named,))) == code_of(READY)
    assert decode(code_of(replace(READY, readers=())), numbers()).reader is None


def test_a_code_is_explained() -> None:
    said = support_text(code_of(EXPIRED), "ja")
    assert said.valid
    assert said.entries[0] == "cert-expired"
    assert load("ja").word("verdict", EXPIRED.verdict.value) in words(said)
    assert said.document.verdict is EXPIRED.verdict
    findings = said.document.findings
    assert isinstance(findings, tuple)
    assert CodeFinding(check=None, state="1000") not in findings


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_what_a_code_lacks_is_said(lang: str) -> None:
    table = {**numbers(), "finding": {"new.check.here:bad": 1000}}
    facts = SupportFacts(verdict=Verdict.READY, shared=True, cut=True)
    said = support_text(encode(facts, table), "ja" if lang == "ja" else "en")
    assert said.entries == ()
    assert words(said).count("\n") == 6
    newer = replace(facts, findings=(("new.check.here", "bad"),), reader="pasori-rc-s300-s")
    said = support_text(encode(newer, table), "ja" if lang == "ja" else "en")
    assert "1000" in words(said)
    assert "RC-S300" in words(said)


def test_a_slip_is_said_to_be_one() -> None:
    said = support_text("CC-5A20-4LBM", "ja")
    assert not said.valid
    assert "「0」" in words(said)
    assert said.document == SupportDocument(code="CC-5A20-4LBM", error="character")
