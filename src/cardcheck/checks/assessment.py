# SPDX-License-Identifier: Apache-2.0
"""Each reader, judged once: the rows of ``readers``, joined from what was observed.

What belongs here: names, models and USB devices put together. What does not: judgement of a card
(``card_assessment``), which a list of readers does not load.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from msgspec import Struct

from cardcheck.catalog.reader_table import NameKind
from cardcheck.catalog.readers import (
    Compatibility,
    kind_for_usb,
    known_reader,
    means,
    models_for_usb,
    serial_of,
)
from cardcheck.facts.reader import (
    Backend,
    ReaderFacts,
    ReaderIdentity,
    ServiceFacts,
    SlotState,
    SurveyFacts,
)
from cardcheck.report.model import ReaderReport

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cardcheck.catalog.reader_table import ReaderModel
    from cardcheck.catalog.readers import KnownReader
    from cardcheck.facts.doctor import PcscFacts
    from cardcheck.facts.host import HostFacts, UsbDevice


class ReaderAssessment(Struct, frozen=True, kw_only=True):
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

    def row(self, *, pcsc_asked: bool) -> ReaderReport:
        """The row of the report.

        Args:
            pcsc_asked: whether PC/SC was asked at all.
        """
        facts = self.facts
        usb = self.device.id if self.device else facts.identity.usb if facts else None
        backends, why = self._ways(pcsc_asked=pcsc_asked)
        return ReaderReport(
            id=self.id,
            name=self.name,
            backend=facts.identity.backend.value if facts else "none",
            interface=self.interface,
            virtual=self.virtual,
            usb=usb,
            model=self.model,
            compatibility=self.compatibility,
            slot=(facts.slot if facts else SlotState.UNAVAILABLE).value,
            serial=self.serial,
            backends=backends,
            why=why,
        )

    def _ways(self, *, pcsc_asked: bool) -> tuple[tuple[str, ...], str | None]:
        """The backends that reach it, and why the one that was used was taken."""
        if self.facts is None:
            return (), None
        if self.facts.identity.backend is Backend.NFC:
            return ("nfc",), "not-in-pcsc" if pcsc_asked else "pcsc-not-asked"
        if self.nfcpy is None:
            return ("pcsc",), None
        return ("pcsc", "nfc"), "pcsc-first"


def assess_readers(host: HostFacts, survey: SurveyFacts) -> tuple[ReaderAssessment, ...]:
    """The rows of ``readers``: slots in the order of their backends, then devices without one."""
    rows: list[ReaderAssessment] = []
    free = [device for device in host.usb or () if kind_for_usb(*device.id).counts]
    attached = tuple(free)
    for facts in survey.readers:
        device = _device_of(facts, free, host) or _device_of(facts, attached, host)
        if device is not None and device in free and not _another_slot(facts, survey):
            free.remove(device)
        rows.append(_listed(f"r{len(rows)}", facts, device, host))
    claimed = {row.device.id for row in rows if row.device is not None and not _through_nfc(row)}
    for device in free:
        if device.id not in claimed and survey.source == "hardware":
            rows.append(_unlisted(f"r{len(rows)}", device, host))
    return tuple(rows)


def survey_of(pcsc: PcscFacts | None) -> SurveyFacts:
    """What the service said when only the computer was looked at, as a survey of its slots."""
    if pcsc is None:
        return SurveyFacts(service=ServiceFacts(asked=False))
    service = ServiceFacts(error=pcsc.error, code=pcsc.code, stalled=pcsc.stalled)
    kinds = [(reader, known_reader(reader.name).kind) for reader in pcsc.readers]
    readers = [
        ReaderFacts(
            identity=ReaderIdentity(
                name=reader.name,
                backend=Backend.PCSC,
                path=reader.name,
                virtual=kind is NameKind.VIRTUAL,
            ),
            slot=SlotState(reader.slot),
        )
        for reader, kind in kinds
        if kind.counts
    ]
    return SurveyFacts(service=service, readers=readers, ignored=len(kinds) - len(readers))


def is_called(device: UsbDevice, name: str, host: HostFacts) -> bool:
    """Whether the service can mean an attached device by ``name``.

    By the list of the installed driver, else by ours, else by what the device says of itself.
    """
    listed = next(filter(None, (b.name_of(device.id) for b in host.bundles or ())), None)
    said = str(device.product or "").lower()
    return means(name, device.id, listed) or bool(said and said in name.lower())


def _device_of(
    facts: ReaderFacts, devices: Sequence[UsbDevice], host: HostFacts
) -> UsbDevice | None:
    """The attached device behind a slot: by its ids, else the first that its name can mean."""
    identity = facts.identity
    if identity.virtual:
        return None
    if identity.usb is not None:
        same = [device for device in devices if device.id == identity.usb]
        here = [device for device in same if _path_of(device) == identity.path]
        return next(iter(here or same), None)
    return next((device for device in devices if is_called(device, identity.name, host)), None)


def _path_of(device: UsbDevice) -> str | None:
    """The device as nfcpy names it, or None where its place is not known."""
    if device.bus is None or device.address is None:
        return None
    return f"usb:{device.bus:03d}:{device.address:03d}"


def _through_nfc(row: ReaderAssessment) -> bool:
    return row.facts is not None and row.facts.identity.backend is Backend.NFC


def _another_slot(facts: ReaderFacts, survey: SurveyFacts) -> bool:
    """Whether a later slot has the same name but for its numbers, as slots of one device have."""
    stem = facts.identity.name[:-5]
    later = survey.readers[survey.readers.index(facts) + 1 :]
    return any(other.identity.name[:-5] == stem for other in later)


def _listed(
    identity: str, facts: ReaderFacts, device: UsbDevice | None, host: HostFacts
) -> ReaderAssessment:
    usb = device.id if device is not None else facts.identity.usb
    known = known_reader(facts.identity.name, usb)
    virtual = facts.identity.virtual
    nfc = facts.identity.backend is Backend.NFC
    return ReaderAssessment(
        id=identity,
        name=known.name,
        serial=serial_of(facts.identity.name),
        facts=facts,
        device=device,
        model=None if virtual else known.model,
        interface="contactless" if nfc else known.interface.value,
        virtual=virtual,
        compatibility=_compatibility(facts, known, host.system).value,
        **_ways_to(known.models),
    )


def _compatibility(facts: ReaderFacts, known: KnownReader, system: str) -> Compatibility:
    """What the catalogue says of a slot; a card that was read disproves that it cannot be used."""
    if facts.identity.virtual:
        return Compatibility.VIRTUAL
    compatibility = known.judgement(system).compatibility
    read = facts.card is not None and facts.card.kind.is_my_number and facts.card.complete
    disproved = read and compatibility is Compatibility.NOT_USABLE
    return Compatibility.UNKNOWN if disproved else compatibility


def _unlisted(identity: str, device: UsbDevice, host: HostFacts) -> ReaderAssessment:
    name = " ".join(part for part in (device.manufacturer, device.product) if part)
    known = known_reader(name or ":".join(device.id), device.id)
    listed = None if host.bundles is None else {pair for b in host.bundles for pair in b.ids}
    return ReaderAssessment(
        id=identity,
        name=known.name,
        device=device,
        model=known.model,
        interface=known.interface.value,
        compatibility=known.judgement(host.system, listed).compatibility.value,
        **_ways_to(models_for_usb(*device.id)),
    )


class _Ways(TypedDict):
    """What could reach a device; the names are those of ``ReaderAssessment``."""

    nfcpy: str | None
    libccid: str | None
    package: str | None


def _ways_to(models: tuple[ReaderModel, ...]) -> _Ways:
    """What could reach a device, as the catalogue knows it."""
    return {
        "nfcpy": next((model.nfcpy for model in models if model.nfcpy), None),
        "libccid": next((model.libccid_since for model in models if model.libccid_since), None),
        "package": next(
            (model.linux_driver for model in models if model.linux_driver not in {None, "none"}),
            None,
        ),
    }
