# SPDX-License-Identifier: Apache-2.0
"""An acceptance run and a morning check as values. Of a card: that it answered, and nothing else.

What belongs here: what is counted as a failure, and what a run comes to. What does not: how a card
is presented (``bench``), and how a run is written (``documents``, ``sheet``).
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from cardcheck.checks.exit_codes import ExitCode
from cardcheck.kiosk.rule import Rule, upper_bound

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

SLOW: Final = 1000
"""Milliseconds for the three short exchanges of a presentation; above it a reader is slow.

A login has 30 to 40 exchanges, ten times as many: it would take ten seconds.
"""


class Outcome(StrEnum):
    """How one presentation ended; only ``answered`` is good."""

    ANSWERED = "answered"
    NOT_DETECTED = "not-detected"
    MUTE = "mute"
    LOST = "lost"
    SILENT = "silent"
    MALFORMED = "malformed"
    IN_USE = "in-use"
    UNAVAILABLE = "unavailable"
    REFUSED = "refused"


class Verdict(StrEnum):
    """What an acceptance run comes to."""

    PASSED = "passed"
    REMARKS = "passed-with-remarks"
    NOT_PASSED = "not-passed"
    INCONCLUSIVE = "inconclusive"


class Depth(StrEnum):
    """How much an answer proves: the token label was read, or the card merely answered SELECT."""

    LABEL = "label"
    ANSWER = "answer"


class Stop(StrEnum):
    """Why a run ended before its plan did."""

    TOO_MANY_FAILURES = "too-many-failures"
    NOBODY = "nobody"
    CARD_LEFT = "card-left"
    NO_READER = "no-reader"
    INTERRUPTED = "interrupted"
    REFUSED = "refused"


class Presentation(Struct, frozen=True, kw_only=True):
    """One placing of a card.

    Attributes:
        outcome: how it ended.
        depth: what was read, None where nothing was.
        detect: milliseconds from the prompt to the card's arrival, the operator's hand included.
        read: milliseconds from its arrival to the last byte, retries included.
        retries: how often the reading was begun again.
        error: the name of the last error, or None.
    """

    outcome: Outcome
    depth: Depth | None = None
    detect: int | None = None
    read: int | None = None
    retries: int = 0
    error: str | None = None

    @property
    def good(self) -> bool:
        """Whether the card answered."""
        return self.outcome is Outcome.ANSWERED


class ReaderFace(Struct, frozen=True, kw_only=True):
    """What is known of a reader, without its serial number.

    Attributes:
        name: as listed, serial number and slot number left out.
        model: as the catalogue names it, or None.
        usb: ``054c:0dc9``, or None.
        interface: ``contact``, ``contactless``, ``dual`` or ``unknown``.
        firmware: the device's own release number (``1.06``), or None.
        location: where it is plugged in, as the system names it, or None.
        driver: name and version of the driver that lists it, or None.
    """

    name: str
    model: str | None = None
    usb: str | None = None
    interface: str = "unknown"
    firmware: str | None = None
    location: str | None = None
    driver: str | None = None


class Setting(Struct, frozen=True, kw_only=True):
    """Where, when and by whom.

    Attributes:
        id: identifies the run.
        at: when it began, UTC.
        station: the label of the terminal, or None.
        operator: initials, or None.
        source: ``hardware``, ``simulation`` or ``replay``.
        platform: system and release.
        version: version of this tool.
    """

    id: str
    at: datetime
    station: str | None
    operator: str | None
    source: str
    platform: str
    version: str


class Drift(Struct, frozen=True, kw_only=True):
    """One thing that is not as in the baseline.

    Attributes:
        what: ``model``, ``driver``, ``read-median`` and so on.
        before: as it was.
        after: as it is.
    """

    what: str
    before: str
    after: str


class Acceptance(Struct, frozen=True, kw_only=True):
    """One acceptance run.

    Attributes:
        setting: where, when and by whom.
        reader: the reader that was tried.
        rule: the plan.
        presentations: one for each placing.
        problems: ids of checks of the computer and the reader that found an error.
        stop: why it ended early, or None.
        drift: what is not as in the baseline.
        baseline: when the baseline was taken, or None where there is none.
    """

    setting: Setting
    reader: ReaderFace
    rule: Rule
    presentations: tuple[Presentation, ...]
    problems: tuple[str, ...] = ()
    stop: Stop | None = None
    drift: tuple[Drift, ...] = ()
    baseline: str | None = None

    @property
    def failures(self) -> int:
        """How many presentations were not good."""
        return sum(not each.good for each in self.presentations)

    @property
    def passed(self) -> bool:
        """Whether the rule is kept, the computer is in order and nothing ended the run early."""
        kept = self.rule.passes(len(self.presentations), self.failures)
        return kept and not self.problems and self.stop is None

    @property
    def slow(self) -> tuple[int, int] | None:
        """The median and the limit of reading, milliseconds, where it takes too long."""
        good = [each.read for each in self.presentations if each.good and each.read is not None]
        median = percentile(good, 50)
        return (median, SLOW) if median is not None and median > SLOW else None

    @property
    def verdict(self) -> Verdict:
        """What the run comes to; nobody's card is no failure of the reader."""
        if self.passed:
            remarkable = self.slow is not None or bool(self.drift)
            return Verdict.REMARKS if remarkable else Verdict.PASSED
        undecided = self.stop in {Stop.NOBODY, Stop.CARD_LEFT, Stop.INTERRUPTED}
        return Verdict.INCONCLUSIVE if undecided and not self.problems else Verdict.NOT_PASSED

    @property
    def bound(self) -> float:
        """The failure rate that is not exceeded with the rule's confidence."""
        return upper_bound(len(self.presentations), self.failures, self.rule.confidence)

    @property
    def depth(self) -> Depth | None:
        """What the whole run proves: the label only where every answer had it."""
        depths = {each.depth for each in self.presentations if each.good}
        if not depths:
            return None
        return Depth.LABEL if depths == {Depth.LABEL} else Depth.ANSWER

    @property
    def retries(self) -> int:
        """All retries together."""
        return sum(each.retries for each in self.presentations)

    @property
    def exit_code(self) -> ExitCode:
        """As the contract says: no reader, no card, not passed, passed."""
        if self.stop in {Stop.NO_READER, Stop.REFUSED} and not self.presentations:
            return ExitCode.NO_READER
        if self.verdict is Verdict.INCONCLUSIVE:
            return ExitCode.NO_CARD  # where a signal ended it, the process ends with that
        return ExitCode.OK if self.passed else ExitCode.PROBLEM

    def exit_code_at(self, *, warning: bool) -> ExitCode:
        """The exit code, where remarks are as bad as failing if ``warning``."""
        strict = warning and self.verdict is Verdict.REMARKS
        return ExitCode.PROBLEM if strict else self.exit_code


