# SPDX-License-Identifier: Apache-2.0
"""The baseline: nothing new is nothing, each change is named, rubbish is refused."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from cardcheck.errors import InputError
from cardcheck.kiosk.baseline import baseline_of, drift_from
from kiosk.examples import GOOD, READER, SMALLER, acceptance


def test_the_same_run_has_not_changed() -> None:
    assert drift_from(baseline_of(acceptance()).encode(), acceptance()) == ("2026-11-21", ())


def test_each_change_is_named() -> None:
    reader = replace(
        READER, model="Other", firmware=None, driver="ifd-ccid.bundle 1.6.0", location="1-2"
    )
    after = acceptance(*[SMALLER] * 59, reader=reader)
    _, drift = drift_from(baseline_of(acceptance()).encode(), after)
    assert [each.what for each in drift] == ["model", "firmware", "location", "driver", "depth"]
    assert [(each.before, each.after) for each in drift][1] == ("1.06", "-")


def test_a_slower_reader_is_seen_and_noise_is_not() -> None:
    def slower(milliseconds: int) -> list[str]:
        after = acceptance(*[replace(GOOD, read=120 + milliseconds)] * 59)
        return [each.what for each in drift_from(baseline_of(acceptance()).encode(), after)[1]]

    assert slower(99) == []
    assert slower(400) == ["read_median", "read_95"]


TYPED = '{"schema": "cardcheck.kiosk-baseline/1", "read_median": "fast"}'


@pytest.mark.parametrize(
    "text", ["", "[]", "null", '{"schema": "x"}', "[" * 100_000, "\x00", TYPED]
)
def test_rubbish_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="not a baseline"):
        drift_from(text.encode(), acceptance())
