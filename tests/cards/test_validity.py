# SPDX-License-Identifier: Apache-2.0
"""Dates in Japan, the renewal window, and how much of a date may be told."""

from __future__ import annotations

import contextlib
from datetime import MAXYEAR, UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cardcheck.cards import validity
from cardcheck.cards.validity import ValidityStatus
from cardcheck.errors import MalformedResponseError
from cardcheck.facts.calendar import JST

# Record 1 of a JPKI test card, as soltia48/myna-card publishes it.
TEST_CARD_RECORD = bytes.fromhex("011C34303030303030313237313938343331333232313230333530323137")
BEGIN = datetime(2020, 1, 1, tzinfo=UTC)
days = st.dates(date(1990, 1, 1), date(2090, 12, 31))


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=JST)


def _last_second(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=JST).astimezone(UTC)


@pytest.mark.parametrize(
    ("last_day", "first_expiring"),
    [
        (date(2026, 5, 31), date(2026, 3, 1)),
        (date(2028, 5, 31), date(2028, 3, 1)),
        (date(2028, 5, 30), date(2028, 3, 1)),
        (date(2028, 5, 29), date(2028, 3, 1)),
        (date(2028, 5, 28), date(2028, 2, 29)),
        (date(2026, 5, 28), date(2026, 3, 1)),
        (date(2026, 5, 27), date(2026, 2, 28)),
        (date(2026, 1, 15), date(2025, 10, 16)),
        (date(2026, 3, 31), date(2026, 1, 1)),
        (date(2026, 7, 31), date(2026, 5, 1)),
        (date(2024, 2, 29), date(2023, 11, 30)),
        (date(2026, 2, 28), date(2025, 11, 29)),
    ],
)
def test_expiring_begins_the_day_after_three_months_before(
    last_day: date, first_expiring: date
) -> None:
    end = _last_second(last_day)
    begins = datetime(first_expiring.year, first_expiring.month, first_expiring.day, tzinfo=JST)
    before = begins - timedelta(microseconds=1)
    assert validity.status_of_interval(BEGIN, end, before) is ValidityStatus.VALID
    assert validity.status_of_interval(BEGIN, end, begins) is ValidityStatus.EXPIRING
    assert validity.status_of_last_day(last_day, before) is ValidityStatus.VALID
    assert validity.status_of_last_day(last_day, begins) is ValidityStatus.EXPIRING


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (datetime(2019, 12, 31, 23, 59, 59, tzinfo=UTC), "not-yet-valid"),
        (BEGIN, "valid"),
        (datetime(2026, 2, 17, 14, 59, 59, tzinfo=UTC), "expiring"),
        (datetime(2026, 2, 17, 14, 59, 59, 999_999, tzinfo=UTC), "expiring"),
        (datetime(2026, 2, 17, 15, 0, 0, tzinfo=UTC), "expired"),
        (datetime(2025, 11, 17, 14, 59, 59, tzinfo=UTC), "valid"),
        (datetime(2025, 11, 17, 15, 0, 0, tzinfo=UTC), "expiring"),
    ],
)
def test_a_day_in_japan_ends_at_1500_utc(at: datetime, expected: str) -> None:
    not_after = datetime(2026, 2, 17, 14, 59, 59, tzinfo=UTC)
    assert validity.status_of_interval(BEGIN, not_after, at) == expected
    if expected != "not-yet-valid":
        assert validity.status_of_last_day(date(2026, 2, 17), at) == expected


def test_the_last_day_is_the_one_in_japan_even_where_it_is_short() -> None:
    midnight = datetime(2026, 5, 31, 15, 0, 0, tzinfo=UTC)  # 1 June, 00:00:00 in Japan
    assert validity.day_in_japan(midnight) == date(2026, 6, 1)
    at = datetime(2026, 3, 1, 12, tzinfo=JST)
    assert validity.status_of_interval(BEGIN, midnight, at) is ValidityStatus.VALID


def test_a_certificate_without_end_is_valid() -> None:
    no_end = datetime(MAXYEAR, 12, 31, 23, 59, 59, tzinfo=UTC)  # RFC 5280, 4.1.2.5
    assert validity.day_in_japan(no_end) == date.max
    assert validity.status_of_interval(BEGIN, no_end, _noon(date(2026, 1, 1))) == "valid"
    assert validity.left_bucket(date.max, _noon(date(2026, 1, 1))) == "years-2"


