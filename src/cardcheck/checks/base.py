# SPDX-License-Identifier: Apache-2.0
"""What a check is, what it gets to see, and how it says what it found.

What belongs here: ``Check``, ``Context``, the subjects of findings. What does not: any one check.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

from cardcheck.report.model import HOST, Finding, Layer, Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from cardcheck.facts.card import CardFacts
    from cardcheck.facts.host import HostFacts, UsbDevice
    from cardcheck.facts.reader import ReaderFacts, SurveyFacts
    from cardcheck.report.model import Actor, Scalar


class ReaderSubject(Struct, frozen=True, kw_only=True):
    """One row of ``readers``: a slot that a backend listed, or a device that none reaches.

    Attributes:
        id: ``r0``, ``r1``, …
        name: safe to show, without the device's serial number.
        serial: the serial number that stood in the name; personal.
        facts: what the survey observed; None for an attached device that no backend lists.
        device: the USB device, where it is known.
        model: the model's name, or the names that share the chip; None where it is not known.
        nfcpy: the nfcpy driver that could reach it, or None.
        libccid: the first release of libccid that lists it, or None.
        package: another driver package that serves it, or None.
        interface: ``contact``, ``contactless``, ``dual`` or ``unknown``.
        virtual: a virtual reader that counts.
        compatibility: the contract's value for this system.
    """

    id: str
    name: str
    serial: str | None = None
    facts: ReaderFacts | None = None
    device: UsbDevice | None = None
    model: str | None = None
    nfcpy: str | None = None
    libccid: str | None = None
    package: str | None = None
    interface: str = "unknown"
    virtual: bool = False
    compatibility: str = "unknown"


class CardSubject(Struct, frozen=True, kw_only=True):
    """One row of ``cards``: ``c0`` and what was read from it in reader ``r0``."""

    id: str
    reader: ReaderSubject
    facts: CardFacts


class Judging(Struct, frozen=True, kw_only=True):
    """By what cards are judged.

    Attributes:
        at: the instant, UTC.
        clock_matters: False where the instant was given (``--at``, a replay): the clock then
            decides nothing.
        build: the day of this release; a clock before it is wrong.
        anchors: DER certificates given with ``--trust-anchor``.
        remembered: DER certificates from the cache, each with a pinned fingerprint.
        pinned: SHA-256 fingerprints (upper-case hex) of the CAs that we know.
    """

    at: datetime
    build: datetime
    clock_matters: bool = True
    anchors: tuple[bytes, ...] = ()
    remembered: tuple[bytes, ...] = ()
    pinned: frozenset[str] = frozenset()


class Context(Struct, frozen=True, kw_only=True):
    """All that checks get to see.

    Attributes:
        host: this computer.
        survey: the service, and what was observed in all slots.
        readers: the rows of ``readers``.
        cards: the rows of ``cards``.
        judging: by what cards are judged.
        partial: ``--only`` or ``--skip`` left out a check that the verdict needs.
    """

    host: HostFacts
    survey: SurveyFacts
    readers: tuple[ReaderSubject, ...]
    cards: tuple[CardSubject, ...]
    judging: Judging
    partial: bool = False


class Found(Struct, frozen=True, kw_only=True):
    """What a check found on one subject, before it is given the check's id, layer and advice.

    The attributes are those of ``Finding``.
    """

    state: str
    outcome: Outcome = Outcome.OK
    severity: Severity = Severity.INFO
    subject: str = HOST
    evidence: Mapping[str, Scalar] = field(default_factory=dict)
    screen: Mapping[str, Scalar] = field(default_factory=dict)
    personal: Mapping[str, Scalar] = field(default_factory=dict)
    decisive: bool = False


def problem(
    state: str, severity: Severity = Severity.ERROR, *, subject: str = HOST, **evidence: Scalar
) -> Found:
    """A problem of the given severity."""
    return Found(
        state=state, outcome=Outcome.PROBLEM, severity=severity, subject=subject, evidence=evidence
    )


def fine(state: str, *, subject: str = HOST, **evidence: Scalar) -> Found:
    """All is well."""
    return Found(state=state, subject=subject, evidence=evidence)


def unknown(
    state: str, *, subject: str = HOST, decisive: bool = False, **evidence: Scalar
) -> Found:
    """It could not be told."""
    return Found(
        state=state, outcome=Outcome.UNKNOWN, subject=subject, evidence=evidence, decisive=decisive
    )


def crashed(error: str, *, decisive: bool, **evidence: Scalar) -> Found:
    """A bug of ours, by the name of the exception; its message might hold card data."""
    return Found(
        state="crashed",
        outcome=Outcome.CRASHED,
        evidence={"error": error, **evidence},
        decisive=decisive,
    )


def hexadecimal(code: int | None) -> str | None:
    """A PC/SC code as people look it up (``0x8010001D``), or None where there is none."""
    return None if code is None else f"0x{code:08X}"


class Check(Struct, frozen=True, kw_only=True):
    """One check.

    Attributes:
        id: ``area.subject.condition``; stable for ever, never reused.
        layer: its link of the chain.
        run: gives what was found, one entry a subject; nothing where it does not apply.
        decisive: the verdict needs it: where it crashes, the verdict is undetermined.
    """

    id: str
    layer: Layer
    run: Callable[[Context], Iterable[Found]]
    decisive: bool = False


def check(
    identity: str, layer: Layer, *, decisive: bool = False
) -> Callable[[Callable[[Context], Iterable[Found]]], Check]:
    """Makes a check of the function below it."""

    def make(run: Callable[[Context], Iterable[Found]]) -> Check:
        return Check(id=identity, layer=layer, run=run, decisive=decisive)

    return make


def finding_of(
    source: Check,
    found: Found,
    advice: tuple[str, ...],
    actor: Actor | None,
    evidence: Mapping[str, Scalar],
) -> Finding:
    """The finding that ``found`` becomes, with this evidence in the place of its own."""
    return Finding(
        check=source.id,
        layer=source.layer,
        outcome=found.outcome,
        severity=found.severity,
        state=found.state,
        subject=found.subject,
        actor=actor,
        evidence=evidence,
        screen=found.screen,
        personal=found.personal,
        advice=advice,
        decisive=found.decisive,
    )
