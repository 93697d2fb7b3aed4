# SPDX-License-Identifier: Apache-2.0
"""What a reader is, by its USB ids or PC/SC name, and whether it can serve a My Number card here.

What belongs here: answers about a reader that was found, from the table of readers. What does not:
the table (``catalog.reader_table``), how readers are found (``host``, ``transports``), sentences
(``catalog`` messages).

The official list of readers could not be read: nothing in here says "officially listed".
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct

from cardcheck.catalog.compatibility import Compatibility, Judgement, Reason, compatibility, judge
from cardcheck.catalog.reader_name import (
    SLOT_NUMBERS,
    clean_name,
    goes_by,
    safe_text,
    serial_of,
)
from cardcheck.catalog.reader_table import (
    Interface,
    NameKind,
    NamePattern,
    ReaderModel,
    name_families,
    name_patterns,
    reader_table,
)
from cardcheck.catalog.usb_devices import devices_named, folded, usb_devices, without_numbers

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

__all__ = [  # with a name, its meaning is asked for: both from here
    "Compatibility", "Judgement", "KnownReader", "NameMatch", "Reason", "SlotRole",
    "clean_name", "compatibility", "goes_by", "is_known", "judge", "kind_for_usb", "known_reader",
    "match_name", "means", "models_for_usb", "never_counts", "safe_text", "serial_of", "slot_role",
]  # fmt: skip


class SlotRole(StrEnum):
    """Which side of a reader a slot is."""

    CONTACT = "contact"
    CONTACTLESS = "contactless"
    SAM = "sam"
    UNKNOWN = "unknown"


class NameMatch(Struct, frozen=True, kw_only=True):
    """What a reader name stands for.

    Attributes:
        kind: reader, virtual (counts) or one of those that never count.
        meaning: what to call it; names several products where they share a chip.
        interface: contact, contactless, dual or unknown; of this slot where the name tells.
        role: which side of the reader the slot is.
        models: the catalogue rows that it can be; often several.
        ids: the USB ids that it can have; empty where none is known.
    """

    kind: NameKind
    meaning: str
    interface: Interface
    role: SlotRole
    models: tuple[ReaderModel, ...]
    ids: frozenset[tuple[str, str]]


class KnownReader(Struct, frozen=True, kw_only=True):
    """All that ids and name tell about one slot.

    Attributes:
        name: the name without the device's serial number, safe to show.
        kind: reader, virtual (counts) or one of those that never count.
        model: what to call it, or None where it is not in the catalogue.
        interface: contact, contactless, dual or unknown; unknown for a slot of a SAM.
        models: the catalogue rows that it can be.
        role: which side of the reader the slot is.
    """

    name: str
    kind: NameKind
    model: str | None
    interface: Interface
    models: tuple[ReaderModel, ...]
    role: SlotRole

    def judgement(
        self, system: str, listed: AbstractSet[tuple[str, str]] | None = None
    ) -> Judgement:
        """Whether it can serve a My Number card on ``system``; see ``judge``."""
        if self.kind is NameKind.VIRTUAL:
            return Judgement(Compatibility.VIRTUAL, Reason.VIRTUAL)
        if self.kind in {NameKind.SECURITY_KEY, NameKind.SIM}:
            return Judgement(Compatibility.NOT_USABLE, Reason.TAKES_NO_CARD)
        return judge(self.models, system, listed)


def models_for_usb(vendor_id: str, product_id: str) -> tuple[ReaderModel, ...]:
    """The rows with these ids (four hexadecimal digits each): none, one, or several."""
    return reader_table().by_usb.get((vendor_id.lower(), product_id.lower()), ())


def kind_for_usb(vendor_id: str, product_id: str) -> NameKind:
    """What a device is by its ids alone; a reader where they are not known."""
    usb = (vendor_id.lower(), product_id.lower())
    entry = usb_devices().get(usb)
    return NameKind.READER if entry is None else entry.kind


def is_known(vendor_id: str, product_id: str) -> bool:
    """Whether the catalogue or the list of the driver has these ids."""
    usb = (vendor_id.lower(), product_id.lower())
    return usb in reader_table().by_usb or usb in usb_devices()


def means(name: str, usb: tuple[str, str], driver_name: str | None = None) -> bool:
    """Whether the reader that the service calls ``name`` can be a device with these ids.

    Args:
        name: the name of the slot.
        usb: vendor and product id of the device.
        driver_name: what the installed driver lists the ids as, where that was read.
    """
    shown = clean_name(name)
    if driver_name and folded(shown).startswith(folded(driver_name)):
        return True
    match = match_name(shown)
    return usb in {entry.usb for entry in devices_named(shown)} or (
        match is not None and usb in match.ids
    )


def match_name(name: str) -> NameMatch | None:
    """What a PC/SC reader name stands for, or None where nothing fits.

    A pattern decides, else the list of devices, else the pattern of a family.
    """
    shown = clean_name(name)  # a serial number may say anything
    return (
        _by_pattern(shown, name_patterns())
        or _by_device(shown)
        or _by_pattern(shown, name_families())
    )


def _by_pattern(shown: str, patterns: Iterable[NamePattern]) -> NameMatch | None:
    for row in patterns:
        found = re.search(row.pattern, shown, re.IGNORECASE)
        if found is None:
            continue
        role = _role_in(shown, row.slots)
        # what is no reader is no model, and needs no look into the table
        models = row.models if row.kind is NameKind.READER else ()
        return NameMatch(
            kind=row.kind,
            meaning=found.expand(row.meaning),
            interface=_slot_interface(row.interface, role),
            role=role,
            models=models,
            ids=frozenset(model.usb for model in models if model.usb),
        )
    return None


def _by_device(shown: str) -> NameMatch | None:
    entries = devices_named(shown)
    if not entries:
        return None
    kinds = {entry.kind for entry in entries}
    interfaces = {entry.interface for entry in entries}
    role = slot_role(shown)
    return NameMatch(
        kind=kinds.pop() if len(kinds) == 1 else NameKind.READER,
        meaning=entries[0].title if len(entries) == 1 else without_numbers(shown),
        interface=_slot_interface(
            interfaces.pop() if len(interfaces) == 1 else Interface.UNKNOWN, role
        ),
        role=role,
        models=tuple(row for entry in entries for row in models_for_usb(*entry.usb)),
        ids=frozenset(entry.usb for entry in entries),
    )


@lru_cache(maxsize=256)
def known_reader(name: str, usb: tuple[str, str] | None = None) -> KnownReader:
    """What is known about a slot from its PC/SC ``name`` and its ``usb`` ids, where known.

    The ids win for kind, model and interface: names change with the driver. They never make a real
    reader of a name that is virtual or excluded.
    """
    shown = clean_name(name)
    match = match_name(shown)
    role = match.role if match else slot_role(shown)
    virtual = match is not None and match.kind in {NameKind.VIRTUAL, NameKind.EXCLUDED}
    known = _by_ids(usb, shown, role) if usb and not virtual else None
    if known is not None:
        return known
    return KnownReader(
        name=shown,
        kind=match.kind if match else NameKind.READER,
        model=match.meaning if match else None,
        interface=_slot_interface(match.interface if match else Interface.UNKNOWN, role),
        models=match.models if match else (),
        role=role,
    )


def _by_ids(usb: tuple[str, str], shown: str, role: SlotRole) -> KnownReader | None:
    """What the ids tell, or None where nothing has them."""
    models, entry = models_for_usb(*usb), usb_devices().get(usb)
    titles = [model.title for model in models] or ([entry.title] if entry else [])
    if not titles:
        return None
    interfaces = {model.interface for model in models} or ({entry.interface} if entry else set())
    interface = interfaces.pop() if len(interfaces) == 1 else Interface.UNKNOWN
    kind = entry.kind if entry else NameKind.READER
    return KnownReader(
        name=shown,
        kind=NameKind.EXCLUDED if interface is Interface.VIRTUAL else kind,
        model=" / ".join(titles),
        interface=_slot_interface(interface, role),
        models=models,
        role=role,
    )


def never_counts(name: str) -> bool:
    """Whether a slot of that name is no place for a card: Windows Hello and its like."""
    return not known_reader(name).kind.counts


def slot_role(name: str) -> SlotRole:
    """Which side of a dual reader a slot is, by the words of its interface, else of its name."""
    interface = re.search(r"\[([^\[\]]*)\]", name)
    role = _role_of(interface[1]) if interface else SlotRole.UNKNOWN
    return _role_of(name) if role is SlotRole.UNKNOWN else role


def _role_in(name: str, slots: tuple[str, ...]) -> SlotRole:
    """The side of the slot by its number, where ``slots`` tells; else by its words."""
    numbers = SLOT_NUMBERS.search(name)
    number = int(numbers[0].split()[1], 16) if numbers and slots else len(slots)
    return SlotRole(slots[number]) if number < len(slots) else slot_role(name)


def _role_of(text: str) -> SlotRole:
    """The one side that words speak of; a product with both, or with neither, tells of none."""
    words = set(re.findall(r"[A-Z]+", re.sub(r"\+ ?SAM\b", "", text.upper())))
    if "SAM" in words:
        return SlotRole.SAM
    contactless = bool(words & {"PICC", "CL", "CONTACTLESS", "NFC", "RFID"})
    contact = bool(words & {"ICC", "CONTACT", "CONTACTED"})
    if contactless == contact:
        return SlotRole.UNKNOWN
    return SlotRole.CONTACTLESS if contactless else SlotRole.CONTACT


def _slot_interface(interface: Interface, role: SlotRole) -> Interface:
    if interface is Interface.VIRTUAL or role is SlotRole.SAM:
        return Interface.UNKNOWN
    if interface not in {Interface.DUAL, Interface.UNKNOWN} or role is SlotRole.UNKNOWN:
        return interface
    return Interface.CONTACTLESS if role is SlotRole.CONTACTLESS else Interface.CONTACT
