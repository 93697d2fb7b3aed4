# SPDX-License-Identifier: Apache-2.0
"""How often the acceptance rule lets a reader pass that should not, and fails one that should not.

    python benchmarks/acceptance.py [RUNS]

Each run is that of the program (``kiosk.accept``), with a stand-in for the reader that fails at
random. The exit code is 1 where a reader that fails in 5 % of all presentations passes more often
than the rule says.
"""

from __future__ import annotations

import random
import sys
from math import sqrt

from cardcheck.kiosk.accept import accept
from cardcheck.kiosk.rule import Rule
from cardcheck.kiosk.run import Outcome, Presentation

GOOD = Presentation(outcome=Outcome.ANSWERED)
BAD = Presentation(outcome=Outcome.LOST)
RATES = (0.001, 0.005, 0.01, 0.02, 0.05, 0.1)


class Reader:
    """Fails in ``rate`` of all presentations, independently; tells nobody."""

    def __init__(self, rate: float, chance: random.Random) -> None:
        self.rate, self.chance = rate, chance

    def present(self) -> Presentation:
        """One presentation."""
        return BAD if self.chance.random() < self.rate else GOOD

    def clear(self) -> bool:
        """At once."""
        return True

    def occupied(self) -> bool:
        """Never."""
        return False

    def begin(self, number: int, total: int) -> None:
        """Tells nobody."""

    def end(self, presentation: Presentation) -> None:
        """Tells nobody."""


def pass_rate(rule: Rule, rate: float, runs: int, chance: random.Random) -> float:
    """The share of ``runs`` runs that pass."""
    passed = 0
    for _ in range(runs):
        reader = Reader(rate, chance)
        done, stop = accept(reader, rule, reader)
        failures = sum(not each.good for each in done)
        passed += stop is None and rule.passes(len(done), failures)
    return passed / runs


def main(arguments: list[str]) -> int:
    """Prints the table; returns the exit code."""
    runs = int(arguments[0]) if arguments else 5_000
    chance = random.Random(20)  # noqa: S311 - no secret
    wrong = False
    print(f"{runs} runs each; passed, in %: simulated (exact)")
    for allowed in (0, 1, 2):
        rule = Rule(allowed=allowed)
        row = []
        for rate in RATES:
            simulated, exact = pass_rate(rule, rate, runs, chance), rule.pass_rate(rate)
            error = 5 * sqrt(exact * (1 - exact) / runs)
            wrong |= abs(simulated - exact) > error or (rate >= 0.05 and exact > 0.05)
            row.append(f"{rate:.1%}: {simulated:6.2%} ({exact:6.2%})")
        print(f"{rule.presentations} presentations, {allowed} failures: {'  '.join(row)}")
    print("FAILED" if wrong else "ok: a reader that fails in 5 % passes in at most 5 % of all runs")
    return int(wrong)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
