# SPDX-License-Identifier: Apache-2.0
"""What a trace says that a diagnosis of it comes to: compared, made, and written into its header.

What belongs here: the header line ``expect:``. What does not: diagnosing (``judge``).
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Final, NamedTuple

from cardcheck.catalog.aliases import state_now
from cardcheck.checks.registry import every_check
from cardcheck.checks.verdict import meaning_of
from cardcheck.errors import InputError
from cardcheck.report.model import HOST, Outcome, Verdict
from cardcheck.transports.dump import format_trace, parse
from cardcheck.transports.trace import Expectation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from cardcheck.report.model import Finding
    from cardcheck.transports.trace import Trace

VERDICT: Final = "verdict"
NOTHING: Final = "none"
"""Shown for a check that found nothing."""
_KEY: Final = "expect:"
_KNOWN: Final = sorted(check.id for check in every_check())
_DECISIVE: Final = frozenset(check.id for check in every_check() if check.decisive)
_EXCHANGE_SIGNS: Final = (">", "<", "@", "!")


class Difference(NamedTuple):
    """One thing that is not as expected.

    Attributes:
        about: the id of a check, or ``verdict``.
        expected: the state that was expected.
        got: the states that there are, joined by commas; of a verdict, also what made it.
    """

    about: str
    expected: str
    got: str


def require_known(expected: Expectation) -> None:
    """Refuses an expectation of a check that there is not: it would assert nothing.

    Raises:
        InputError: names the check and the nearest one.
    """
    for check, state in expected.states.items():
        now = state_now(check, state)[0]
        if now not in _KNOWN:
            near = get_close_matches(now, _KNOWN, 1, 0.0)
            raise InputError(f"expect: there is no check {check}; did you mean {near[0]}?")


def differences(
    expected: Expectation, verdict: Verdict, findings: Sequence[Finding]
) -> tuple[Difference, ...]:
    """Where a diagnosis is not as ``expected``; a check may find other things as well."""
    found = []
    if expected.verdict not in {None, verdict}:
        made = [f"{each.check}={each.state}" for each in findings if meaning_of(each) is verdict]
        got = f"{verdict} ({', '.join(made)})" if made and verdict is not Verdict.READY else verdict
        found.append(Difference(VERDICT, str(expected.verdict), got))
    for check, state in (state_now(*pair) for pair in expected.states.items()):
        states = [finding.state for finding in findings if finding.check == check]
        if state not in states:
            found.append(Difference(check, state, ",".join(states) or NOTHING))
    return tuple(found)


def expectation_of(verdict: Verdict, findings: Iterable[Finding]) -> Expectation:
    """What to expect from now on: the verdict, what decides it, and every problem.

    Left out is what depends on the computer that judges.
    """
    told = (f for f in findings if f.outcome is Outcome.PROBLEM or _decides(f))
    return Expectation(verdict, {finding.check: finding.state for finding in told})


def _decides(finding: Finding) -> bool:
    return finding.check in _DECISIVE and finding.subject != HOST


def with_expectation(trace: Trace, expected: Expectation) -> Trace:
    """The same trace with ``expected`` in its header; every other line stays as it is."""
    lines = list(trace.lines)
    written = f"{_KEY} {expected}"
    place = next((i for i, line in _header(lines) if line.lstrip(" \t").startswith(_KEY)), None)
    if place is None:
        last = max(i for i, line in _header(lines) if line.strip() and line.strip()[0] != "#")
        lines.insert(last + 1, written)
    else:
        lines[place] = written
    return parse(format_trace(type(trace)(trace.header, trace.exchanges, tuple(lines))))


def _header(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """The lines of the header with their places, the magic included."""
    for place, line in enumerate(lines):
        if line.lstrip(" \t").startswith(_EXCHANGE_SIGNS):
            return
        yield place, line
