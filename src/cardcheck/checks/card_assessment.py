# SPDX-License-Identifier: Apache-2.0
"""One card, judged once: what checks, the rows of the report, readiness and the screen all read.

What belongs here: what the bytes of a card mean at an instant. What does not: how bad that is (the
checks), X.509 and signatures (``cards.certificate``, ``cards.trust``). The day on which something
ends is personal: it is a birthday.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from cardcheck.cards import certificate as certificates
from cardcheck.cards import validity
from cardcheck.cards.mynumber import FOREIGN_ATRS, TRIES_MAX
from cardcheck.cards.redaction.identifiers import redact_atr
from cardcheck.checks.found import Found, problem, unknown
from cardcheck.errors import MalformedCertificateError, MalformedResponseError
from cardcheck.facts.card import PIN_NOT_READ, PinId, ReadState
from cardcheck.iso7816 import status
from cardcheck.report.model import CardReport, CertificateReport, Outcome, PinReport, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from cardcheck.cards.certificate import CertificateSummary
    from cardcheck.checks.assessment import ReaderAssessment
    from cardcheck.checks.found import Judging
    from cardcheck.facts.card import CardFacts

_CLOCK_WRONG: Final = "clock-wrong"
_NOT_CHECKED: Final = "not-checked"
_EXISTS: Final = 0x8F  # soltia48/myna-card: seen in EF 0008 where a certificate exists
_NONE: Final = 0x00
_DIRECTORY_LENGTH: Final = 2  # byte 0: signature, byte 1: user authentication
_LOW: Final = {3: 1, 5: 2}  # the contract: 1 left of 3, 1 or 2 of 5
_UNDATED: Final = {
    ReadState.NOT_READ: _NOT_CHECKED,
    ReadState.ABSENT: "absent",
    ReadState.PROTECTED: "needs-pin",
    ReadState.MALFORMED: "malformed",
    ReadState.REFUSED: "unreadable",
}
_SEVERITY: Final = {
    "valid": (Outcome.OK, Severity.INFO),
    "expiring": (Outcome.PROBLEM, Severity.WARNING),
    "expired": (Outcome.PROBLEM, Severity.ERROR),
    "not-yet-valid": (Outcome.PROBLEM, Severity.ERROR),
}


class PinAssessment(Struct, frozen=True, kw_only=True):
    """One PIN counter.

    Attributes:
        state: the contract's ``state``.
        left: the tries left, where the card named them.
        most: how many tries the PIN has; more than we know of where the card says so.
    """

    state: str
    left: int | None
    most: int


class CardAssessment(Struct, frozen=True, kw_only=True, dict=True):
    """One row of ``cards``. Each judgement is made when it is first asked for, and kept.

    Attributes:
        id: ``c0``, ``c1``, …
        reader: where it lies.
        facts: what was read from it.
        judging: by what it is judged.
        clock_right: False where the clock decides and is wrong; no date is judged then.
    """

    id: str
    reader: ReaderAssessment
    facts: CardFacts
    judging: Judging
    clock_right: bool = True

    @cached_property
    def validity(self) -> Found:
        """How long the card itself is valid."""
        record = self.facts.common_record
        if record.state is ReadState.ABSENT:
            return unknown("absent", subject=self.id)
        if record.state is ReadState.NOT_READ:
            return unknown(_NOT_CHECKED, subject=self.id)
        if record.state is not ReadState.READ:
            sw = None if record.sw is None else str(record.sw)
            return unknown("unreadable", subject=self.id, decisive=True, sw=sw)
        last_day = self._last_day
        if last_day is None:
            return unknown("malformed", subject=self.id, decisive=True)
        state = validity.status_of_last_day(last_day, self.judging.at)
        return self._dated(state.value, last_day)

    @cached_property
    def authentication(self) -> Found:
        """How long the 利用者証明用 certificate is valid."""
        reading = self.facts.certificate
        undated = _UNDATED.get(reading.state)
        if undated in {_NOT_CHECKED, "needs-pin"}:
            return unknown(undated, subject=self.id, decisive=True)
        if undated == "unreadable":
            sw = None if reading.sw is None else str(reading.sw)
            return problem(undated, subject=self.id, sw=sw)
        summary = None if undated else self.summary
        if summary is None:
            return problem(undated or "malformed", subject=self.id)
        state = validity.status_of_interval(summary.not_before, summary.not_after, self.judging.at)
        early = state is validity.ValidityStatus.NOT_YET_VALID
        day = validity.day_in_japan(summary.not_before if early else summary.not_after)
        return self._dated(state.value, day)

    @cached_property
    def summary(self) -> CertificateSummary | None:
        """The 利用者証明用 certificate, its dates at least; None where it could not be read."""
        reading = self.facts.certificate
        if reading.state is not ReadState.READ:
            return None
        try:
            if reading.whole:
                return certificates.parse(reading.data)
            return certificates.from_prefix(reading.data)
        except MalformedCertificateError:
            return None

    @cached_property
    def issuer(self) -> str:
        """The contract's ``issuer`` of the 利用者証明用 certificate."""
        reading = self.facts.certificate
        if not reading.whole or self.summary is None:
            return _NOT_CHECKED
        from cardcheck.cards import trust

        on_card, judging = self.facts.ca_certificate, self.judging
        seen = on_card.state in {ReadState.READ, ReadState.ABSENT, ReadState.MALFORMED}
        judged = trust.judge_issuer(
            reading.data,
            on_card.data if seen else None,
            judging.anchors,
            judging.remembered,
            judging.pinned,
        )
        return judged.state.value

    @cached_property
    def signature(self) -> str:
        """The contract's ``status`` of the 署名用 certificate.

        It is never read: ``needs-pin`` where it exists, ``absent`` where it does not,
        ``not-checked`` where the card did not tell or says something that nobody has described yet.
        """
        directory = self.facts.directory
        if directory.state is not ReadState.READ or len(directory.data) < _DIRECTORY_LENGTH:
            return _NOT_CHECKED
        return {_EXISTS: "needs-pin", _NONE: "absent"}.get(directory.data[0], _NOT_CHECKED)

    @cached_property
    def lacks_signature(self) -> bool:
        """Whether the card has no 署名用: by its list of files, or by the PIN that is not there."""
        pin = self.facts.pins.get(PinId.SIGNATURE, PIN_NOT_READ)
        return self.signature == "absent" or pin.state is ReadState.ABSENT

    @cached_property
    def pins(self) -> Mapping[PinId, PinAssessment]:
        """Each PIN counter."""
        return {pin: self._pin(pin) for pin in PinId}

    def row(self) -> CardReport:
        """The row of the report."""
        facts, jpki = self.facts, self.facts.kind.has_jpki
        shown = jpki or bytes(facts.atr) in FOREIGN_ATRS
        dated = self.validity if facts.kind.is_my_number else unknown(_NOT_CHECKED)
        return CardReport(
            id=self.id,
            reader=self.reader.id,
            kind=facts.kind.value,
            applications=tuple(facts.applications),
            atr=redact_atr(facts.atr) if shown and facts.atr else None,
            validity=_status_of(dated) if jpki else None,
            valid_until=self._last_day.isoformat() if jpki and self._last_day else None,
            certificates=self._certificates() if jpki else (),
            pins=tuple(_pin_row(pin, each) for pin, each in self.pins.items()) if jpki else (),
            commands=facts.commands,
            bytes=facts.bytes,
            milliseconds=round(facts.milliseconds),
            screen=dated.screen if jpki else {},
        )

    def _certificates(self) -> tuple[CertificateReport, CertificateReport]:
        found, summary = self.authentication, self.summary
        own = CertificateReport(
            id="authentication",
            status=_status_of(found),
            issuer=_NOT_CHECKED if summary is None else self.issuer,
            screen=found.screen,
        )
        if summary is not None:
            last_day = validity.day_in_japan(summary.not_after)
            own = CertificateReport(
                id=own.id,
                status=own.status,
                issuer=own.issuer,
                not_before=summary.not_before,
                not_after=summary.not_after,
                days_left=validity.days_left(last_day, self.judging.at),
                screen=own.screen,
            )
        return own, CertificateReport(id="signature", status=self.signature)

    @cached_property
    def _last_day(self) -> date | None:
        """The last day of the card, or None where its record holds none."""
        try:
            return validity.card_expiry_of(self.facts.common_record.data)
        except MalformedResponseError:
            return None

    def _dated(self, state: str, last_day: date) -> Found:
        """What is to be said of something that is ``state`` and ends on ``last_day``.

        The screen may show the year and roughly how long is left; the day only ``--show-personal``
        shows. By a clock that is wrong nothing can be judged, and nobody is sent to renew anything.
        """
        if not self.clock_right:
            return unknown(_CLOCK_WRONG, subject=self.id, decisive=True)
        outcome, severity = _SEVERITY[state]
        era, year = validity.era_year(last_day)
        return Found(
            state=state,
            outcome=outcome,
            severity=severity,
            subject=self.id,
            screen={
                "left": validity.left_bucket(last_day, self.judging.at),
                "year": last_day.year,
                "era": era,
                "era_year": year,
            },
            personal={
                "valid_until": last_day.isoformat(),
                "days_left": validity.days_left(last_day, self.judging.at),
            },
        )

    def _pin(self, pin: PinId) -> PinAssessment:
        state, left = self._pin_state(pin)
        return PinAssessment(state=state, left=left, most=max(TRIES_MAX[pin], left or 0))

    def _pin_state(self, pin: PinId) -> tuple[str, int | None]:
        reading = self.facts.pins.get(pin, PIN_NOT_READ)
        if reading.state is ReadState.NOT_READ:
            return _NOT_CHECKED, None
        if reading.state is ReadState.ABSENT:
            return "absent", None
        sw = reading.sw
        if reading.state is not ReadState.READ or sw is None:
            return "unknown", None
        if sw.is_success:
            return "already-verified", None
        left = 0 if sw in status.LOCKED else sw.tries_left
        if left is None:
            return "unknown", None
        if left == 0:
            return "locked", 0
        return ("low" if left <= _LOW[TRIES_MAX[pin]] else "ok"), left


def assess_cards(
    readers: tuple[ReaderAssessment, ...], judging: Judging, *, clock_right: bool
) -> tuple[CardAssessment, ...]:
    """The rows of ``cards``: one for each reader whose card answered."""
    found = [
        (reader, reader.facts.card) for reader in readers if reader.facts and reader.facts.card
    ]
    return tuple(
        CardAssessment(
            id=f"c{index}", reader=reader, facts=card, judging=judging, clock_right=clock_right
        )
        for index, (reader, card) in enumerate(found)
    )


def _status_of(found: Found) -> str:
    """The contract's ``status`` for what was found on a date."""
    return _NOT_CHECKED if found.state == _CLOCK_WRONG else found.state


def _pin_row(pin: PinId, each: PinAssessment) -> PinReport:
    return PinReport(id=pin.value, state=each.state, tries_left=each.left, tries_max=each.most)
