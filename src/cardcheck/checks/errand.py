# SPDX-License-Identifier: Apache-2.0
"""One errand: what follows from something else is no errand of its own.

What belongs here: applying the rules of ``catalog/errands.toml`` to findings. What does not: the
rules, and findings that each stand alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from cardcheck.catalog.errands import explains
from cardcheck.catalog.messages import advice_of
from cardcheck.report.model import HOST, Finding, Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_OPEN: Final = frozenset({Outcome.PROBLEM, Outcome.UNKNOWN})
SAME_VISIT: Final = "same-visit"
"""The advice that stands before that of a second thing to be done at the office."""
_SEVERAL: Final = 2
_WORST: Final = Severity.ERROR.rank


def folded(findings: Sequence[Finding], homes: Mapping[str, str]) -> tuple[Finding, ...]:
    """The findings, those that follow from another turned into information that names it.

    The cause is never less bad than what it explains: it is raised where it has to be.

    Args:
        findings: what was found, in the order of the chain.
        homes: the reader that each card lies in.
    """
    causes = [i for i, f in enumerate(findings) if f.outcome is Outcome.PROBLEM and f.severity.rank]
    causes.sort(
        key=lambda index: -findings[index].severity.rank
    )  # the worst explains before others
    roots = {
        index: root
        for index, finding in enumerate(findings)
        if finding.outcome in _OPEN
        and (root := _root_of(index, causes, findings, homes)) is not None
    }
    result = list(findings)
    for index, root in roots.items():
        effect = findings[index]
        result[root] = _raised(result[root], effect)
        result[index] = replace(
            effect,
            severity=Severity.INFO,
            decisive=False,
            advice=(),
            actor=None,
            because_of=findings[root].check,
        )
    return tuple(result)


def joined(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """The findings, those that need the visit that a worse one needs as well pointing to it."""
    visits = [f for f in findings if f.severity.rank and f.advice and _is_visit(f.advice[0])]
    if len(visits) < _SEVERAL:
        return tuple(findings)
    ranked = sorted(visits, key=lambda f: (-f.severity.rank, f.layer.position))
    later = {id(finding) for finding in ranked[1:]}
    return tuple(
        replace(f, advice=(SAME_VISIT, *f.advice)) if id(f) in later else f for f in findings
    )


def _is_visit(advice: str) -> bool:
    row = advice_of(advice)
    return row is not None and row.visit


def _root_of(
    index: int, causes: Sequence[int], findings: Sequence[Finding], homes: Mapping[str, str]
) -> int | None:
    """The place of what a finding follows from in the end, or None where it stands alone."""
    effect = findings[index]
    direct = next((each for each in causes if _is_cause(findings[each], effect, homes)), None)
    if direct is None:
        return None
    further = _root_of(direct, causes, findings, homes)
    return direct if further is None else further


def _is_cause(cause: Finding, effect: Finding, homes: Mapping[str, str]) -> bool:
    if not explains((cause.check, cause.state), (effect.check, effect.state)):
        return False
    if effect.decisive and effect.outcome is Outcome.UNKNOWN and cause.severity.rank < _WORST:
        return False  # "not known" is worse than a warning: only an error may stand for it
    places = {homes.get(each.subject, each.subject) for each in (cause, effect)}
    return HOST in places or len(places) == 1


def _raised(cause: Finding, effect: Finding) -> Finding:
    worse = effect.outcome is Outcome.PROBLEM and effect.severity.rank > cause.severity.rank
    return replace(cause, severity=effect.severity) if worse else cause
