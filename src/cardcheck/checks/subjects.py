# SPDX-License-Identifier: Apache-2.0
"""Who findings are about: the rows of ``readers`` and ``cards``, joined from what was observed.

What belongs here: names, models and USB devices put together. What does not: judgement of a card.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from cardcheck.catalog.readers import Compatibility, known_reader, models_for_usb, serial_of
from cardcheck.checks.base import CardSubject, ReaderSubject
from cardcheck.facts.reader import Backend

if TYPE_CHECKING:
    from cardcheck.catalog.reader_table import ReaderModel
    from cardcheck.catalog.readers import KnownReader
    from cardcheck.facts.host import HostFacts, UsbDevice
    from cardcheck.facts.reader import ReaderFacts, SurveyFacts


def reader_subjects(host: HostFacts, survey: SurveyFacts) -> tuple[ReaderSubject, ...]:
    """The rows of ``readers``: slots in the order of their backends, then devices without one."""
    rows: list[ReaderSubject] = []
    free = list(host.usb or ())
    for facts in survey.readers:
        device = _device_of(facts, free)
        if device is not None and device in free and not _another_slot(facts, survey):
            free.remove(device)
        rows.append(_listed(f"r{len(rows)}", facts, device, host))
    claimed = {row.device.id for row in rows if row.device is not None and not _through_nfc(row)}
    for device in free:
        if device.id not in claimed and survey.source == "hardware":
            rows.append(_unlisted(f"r{len(rows)}", device, host))
    return tuple(rows)


def card_subjects(readers: tuple[ReaderSubject, ...]) -> tuple[CardSubject, ...]:
    """The rows of ``cards``: one for each reader whose card answered."""
    found = [
        (reader, reader.facts.card) for reader in readers if reader.facts and reader.facts.card
    ]
    return tuple(
        CardSubject(id=f"c{index}", reader=reader, facts=card)
        for index, (reader, card) in enumerate(found)
    )


def _device_of(facts: ReaderFacts, devices: list[UsbDevice]) -> UsbDevice | None:
    """The attached device behind a slot: by its ids, else the first that its name can mean."""
    identity = facts.identity
    if identity.virtual:
        return None
    if identity.usb is not None:
        same = [device for device in devices if device.id == identity.usb]
        here = [device for device in same if _path_of(device) == identity.path]
        return next(iter(here or same), None)
    models = known_reader(identity.name).models
    ids = {model.usb for model in models if model.usb is not None}
    fitting = [device for device in devices if device.id in ids]
    return fitting[0] if fitting else None


def _path_of(device: UsbDevice) -> str | None:
    """The device as nfcpy names it, or None where its place is not known."""
    if device.bus is None or device.address is None:
        return None
    return f"usb:{device.bus:03d}:{device.address:03d}"


def _through_nfc(row: ReaderSubject) -> bool:
    return row.facts is not None and row.facts.identity.backend is Backend.NFC


def _another_slot(facts: ReaderFacts, survey: SurveyFacts) -> bool:
    """Whether a later slot has the same name but for its numbers, as slots of one device have."""
    stem = facts.identity.name[:-5]
    later = survey.readers[survey.readers.index(facts) + 1 :]
    return any(other.identity.name[:-5] == stem for other in later)


def _listed(
    identity: str, facts: ReaderFacts, device: UsbDevice | None, host: HostFacts
) -> ReaderSubject:
    usb = device.id if device is not None else facts.identity.usb
    known = known_reader(facts.identity.name, usb)
    virtual = facts.identity.virtual
    nfc = facts.identity.backend is Backend.NFC
    return ReaderSubject(
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


def _unlisted(identity: str, device: UsbDevice, host: HostFacts) -> ReaderSubject:
    name = " ".join(part for part in (device.manufacturer, device.product) if part)
    known = known_reader(name or ":".join(device.id), device.id)
    listed = None if host.bundles is None else {pair for b in host.bundles for pair in b.ids}
    return ReaderSubject(
        id=identity,
        name=known.name,
        device=device,
        model=known.model,
        interface=known.interface.value,
        compatibility=known.judgement(host.system, listed).compatibility.value,
        **_ways_to(models_for_usb(*device.id)),
    )


class _Ways(TypedDict):
    """What could reach a device; the names are those of ``ReaderSubject``."""

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
