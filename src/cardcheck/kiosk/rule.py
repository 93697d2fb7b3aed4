# SPDX-License-Identifier: Apache-2.0
"""The acceptance rule: how many presentations, how few failures, and what that proves.

What belongs here: exact binomial arithmetic, pure. What does not: what counts as a failure
(``run``).

The plan is fixed before the run begins. Its size is the smallest for which a reader that fails in
``tolerated`` of all presentations passes with a probability of at most ``1 - confidence``; for one
failure in twenty and 95 % that is 59 presentations without a failure, 93 with one, 124 with two.
"""

from __future__ import annotations

from functools import cached_property
from math import comb

from msgspec import Struct

TOLERATED = 0.05
"""The failure rate that must not pass by luck: one presentation in twenty."""
CONFIDENCE = 0.95
_STEPS = 60  # halvings of an interval: more than a float can tell apart


class Rule(Struct, frozen=True, dict=True):
    """A fixed sampling plan.

    Attributes:
        allowed: failures that still pass, chosen before the run.
        tolerated: the failure rate that must not pass, between 0 and 1.
        confidence: how surely it must not, between 0 and 1.
    """

    allowed: int = 0
    tolerated: float = TOLERATED
    confidence: float = CONFIDENCE

    @cached_property
    def presentations(self) -> int:
        """How many presentations the plan has."""
        size = self.allowed + 1
        while at_most(self.allowed, size, self.tolerated) > 1 - self.confidence:
            size += 1
        return size

    def pass_rate(self, rate: float) -> float:
        """How probably a reader passes that fails in ``rate`` of all presentations."""
        return at_most(self.allowed, self.presentations, rate)

    def passes(self, presentations: int, failures: int) -> bool:
        """Whether the plan is complete and has no more failures than it allows."""
        return presentations >= self.presentations and failures <= self.allowed


def at_most(failures: int, presentations: int, rate: float) -> float:
    """The probability of at most ``failures`` failures in independent presentations."""
    return sum(
        comb(presentations, count) * rate**count * (1 - rate) ** (presentations - count)
        for count in range(failures + 1)
    )


def upper_bound(presentations: int, failures: int, confidence: float = CONFIDENCE) -> float:
    """The failure rate that is not exceeded with ``confidence``.

    The one-sided bound of Clopper and Pearson (Biometrika 1934).

    1.0 where there were no presentations, or where all of them failed.
    """
    if failures >= presentations:
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if at_most(failures, presentations, middle) > 1 - confidence:
            low = middle
        else:
            high = middle
    return high