def test_the_first_day_of_all_is_no_crash() -> None:
    earliest = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))
    assert validity.day_in_japan(earliest) == date.min
    assert validity.status_of_last_day(date.min, earliest) in ValidityStatus


@pytest.mark.parametrize(
    ("today", "bucket"),
    [
        (date(2031, 6, 1), "expired"),
        (date(2031, 5, 31), "within-month"),
        (date(2031, 5, 1), "within-month"),
        (date(2031, 4, 30), "within-3-months"),
        (date(2031, 3, 1), "within-3-months"),
        (date(2031, 2, 28), "months-3"),
        (date(2030, 12, 1), "months-3"),
        (date(2030, 11, 30), "months-6"),
        (date(2030, 6, 1), "months-6"),
        (date(2030, 5, 31), "year-1"),
        (date(2029, 6, 1), "year-1"),
        (date(2029, 5, 31), "years-2"),
        (date(2021, 5, 31), "years-2"),
    ],
)
def test_buckets(today: date, bucket: str) -> None:
    assert validity.left_bucket(date(2031, 5, 31), _noon(today)) == bucket


@settings(max_examples=200, derandomize=True)
@given(days, days)
def test_bucket_status_and_days_agree(last_day: date, today: date) -> None:
    at = _noon(today)
    status = validity.status_of_last_day(last_day, at)
    bucket = validity.left_bucket(last_day, at)
    left = validity.days_left(last_day, at)
    assert (bucket == "expired") == (status is ValidityStatus.EXPIRED) == (left < 0)
    assert (bucket in {"within-month", "within-3-months"}) == (status is ValidityStatus.EXPIRING)
    assert status is not ValidityStatus.EXPIRING or left <= 92


@settings(max_examples=200, derandomize=True)
@given(days, st.integers(-2000, 2000))
@example(date(2028, 2, 29), 0)
def test_interval_and_last_day_agree(last_day: date, hours: int) -> None:
    at = _last_second(last_day) + timedelta(hours=hours)
    not_before = datetime(1980, 1, 1, tzinfo=UTC)
    by_interval = validity.status_of_interval(not_before, _last_second(last_day), at)
    assert by_interval is validity.status_of_last_day(last_day, at)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2035, 2, 17), ("reiwa", 17)),
        (date(2019, 5, 1), ("reiwa", 1)),
        (date(2019, 4, 30), ("heisei", 31)),
        (date(1989, 1, 8), ("heisei", 1)),
        (date(1989, 1, 7), ("common", 1989)),
    ],
)
def test_era_years(day: date, expected: tuple[str, int]) -> None:
    assert validity.era_year(day) == expected


@pytest.mark.parametrize("filler", [b"", b"\x00", b"\xff" * 200])
def test_the_expiry_of_a_test_card(filler: bytes) -> None:
    assert validity.card_expiry_of(TEST_CARD_RECORD + filler) == date(2035, 2, 17)


@pytest.mark.parametrize(
    "record",
    [
        b"",
        TEST_CARD_RECORD[:-1],
        TEST_CARD_RECORD[2:],
        b"\x02" + TEST_CARD_RECORD[1:],
        b"\x01\x1b" + TEST_CARD_RECORD[2:],
        TEST_CARD_RECORD[:-8] + b"20350230",
        TEST_CARD_RECORD[:-8] + b"00000101",
        TEST_CARD_RECORD[:-8] + b"2035 217",
        TEST_CARD_RECORD[:-1] + b"\xb2",  # a superscript two in Latin-1
        bytes(64),
        b"\xff" * 64,
    ],
)
def test_what_is_no_expiry_record(record: bytes) -> None:
    with pytest.raises(MalformedResponseError) as caught:
        validity.card_expiry_of(record)
    assert not any(character.isdigit() for character in str(caught.value))
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@settings(max_examples=200, derandomize=True)
@given(st.binary(max_size=64), st.booleans())
def test_any_bytes_give_a_date_or_the_error(data: bytes, with_head: bool) -> None:
    with contextlib.suppress(MalformedResponseError):
        assert isinstance(validity.card_expiry_of(b"\x01\x1c" * with_head + data), date)
