# SPDX-License-Identifier: Apache-2.0
"""What is said on a screen, and in which order: a report as a page of sentences without any layout.

What belongs here: which finding comes first, what is left out, and the year instead of the date.
What does not: colours, columns, wrapping (``plain``, ``console``), and sentences (``catalog``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from cardcheck.catalog.messages import load
from cardcheck.render.age import age_notes
from cardcheck.render.base import joined, safe
from cardcheck.render.card_text import CardBlock, card_block
from cardcheck.render.marks import (
    LOGIN_HERE,
    Mark,
    headline_mark,
    link,
    links,
    mark_of,
    presses,
    remarks_beside,
    set_aside,
)
from cardcheck.render.remedy import Remedy, remedy_of
from cardcheck.render.support import support_code
from cardcheck.report.model import (
    FINDS,
    FROM_SNAPSHOT,
    HOST,
    HOST_ONLY,
    UNDECIDED,
    Finding,
    Layer,
    Outcome,
    ReaderReport,
    Readiness,
    Report,
    Severity,
    Source,
    Verdict,
)

if TYPE_CHECKING:
    from cardcheck.catalog.messages import Messages
    from cardcheck.report.model import Scalar

_REVOCATION = "card.certificate.not-revoked"
_EMPTY = "placement.card.present"


_MARKED: dict[str, str] = {Source.SIMULATION: "simulated", Source.REPLAY: "replayed"}
_OF_READINESS = {"ready": Mark.OK, "not-ready": Mark.ERROR, "not-here": Mark.NONE}


class Item(Struct, frozen=True, kw_only=True):
    """A finding beside the chief one.

    Attributes:
        mark: how bad.
        text: its first line.
        next: what to do, or None.
        actor: who must act, or None.
        remedy: the commands of the next step.
    """

    mark: Mark
    text: str
    next: str | None = None
    actor: str | None = None
    remedy: Remedy = Remedy()


class ReaderRow(Struct, frozen=True, kw_only=True):
    """One slot, in words."""

    id: str
    name: str
    interface: str | None
    slot: str
    compatibility: str
    why: str | None = None


class PurposeRow(Struct, frozen=True, kw_only=True):
    """One purpose of the card, and whether it can be reached from here."""

    mark: Mark
    purpose: str
    state: str
    because: tuple[str, ...] = ()


class Page(Struct, frozen=True, kw_only=True):
    """All that is said, in the order of the attributes.

    Attributes:
        banner: that nothing of this is real, in both languages; empty for hardware.
        notes: remarks about the whole report.
        mark: of the verdict.
        verdict: the verdict in a word or two.
        headline: what is the matter, one sentence.
        next: the one next step, or None.
        remedy: its commands.
        more: what else helps.
        actor: who must act, or None.
        technical: the same for experts, or None.
        remarks: what keeps the person from something although the headline is good.
        chain: the mark and the name of each link.
        layers: the links.
        problems: the other problems, worst first.
        others: what may be left as it is.
        readers: one row a slot.
        cards: what was read, by card.
        purposes: what the card can be used for from here.
        footers: what this program does not do.
        support: the support code as a line, or None.
    """

    banner: tuple[str, ...]
    notes: tuple[str, ...]
    mark: Mark
    verdict: str
    headline: str
    next: str | None
    more: tuple[str, ...]
    actor: str | None
    technical: str | None
    chain: tuple[tuple[Mark, str], ...]
    problems: tuple[Item, ...]
    others: tuple[Item, ...]
    readers: tuple[ReaderRow, ...]
    cards: tuple[CardBlock, ...]
    purposes: tuple[PurposeRow, ...]
    footers: tuple[str, ...]
    support: str | None = None
    remedy: Remedy = Remedy()
    remarks: tuple[str, ...] = ()
    layers: tuple[Layer, ...] = ()


def page(report: Report, messages: Messages, *, show_personal: bool = False) -> Page:
    """The whole report in the language of ``messages``; full dates only with ``show_personal``."""
    chief = chief_finding(report)
    first, following = summary(report, messages)
    aside = set_aside(report)
    remarks = remarks_beside(report, chief)
    told = {id(item) for item in (chief, *aside, *remarks)}
    rest = [f for f in _ranked(report) if id(f) not in told and not _repeats(f, chief)]
    return Page(
        banner=banner(report.source, report.notes),
        notes=(
            *(messages.label(note) for note in report.notes if note != FROM_SNAPSHOT),
            *(_trouble(finding, messages) for finding in aside),
            *age_notes(report, messages),
        ),
        mark=headline_mark(report),
        verdict=messages.word("verdict", report.verdict.value) if chief else first,
        headline=first,
        next=following,
        more=_more(chief, messages),
        actor=_actor(chief, messages),
        technical=_technical(chief, messages) if chief else None,
        chain=tuple(
            (link(report, layer), messages.word("layer", layer.value)) for layer in links(report)
        ),
        problems=tuple(_item(report, finding, messages) for finding in rest if presses(finding)),
        others=tuple(_item(report, finding, messages) for finding in rest if not presses(finding)),
        readers=tuple(_reader(reader, messages) for reader in report.readers),
        cards=tuple(
            card_block(card, messages, show_personal=show_personal) for card in report.cards
        ),
        purposes=tuple(_purpose(item, report, messages) for item in report.readiness),
        footers=_footers(report, messages),
        support=_support(report, messages),
        remedy=remedy_of(chief),
        remarks=_remarks(remarks, chief, messages),
        layers=tuple(links(report)),
    )


def _remarks(remarks: list[Finding], chief: Finding | None, messages: Messages) -> tuple[str, ...]:
    """The remarks in words, but for what a headline without a chief finding says already."""
    return tuple(
        messages.first(item.check, item.state, values_of(item))
        for item in remarks
        if chief is not None or item.check != LOGIN_HERE
    )


def _trouble(finding: Finding, messages: Messages) -> str:
    """A finding in one paragraph, with the next step."""
    item = messages.first(finding.check, finding.state, values_of(finding))
    if not finding.advice:
        return item
    return f"{item} {messages.label('next-step')}: {messages.advice(finding.advice[0]).next}"


def _support(report: Report, messages: Messages) -> str | None:
    code = support_code(report)
    return None if code is None else messages.label("support-code", code=code)


def banner(source: str, notes: tuple[str, ...] = ()) -> tuple[str, ...]:
    """That nothing of this is here, in Japanese and in English; empty for hardware.

    Args:
        source: where the bytes came from.
        notes: those of the report, which say whether the computer is another one.
    """
    if source == Source.HARDWARE:
        return ()
    recorded = FROM_SNAPSHOT if FROM_SNAPSHOT in notes else "replayed"
    label = "simulated" if source == Source.SIMULATION else recorded
    return tuple(load(language).label(label) for language in ("ja", "en"))


def summary(report: Report, messages: Messages, *, screen: bool = True) -> tuple[str, str | None]:
    """The headline and the one next step (or None).

    Args:
        report: the report.
        messages: the language.
        screen: whether values for the screen (the year, the rough time left) may be used.
    """
    chief = chief_finding(report)
    if chief is None:
        return _all_well(report, messages), _next_of_ready(report, messages)
    first = messages.first(chief.check, chief.state, values_of(chief, screen=screen))
    return first, messages.advice(chief.advice[0]).next if chief.advice else None


def chief_finding(report: Report) -> Finding | None:
    """The finding that made the verdict: the worst, of these the earliest in the chain, or None.

    An error beside an open verdict, such as a wrong clock, is why it is open.
    """
    found = [finding for finding in report.findings if finding.outcome in FINDS]
    if report.verdict is Verdict.READY:
        return None
    if report.verdict is Verdict.UNDETERMINED:
        deciding = [finding for finding in found if finding.decisive]
        errors = [item for item in found if _is_error(item)]
        unclear = [item for item in deciding if item.outcome in UNDECIDED]
        found = errors or unclear or deciding or found
    return min(found, key=_rank, default=None)


def _repeats(finding: Finding, chief: Finding | None) -> bool:
    """Whether a second empty slot says again what the headline says."""
    same = chief is not None and (finding.check, finding.state) == (chief.check, chief.state)
    return same and finding.check == _EMPTY


def _is_error(finding: Finding) -> bool:
    return finding.outcome is Outcome.PROBLEM and finding.severity is Severity.ERROR


def _all_well(report: Report, messages: Messages) -> str:
    """The headline where nothing is the matter, as far as was looked."""
    if report.command == "readers":
        return messages.label("readers-found", count=len(report.readers))
    if _only_some(report):
        return messages.label("only-some")
    if report.command == HOST_ONLY:
        return messages.label("doctor-ready")
    login = report.login
    if login is not None and login.state == "not-here":
        return messages.label("login-elsewhere", system=safe(report.platform.get("system", "?")))
    if login is not None and login.state == "ready":
        return messages.label("login-here")
    return messages.word("verdict", report.verdict.value)


def _next_of_ready(report: Report, messages: Messages) -> str | None:
    """With a ready card the login can follow: here, or, where it is not offered here, elsewhere."""
    states = {item.state for item in report.readiness}
    if _only_some(report):
        return messages.label("only-some-next")
    if report.command == HOST_ONLY:
        return messages.label("doctor-ready-next")
    if report.verdict is not Verdict.READY:
        return None
    if "ready" in states:
        return messages.label("ready-next")
    return messages.advice("login-by-phone").next if "not-here" in states else None


def _only_some(report: Report) -> bool:
    """Whether checks were left out by wish, so that nothing found does not mean all is well."""
    chosen = report.scope.only or report.scope.skip
    host_only = report.command == HOST_ONLY and report.verdict is Verdict.READY
    return bool(chosen) and (report.verdict is Verdict.UNDETERMINED or host_only)


def values_of(finding: Finding, *, screen: bool = True) -> dict[str, Scalar]:
    """The values for a finding's sentences, harmless; those for the screen only where wanted."""
    values = {**finding.evidence, **(finding.screen if screen else {})}
    return {key: safe(value) if isinstance(value, str) else value for key, value in values.items()}


