# SPDX-License-Identifier: Apache-2.0
"""What has changed between two reports: what is mended, what is new, what remains.

What belongs here: matching of findings, pure. What does not: words (``render.compare_text``).
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final

from msgspec import Struct

from cardcheck.report.model import Layer, Outcome, Severity, Verdict
from cardcheck.report.schema import known

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cardcheck.report.loaded import LoadedFinding, LoadedReport

_LOOKED: Final = frozenset({Outcome.OK, Outcome.PROBLEM})


class Note(StrEnum):
    """What makes the comparison doubtful."""

    ORDER = "order"
    SOURCE = "source"
    OTHER_CARD = "other-card"
    OTHER_READER = "other-reader"


class Answer(StrEnum):
    """Is it mended?"""

    NOTHING = "nothing"
    ALL_MENDED = "all-mended"
    SOME_MENDED = "some-mended"
    NONE_MENDED = "none-mended"
    WORSE = "worse"
    UNSURE = "unsure"


class Change(Struct, frozen=True):
    """A problem in either report.

    Attributes:
        before: the finding in the older report, None where it is new.
        after: the finding in the newer one, None where it was not found there.
    """

    before: LoadedFinding | None
    after: LoadedFinding | None

    @property
    def shown(self) -> LoadedFinding:
        """The finding that tells what it is: the newer one where it is still a problem."""
        after, before = self.after, self.before
        if after is not None and (after.presses or before is None):
            return after
        assert before is not None
        return before


class Comparison(Struct, frozen=True, kw_only=True):
    """Two reports compared.

    Attributes:
        old: the older report.
        new: the newer one.
        mended: problems that the newer report looked for and did not find.
        added: problems that only the newer report has.
        remaining: problems that both have, in whatever state.
        unseen: problems that the newer report did not look for, or could not.
        notes: what makes the comparison doubtful.
    """

    old: LoadedReport
    new: LoadedReport
    mended: tuple[Change, ...]
    added: tuple[Change, ...]
    remaining: tuple[Change, ...]
    unseen: tuple[Change, ...]
    notes: tuple[Note, ...]

    @property
    def same(self) -> bool:
        """Whether neither the problems, nor their states, nor the verdict differ."""
        moved = any(
            c.before and c.after and c.before.state != c.after.state for c in self.remaining
        )
        changed = self.mended or self.added or self.unseen or moved
        return not changed and self.old.verdict is self.new.verdict

    @property
    def answer(self) -> Answer:
        """Is it mended?"""
        if self.added:
            return Answer.WORSE
        if self.remaining:
            return Answer.SOME_MENDED if self.mended else Answer.NONE_MENDED
        if self.unseen:
            return Answer.UNSURE
        fine = self.new.verdict in {Verdict.READY, Verdict.ATTENTION}
        if self.mended:
            return Answer.ALL_MENDED if fine else Answer.UNSURE
        return Answer.NOTHING if fine else Answer.UNSURE

    def document(self) -> ComparisonDocument:
        """The comparison as ``cardcheck.compare/1``."""
        return ComparisonDocument(
            same=self.same,
            answer=self.answer,
            notes=self.notes,
            old=_head(self.old),
            new=_head(self.new),
            mended=tuple(_change(change) for change in self.mended),
            added=tuple(_change(change) for change in self.added),
            remaining=tuple(_change(change) for change in self.remaining),
            not_looked_at=tuple(_change(change) for change in self.unseen),
        )


class ReportHead(Struct, frozen=True, kw_only=True):
    """One of the two reports.

    Attributes:
        report_id: identifies it.
        generated_at: when it was made; null where it does not say.
        source: how its bytes were obtained.
        verdict: what it came to.
    """

    report_id: str
    generated_at: str | None
    source: Annotated[str, known("hardware", "replay", "simulation")]
    verdict: Verdict


class ChangeRow(Struct, frozen=True, kw_only=True):
    """A problem in either report.

    Attributes:
        check: id of the check.
        subject: host, reader NAME or card KIND.
        layer: link of the chain; null for one of a later version.
        severity: how bad.
        state_before: its state in the older report, null where it is new.
        state_after: its state in the newer one, null where it was not found there.
    """

    check: str
    subject: str
    layer: Layer | None
    severity: Severity
    state_before: str | None
    state_after: str | None


class ComparisonDocument(
    Struct, frozen=True, kw_only=True, tag_field="schema", tag="cardcheck.compare/1"
):
    """What has changed between two reports.

    Attributes:
        same: whether neither the problems, nor their states, nor the verdict differ.
        answer: is it mended?
        notes: what makes the comparison doubtful.
        old: the older report.
        new: the newer one.
        mended: problems that the newer report looked for and did not find.
        added: problems that only the newer report has.
        remaining: problems that both have, in whatever state.
        not_looked_at: problems that the newer report did not look for, or could not.
    """

    same: bool
    answer: Answer
    notes: tuple[Note, ...]
    old: ReportHead
    new: ReportHead
    mended: tuple[ChangeRow, ...]
    added: tuple[ChangeRow, ...]
    remaining: tuple[ChangeRow, ...]
    not_looked_at: tuple[ChangeRow, ...]


def compared(old: LoadedReport, new: LoadedReport) -> Comparison:
    """What has changed from ``old`` to ``new``."""
    before = {_key(finding): finding for finding in old.findings if finding.presses}
    after = {_key(finding): finding for finding in new.findings if finding.presses}
    looked = {finding.check for finding in new.findings if finding.outcome in _LOOKED}
    gone = [finding for key, finding in before.items() if key not in after]
    still_elsewhere = {finding.check for finding in after.values()}
    mended = [f for f in gone if f.check in looked and f.check not in still_elsewhere]
    moved = [f for f in gone if f.check in still_elsewhere]
    unseen = [f for f in gone if f.check not in looked]
    known = {finding.check for finding in before.values()}
    remaining = [Change(before[key], after[key]) for key in before if key in after]
    remaining += [Change(f, _same_check(f, after.values())) for f in moved]
    return Comparison(
        old=old,
        new=new,
        mended=_ordered(Change(f, None) for f in mended),
        added=_ordered(Change(None, f) for f in after.values() if f.check not in known),
        remaining=_ordered(remaining),
        unseen=_ordered(Change(f, None) for f in unseen),
        notes=_notes(old, new),
    )


def _key(finding: LoadedFinding) -> tuple[str, str]:
    return finding.check, finding.subject


def _same_check(finding: LoadedFinding, others: Iterable[LoadedFinding]) -> LoadedFinding | None:
    """The same problem on another subject: the reader or the card has another name by now."""
    return next((other for other in others if other.check == finding.check), None)


def _ordered(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Worst first, then in the order of the chain."""

    def rank(change: Change) -> tuple[int, int]:
        finding = change.shown
        layer = finding.layer
        return -finding.severity.rank, len(Layer) if layer is None else layer.position

    return tuple(sorted(changes, key=rank))


def _notes(old: LoadedReport, new: LoadedReport) -> tuple[Note, ...]:
    then, now = old.generated_at, new.generated_at
    found = {
        Note.ORDER: then is not None and now is not None and now < then,
        Note.SOURCE: {old.source, new.source} != {"hardware"},
        Note.OTHER_CARD: bool(old.kinds and new.kinds) and set(old.kinds).isdisjoint(new.kinds),
        Note.OTHER_READER: bool(old.readers and new.readers)
        and set(old.readers).isdisjoint(new.readers),
    }
    return tuple(note for note, holds in found.items() if holds)


def _head(report: LoadedReport) -> ReportHead:
    made = report.generated_at
    return ReportHead(
        report_id=report.report_id,
        generated_at=made.isoformat().replace("+00:00", "Z") if made else None,
        source=report.source,
        verdict=report.verdict,
    )


def _change(change: Change) -> ChangeRow:
    finding, before, after = change.shown, change.before, change.after
    return ChangeRow(
        check=finding.check,
        subject=finding.subject,
        layer=finding.layer,
        severity=finding.severity,
        state_before=before.state if before else None,
        state_after=after.state if after else None,
    )
