# SPDX-License-Identifier: Apache-2.0
"""Every row of every table of facts has a month and a source, and becomes due when it should."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from cardcheck.catalog import data
from cardcheck.catalog.knowledge import AREAS
from cardcheck.catalog.review import TABLES, overdue, rows

TODAY = date(2026, 11, 22)
NO_FACTS = {
    *("checks", "support_code"),  # names and numbers
    *(
        "aliases",
        "errands",
        "knowledge/doctor",
        "knowledge/labels",
        "knowledge/terms",
        "knowledge/words",
        "knowledge/questions",
    ),  # links and words
}


def test_every_table_is_one_of_facts_or_known_to_have_none() -> None:
    root = Path(data.__file__).parent
    names = {path.relative_to(root).with_suffix("").as_posix() for path in root.rglob("*.toml")}
    assert {name for name in names if not name.startswith("messages/")} == {*TABLES, *NO_FACTS}


@pytest.mark.parametrize("table", TABLES)
def test_every_row_has_a_month_and_a_source(table: str) -> None:
    found = [row for row in rows(TODAY) if row.table == table]
    assert len(found) >= (1 if table == "usb_devices" else 6)
    assert len({row.id for row in found}) == len(found)
    for row in found:
        assert re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", row.as_of), row
        assert row.as_of <= f"{TODAY:%Y-%m}", row
        assert row.source.strip(), row


@pytest.mark.parametrize("key", ["as_of", "source"])
def test_a_row_without_one_is_seen(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    advice = dict(data.table("advice.toml"))
    advice["set-clock"] = {k: v for k, v in advice["set-clock"].items() if k != key}
    monkeypatch.setattr(
        "cardcheck.catalog.review.table",
        lambda name: advice if name == "advice.toml" else data.table(name),
    )
    with pytest.raises(KeyError):
        rows(TODAY)


def test_age_makes_due() -> None:
    assert overdue(date(2027, 11, 30)) == ()
    due = {(row.table, row.id): row.due for row in overdue(date(2027, 12, 1))}
    assert due["advice", "set-clock"] == "age"
    assert due["authorities", "authentication-3"] == "age"
    assert len({table for table, _ in due}) == len(TABLES)


def test_a_fingerprint_reviewed_after_the_end_of_its_authority_is_never_due_again() -> None:
    due = {row.id: row.due for row in rows(date(2040, 1, 1)) if row.table == "authorities"}
    assert due["authentication-1"] == ""  # ended 2025-10-19, reviewed 2026-11
    assert due["authentication-3"] == "ended"


def test_every_entry_says_how_old_its_source_is() -> None:
    found = {
        row.source_date for row in rows(TODAY) if row.table.removeprefix("knowledge/") in AREAS
    }
    assert all(re.fullmatch(r"undated|20\d\d(-(0[1-9]|1[0-2]))?", date) for date in found)
    assert len(found) > 10  # and not one date for all
    assert max(found - {"undated"}) <= f"{TODAY:%Y-%m}"