def _rank(finding: Finding) -> tuple[int, int]:
    return -finding.severity.rank, finding.layer.position


def _ranked(report: Report) -> list[Finding]:
    return sorted((item for item in report.findings if item.outcome in FINDS), key=_rank)


def _item(report: Report, finding: Finding, messages: Messages) -> Item:
    sentence = messages.first(finding.check, finding.state, values_of(finding))
    several = len(report.readers) > 1 or len(report.cards) > 1
    subject = f"{finding.subject}: " if several and finding.subject != HOST else ""
    pressing = presses(finding)
    return Item(
        mark=mark_of(finding),
        text=subject + sentence,
        next=messages.advice(finding.advice[0]).next if pressing and finding.advice else None,
        actor=_actor(finding, messages) if pressing else None,
        remedy=remedy_of(finding) if pressing else Remedy(),
    )


def _technical(finding: Finding, messages: Messages) -> str:
    line = messages.technical(finding.check, finding.state, values_of(finding))
    return f"{line} [{finding.check}]" if line else f"[{finding.check}]"


def _more(chief: Finding | None, messages: Messages) -> tuple[str, ...]:
    """What follows the next step: the rest of its advice, then the next steps of the others."""
    if chief is None or not chief.advice:
        return ()
    first, *others = map(messages.advice, chief.advice)
    return (*first.more, *(advice.next for advice in others))


