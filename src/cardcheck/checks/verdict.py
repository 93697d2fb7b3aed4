# SPDX-License-Identifier: Apache-2.0
"""From findings to one verdict, one exit code, and an answer for each purpose. The rules are the contract's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cardcheck.checks.exit_codes import ExitCode
from cardcheck.checks.certificate import authentication, signature_state
from cardcheck.checks.pin import pin_state
from cardcheck.checks.reader import listed
from cardcheck.facts.card import CardKind, PinId
from cardcheck.report.model import Outcome, Readiness, Severity, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cardcheck.checks.base import CardSubject, Context
    from cardcheck.report.model import Finding

CLOCK: Final = "host.clock.plausible"
_NO_CARD: Final = "placement.card.present"
PURPOSES: Final = ("mynaportal", "nenkin", "e-tax")
_SIGNING: Final = frozenset({"e-tax"})
_HERE: Final = "host.login.supported"


def deciding(context: Context, findings: Sequence[Finding]) -> frozenset[str] | None:
    """The subjects that decide: the best My Number card and its reader; None where all count alike."""
    good = [card for card in context.cards if card.facts.kind in {CardKind.MY_NUMBER, CardKind.UNKNOWN_JPKI}]
    if not good:
        return None
    best = min(good, key=lambda card: _badness(card, findings))
    return frozenset({"host", best.id, best.reader.id})


def _badness(card: CardSubject, findings: Sequence[Finding]) -> tuple[int, int, int]:
    own = [f for f in findings if f.subject in {card.id, card.reader.id}]
    problems = [f.severity.rank for f in own if f.outcome is Outcome.PROBLEM]
    undecided = sum(f.decisive for f in own if f.outcome is not Outcome.OK)
    return max(problems, default=0), undecided, sum(problems)


def demoted(findings: Iterable[Finding], subjects: frozenset[str] | None) -> tuple[Finding, ...]:
    """The findings, with those on readers and cards that do not decide turned into information."""
    if subjects is None:
        return tuple(findings)
    return tuple(f if f.subject in subjects else f.demoted() for f in findings)


def verdict_of(context: Context, findings: Sequence[Finding]) -> Verdict:
    """Problem, else undetermined, else attention, else ready."""
    problems = [f for f in findings if f.outcome is Outcome.PROBLEM]
    clock_wrong = any(f.check == CLOCK for f in problems)
    if any(f.severity is Severity.ERROR and f.check != CLOCK for f in problems):
        return Verdict.PROBLEM
    open_questions = any(
        f.decisive for f in findings if f.outcome in {Outcome.UNKNOWN, Outcome.CRASHED}
    )
    if clock_wrong or open_questions or not context.cards:
        return Verdict.UNDETERMINED
    if any(f.severity is Severity.WARNING for f in problems):
        return Verdict.ATTENTION
    return Verdict.READY


def exit_code_of(context: Context, findings: Sequence[Finding], fail_on: Severity) -> ExitCode:
    """The first that applies: 130 or 143, 3, 4, 1, 70, 0 (2 never gets as far as a diagnosis)."""
    survey = context.survey
    if survey.interrupted:
        return ExitCode.TERMINATED if survey.interrupted == "SIGTERM" else ExitCode.INTERRUPTED
    if survey.deadline or not _usable(context):
        return ExitCode.NO_READER
    if not context.cards and any(f.check == _NO_CARD and f.state == "none" for f in findings):
        return ExitCode.NO_CARD
    if any(f.outcome is Outcome.PROBLEM and f.severity.rank >= fail_on.rank for f in findings):
        return ExitCode.PROBLEM
    crashed = any(f.outcome is Outcome.CRASHED for f in findings)
    return ExitCode.BUG if crashed else ExitCode.OK


def _usable(context: Context) -> bool:
    """Whether a reader could be used: a slot that was looked into, whatever was in it."""
    return any(
        reader.facts is not None and reader.facts.slot.value in {"empty", "card", "mute"}
        for reader in listed(context)
    )


def readiness_of(context: Context, findings: Sequence[Finding]) -> tuple[Readiness, ...]:
    """For each purpose: ready, not-ready, not-here or unknown, and the checks that say so."""
    subjects = deciding(context, findings)
    card = next((c for c in context.cards if subjects and c.id in subjects), None)
    return tuple(_readiness(purpose, card, context, findings) for purpose in PURPOSES)


def _readiness(
    purpose: str, card: CardSubject | None, context: Context, findings: Sequence[Finding]
) -> Readiness:
    stops = [
        f.check
        for f in findings
        if f.outcome is Outcome.PROBLEM and f.severity is Severity.ERROR and f.check != CLOCK
    ]
    doubts = [f.check for f in findings if f.decisive and f.outcome in {Outcome.UNKNOWN, Outcome.CRASHED}]
    doubts += [f.check for f in findings if f.check == CLOCK and f.outcome is Outcome.PROBLEM]
    if card is None:
        doubts.append(_NO_CARD)
    elif purpose in _SIGNING:
        _add_signing(card, stops, doubts)
    here = context.host.system in {"Windows", "Darwin"}
    away = () if here else (_HERE,)
    if stops:
        return Readiness(purpose=purpose, state="not-ready", because=_once([*stops, *away]))
    if not here:
        state = "not-here" if context.host.system == "Linux" else "unknown"
        return Readiness(purpose=purpose, state=state, because=away)
    state = "unknown" if doubts or card is None or not _dated(card, context) else "ready"
    return Readiness(purpose=purpose, state=state, because=_once(doubts))


def _add_signing(card: CardSubject, stops: list[str], doubts: list[str]) -> None:
    """e-Tax signs as well: 署名用 must exist and must not be locked."""
    pin, _ = pin_state(card, PinId.SIGNATURE)
    certificate = signature_state(card)
    if certificate == "absent":
        stops.append("card.certificate.signature-present")
    elif certificate != "needs-pin":
        doubts.append("card.certificate.signature-present")
    if pin == "locked":
        stops.append("card.pin.signature-usable")
    elif pin not in {"ok", "low", "already-verified"}:
        doubts.append("card.pin.signature-usable")


def _dated(card: CardSubject, context: Context) -> bool:
    return authentication(card, context).state in {"valid", "expiring"}


def _once(checks: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(checks))
