# SPDX-License-Identifier: Apache-2.0
"""The acceptance rule does what its text says, against published numbers and a simulation."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardcheck.kiosk.rule import Rule, at_most, upper_bound


@pytest.mark.parametrize(("allowed", "size"), [(0, 59), (1, 93), (2, 124)])
def test_plans_are_those_of_the_tables(allowed: int, size: int) -> None:
    """95 % confidence, 95 % reliability: 59, 93 and 124 are the published sample sizes."""
    rule = Rule(allowed=allowed)
    assert rule.presentations == size
    assert rule.pass_rate(0.05) <= 0.05 < at_most(allowed, size - 1, 0.05)


@given(st.integers(0, 3), st.sampled_from([0.02, 0.05, 0.1, 0.2]), st.sampled_from([0.8, 0.95]))
def test_a_plan_is_the_smallest_that_holds(allowed: int, rate: float, confidence: float) -> None:
    rule = Rule(allowed=allowed, tolerated=rate, confidence=confidence)
    assert at_most(allowed, rule.presentations, rate) <= 1 - confidence
    assert at_most(allowed, rule.presentations - 1, rate) > 1 - confidence


@pytest.mark.parametrize(
    ("presentations", "failures", "bound"),
    # Clopper and Pearson, one-sided 95 %: 1 - 0.05 ** (1 / n) without failures; beta quantiles else
    [
        (59, 0, 0.04951),
        (20, 0, 0.13911),
        (10, 1, 0.39416),
        (100, 5, 0.10225),
        (5, 5, 1.0),
        (0, 0, 1.0),
    ],
)
def test_the_bound_is_that_of_clopper_and_pearson(
    presentations: int, failures: int, bound: float
) -> None:
    assert upper_bound(presentations, failures) == pytest.approx(bound, abs=5e-5)


@given(st.integers(1, 150), st.data())
def test_passing_and_the_bound_agree(presentations: int, data: st.DataObject) -> None:
    """A complete plan with few enough failures proves less than the tolerated rate, no other."""
    failures = data.draw(st.integers(0, min(3, presentations)))
    if Rule(allowed=failures).passes(presentations, failures):
        assert upper_bound(presentations, failures) <= 0.05 + 1e-9
    else:
        assert upper_bound(presentations, failures) > 0.05 - 1e-9


def test_a_reader_that_fails_one_time_in_twenty_hardly_ever_passes() -> None:
    rule, chance, runs = Rule(), random.Random(8), 20_000
    passed = sum(
        all(chance.random() >= 0.05 for _ in range(rule.presentations)) for _ in range(runs)
    )
    # 4.85 % expected; five standard deviations of 20,000 runs are 0.76 %
    assert 0.040 < passed / runs < 0.0561


def test_too_few_presentations_never_pass() -> None:
    assert not Rule().passes(58, 0)
    assert not Rule().passes(500, 1)
    assert Rule().passes(59, 0)
