# SPDX-License-Identifier: Apache-2.0
"""``cardcheck checks --overdue``, and reports that rest on old data."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from cardcheck import BUILD_DATE
from cardcheck.catalog.messages import LANGUAGES, Language, load
from cardcheck.catalog.review import Row
from cardcheck.cli.main import run
from cardcheck.render.age import age_notes
from cardcheck.render.document import Listing
from cardcheck.render.pages.review import review_document
from cardcheck.render.text import page
from cardcheck.report.model import Outcome, Severity
from render.examples import EXPIRED, NO_CARD, READY

LATE = datetime(2027, 12, 2, tzinfo=UTC)


def test_nothing_is_due_yet(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["checks", "--overdue", "--at", "2026-11-22", "--lang", "en"]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"Data: {BUILD_DATE}\n")
    assert "No row is due" in out


def test_a_year_later_all_is_due(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["checks", "--overdue", "--at", "2027-12-01", "--lang", "ja"]) == 1
    out = capsys.readouterr().out
    topic = out.split("\nadvice")[1].split("\nauthorities")[0]
    assert "2026-11  set-clock (RFC 5280" in topic  # each row stands under its topic


def test_the_oldest_sources_come_first() -> None:
    rows = [
        Row(
            table="knowledge/card", id=key, as_of="2026-11", source="x", source_date=date, due="age"
        )
        for key, date in (("b", "2024-11"), ("c", "undated"), ("a", "2008-05"))
    ]
    (_, topic) = review_document(rows, load("en")).blocks
    assert isinstance(topic, Listing)
    assert [item.text.split()[1] for item in topic.items] == ["a", "b", "c"]
    assert topic.title is not None
    assert "knowledge/card (3)" in topic.title
    assert "2008-05" in topic.items[0].text


def test_the_same_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["checks", "--overdue", "--at", "2027-12-01", "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "cardcheck.overdue/1"
    assert document["data"] == {"as_of": BUILD_DATE, "signer": None}
    assert 0 < len(document["overdue"]) <= document["rows"]
    assert set(document["overdue"][0]) == {
        *("table", "id", "as_of", "source", "source_date", "because")
    }


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_report_says_that_its_data_are_old(lang: Language) -> None:
    messages = load(lang)
    (note,) = page(replace(EXPIRED, generated_at=LATE), messages).notes
    assert "2026" in note
    assert "11" in note
    assert page(EXPIRED, messages).notes == ()


def test_readers_and_fingerprints_count_as_well() -> None:
    for some in (NO_CARD, replace(READY, readers=())):
        late = replace(some, generated_at=LATE, findings=())
        assert len(age_notes(late, load("en"))) == 1
    bare = replace(READY, generated_at=LATE, readers=(), cards=(), findings=())
    assert age_notes(bare, load("en")) == ()


def test_doctor_says_it_of_its_own_remedies() -> None:
    finding = replace(
        EXPIRED.findings[0],
        check="service.pcscd.installed",
        state="missing",
        outcome=Outcome.PROBLEM,
        severity=Severity.ERROR,
        advice=("service.pcscd.installed.missing",),
    )
    bare = replace(NO_CARD, command="doctor", readers=(), findings=(finding,))
    assert page(bare, load("ja")).notes == ()
    assert len(page(replace(bare, generated_at=LATE), load("ja")).notes) == 1
