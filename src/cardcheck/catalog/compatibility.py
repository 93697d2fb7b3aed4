# SPDX-License-Identifier: Apache-2.0
"""Whether a reader of the catalogue can serve a My Number card on a system, and why.

What belongs here: judgement of rows. What does not: which rows a reader can be
(``catalog.readers``).
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

from cardcheck.catalog.reader_table import Interface, ReaderModel, Support

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet


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
    TAKES_NO_CARD = "takes-no-card"
    VIRTUAL = "virtual"


class Judgement(Struct, frozen=True):
    """A compatibility and why it was given."""

    compatibility: Compatibility
    reason: Reason


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
