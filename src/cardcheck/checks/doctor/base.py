# SPDX-License-Identifier: Apache-2.0
"""What a check of ``doctor`` is, and what it gets to see.

What belongs here: ``DoctorContext``, ``DoctorCheck`` and the questions that several checks ask.
What does not: any one cause. A check that does not apply yields nothing.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from cardcheck.catalog.doctor import CLEAR, cause_table
from cardcheck.catalog.readers import known_reader, models_for_usb
from cardcheck.checks.base import Found, fine
from cardcheck.facts.link_failure import LinkFailure
from cardcheck.facts.linux import LinuxFacts
from cardcheck.report.model import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from cardcheck.catalog.reader_table import ReaderModel
    from cardcheck.facts.doctor import DoctorFacts, PcscFacts
    from cardcheck.facts.host import HostFacts, UsbDevice
    from cardcheck.facts.macos import MacosFacts
    from cardcheck.facts.software import SoftwareFacts
    from cardcheck.facts.windows import WindowsFacts

NO_SERVICE: Final = LinkFailure.NO_SERVICE
DENIED: Final = LinkFailure.ACCESS_DENIED
NO_MODULE: Final = LinkFailure.NO_BINDING


class DoctorContext(Struct, frozen=True, kw_only=True, dict=True):
    """All that checks of ``doctor`` get to see.

    Attributes:
        facts: one computer, this one or a recorded one.
        build: the day of this release.
    """

    facts: DoctorFacts
    build: datetime

    @property
    def host(self) -> HostFacts:
        """System, clock, drivers, USB devices."""
        return self.facts.host

    @property
    def pcsc(self) -> PcscFacts | None:
        """What the service said; None where it was not asked."""
        return self.facts.pcsc

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the readers that the service lists."""
        return tuple(reader.name for reader in self.pcsc.readers) if self.pcsc else ()

    @property
    def linux(self) -> LinuxFacts:
        """What only Linux has; empty elsewhere."""
        return self.facts.linux or LinuxFacts()

    @property
    def windows(self) -> WindowsFacts | None:
        """What only Windows has."""
        return self.facts.windows

    @property
    def macos(self) -> MacosFacts | None:
        """What only macOS has."""
        return self.facts.macos

    @property
    def software(self) -> SoftwareFacts:
        """Browsers, login software, libraries."""
        return self.facts.software

    @property
    def usb(self) -> tuple[UsbDevice, ...]:
        """Attached devices that may be readers."""
        return self.host.usb or ()

    @property
    def grade(self) -> Severity:
        """How bad it is when one reader is not served: a warning where another one is."""
        return Severity.WARNING if self.names else Severity.ERROR

    @property
    def works(self) -> bool:
        """Whether the PC/SC service answered."""
        return self.pcsc is not None and self.pcsc.error is None and not self.pcsc.stalled

    @property
    def silent(self) -> bool:
        """Whether the service was asked and did not answer at all."""
        return self.pcsc is not None and (self.pcsc.error == NO_SERVICE or self.pcsc.stalled)

    @property
    def code(self) -> str | None:
        """The PC/SC code in hexadecimal, or None."""
        code = self.pcsc.code if self.pcsc else None
        return None if code is None else f"0x{code & 0xFFFFFFFF:08X}"

    @cached_property
    def driven(self) -> frozenset[tuple[str, str]] | None:
        """The ids that the installed drivers list; None where they are not known."""
        bundles = self.host.bundles
        return None if bundles is None else frozenset(pair for b in bundles for pair in b.ids)

    @cached_property
    def missed(self) -> tuple[UsbDevice, ...]:
        """Attached devices that the service does not list, as far as names and counts tell."""
        listed = {model.usb for name in self.names for model in known_reader(name).models}
        names = [name.lower() for name in self.names]
        return tuple(
            device
            for device in self.usb
            if device.id not in listed
            and not any(device.product and device.product.lower() in name for name in names)
        )


def title_of(device: UsbDevice) -> str:
    """What to call an attached device: its models, else what it says of itself, else its ids."""
    models = models_for_usb(*device.id)
    if models:
        return " / ".join(model.title for model in models)
    said = " ".join(part for part in (device.manufacturer, device.product) if part)
    return said or ":".join(device.id)


def nfc_devices(context: DoctorContext) -> Iterable[tuple[UsbDevice, ReaderModel]]:
    """Attached devices that nfcpy opens itself and that no PC/SC driver serves."""
    for device in context.usb:
        for model in models_for_usb(*device.id):
            if model.nfcpy and model.reads_type_b and not device.is_ccid:
                yield device, model
                break


class DoctorCheck(Struct, frozen=True, kw_only=True):
    """One check.

    Attributes:
        id: ``area.subject.condition``; stable for ever, never reused.
        run: gives what was found; nothing where it does not apply.
    """

    id: str
    run: Callable[[DoctorContext], Iterable[Found]]


def cause(identity: str) -> Callable[[Callable[[DoctorContext], Iterable[Found]]], DoctorCheck]:
    """Makes a check of the function below it; it runs on the systems that the catalogue names."""

    def make(run: Callable[[DoctorContext], Iterable[Found]]) -> DoctorCheck:
        def on_its_systems(context: DoctorContext) -> Iterable[Found]:
            systems = cause_table()[identity].systems
            return run(context) if not systems or context.host.system in systems else ()

        return DoctorCheck(id=identity, run=on_its_systems)

    return make


def clear() -> Found:
    """Nothing is wrong."""
    return fine(CLEAR)
