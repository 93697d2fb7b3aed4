# SPDX-License-Identifier: Apache-2.0
"""From findings to one verdict, one exit code, and an answer for each purpose.

What belongs here: the rules of the contract about findings as a whole. What does not: how bad one
finding is (the checks), and what follows from what (``errand``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cardcheck.checks.computer import CLOCK
from cardcheck.checks.exit_codes import ExitCode
from cardcheck.checks.login_software import LOGIN_SYSTEMS
from cardcheck.facts.card import PinId
from cardcheck.facts.reader import OCCUPIED, SlotState
from cardcheck.report.model import HOST, UNDECIDED, Outcome, Readiness, Severity, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cardcheck.checks.base import Context
    from cardcheck.checks.card_assessment import CardAssessment
    from cardcheck.report.model import Finding

ORDER: Final = (Verdict.READY, Verdict.ATTENTION, Verdict.UNDETERMINED, Verdict.PROBLEM)
PURPOSES: Final = ("mynaportal", "nenkin", "e-tax")
_USABLE: Final = frozenset({SlotState.CARD, SlotState.MUTE, SlotState.EMPTY})
_LOGIN_PIN: Final = "card.pin.authentication-usable"
_NO_CARD: Final = "placement.card.present"
_SIGNING: Final = frozenset({"e-tax"})
_HERE: Final = "host.login.supported"
_SIGNATURE: Final = "card.certificate.signature-present"
_SIGNATURE_PIN: Final = "card.pin.signature-usable"


def worst_of(findings: Iterable[Finding]) -> Verdict:
    """The worst that any of the findings stands for."""
    meanings = {meaning_of(finding) for finding in findings if finding.outcome is not Outcome.OK}
    return max(meanings, key=ORDER.index, default=Verdict.READY)


def meaning_of(finding: Finding) -> Verdict:
    """The verdict that one finding alone leads to."""
    if finding.outcome in UNDECIDED:
        return Verdict.UNDETERMINED if finding.decisive else Verdict.READY
    if finding.outcome is not Outcome.PROBLEM or finding.severity is Severity.INFO:
        return Verdict.READY
    if finding.check == CLOCK:  # no link of the chain is at fault; it is the judging that fails
        return Verdict.UNDETERMINED
    return Verdict.PROBLEM if finding.severity is Severity.ERROR else Verdict.ATTENTION


def deciding(context: Context, findings: Sequence[Finding]) -> frozenset[str] | None:
    """The subjects that decide: this computer, the best My Number card and its reader.

    Returns:
        None where there is no My Number card: then all subjects count alike.
    """
    good = [card for card in context.cards if card.facts.kind.is_my_number]
    if not good:
        return None
    best = min(good, key=lambda card: _badness(card, findings))
    return frozenset({HOST, best.id, best.reader.id})


def _badness(card: CardAssessment, findings: Sequence[Finding]) -> tuple[int, int]:
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
    """Of a card that was looked for: problem, else undetermined, else attention, else ready."""
    verdict = worst_of(findings)
    if verdict is not Verdict.PROBLEM and (context.partial or not context.cards):
        return Verdict.UNDETERMINED
    return verdict


def exit_code_of(context: Context, findings: Sequence[Finding], fail_on: Severity) -> ExitCode:
    """The first that applies: 130 or 143, 3, 4, 1, 70, 0 (2 never gets as far as a diagnosis)."""
    early = end_without_reader(context)
    if early is not None:
        return early
    return end_with_findings(findings, fail_on) if _slots(context) & OCCUPIED else ExitCode.NO_CARD


def end_early(context: Context) -> ExitCode | None:
    """130 or 143 where a signal ended the run."""
    codes = {"SIGINT": ExitCode.INTERRUPTED, "SIGTERM": ExitCode.TERMINATED}
    return codes.get(context.survey.interrupted or "")


def end_without_reader(context: Context) -> ExitCode | None:
    """130, 143 or 3 where one of these applies, whatever was found on cards."""
    usable = bool(_slots(context) & _USABLE) and not context.survey.deadline
    return end_early(context) or (None if usable else ExitCode.NO_READER)


def end_with_findings(findings: Sequence[Finding], fail_on: Severity) -> ExitCode:
    """1, 70 or 0, by what was found."""
    if any(f.outcome is Outcome.PROBLEM and f.severity.rank >= fail_on.rank for f in findings):
        return ExitCode.PROBLEM
    crashed = any(f.outcome is Outcome.CRASHED for f in findings)
    return ExitCode.BUG if crashed else ExitCode.OK


def end_of_host(context: Context, findings: Sequence[Finding], fail_on: Severity) -> ExitCode:
    """How ``doctor`` ends: 130 or 143, 1, 70 where a check or a probe failed, 0.

    A missing service or reader is something that it has diagnosed, not something that kept it from
    diagnosing.
    """
    unanswered = any(f.decisive and f.outcome in UNDECIDED for f in findings)
    ended = end_early(context) or end_with_findings(findings, fail_on)
    return ExitCode.BUG if ended is ExitCode.OK and unanswered else ended


def readiness_of(context: Context, findings: Sequence[Finding]) -> tuple[Readiness, ...]:
    """For each purpose: ready, not-ready, not-here or unknown, and the checks that say so."""
    subjects = deciding(context, findings)
    card = next((c for c in context.cards if subjects and c.id in subjects), None)
    told = [(f.check, meaning_of(f)) for f in findings if f.outcome is not Outcome.OK]
    return tuple(_readiness(purpose, card, context, told) for purpose in PURPOSES)


def _slots(context: Context) -> set[SlotState]:
    return {reader.facts.slot for reader in context.listed if reader.facts is not None}


def _readiness(
    purpose: str,
    card: CardAssessment | None,
    context: Context,
    told: Sequence[tuple[str, Verdict]],
) -> Readiness:
    stops = [check for check, meaning in told if meaning is Verdict.PROBLEM]
    doubts = [check for check, meaning in told if meaning is Verdict.UNDETERMINED]
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
    sure = card is not None and not doubts and not context.partial and _dated(card)
    return Readiness(purpose=purpose, state="ready" if sure else "unknown", because=_once(doubts))


def _add_signing(card: CardAssessment, stops: list[str], doubts: list[str]) -> None:
    """e-Tax signs as well, and fills in name and address from the card.

    署名用 must exist and must not be locked; with 券面事項入力補助用 locked it may stop half-way
    (National Tax Agency, quoted by town.goka.lg.jp 003838).
    """
    pin, certificate = card.pins[PinId.SIGNATURE].state, card.signature
    if certificate == "absent":
        stops.append(_SIGNATURE)
    elif certificate != "needs-pin":
        doubts.append(_SIGNATURE)
    if pin == "locked":
        stops.append(_SIGNATURE_PIN)
    elif pin not in {"ok", "low", "already-verified"}:
        doubts.append(_SIGNATURE_PIN)
    if card.pins[PinId.TEXT_INPUT].state == "locked":
        doubts.append("card.pin.text-input-usable")


def _dated(card: CardAssessment) -> bool:
    return card.authentication.state in {"valid", "expiring"}


def _once(checks: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(checks))
