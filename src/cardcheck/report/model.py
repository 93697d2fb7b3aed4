# SPDX-License-Identifier: Apache-2.0
"""The report: findings and what they were found on. Ids and values only, no sentences.

What belongs here: frozen values that renderers, JSON and exit codes are made from. What does not:
how a finding comes about (``checks``), and text (``catalog``).

Three rings of privacy: ``evidence`` may go anywhere; ``screen`` may be shown to the person in front
of the screen (year and rough time left, never month and day); ``personal`` only with
``--show-personal``.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, Self

from msgspec import Struct, field
from msgspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

Scalar = str | int | bool | None


class Outcome(StrEnum):
    """How a check ended."""

    OK = "ok"
    PROBLEM = "problem"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"
    CRASHED = "crashed"


UNDECIDED: Final = frozenset({Outcome.UNKNOWN, Outcome.CRASHED})
"""A check that came to no result."""
OF_A_PERSON: Final = ("card.pin.", "card.certificate.signature-present")
"""How the ids of checks begin whose results say something about a person."""
FINDS: Final = UNDECIDED | {Outcome.PROBLEM}
"""A check that has something to tell."""


class Severity(StrEnum):
    """How bad it is, apart from how sure it is."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"

    @property
    def rank(self) -> int:
        """0, 1 or 2."""
        return ("info", "warning", "error").index(self.value)


class Layer(StrEnum):
    """The links of the chain, in its order; ``software`` stands beside it."""

    COMPUTER = "computer"
    SERVICE = "service"
    DRIVER = "driver"
    READER = "reader"
    PLACEMENT = "placement"
    CARD = "card"
    CERTIFICATE = "certificate"
    PIN = "pin"
    SOFTWARE = "software"

    @property
    def position(self) -> int:
        """The place in the chain, from 0."""
        return list(type(self)).index(self)


OF_A_CARD: Final = frozenset({Layer.CARD, Layer.CERTIFICATE, Layer.PIN})
"""The links that can only be at fault where reader and card were seen."""


class Actor(StrEnum):
    """Who must act."""

    YOU = "you"
    ADMINISTRATOR = "administrator"
    MUNICIPALITY = "municipality"
    READER_MAKER = "reader-maker"
    SERVICE = "service"
    US = "us"


class Verdict(StrEnum):
    """The chain as a whole."""

    READY = "ready"
    ATTENTION = "attention"
    PROBLEM = "problem"
    UNDETERMINED = "undetermined"


class Source(StrEnum):
    """How the bytes were obtained."""

    HARDWARE = "hardware"
    REPLAY = "replay"
    SIMULATION = "simulation"


HOST = "host"
"""The subject of findings about this computer."""
LOGIN = "mynaportal"
"""The purpose that a login stands for."""
HOST_ONLY = "doctor"
"""The command that looks at this computer alone."""
FROM_SNAPSHOT = "from-snapshot"
"""The note of a report on a computer that was recorded."""


class Finding(Struct, frozen=True, kw_only=True):
    """One thing that a check found out.

    Attributes:
        check: stable id of the check, ``area.subject.condition``.
        state: which of the check's messages applies (``locked``, ``expired``, …); stable as well.
        subject: ``host``, a reader (``r0``) or a card (``c0``).
        evidence: values for the message; safe to be shared.
        screen: values for the screen only: year and rough time left.
        personal: values that only ``--show-personal`` shows.
        decisive: whether the verdict needs this check: without an answer it is ``undetermined``.
        because_of: id of the check whose finding this one follows from; it is then information,
            with no errand of its own.
    """

    check: str
    layer: Layer
    outcome: Outcome
    severity: Severity
    state: str
    subject: str = HOST
    actor: Actor | None = None
    evidence: Mapping[str, Scalar] = field(default_factory=dict)
    screen: Mapping[str, Scalar] = field(default_factory=dict)
    personal: Mapping[str, Scalar] = field(default_factory=dict)
    advice: tuple[str, ...] = ()
    decisive: bool = False
    because_of: str | None = None

    def demoted(self) -> Self:
        """The same finding as information: it is about a reader or card that does not decide."""
        if self.severity is Severity.INFO:
            return replace(self, decisive=False)
        return replace(
            self,
            severity=Severity.INFO,
            decisive=False,
            evidence={**self.evidence, "severity_alone": self.severity.value},
        )


class ReaderReport(Struct, frozen=True, kw_only=True):
    """One row of ``readers``: one slot of one reader."""

    id: str
    name: str
    backend: str
    interface: str
    virtual: bool
    usb: tuple[str, str] | None
    model: str | None
    compatibility: str
    slot: str
    serial: str | None = None
    backends: tuple[str, ...] = ()
    why: str | None = None


class CertificateReport(Struct, frozen=True, kw_only=True):
    """One certificate of a card; the dates are personal, ``screen`` is for the screen alone."""

    id: str
    status: str
    issuer: str = "not-checked"
    not_before: datetime | None = None
    not_after: datetime | None = None
    days_left: int | None = None
    screen: Mapping[str, Scalar] = field(default_factory=dict)


class PinReport(Struct, frozen=True, kw_only=True):
    """One PIN counter."""

    id: str
    state: str
    tries_left: int | None
    tries_max: int


class CardReport(Struct, frozen=True, kw_only=True):
    """One row of ``cards``; ``screen`` (year and rough time left) is for the screen alone."""

    id: str
    reader: str
    kind: str
    applications: tuple[str, ...]
    atr: bytes | None
    validity: str | None
    valid_until: str | None
    certificates: tuple[CertificateReport, ...]
    pins: tuple[PinReport, ...]
    commands: int
    bytes: int
    milliseconds: int
    counters_after: Mapping[str, int] | None = None
    screen: Mapping[str, Scalar] = field(default_factory=dict)

    def shareable(self) -> Self:
        """The same card without a date."""
        certificates = tuple(
            replace(each, screen={}, not_before=None, not_after=None, days_left=None)
            for each in self.certificates
        )
        return replace(self, screen={}, valid_until=None, certificates=certificates)


class Readiness(Struct, frozen=True, kw_only=True):
    """Whether one purpose can be reached with this computer, reader and card."""

    purpose: str
    state: str
    because: tuple[str, ...]


class Scope(Struct, frozen=True, kw_only=True):
    """What was asked for."""

    quick: bool = False
    backends: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()


class Report(Struct, frozen=True, kw_only=True):
    """A whole diagnosis."""

    report_id: str
    command: str
    source: Source
    generated_at: datetime
    judged_at: datetime
    milliseconds: int
    platform: Mapping[str, str]
    verdict: Verdict
    exit_code: int
    scope: Scope
    readers: tuple[ReaderReport, ...]
    cards: tuple[CardReport, ...]
    findings: tuple[Finding, ...]
    readiness: tuple[Readiness, ...]
    station: str | None = None
    profile: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def login(self) -> Readiness | None:
        """Whether this card logs in from here; None where no card was asked about."""
        return next((each for each in self.readiness if each.purpose == LOGIN), None)

    def shareable(self) -> Self:
        """The same report without what may only stand on a screen: every date, and the label."""
        return replace(
            self,
            station=None,
            readers=tuple(replace(reader, serial=None) for reader in self.readers),
            cards=tuple(card.shareable() for card in self.cards),
            findings=tuple(replace(item, screen={}, personal={}) for item in self.findings),
        )
