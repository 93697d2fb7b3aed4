# SPDX-License-Identifier: Apache-2.0
"""Reports read back: any encoding of a shell, and nothing that a hostile file can do."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardcheck.errors import InputError
from cardcheck.render.json_report import document, dumps
from cardcheck.report.loaded import parse_report
from cardcheck.report.model import Outcome, Severity, Verdict
from render import examples

TEXT = dumps(document(examples.EXPIRED))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4)
    ),
    max_leaves=20,
)


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        TEXT.replace("\n", "\r\n").encode("utf-8-sig"),
    ],
    ids=["utf-8", "bom", "utf-16", "le", "be", "crlf"],
)
def test_encodings(data: bytes) -> None:
    report = parse_report(data)
    assert report.verdict is Verdict.PROBLEM
    assert report == parse_report(TEXT.encode())


def test_what_is_kept() -> None:
    report = parse_report(TEXT.encode())
    assert report.report_id == examples.EXPIRED.report_id
    assert report.readers == (examples.NAME,)
    assert report.kinds == ("my-number-card",)
    assert len(report.findings) == len(examples.EXPIRED.findings)
    [expired] = [f for f in report.findings if f.state == "expired"]
    assert (expired.subject, expired.presses) == ("card my-number-card", True)


def changed(**values: object) -> bytes:
    made: dict[str, Any] = {**json.loads(TEXT), **values}
    return json.dumps(made).encode()


def test_values_of_a_later_version_are_survived() -> None:
    report = parse_report(changed(verdict="splendid", schema="cardcheck.report/2"))
    assert report.verdict is Verdict.UNDETERMINED
    strange = {
        "check": "x.y.z",
        "subject": "c9",
        "outcome": "better",
        "severity": "mild",
        "layer": "moon",
        "evidence": {"a": [1], "b": 10**40, "c": "d"},
        "advice": [1, "renew-certificate"],
    }
    [finding] = parse_report(changed(findings=[strange])).findings
    assert (finding.outcome, finding.severity) == (Outcome.UNKNOWN, Severity.INFO)
    assert (finding.layer, finding.state, finding.subject) == (None, "undescribed", "c9")
    assert finding.evidence == {"c": "d"}
    assert finding.advice == ("renew-certificate",)


def test_two_readers_of_one_name_are_told_apart() -> None:
    readers = [{"id": "r0", "name": "A"}, {"id": "r1", "name": "A"}]
    rows = [{"check": "x", "subject": "r1"}]
    [finding] = parse_report(changed(readers=readers, cards=[], findings=rows)).findings
    assert finding.subject == "reader A #2"


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"", "empty"),
        (b"\0\0 \n", "empty"),
        (b"[" * 200_000, "deep"),
        (b"{", "not valid JSON"),
        (b"NaN", "not valid JSON (line 1, column 1"),
        (b"9" * 6000, "number"),
        (b"\xff\xfe\x00", "UTF"),
        (b"\x80\x81\x82\x83", "UTF"),
        (b"[]", "not a cardcheck report"),
        (b'{"schema": 1}', "schema"),
        (b'{"a": "\\ud800"}', "half of a character"),
        (b'{"a": 1e999}', "out of range"),
        (changed(source="x" * 4_000_000), "$.source: a text of 4000000 characters"),
        (changed(cards=[{"id": "c0"}]), "$.cards[0]: object missing required field kind"),
        (b'{"schema": "cardcheck.kiosk/1"}', "not a cardcheck report"),
        (changed(readers={}), "readers"),
        (changed(findings=[1]), "findings"),
        (changed(findings=[{}]), "$.findings[0]: object missing required field check"),
        (changed(report_id=None), "report_id"),
        (changed(cards=[{"id": 3}]), "id"),
        (changed(findings=[{}] * 5001), "too many"),
    ],
)
def test_what_is_no_report_is_refused_in_a_line(data: bytes, complaint: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_report(data)
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("when", ["yesterday", 5, None, "2026-11-21", "9999-99-99T00:00:00Z"])
def test_an_odd_instant_is_no_instant(when: object) -> None:
    assert parse_report(changed(generated_at=when)).generated_at is None


@given(st.dictionaries(st.sampled_from(sorted(json.loads(TEXT))), JSON))
def test_any_json_is_a_report_or_refused(values: dict[str, object]) -> None:
    made = {**json.loads(TEXT), **values}
    with suppress(InputError):
        parse_report(json.dumps(made).encode())


@given(st.binary(max_size=200))
def test_any_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        parse_report(data)