def _actor(finding: Finding | None, messages: Messages) -> str | None:
    return messages.word("actor", finding.actor.value) if finding and finding.actor else None


def _reader(reader: ReaderReport, messages: Messages) -> ReaderRow:
    name = safe(reader.name)
    if reader.model and safe(reader.model) not in name:
        name = f"{name} ({safe(reader.model)})"
    return ReaderRow(
        id=reader.id,
        name=name,
        interface=None
        if reader.interface == "unknown"
        else messages.word("interface", reader.interface),
        slot=messages.word("slot", reader.slot),
        compatibility=_compatibility(reader, messages),
        why=messages.word("why", safe(reader.why)) if reader.why else None,
    )


def _compatibility(reader: ReaderReport, messages: Messages) -> str:
    said = reader.compatibility == "virtual" or not reader.virtual
    virtual = None if said else messages.word("virtual", "text")
    return joined(messages.word("compatibility", reader.compatibility), virtual)


def _purpose(item: Readiness, report: Report, messages: Messages) -> PurposeRow:
    silent = item.state in {"ready", "not-here"}  # what there is to say about these is in the state
    because = () if silent else tuple(_reason(check, report, messages) for check in item.because)
    return PurposeRow(
        mark=_OF_READINESS.get(item.state, Mark.UNKNOWN),
        purpose=messages.word("readiness", item.purpose),
        state=messages.word("readiness.state", item.state),
        because=because,
    )


def _reason(check: str, report: Report, messages: Messages) -> str:
    """What stands in the way, in words."""
    found = [f for f in report.findings if f.check == check and f.outcome is not Outcome.OK]
    worst = min(found, key=_rank, default=None)
    if worst is None:
        return messages.check_title(check)
    return messages.first(check, worst.state, values_of(worst))


def _footers(report: Report, messages: Messages) -> tuple[str, ...]:
    if report.command == HOST_ONLY:
        return (messages.label("footer-changes-nothing"),)
    quick = (messages.label("quick"),) if report.scope.quick else ()
    said = any(item.check == _REVOCATION for item in _ranked(report))
    revocation = (messages.label("footer-revocation"),) if report.cards and not said else ()
    beside = report.station is not None and bool(report.cards)
    station = (messages.label("footer-station"),) * beside
    return (*quick, *station, messages.label("footer-no-pin"), *revocation)
