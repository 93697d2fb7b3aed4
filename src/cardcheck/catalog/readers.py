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

from cardcheck.catalog.reader_name import clean_name, goes_by, safe_text, serial_of
from cardcheck.catalog.reader_table import (
    Interface,
    NameKind,
    ReaderModel,
    Support,
    name_patterns,
    reader_table,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

__all__ = [  # with a name, its meaning is asked for: both from here
    "Compatibility", "Judgement", "KnownReader", "NameMatch", "Reason", "SlotRole",
    "clean_name", "compatibility", "goes_by", "judge", "known_reader", "match_name",
    "models_for_usb", "safe_text", "serial_of", "slot_role",
]  # fmt: skip


class Compatibility(StrEnum):
    """Whether a reader can serve a My Number card on this system; the values of the contract."""

    REPORTED_OK = "reported-ok"
    CLAIMED = "claimed"
    UNKNOWN = "unknown"
    LIMITED = "limited"
    NOT_USABLE = "not-usable"
    VIRTUAL = "virtual"


class Reason(StrEnum):
    """Why a compatibility was given."""

    SEEN_WORKING = "seen-working"
    SAID_TO_WORK = "said-to-work"
    LISTED_BY_DRIVER = "listed-by-driver"
    NO_RECORD = "no-record"
    WORKS_BADLY = "works-badly"
    OLD_DRIVER = "old-driver"
    UNSUPPORTED_SECTION = "unsupported-section"
    CONTACT_ONLY = "contact-only"
    NFCPY_ONLY = "nfcpy-only"
    NEEDS_NEWER_LIBCCID = "needs-newer-libccid"
    NEEDS_OTHER_DRIVER = "needs-other-driver"
    NO_DRIVER = "no-driver"
    NO_TYPE_B = "no-type-b"
    VIRTUAL = "virtual"


class SlotRole(StrEnum):
    """Which side of a reader a slot is."""

    CONTACT = "contact"
    CONTACTLESS = "contactless"
    SAM = "sam"
    UNKNOWN = "unknown"


class Judgement(Struct, frozen=True):
    """A compatibility and why it was given."""

    compatibility: Compatibility
    reason: Reason


class NameMatch(Struct, frozen=True, kw_only=True):
    """What a reader name stands for.

    Attributes:
        kind: reader, virtual (counts) or excluded (never counts).
        meaning: what to call it; names several products where they share a chip.
        interface: contact, contactless, dual or unknown; of this slot where the name tells.
        role: which side of the reader the slot is.
        models: the catalogue rows that it can be; often several.
    """

    kind: NameKind
    meaning: str
    interface: Interface
    role: SlotRole
    models: tuple[ReaderModel, ...]


class KnownReader(Struct, frozen=True, kw_only=True):
    """All that ids and name tell about one slot.

    Attributes:
        name: the name without the device's serial number, safe to show.
        kind: reader, virtual or excluded.
        model: what to call it, or None where it is not in the catalogue.
        interface: contact, contactless, dual or unknown.
        models: the catalogue rows that it can be.
    """

    name: str
    kind: NameKind
    model: str | None
    interface: Interface
    models: tuple[ReaderModel, ...]

    def judgement(
        self, system: str, listed: AbstractSet[tuple[str, str]] | None = None
    ) -> Judgement:
        """Whether it can serve a My Number card on ``system``; see ``judge``."""
        if self.kind is NameKind.VIRTUAL:
            return Judgement(Compatibility.VIRTUAL, Reason.VIRTUAL)
        return judge(self.models, system, listed)


def models_for_usb(vendor_id: str, product_id: str) -> tuple[ReaderModel, ...]:
    """The rows with these ids (four hexadecimal digits each): none, one, or several."""
    return reader_table().by_usb.get((vendor_id.lower(), product_id.lower()), ())


def match_name(name: str) -> NameMatch | None:
    """What a PC/SC reader name stands for, or None where no pattern fits."""
    shown = clean_name(name)  # a serial number may say anything
    for row in name_patterns():
        if re.search(row.pattern, shown, re.IGNORECASE):
            role = slot_role(shown)
            return NameMatch(
                kind=row.kind,
                meaning=row.meaning,
                interface=_slot_interface(row.interface, role),
                role=role,
                # a virtual reader is no model, and needs no look into the table
                models=row.models if row.kind is NameKind.READER else (),
            )
    return None


@lru_cache(maxsize=256)
def known_reader(name: str, usb: tuple[str, str] | None = None) -> KnownReader:
    """What is known about a slot from its PC/SC ``name`` and its ``usb`` ids, where known.

    The ids win for model and interface: names change with the driver. They never make a real reader
    of a name that is virtual or excluded.
    """
    shown = clean_name(name)
    match = match_name(shown)
    kind = match.kind if match else NameKind.READER
    models = models_for_usb(*usb) if usb else ()
    if models and kind is NameKind.READER:
        interfaces = {model.interface for model in models}
        interface = interfaces.pop() if len(interfaces) == 1 else Interface.UNKNOWN
        kind = NameKind.EXCLUDED if interface is Interface.VIRTUAL else kind
        title: str | None = " / ".join(model.title for model in models)
    else:
        models = match.models if match else ()
        interface = match.interface if match else Interface.UNKNOWN
        title = match.meaning if match else None
    return KnownReader(
        name=shown,
        kind=kind,
        model=title,
        interface=_slot_interface(interface, slot_role(shown)),
        models=models,
    )


def slot_role(name: str) -> SlotRole:
    """Which side of a dual reader a slot is, by the words of its name."""
    words = set(re.findall(r"[A-Z]+", name.upper()))
    if "PICC" in words:
        return SlotRole.CONTACTLESS
    if "SAM" in words:
        return SlotRole.SAM
    if "ICC" in words:
        return SlotRole.CONTACT
    if words & {"CL", "CONTACTLESS", "NFC"}:
        return SlotRole.CONTACTLESS
    return SlotRole.CONTACT if "CONTACT" in words else SlotRole.UNKNOWN


def _slot_interface(interface: Interface, role: SlotRole) -> Interface:
    if interface is Interface.VIRTUAL:
        return Interface.UNKNOWN
    if interface not in {Interface.DUAL, Interface.UNKNOWN} or role is SlotRole.UNKNOWN:
        return interface
    return Interface.CONTACTLESS if role is SlotRole.CONTACTLESS else Interface.CONTACT


def compatibility(
    model: ReaderModel, system: str, listed: AbstractSet[tuple[str, str]] | None = None
) -> Compatibility:
    """Whether one model can serve a My Number card on ``system``; see ``judge``."""
    return _judge_model(model, system, listed).compatibility


_CAUTIOUS_ORDER = (
    Compatibility.NOT_USABLE,
    Compatibility.LIMITED,
    Compatibility.UNKNOWN,
    Compatibility.CLAIMED,
    Compatibility.REPORTED_OK,
    Compatibility.VIRTUAL,
)


def judge(
    models: Iterable[ReaderModel], system: str, listed: AbstractSet[tuple[str, str]] | None = None
) -> Judgement:
    """Whether a reader that can be any of ``models`` can serve a My Number card, and why.

    Args:
        models: the rows that it can be. Rows of one USB id are one device under several names: the
            best report of them counts. Between different devices the most cautious one does.
        system: ``Linux``, ``Windows`` or ``Darwin``.
        listed: the ids in all installed PC/SC drivers, asked on Linux for a device that the service
            does not list. None: the service lists the reader itself, so that a driver serves it, or
            the installed drivers are not known; every driver that the catalogue knows of then
            counts as installed.
    """
    devices: dict[object, Judgement] = {}
    for model in models:
        device = model.usb or model.id
        found = _judge_model(model, system, listed)
        if device not in devices or _rank(found) > _rank(devices[device]):
            devices[device] = found
    return min(
        devices.values(), key=_rank, default=Judgement(Compatibility.UNKNOWN, Reason.NO_RECORD)
    )


def _rank(judgement: Judgement) -> int:
    return _CAUTIOUS_ORDER.index(judgement.compatibility)


def _judge_model(
    model: ReaderModel, system: str, listed: AbstractSet[tuple[str, str]] | None
) -> Judgement:
    if model.interface is Interface.VIRTUAL:
        return Judgement(Compatibility.VIRTUAL, Reason.VIRTUAL)
    if model.type_b == "no":
        return Judgement(Compatibility.NOT_USABLE, Reason.NO_TYPE_B)
    found = _judge_linux(model, listed) if system == "Linux" else _judge_report(model, system)
    if found.compatibility is Compatibility.NOT_USABLE and model.nfcpy:
        return Judgement(Compatibility.LIMITED, Reason.NFCPY_ONLY)
    if found.compatibility in {Compatibility.NOT_USABLE, Compatibility.LIMITED}:
        return found
    if model.caution or model.type_b == "partial":
        reason = Reason.WORKS_BADLY if model.caution else Reason.CONTACT_ONLY
        return Judgement(Compatibility.LIMITED, reason)
    return found


def _judge_linux(model: ReaderModel, listed: AbstractSet[tuple[str, str]] | None) -> Judgement:
    missing = _missing_driver(model)
    if missing is None:
        return Judgement(Compatibility.UNKNOWN, Reason.NO_RECORD)
    if missing is Reason.NO_DRIVER or (listed is not None and model.usb not in listed):
        return Judgement(Compatibility.NOT_USABLE, missing)
    if model.libccid_section == "unsupported":
        return Judgement(Compatibility.LIMITED, Reason.UNSUPPORTED_SECTION)
    if model.support["Linux"] is Support.REPORTED_OK:
        return Judgement(Compatibility.REPORTED_OK, Reason.SEEN_WORKING)
    return Judgement(Compatibility.CLAIMED, Reason.LISTED_BY_DRIVER)


def _missing_driver(model: ReaderModel) -> Reason | None:
    """What a model lacks where no driver lists it; None where nothing is known of its drivers."""
    if model.libccid_section == "disabled" or model.linux_driver == "none":
        return Reason.NO_DRIVER
    if model.libccid_section is not None:
        return Reason.NEEDS_NEWER_LIBCCID
    return Reason.NEEDS_OTHER_DRIVER if model.linux_driver else None


_BY_REPORT = {
    Support.REPORTED_OK: Judgement(Compatibility.REPORTED_OK, Reason.SEEN_WORKING),
    Support.CLAIMED: Judgement(Compatibility.CLAIMED, Reason.SAID_TO_WORK),
    Support.LEGACY_ONLY: Judgement(Compatibility.LIMITED, Reason.OLD_DRIVER),
    Support.NOT_USABLE: Judgement(Compatibility.NOT_USABLE, Reason.NO_DRIVER),
}


def _judge_report(model: ReaderModel, system: str) -> Judgement:
    support = model.support.get(system, Support.UNKNOWN)
    return _BY_REPORT.get(support, Judgement(Compatibility.UNKNOWN, Reason.NO_RECORD))
