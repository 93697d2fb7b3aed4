# SPDX-License-Identifier: Apache-2.0
"""What a check is, and what it gets to see.

What belongs here: ``Check``, ``Context`` and the questions that several checks ask of it. What does
not: any one check, and how a reader or card is judged (``assessment``).
"""

from __future__ import annotations

from enum import Flag, auto
from functools import cached_property
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from cardcheck.catalog.readers import kind_for_usb, known_reader, models_for_usb
from cardcheck.checks.assessment import is_called
from cardcheck.checks.found import clear, hexadecimal
from cardcheck.facts.link_failure import LinkFailure
from cardcheck.facts.linux import LinuxFacts
from cardcheck.facts.reader import Backend
from cardcheck.facts.software import SoftwareFacts
from cardcheck.report.model import HOST, Finding, Layer, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from cardcheck.catalog.reader_table import ReaderModel
    from cardcheck.checks.assessment import ReaderAssessment
    from cardcheck.checks.card_assessment import CardAssessment
    from cardcheck.checks.found import Found, Judging
    from cardcheck.facts.doctor import DoctorFacts
    from cardcheck.facts.host import HostFacts, UsbDevice
    from cardcheck.facts.macos import MacosFacts
    from cardcheck.facts.observation import Observation
    from cardcheck.facts.reader import ServiceFacts, SurveyFacts
    from cardcheck.facts.windows import WindowsFacts
    from cardcheck.report.model import Actor, Scalar

NO_SERVICE: Final = LinkFailure.NO_SERVICE
DENIED: Final = LinkFailure.ACCESS_DENIED
NO_MODULE: Final = LinkFailure.NO_BINDING


class Need(Flag):
    """What a check looks at; where it was not looked at, the check has nothing to say."""

    HOST = auto()
    SERVICE = auto()
    READER = auto()
    CARD = auto()


