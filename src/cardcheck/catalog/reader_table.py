# SPDX-License-Identifier: Apache-2.0
"""The table of readers as typed rows, loaded once from ``readers.toml``.

What belongs here: the rows and the loader. What does not: questions about a reader that was found
(``catalog.readers``).
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, Self

from msgspec import Struct

from cardcheck.catalog.data import table

if TYPE_CHECKING:
    from collections.abc import Mapping


class Interface(StrEnum):
    """How a card reaches the reader; the first four but ``virtual`` are values of the contract."""

    CONTACT = "contact"
    CONTACTLESS = "contactless"
    DUAL = "dual"
    UNKNOWN = "unknown"
    VIRTUAL = "virtual"


class Support(StrEnum):
    """What was found about a reader on one system."""

    REPORTED_OK = "reported-ok"
    CLAIMED = "claimed"
    LEGACY_ONLY = "legacy-only"
    NOT_USABLE = "not-usable"
    WEAK_REPORT = "weak-report"
    GENERAL_KNOWLEDGE = "general-knowledge"
    UNKNOWN = "unknown"


class NameKind(StrEnum):
    """What a reader name stands for.

    ``VIRTUAL`` counts and is shown as virtual (vpcd). What takes no My Number card never counts as
    the user's reader: ``EXCLUDED`` (Windows Hello, TPM, VMware, QEMU), ``SECURITY_KEY`` (a key,
    token or wallet for USB) and ``SIM`` (the modem's card, or a slot for cards of that size).
    """

    READER = "reader"
    VIRTUAL = "virtual"
    EXCLUDED = "excluded"
    SECURITY_KEY = "security-key"
    SIM = "sim"

    @property
    def counts(self) -> bool:
        """Whether a card of ours can be in it."""
        return self in {NameKind.READER, NameKind.VIRTUAL}


class ReaderModel(Struct, frozen=True, kw_only=True):
    """One product, or one device of which several products are made.

    Attributes:
        id: stable name of the row.
        vendor: who sells it.
        model: what it is called.
        vendor_id: four lower-case hexadecimal digits, or None where unknown.
        product_id: four lower-case hexadecimal digits, or None where unknown.
        shared: other products have the same ids.
        interface: contact, contactless, dual, virtual or unknown.
        type_b: ``yes``, ``no``, ``partial`` (ISO/IEC 14443 Type B), or None for contact and
            unknown.
        libccid_section: ``supported``, ``shouldwork``, ``unsupported`` or ``disabled``; None where
            not listed.
        libccid_since: the first libccid release that lists it (``1.4.35``), or None.
        linux_driver: another PC/SC driver on Linux; ``none`` where there is none; None where
            unknown.
        nfcpy: the nfcpy driver that reaches it, or None.
        support: what was found, by system name (``Linux``, ``Windows``, ``Darwin``).
        caution: works badly even where a driver lists it.
        notes: what else is known, in English.
        confidence: ``high``, ``medium`` or ``low``.
        sources: where it was read.
        as_of: month of the research (``2026-11``).
    """

    id: str
    vendor: str
    model: str
    vendor_id: str | None
    product_id: str | None
    shared: bool
    interface: Interface
    type_b: str | None
    libccid_section: str | None
    libccid_since: str | None
    linux_driver: str | None
    nfcpy: str | None
    support: Mapping[str, Support]
    caution: bool
    notes: str
    confidence: str
    sources: tuple[str, ...]
    as_of: str

    @classmethod
    def from_row(cls, row: Mapping[str, Any], as_of: str) -> Self:
        """The model of one ``[[reader]]`` row."""
        vendor_id, _, product_id = row.get("usb", "").partition(":")
        section, _, since = row.get("libccid", "").partition(" ")
        return cls(
            id=row["id"],
            vendor=row["vendor"],
            model=row["model"],
            vendor_id=vendor_id or None,
            product_id=product_id or None,
            shared=row.get("shared", False),
            interface=Interface(row["interface"]),
            type_b=row.get("type_b"),
            libccid_section=section or None,
            libccid_since=since or None,
            linux_driver=row.get("linux_driver"),
            nfcpy=row.get("nfcpy"),
            support={
                system: Support(row.get(key, "unknown"))
                for system, key in (("Linux", "linux"), ("Windows", "windows"), ("Darwin", "macos"))
            },
            caution=row.get("caution", False),
            notes=row.get("notes", ""),
            confidence=row["confidence"],
            sources=tuple(row["sources"]),
            as_of=row.get("as_of", as_of),
        )

    @property
    def usb(self) -> tuple[str, str] | None:
        """Vendor and product id, or None where they are not known."""
        if self.vendor_id is None or self.product_id is None:
            return None
        return self.vendor_id, self.product_id

    @property
    def title(self) -> str:
        """Vendor and model (``Sony PaSoRi RC-S300/S``)."""
        return f"{self.vendor} {self.model}"

    @property
    def reads_type_b(self) -> bool:
        """Whether it can reach a contactless My Number card (ISO/IEC 14443 Type B) at all."""
        return self.type_b in {"yes", "partial"}


class NamePattern(Struct, frozen=True, kw_only=True):
    """One row of the ordered table of PC/SC reader names.

    Attributes:
        pattern: a regular expression, searched without regard to case.
        kind: reader, virtual or one of those that never count.
        meaning: what to call it; several products where one chip is in all of them. A number behind
            a backslash is what that bracket of the pattern found.
        reader_ids: ids of the rows that it can be.
        named_interface: how a card reaches it, where that is not to be taken from the rows.
        slots: which side each slot is, by its number, where the name does not tell.
    """

    pattern: str
    kind: NameKind
    meaning: str
    reader_ids: tuple[str, ...] = ()
    named_interface: str | None = None
    slots: tuple[str, ...] = ()

    @property
    def models(self) -> tuple[ReaderModel, ...]:
        """The rows that it can be."""
        return tuple(reader_table().by_id[row] for row in self.reader_ids)

    @property
    def interface(self) -> Interface:
        """How a card reaches it: as named, else that of the rows where they agree."""
        if self.named_interface is not None:
            return Interface(self.named_interface)
        found = {model.interface for model in self.models}
        return found.pop() if len(found) == 1 else Interface.UNKNOWN


class ReaderTable(Struct, frozen=True, kw_only=True):
    """The whole catalogue of readers.

    Attributes:
        as_of: month of the research.
        official_list: the page of the official list, which could not be read: for a link, never for
            a claim.
        models: all rows, in the order of the file.
        by_usb: rows by vendor and product id.
        by_id: rows by their id.
    """

    as_of: str
    official_list: str
    models: tuple[ReaderModel, ...]
    by_usb: Mapping[tuple[str, str], tuple[ReaderModel, ...]]
    by_id: Mapping[str, ReaderModel]


@cache
def reader_table() -> ReaderTable:
    """The catalogue; read from the package data at the first call (about 10 ms), then kept.

    Raises:
        KeyError, ValueError: the packaged file is broken (a bug of ours, kept out by a test).
    """
    document = table("readers.toml")
    models = tuple(ReaderModel.from_row(row, document["as_of"]) for row in document["reader"])
    by_usb: dict[tuple[str, str], tuple[ReaderModel, ...]] = {}
    for model in models:
        if model.usb is not None:
            by_usb[model.usb] = (*by_usb.get(model.usb, ()), model)
    return ReaderTable(
        as_of=document["as_of"],
        official_list=document["official_list"],
        models=models,
        by_usb=by_usb,
        by_id={model.id: model for model in models},
    )


@cache
def name_patterns() -> tuple[NamePattern, ...]:
    """The name patterns, in the order in which they are tried; does not load the table."""
    return _patterns("name")


@cache
def name_families() -> tuple[NamePattern, ...]:
    """The patterns of whole families, for a name that neither a pattern nor the list knows."""
    return _patterns("family")


def _patterns(key: str) -> tuple[NamePattern, ...]:
    return tuple(
        NamePattern(
            pattern=row["pattern"],
            kind=NameKind(row.get("kind", "reader")),
            meaning=row["meaning"],
            reader_ids=tuple(row.get("readers", ())),
            named_interface=row.get("interface"),
            slots=tuple(row.get("slots", ())),
        )
        for row in table("reader_names.toml")[key]
    )


@cache
def bracketed_names() -> tuple[str, ...]:
    """Names of readers with brackets that are a part of them, not the device's serial number."""
    return tuple(table("reader_names.toml")["bracketed"])
