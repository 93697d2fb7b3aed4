# SPDX-License-Identifier: Apache-2.0
"""Acceptance runs and morning checks as JSON, ``cardcheck.kiosk/1``.

What belongs here: names, order and meaning of fields. What does not: judgement (``run``), tables
and lines for people (``documents``), the state of ``kiosk watch`` (``state_file``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from msgspec import Meta, Struct

from cardcheck.codec import decoded
from cardcheck.errors import InputError
from cardcheck.kiosk.health import State

# Not only for type checkers: the schemas are made from the types of the fields.
from cardcheck.kiosk.run import (
    Depth,
    Drift,
    Outcome,
    Presentation,
    Stop,
    Verdict,
    percentile,
)
from cardcheck.render.json_report import instant
from cardcheck.report.rows import Instant  # noqa: TC001
from cardcheck.report.schema import known

if TYPE_CHECKING:
    from cardcheck.kiosk.run import Acceptance, MorningCheck, ReaderFace, Setting

_Number = Annotated[int, Meta(ge=0)]
_Share = Annotated[float, Meta(ge=0, le=1)]

_STATES: Final = {
    Verdict.PASSED: State.OK,
    Verdict.REMARKS: State.WARNING,
    Verdict.NOT_PASSED: State.CRITICAL,
    Verdict.INCONCLUSIVE: State.UNKNOWN,
}


class KioskTool(Struct, frozen=True, kw_only=True):
    """What made the document."""

    name: Literal["cardcheck"] = "cardcheck"
    version: str


class _Head(Struct, frozen=True, kw_only=True, tag_field="schema", tag="cardcheck.kiosk/1"):
    """What every run says of itself.

    Attributes:
        command: which command made it.
        tool: what made it.
        report_id: identifies it.
        generated_at: when it began, UTC.
        station: the label of the terminal, or null.
        operator: initials of who did it, or null.
        source: how the bytes were obtained; replay and simulation are never hardware.
        platform: system and its release.
    """

    command: str
    tool: KioskTool
    report_id: str
    generated_at: Instant
    station: str | None
    operator: str | None
    source: Annotated[str, known("hardware", "replay", "simulation")]
    platform: dict[str, str]


class KioskReader(Struct, frozen=True, kw_only=True):
    """A reader, without its serial number.

    Attributes:
        name: as listed, serial number and slot number left out.
        model: as the catalogue names it, or null.
        usb: 054c:0dc9, or null.
        interface: how it reaches cards.
        firmware: the device's own release number, or null.
        location: where it is plugged in, as the system names it, or null.
        driver: name and version of the driver that lists it, or null.
    """

    name: str
    model: str | None
    usb: str | None
    interface: Annotated[str, known("contact", "contactless", "dual", "unknown")]
    firmware: str | None
    location: str | None
    driver: str | None


class PresentationRow(Struct, frozen=True, kw_only=True):
    """One placing of a card.

    Attributes:
        outcome: how it ended; only answered is good.
        depth: what was read, or null.
        detect_milliseconds: from the prompt to the card's arrival, the operator's hand included.
        read_milliseconds: from its arrival to the last byte, retries included.
        retries: how often the reading was begun again.
        error: the name of the last error, or null.
    """

    outcome: Outcome
    depth: Depth | None
    detect_milliseconds: int | None
    read_milliseconds: int | None
    retries: _Number
    error: str | None


class CheckedRow(KioskReader, frozen=True, kw_only=True):
    """A reader and the one placing of a card on it."""

    outcome: Outcome
    depth: Depth | None
    detect_milliseconds: int | None
    read_milliseconds: int | None
    retries: _Number
    error: str | None


class RuleRow(Struct, frozen=True, kw_only=True):
    """The plan.

    Attributes:
        presentations: how often a card is placed.
        failures_allowed: failures that still pass.
        failure_rate_tolerated: the failure rate that is still good enough.
        confidence: how sure a passed run is.
        pass_rate_at_tolerated: how often a reader of that rate would pass.
    """

    presentations: _Number
    failures_allowed: _Number
    failure_rate_tolerated: _Share
    confidence: _Share
    pass_rate_at_tolerated: float


class Spread(Struct, frozen=True, kw_only=True):
    """Milliseconds; null without values."""

    median: int | None
    p95: int | None
    most: int | None


class ResultRow(Struct, frozen=True, kw_only=True):
    """What the presentations came to.

    Attributes:
        presentations: how many there were.
        failures: how many were not good.
        retries: all of them together.
        failure_rate_upper_bound: the failure rate that is not exceeded, with that confidence.
        depth: what the whole run proves, or null.
        detect_milliseconds: until a card was seen.
        read_milliseconds: until it was read.
    """

    presentations: _Number
    failures: _Number
    retries: _Number
    failure_rate_upper_bound: float
    depth: Depth | None
    detect_milliseconds: Spread
    read_milliseconds: Spread


class AcceptanceDocument(_Head, frozen=True, kw_only=True, tag="cardcheck.kiosk/1"):
    """An acceptance run: of a card, that it answered, and nothing else.

    Attributes:
        state: for monitoring.
        passed: whether the reader was accepted.
        verdict: the same, in four words.
        exit_code: what the command ended with.
        stop: why it ended early, or null.
        reader: the reader that was tried.
        rule: the plan.
        result: what it came to.
        problems: ids of checks of the computer and the reader that found an error.
        baseline: when the baseline was taken, or null.
        drift: what is not as in the baseline.
        presentations: one row for each placing.
    """

    command: Literal["kiosk accept"] = "kiosk accept"
    state: State
    passed: bool
    verdict: Verdict
    exit_code: int
    stop: Stop | None
    reader: KioskReader
    rule: RuleRow
    result: ResultRow
    problems: tuple[str, ...]
    baseline: str | None
    drift: tuple[Drift, ...]
    presentations: tuple[PresentationRow, ...]


class CheckDocument(_Head, frozen=True, kw_only=True, tag="cardcheck.kiosk/1"):
    """A morning check: every reader must pass, the worst decides.

    Attributes:
        state: for monitoring.
        passed: whether there are readers and each of them read a card.
        exit_code: what the command ended with.
        problems: ids of checks of the computer and its readers that found an error.
        readers: one row a slot.
    """

    command: Literal["kiosk check"] = "kiosk check"
    state: State
    passed: bool
    exit_code: int
    problems: tuple[str, ...]
    readers: tuple[CheckedRow, ...]


def acceptance_document(run: Acceptance) -> AcceptanceDocument:
    """An acceptance run as a JSON document."""
    return AcceptanceDocument(
        **_head(run.setting),
        state=_STATES[run.verdict],
        passed=run.passed,
        verdict=run.verdict,
        exit_code=int(run.exit_code),
        stop=run.stop,
        reader=KioskReader(**_fields(run.reader)),
        rule=RuleRow(
            presentations=run.rule.presentations,
            failures_allowed=run.rule.allowed,
            failure_rate_tolerated=run.rule.tolerated,
            confidence=run.rule.confidence,
            pass_rate_at_tolerated=round(run.rule.pass_rate(run.rule.tolerated), 6),
        ),
        result=_result(run),
        problems=run.problems,
        baseline=run.baseline,
        drift=run.drift,
        presentations=tuple(PresentationRow(**_placing(each)) for each in run.presentations),
    )


def earlier_in(data: bytes, run: Acceptance) -> tuple[Presentation, ...]:
    """The presentations of a run that was ended before it was decided, to be continued by ``run``.

    Raises:
        InputError: ``data`` is no such run, or one of another reader, rule, station or source.
    """
    try:
        before = decoded(AcceptanceDocument, data)
    except InputError as error:
        raise InputError(f"is no JSON of kiosk accept ({error})") from None
    if before.verdict is not Verdict.INCONCLUSIVE:
        raise InputError(f"is a run that was decided ({before.verdict}); begin a new one")
    for what, old, new in (
        ("reader", before.reader.name, run.reader.name),
        ("station", before.station, run.setting.station),
        ("source", before.source, run.setting.source),
        ("failures allowed", before.rule.failures_allowed, run.rule.allowed),
    ):
        if old != new:
            raise InputError(f"is a run of another {what}: {old or '-'}, not {new or '-'}")
    return tuple(
        Presentation(
            outcome=row.outcome,
            depth=row.depth,
            detect=row.detect_milliseconds,
            read=row.read_milliseconds,
            retries=row.retries,
            error=row.error,
        )
        for row in before.presentations
    )


def check_document(check: MorningCheck) -> CheckDocument:
    """A morning check as a JSON document."""
    bad = State.CRITICAL if check.readers else State.UNKNOWN
    return CheckDocument(
        **_head(check.setting),
        state=State.OK if check.passed else bad,
        passed=check.passed,
        exit_code=int(check.exit_code),
        problems=check.problems,
        readers=tuple(
            CheckedRow(**_fields(each.reader), **_placing(each.presentation))
            for each in check.readers
        ),
    )


def _head(setting: Setting) -> dict[str, Any]:
    names = ("system", "release")
    return {
        "tool": KioskTool(version=setting.version),
        "report_id": setting.id,
        "generated_at": instant(setting.at),
        "station": setting.station,
        "operator": setting.operator,
        "source": setting.source,
        "platform": dict(zip(names, setting.platform.split(" ", 1), strict=False)),
    }


def _fields(reader: ReaderFace) -> dict[str, Any]:
    return {name: getattr(reader, name) for name in KioskReader.__struct_fields__}


def _placing(presentation: Presentation) -> dict[str, Any]:
    return {
        "outcome": presentation.outcome,
        "depth": presentation.depth,
        "detect_milliseconds": presentation.detect,
        "read_milliseconds": presentation.read,
        "retries": presentation.retries,
        "error": presentation.error,
    }


def _result(run: Acceptance) -> ResultRow:
    good = [each for each in run.presentations if each.good]
    return ResultRow(
        presentations=len(run.presentations),
        failures=run.failures,
        retries=run.retries,
        failure_rate_upper_bound=round(run.bound, 6),
        depth=run.depth,
        detect_milliseconds=_spread([each.detect for each in good if each.detect is not None]),
        read_milliseconds=_spread([each.read for each in good if each.read is not None]),
    )


def _spread(values: list[int]) -> Spread:
    return Spread(
        median=percentile(values, 50), p95=percentile(values, 95), most=max(values, default=None)
    )