class Context(Struct, frozen=True, kw_only=True, dict=True):
    """All that checks get to see.

    Attributes:
        observation: the computer, the service, the readers and the cards, as observed.
        readers: each reader, judged once.
        cards: each card, judged once.
        judging: by what cards are judged.
        about_host: the computer itself is asked about (``doctor``): what is not needed to read a
            card is graded as well.
        partial: ``--only`` or ``--skip`` left out a check that the verdict needs.
    """

    observation: Observation
    readers: tuple[ReaderAssessment, ...]
    cards: tuple[CardAssessment, ...]
    judging: Judging
    about_host: bool = False
    partial: bool = False

    @property
    def host(self) -> HostFacts:
        """System, clock, drivers, USB devices."""
        return self.observation.host

    @property
    def survey(self) -> SurveyFacts:
        """The service, and what was observed in all slots."""
        return self.observation.survey

    @property
    def service(self) -> ServiceFacts:
        """What the PC/SC service said."""
        return self.observation.survey.service

    @property
    def details(self) -> DoctorFacts | None:
        """The thorough look at this computer; None where nobody took it."""
        return self.observation.details

    @property
    def linux(self) -> LinuxFacts:
        """What only Linux has; empty elsewhere."""
        return (self.details.linux if self.details else None) or LinuxFacts()

    @property
    def windows(self) -> WindowsFacts | None:
        """What only Windows has."""
        return self.details.windows if self.details else None

    @property
    def macos(self) -> MacosFacts | None:
        """What only macOS has."""
        return self.details.macos if self.details else None

    @property
    def software(self) -> SoftwareFacts:
        """Browsers, login software, libraries."""
        return self.details.software if self.details else SoftwareFacts()

    @cached_property
    def usb(self) -> tuple[UsbDevice, ...]:
        """Attached devices that may be readers; what takes no card of ours is none."""
        return tuple(d for d in self.host.usb or () if kind_for_usb(*d.id).counts)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the readers that the service lists."""
        return tuple(
            reader.identity.name
            for reader in self.survey.readers
            if reader.identity.backend is Backend.PCSC
        )

    @property
    def listed(self) -> list[ReaderAssessment]:
        """The readers that a backend listed and that were to be looked at."""
        return [reader for reader in self.readers if reader.facts and reader.facts.selected]

    @property
    def unreachable(self) -> list[ReaderAssessment]:
        """Attached devices that no backend listed."""
        return [reader for reader in self.readers if reader.facts is None]

    @property
    def grade(self) -> Severity:
        """How bad it is when one reader is not served, which is little beside one that is."""
        if not self.listed:
            return Severity.ERROR
        return Severity.WARNING if self.about_host else Severity.INFO

    @property
    def aside(self) -> Severity:
        """How bad a fault is that keeps nobody from reading the card."""
        return Severity.WARNING if self.about_host else Severity.INFO

    @property
    def works(self) -> bool:
        """Whether the PC/SC service answered."""
        service = self.service
        return service.asked and service.error is None and not service.stalled

    @property
    def silent(self) -> bool:
        """Whether the service was asked and did not answer at all."""
        service = self.service
        return service.asked and (service.error == NO_SERVICE or service.stalled)

    @property
    def code(self) -> str | None:
        """The PC/SC code of the service in hexadecimal, or None."""
        return hexadecimal(self.service.code)

    @cached_property
    def driven(self) -> frozenset[tuple[str, str]] | None:
        """The ids that the installed drivers list; None where they are not known."""
        bundles = self.host.bundles
        return None if bundles is None else frozenset(pair for b in bundles for pair in b.ids)

    @cached_property
    def missed(self) -> tuple[UsbDevice, ...]:
        """Attached devices that the service does not list, as far as names and counts tell."""
        return tuple(d for d in self.usb if not any(is_called(d, n, self.host) for n in self.names))

    def subject_of(self, device: UsbDevice) -> str:
        """The id of the row of an attached device, or ``host`` where it has none."""
        return next((row.id for row in self.readers if row.device == device), HOST)


def title_of(device: UsbDevice) -> str:
    """What to call an attached device: its models, else what it says of itself, else its ids."""
    said = " ".join(part for part in (device.manufacturer, device.product) if part)
    return known_reader(said, device.id).model or said or ":".join(device.id)


def nfc_devices(context: Context) -> Iterable[tuple[UsbDevice, ReaderModel]]:
    """Attached devices that nfcpy opens itself and that no PC/SC driver serves."""
    if not (context.about_host or context.survey.nfc):
        return
    for device in context.usb:
        other_way = device.is_ccid and context.service.asked
        for model in models_for_usb(*device.id):
            if model.nfcpy and model.reads_type_b and not other_way:
                yield device, model
                break


def of_devices(found: Iterable[Found], context: Context) -> Iterator[Found]:
    """What was found, or that all is well where there is a device to say it of."""
    problems = list(found)
    yield from problems or ([clear()] if context.usb else [])


class Check(Struct, frozen=True, kw_only=True):
    """One check.

    Attributes:
        id: ``area.subject.condition``; stable for ever, never reused.
        layer: its link of the chain.
        run: gives what was found, one entry a subject; nothing where it does not apply.
        needs: what it looks at.
        thorough: it judges what only the thorough look at the computer tells.
        systems: where it can find something; everywhere where empty.
        decisive: the verdict needs it: where it crashes, the verdict is undetermined.
    """

    id: str
    layer: Layer
    run: Callable[[Context], Iterable[Found]]
    needs: Need = Need.HOST
    thorough: bool = False
    systems: tuple[str, ...] = ()
    decisive: bool = False

    def applies(self, context: Context) -> bool:
        """Whether what it judges was looked at, on a system where it can be."""
        looked = context.details is not None or not self.thorough
        return looked and (not self.systems or context.host.system in self.systems)


def check(
    identity: str,
    layer: Layer,
    *,
    needs: Need = Need.HOST,
    decisive: bool = False,
) -> Callable[[Callable[[Context], Iterable[Found]]], Check]:
    """Makes a check of the function below it."""

    def make(run: Callable[[Context], Iterable[Found]]) -> Check:
        return Check(id=identity, layer=layer, run=run, needs=needs, decisive=decisive)

    return make


def cause(
    identity: str,
    layer: Layer,
    *,
    systems: tuple[str, ...] = (),
    needs: Need = Need.HOST,
    thorough: bool = True,
) -> Callable[[Callable[[Context], Iterable[Found]]], Check]:
    """Makes a check of the function below it that names the cause of a break in the chain."""

    def make(run: Callable[[Context], Iterable[Found]]) -> Check:
        return Check(
            id=identity, layer=layer, run=run, needs=needs, thorough=thorough, systems=systems
        )

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