class Checked(Struct, frozen=True, kw_only=True):
    """One reader in a morning check."""

    reader: ReaderFace
    presentation: Presentation


class MorningCheck(Struct, frozen=True, kw_only=True):
    """One morning check: every reader must pass, the worst decides.

    Attributes:
        setting: where, when and by whom.
        readers: one entry a slot.
        problems: ids of checks of the computer and its readers that found an error.
    """

    setting: Setting
    readers: tuple[Checked, ...]
    problems: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether there are readers and each of them read a card."""
        good = all(each.presentation.good for each in self.readers)
        return bool(self.readers) and good and not self.problems

    @property
    def exit_code(self) -> ExitCode:
        """As the contract says: no reader, no card at any of them, not passed, passed."""
        outcomes = {each.presentation.outcome for each in self.readers}
        if outcomes <= {Outcome.UNAVAILABLE, Outcome.REFUSED}:
            return ExitCode.NO_READER
        if outcomes <= {Outcome.NOT_DETECTED, Outcome.UNAVAILABLE, Outcome.REFUSED}:
            return ExitCode.NO_CARD
        return ExitCode.OK if self.passed else ExitCode.PROBLEM


def percentile(values: Sequence[int], percent: int) -> int | None:
    """The nearest-rank percentile, or None without values."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]
