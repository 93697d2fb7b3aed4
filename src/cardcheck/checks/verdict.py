# SPDX-License-Identifier: Apache-2.0
"""From findings to one verdict, one exit code, and an answer for each purpose.

What belongs here: the rules of the contract about findings as a whole. What does not: how bad one
finding is (the checks).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cardcheck.checks.card import ours
from cardcheck.checks.certificate import authentication, signature_state
from cardcheck.checks.exit_codes import ExitCode
from cardcheck.checks.pin import pin_state
from cardcheck.checks.reader import listed
from cardcheck.checks.system import LOGIN_SYSTEMS
from cardcheck.checks.weighing import (
    ORDER,
    end_with_findings,
    end_without_reader,
    meaning_of,
    worst_of,
)
from cardcheck.facts.card import PinId
from cardcheck.facts.reader import OCCUPIED
from cardcheck.report.model import HOST, Outcome, Readiness, Severity, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cardcheck.checks.base import CardSubject, Context
    from cardcheck.report.model import Finding

_LOGIN_PIN: Final = "card.pin.authentication-usable"
_NO_CARD: Final = "placement.card.present"
PURPOSES: Final = ("mynaportal", "nenkin", "e-tax")
_SIGNING: Final = frozenset({"e-tax"})
_HERE: Final = "host.login.supported"


def deciding(context: Context, findings: Sequence[Finding]) -> frozenset[str] | None:
    """The subjects that decide: this computer, the best My Number card and its reader.

    Returns:
        None where there is no My Number card: then all subjects count alike.
    """
    good = list(ours(context))
    if not good:
        return None
    best = min(good, key=lambda card: _badness(card, findings))
    return frozenset({HOST, best.id, best.reader.id})


def _badness(card: CardSubject, findings: Sequence[Finding]) -> tuple[int, int]:
    """The verdict on one card and its reader as a number, then how much there is to complain of."""
    own = [f for f in findings if f.subject in {card.id, card.reader.id}]
    problems = sum(f.severity.rank for f in own if f.outcome is Outcome.PROBLEM)
    return ORDER.index(worst_of(own)), problems


def demoted(findings: Iterable[Finding], subjects: frozenset[str] | None) -> tuple[Finding, ...]:
    """The findings, with those on readers and cards that do not decide turned into information."""
    if subjects is None:
        return tuple(findings)
    return tuple(f if f.subject in subjects else f.demoted() for f in findings)


def verdict_of(context: Context, findings: Sequence[Finding]) -> Verdict:
    """Problem, else undetermined, else attention, else ready."""
    verdict = worst_of(findings)
    if verdict is not Verdict.PROBLEM and (context.partial or not context.cards):
        return Verdict.UNDETERMINED
    return verdict


def exit_code_of(context: Context, findings: Sequence[Finding], fail_on: Severity) -> ExitCode:
    """The first that applies: 130 or 143, 3, 4, 1, 70, 0 (2 never gets as far as a diagnosis)."""
    early = end_without_reader(context)
    if early is not None:
        return early
    slots = {reader.facts.slot for reader in listed(context) if reader.facts is not None}
    return end_with_findings(findings, fail_on) if slots & OCCUPIED else ExitCode.NO_CARD


def readiness_of(context: Context, findings: Sequence[Finding]) -> tuple[Readiness, ...]:
    """For each purpose: ready, not-ready, not-here or unknown, and the checks that say so."""
    subjects = deciding(context, findings)
    card = next((c for c in context.cards if subjects and c.id in subjects), None)
    return tuple(_readiness(purpose, card, context, findings) for purpose in PURPOSES)


def _readiness(
    purpose: str, card: CardSubject | None, context: Context, findings: Sequence[Finding]
) -> Readiness:
    stops = [f.check for f in findings if meaning_of(f) is Verdict.PROBLEM]
    doubts = [f.check for f in findings if meaning_of(f) is Verdict.UNDETERMINED]
    if card is None:
        doubts.append(_NO_CARD)
    else:
        doubts += [_LOGIN_PIN] * card.facts.impersonal
        if purpose in _SIGNING:
            _add_signing(card, stops, doubts)
    away = () if context.host.system in LOGIN_SYSTEMS else (_HERE,)
    if stops:
        return Readiness(purpose=purpose, state="not-ready", because=_once([*stops, *away]))
    if away:
        state = "not-here" if context.host.system == "Linux" else "unknown"
        return Readiness(purpose=purpose, state=state, because=away)
    sure = card is not None and not doubts and not context.partial and _dated(card, context)
    return Readiness(purpose=purpose, state="ready" if sure else "unknown", because=_once(doubts))


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
