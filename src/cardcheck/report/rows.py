# SPDX-License-Identifier: Apache-2.0
"""The rows of a diagnosis in JSON: readers, cards, findings.

What belongs here: names, order and meaning of their fields; the schemas are made from it. What does
not: the documents around them (``documents``).

What a person would not hand on stands in records of its own (``Personal…``), which only
``--show-personal`` fills: a document made without it cannot hold such a field.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

# Not only for type checkers: the schemas are made from the types of the fields.
from cardcheck.report.model import Actor, Layer, Outcome, PinReport, Severity  # noqa: TC001
from cardcheck.report.schema import INSTANT, known

Instant = Annotated[str, Meta(pattern=INSTANT)]
Scalars = dict[str, str | int | bool | None]
_Number = Annotated[int, Meta(ge=0)]


class Tool(Struct, frozen=True, kw_only=True):
    """What made the document.

    Attributes:
        name: always ``cardcheck``.
        version: its version.
        catalog: as of when the data tables are, ``YYYY-MM-DD``.
    """

    name: Literal["cardcheck"] = "cardcheck"
    version: str
    catalog: str


class Usb(Struct, frozen=True):
    """Ids of a USB device, four lower-case hexadecimal digits each."""

    vendor_id: Annotated[str, Meta(pattern="^[0-9a-f]{4}$")]
    product_id: Annotated[str, Meta(pattern="^[0-9a-f]{4}$")]


class ReaderRow(Struct, frozen=True, kw_only=True):
    """One slot of one reader: in PC/SC order, then NFC, then attached but unreachable.

    Attributes:
        id: ``r0``, ``r1`` …
        name: without the serial number of the device.
        backend: ``pcsc``, ``nfc`` or ``usb``.
        interface: how it reaches cards.
        virtual: whether it is no device.
        usb: its ids, or null.
        model: id of the model, or null.
        compatibility: whether it is known to work, on this system.
        slot: what is in it.
        backends: every way that reaches this device.
        why: why the backend that was used was taken: not-in-pcsc, pcsc-not-asked, pcsc-first.
    """

    id: Annotated[str, Meta(pattern="^r[0-9]+$")]
    name: str
    backend: str
    interface: Annotated[str, known("contact", "contactless", "dual", "unknown")]
    virtual: bool
    usb: Usb | None
    model: str | None
    compatibility: Annotated[
        str, known("reported-ok", "claimed", "unknown", "limited", "not-usable", "virtual")
    ]
    slot: Annotated[str, known("empty", "card", "mute", "in-use", "unavailable")]
    backends: tuple[str, ...] | UnsetType = UNSET
    why: str | UnsetType = UNSET


class PersonalReaderRow(ReaderRow, frozen=True, kw_only=True):
    """One slot of one reader: in PC/SC order, then NFC, then attached but unreachable.

    Attributes:
        serial: only with --show-personal.
    """

    serial: str | UnsetType | None = UNSET


class Validity(Struct, frozen=True, kw_only=True):
    """How long the card itself is valid."""

    status: Annotated[
        str,
        known("valid", "expiring", "expired", "absent", "malformed", "unreadable", "not-checked"),
    ]


class PersonalValidity(Validity, frozen=True, kw_only=True):
    """How long the card itself is valid.

    Attributes:
        valid_until: only with --show-personal.
    """

    valid_until: str | UnsetType | None = UNSET


class CertificateRow(Struct, frozen=True, kw_only=True):
    """One certificate of a card.

    Attributes:
        id: which.
        status: whether it can be used at ``judged_at``.
        issuer: how far its signature could be verified.
        revocation: never asked for.
    """

    id: Annotated[str, known("authentication", "signature")]
    status: Annotated[
        str,
        known(
            "valid", "expiring", "expired", "not-yet-valid", "unreadable", "malformed",
            "needs-pin", "absent", "not-checked",
        ),
    ]  # fmt: skip
    issuer: Annotated[
        str,
        known(
            "genuine", "trust-anchor", "unpinned", "unknown-authority", "signature-invalid",
            "not-checked",
        ),
    ]  # fmt: skip
    revocation: Annotated[str, known("not-checked")] = "not-checked"


class PersonalCertificateRow(CertificateRow, frozen=True, kw_only=True):
    """One certificate of a card.

    Attributes:
        not_before: only with --show-personal.
        not_after: only with --show-personal.
        days_left: only with --show-personal.
    """

    not_before: Instant | UnsetType | None = UNSET
    not_after: Instant | UnsetType | None = UNSET
    days_left: int | UnsetType | None = UNSET


class Safety(Struct, frozen=True, kw_only=True):
    """What was done to the PINs: nothing.

    Attributes:
        pin_attempts: always 0.
        counters_after: tries left at the end, by PIN, where they were asked for again.
    """

    pin_attempts: Literal[0] = 0
    counters_after: dict[str, int] | None


class Exchange(Struct, frozen=True):
    """How much was exchanged with the card, and how long that took."""

    commands: _Number
    bytes: _Number
    milliseconds: _Number


class CardRow(Struct, frozen=True, kw_only=True):
    """One card.

    Attributes:
        id: ``c0``, ``c1`` …
        reader: id of the reader.
        kind: what card it is.
        applications: what was found on it.
        atr: upper-case hexadecimal; null where it might tell cards apart.
        validity: null for cards that are not JPKI.
        certificates: empty for cards that are not JPKI.
        pins: empty for cards that are not JPKI, and beside a station label.
        safety: what was done to the PINs.
        exchange: how much was exchanged.
    """

    id: Annotated[str, Meta(pattern="^c[0-9]+$")]
    reader: str
    kind: Annotated[
        str,
        known(
            "my-number-card", "jukicard", "smartphone", "drivers-licence", "residence-card",
            "passport", "payment-card", "bank-card", "felica", "piv", "hpki", "bcas", "etc-card",
            "unknown-jpki", "unknown",
        ),
    ]  # fmt: skip
    applications: tuple[str, ...]
    atr: Annotated[str, Meta(pattern="^([0-9A-F]{2})*$")] | None
    validity: Validity | None
    certificates: tuple[CertificateRow, ...]
    pins: tuple[PinReport, ...]
    safety: Safety
    exchange: Exchange


class PersonalCardRow(CardRow, frozen=True, kw_only=True):
    """One card."""

    validity: PersonalValidity | None
    certificates: tuple[PersonalCertificateRow, ...]


class AdviceText(Struct, frozen=True, kw_only=True):
    """One piece of advice in words.

    Attributes:
        id: which.
        next: the next step.
        more: what else helps.
        actor: who acts.
    """

    id: str
    next: str
    more: tuple[str, ...]
    actor: str | None


class FindingText(Struct, frozen=True, kw_only=True):
    """A finding in words; only with --with-text.

    Attributes:
        title: what was checked.
        first: for the person.
        technical: for the engineer.
        advice: what to do.
    """

    title: str
    first: str
    technical: str
    advice: tuple[AdviceText, ...]


class FindingFields(Struct, frozen=True, kw_only=True):
    """One thing that a check found out.

    Attributes:
        id: ``f0``, ``f1`` …; of this document only.
        check: stable id of the check.
        layer: link of the chain.
        outcome: how the check ended.
        severity: how bad it is.
        subject: ``host``, or the id of a reader or a card.
        actor: who must act.
        evidence: values for its sentences; may be shared: nothing personal.
        advice: ids of advice, the next step first.
        state: which state of the check it is.
        because_of: id of the check whose finding it follows from; it asks for nothing of its own.
    """

    id: Annotated[str, Meta(pattern="^f[0-9]+$")]
    check: Annotated[str, Meta(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")]
    layer: Layer
    outcome: Outcome
    severity: Severity
    subject: str
    actor: Actor | None
    evidence: Scalars
    advice: tuple[str, ...]
    state: str | UnsetType = UNSET  # the oldest reports have none
    because_of: str | UnsetType = UNSET


class FindingRow(FindingFields, frozen=True, kw_only=True):
    """One thing that a check found out.

    Attributes:
        text: only with --with-text.
    """

    text: FindingText | UnsetType = UNSET


class PersonalFindingRow(FindingFields, frozen=True, kw_only=True):
    """One thing that a check found out.

    Attributes:
        personal: only with --show-personal.
        text: only with --with-text.
    """

    personal: Scalars | UnsetType = UNSET
    text: FindingText | UnsetType = UNSET
