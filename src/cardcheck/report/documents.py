# SPDX-License-Identifier: Apache-2.0
"""The JSON documents of one diagnosis: ``cardcheck.report/1`` and ``cardcheck.doctor/1``.

What belongs here: names, order and meaning of their fields; the schemas are made from it. What does
not: their rows (``rows``), filling them (``render.json_report``), the form of schemas (``schema``).
"""

from __future__ import annotations

# Not only for type checkers: the schemas are made from the types of the fields.
from collections.abc import Mapping  # noqa: TC003
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from cardcheck.report.model import Actor, Readiness, Scope, Verdict  # noqa: TC001
from cardcheck.report.placement import PlacementDocument  # noqa: TC001
from cardcheck.report.rows import (  # noqa: TC001
    CardRow,
    FindingFields,
    FindingRow,
    Instant,
    PersonalCardRow,
    PersonalFindingRow,
    PersonalReaderRow,
    ReaderRow,
    Tool,
)
from cardcheck.report.schema import known

SupportCode = Annotated[str, Meta(pattern="^CC(-[2-9A-HJ-NP-Z]{4})+(-[2-9A-HJ-NP-Z]{2})?$")]
_Number = Annotated[int, Meta(ge=0)]


class Summary(Struct, frozen=True, kw_only=True):
    """What the report says first; only with --with-text.

    Attributes:
        first: what is the matter.
        next: what to do, or null.
    """

    first: str
    next: str | None


class TrialRow(Struct, frozen=True, kw_only=True):
    """One thing that was changed.

    Attributes:
        step: what was changed; null for the first look.
        back: whether it was changed back.
        symptom: what came of it.
    """

    step: str | None
    back: bool
    symptom: str


class IsolationDocument(Struct, frozen=True, kw_only=True):
    """Only of the command isolate: what was changed, and which part is at fault.

    Attributes:
        trials: what was changed, in order.
        ending: what came of it all.
        parts: parts that may be at fault.
        sure: the part that is, or null.
        ruled_out: parts that are not.
    """

    trials: tuple[TrialRow, ...]
    ending: Annotated[str, known("nothing", "elsewhere", "found", "open")]
    parts: tuple[str, ...]
    sure: str | None
    ruled_out: tuple[str, ...]


class RemedyRow(Struct, frozen=True, kw_only=True):
    """The commands for one problem.

    Attributes:
        check: id of the check.
        id: id of the advice.
        actor: who must act.
        commands: what to type, in order.
        undo: what undoes it.
    """

    check: str
    id: str
    actor: Actor | None
    commands: tuple[str, ...]
    undo: tuple[str, ...]


class ReportFields(Struct, frozen=True, kw_only=True, tag_field="schema", tag="cardcheck.report/1"):
    """One diagnosis by cardcheck, with or without what is personal.

    Attributes:
        tool: what made it.
        report_id: identifies it.
        station: the label given with --station, or null.
        generated_at: when it was made, UTC.
        judged_at: the instant at which validity was judged, UTC.
        milliseconds: how long it took.
        command: which command made it.
        source: how the bytes were obtained; replay and simulation are never hardware.
        simulated_profile: which simulated card; only where there is one.
        scope: what was asked for.
        platform: system, its release, version of Python.
        verdict: the chain computer, service, driver, reader, card, certificate, PIN, as far as it
            is needed to read the card.
        exit_code: what the command ended with.
        summary: what the report says first; only with --with-text.
        readiness: whether a login would work, purpose by purpose.
        readers: one row a slot.
        cards: one row a card.
        findings: what the checks found out, in the order of the chain.
        support_code: what was found, to be read out over the phone; cardcheck explain decodes it.
            No personal data. Null for a simulation or a replay.
        remedies: the commands for each problem, worst first.
        placement: only of the command place.
        isolation: only of the command isolate.
    """

    tool: Tool
    report_id: Annotated[str, Meta(min_length=1)]
    station: str | None
    generated_at: Instant
    judged_at: Instant
    milliseconds: _Number
    command: str
    source: Annotated[str, known("hardware", "replay", "simulation")]
    simulated_profile: str | UnsetType = UNSET
    scope: Scope
    platform: Mapping[str, str]
    verdict: Verdict
    exit_code: Annotated[int, Meta(ge=0, le=255)]
    summary: Summary | UnsetType = UNSET
    readiness: tuple[Readiness, ...]
    readers: tuple[ReaderRow, ...]
    cards: tuple[CardRow, ...]
    findings: tuple[FindingFields, ...]
    support_code: SupportCode | UnsetType | None = UNSET  # the oldest reports have none
    remedies: tuple[RemedyRow, ...] | UnsetType = UNSET
    placement: PlacementDocument | UnsetType = UNSET
    isolation: IsolationDocument | UnsetType = UNSET


class ReportDocument(ReportFields, frozen=True, kw_only=True, tag="cardcheck.report/1"):
    """One diagnosis by cardcheck; nothing personal has a place in it."""

    findings: tuple[FindingRow, ...]


class PersonalReportDocument(ReportFields, frozen=True, kw_only=True, tag="cardcheck.report/1"):
    """One diagnosis by cardcheck."""

    readers: tuple[PersonalReaderRow, ...]
    cards: tuple[PersonalCardRow, ...]
    findings: tuple[PersonalFindingRow, ...]


class DoctorDocument(
    Struct, frozen=True, kw_only=True, tag_field="schema", tag="cardcheck.doctor/1"
):
    """What cardcheck doctor found out about a computer: a report without cards, with remedies.

    Attributes:
        tool: what made it.
        report_id: identifies it.
        station: the label given with --station, or null.
        generated_at: when it was made, UTC.
        milliseconds: how long it took.
        command: which command made it.
        source: snapshot where a stored snapshot was diagnosed.
        scope: what was asked for.
        platform: system, its release, version of Python.
        verdict: whether this computer can use a reader.
        exit_code: what the command ended with.
        summary: what the report says first; only with --with-text.
        readers: one row a slot.
        findings: what the checks found out, in the order of the chain.
        support_code: what was found, to be read out over the phone. Null for a snapshot.
        remedies: the commands for each problem, worst first.
    """

    tool: Tool
    report_id: Annotated[str, Meta(min_length=1)]
    station: str | None
    generated_at: Instant
    milliseconds: _Number
    command: str
    source: Annotated[str, known("hardware", "snapshot")]
    simulated_profile: str | UnsetType = UNSET
    scope: Scope
    platform: Mapping[str, str]
    verdict: Verdict
    exit_code: Annotated[int, Meta(ge=0, le=255)]
    summary: Summary | UnsetType = UNSET
    readers: tuple[ReaderRow, ...]
    findings: tuple[FindingRow, ...]
    support_code: SupportCode | None
    remedies: tuple[RemedyRow, ...]
