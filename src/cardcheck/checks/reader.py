# SPDX-License-Identifier: Apache-2.0
"""Checks of readers: attached, known to the driver, fit for the card, free, answering.

What belongs here: the reader and the driver that serves it. What does not: what is in its slot
(``card``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cardcheck.catalog.readers import known_reader, models_for_usb
from cardcheck.checks.base import DENIED, Context, Need, cause, check, nfc_devices, title_of
from cardcheck.checks.found import Found, clear, fine, hexadecimal, problem, unknown
from cardcheck.facts.link_failure import LinkFailure, is_refused
from cardcheck.facts.linux import Surroundings
from cardcheck.facts.reader import SILENCE_LIMIT, Backend, SlotState
from cardcheck.report.model import Layer, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cardcheck.checks.assessment import ReaderAssessment
    from cardcheck.checks.base import Check
    from cardcheck.facts.host import UsbDevice


@check("reader.attached.any", Layer.READER, needs=Need.READER, decisive=True)
def any_attached(context: Context) -> Iterator[Found]:
    """At least one reader that can be used is attached."""
    if context.listed:
        yield fine("found", count=len(context.listed))
    elif context.service.error or context.service.stalled:
        return
    elif devices := context.unreachable:
        yield problem("only-unreachable", model=devices[0].model or devices[0].name)
    elif context.survey.ignored:
        yield problem("only-ignored")
    else:
        yield problem("none")


@check("reader.driver.known", Layer.DRIVER, needs=Need.READER)
def driver_known(context: Context) -> Iterator[Found]:
    """Each attached device is reached through a driver; why one is not, finer checks say."""
    for reader in context.unreachable:
        name = reader.model or reader.name
        if not context.service.asked and not reader.nfcpy:
            yield problem("pcsc-only", context.grade, subject=reader.id, model=name)
        else:
            yield unknown("unknown", subject=reader.id, model=name)
    for reader in context.listed:
        if not _only_nfcpy(reader):
            yield fine("known", subject=reader.id)


@check("reader.model.compatible", Layer.READER, needs=Need.READER)
def model_compatible(context: Context) -> Iterator[Found]:
    """Each reader is of a kind that can read the card, as far as is known."""
    for reader in context.listed:
        state, model = reader.compatibility, reader.model or reader.name
        if not reader.virtual and _only_nfcpy(reader):
            yield problem("nfc-only", Severity.WARNING, subject=reader.id, model=model)
        elif state == "not-usable":
            yield problem(state, subject=reader.id, model=model)
        elif state == "limited":
            yield problem(state, Severity.WARNING, subject=reader.id, model=model)
        else:
            yield fine(state, subject=reader.id, model=model)


@check("reader.slot.free", Layer.READER, needs=Need.READER)
def slot_free(context: Context) -> Iterator[Found]:
    """No other program uses the reader."""
    for reader in context.listed:
        facts = reader.facts
        if facts is None or facts.slot is SlotState.UNAVAILABLE:
            continue
        if facts.slot is not SlotState.IN_USE:
            yield fine("free", subject=reader.id)
            continue
        state = "exclusive" if facts.error == LinkFailure.SHARING_VIOLATION else "in-use"
        yield problem(state, subject=reader.id, holder=_holder(reader))


@check("reader.slot.responding", Layer.READER, needs=Need.READER)
def slot_responding(context: Context) -> Iterator[Found]:
    """The reader itself answers."""
    for reader in context.listed:
        facts = reader.facts
        if facts is None or is_refused(
            facts
        ):  # what a user may not open says nothing of the reader
            continue
        if facts.stalled and facts.card is None:
            seconds = facts.silence or SILENCE_LIMIT
            yield problem("stalled", subject=reader.id, seconds=seconds)
        elif facts.error == LinkFailure.NO_READER or _lost_reader(reader):
            yield problem("gone", subject=reader.id)
        elif facts.error == DENIED and context.host.system == "Linux":
            # the service let us in, or it would list no readers: polkit refuses the card alone
            yield problem("not-permitted", subject=reader.id, code=hexadecimal(facts.code))
        elif facts.slot is SlotState.UNAVAILABLE:
            code = hexadecimal(facts.code)
            yield problem("failed", subject=reader.id, code=code, detail=facts.error)
        else:
            yield fine("responding", subject=reader.id)


@cause("reader.card.answering", Layer.READER)
def card_answering(context: Context) -> Iterator[Found]:
    """A card that lies in a reader answers; ``scan`` says more of one."""
    if not context.about_host:
        return
    mute = [r for r in context.listed if r.facts and r.facts.slot is SlotState.MUTE]
    for reader in mute:
        state = "mute-contact" if reader.interface == "contact" else "mute"
        yield problem(state, Severity.WARNING, subject=reader.id)
    if context.listed and not mute:
        yield clear()


def nothing_attached(context: Context) -> bool:
    """Whether neither USB nor PC/SC shows a reader; False where neither could be asked."""
    asked = context.host.usb is not None or context.works
    return asked and not (context.usb or context.names or context.listed)


@cause("reader.usb.attached", Layer.READER)
def attached(context: Context) -> Iterator[Found]:
    """A reader is attached."""
    around = context.linux.surroundings or Surroundings()
    if not nothing_attached(context):
        if context.usb or context.works:
            yield clear()
    elif not (around.wsl or around.machine):
        other = takes_no_card(context)
        yield problem("none") if other is None else problem("only-other", model=other)


def takes_no_card(context: Context) -> str | None:
    """What is there instead of a reader: a security key, Windows Hello; None where nothing is."""
    listed = context.details.pcsc.readers if context.details and context.details.pcsc else ()
    found = (
        *(known_reader(title_of(device), device.id) for device in context.host.usb or ()),
        *(known_reader(reader.name) for reader in listed),
    )
    return next((each.model or each.name for each in found if not each.kind.counts), None)


@cause("reader.model.usable", Layer.READER)
def model_usable(context: Context) -> Iterator[Found]:
    """No attached reader is of a kind that can never read the card."""
    poor = [device for device in context.usb if _never(device)]
    for device in poor:
        only = len(poor) == len(context.usb)
        severity = Severity.ERROR if only else Severity.WARNING
        yield problem(
            "no-type-b", severity, subject=context.subject_of(device), model=title_of(device)
        )
    if context.usb and not poor:
        yield clear()


def _never(device: UsbDevice) -> bool:
    models = models_for_usb(*device.id)
    return bool(models) and all(model.type_b == "no" for model in models)


@cause(
    "driver.reader.class",
    Layer.DRIVER,
    systems=(
        "Linux",
        "Darwin",
    ),
)
def reader_class(context: Context) -> Iterator[Found]:
    """No attached reader is of a class that PC/SC never serves."""
    found = False
    for device in context.usb:
        state = _vendor_state(context, device)
        if state:
            found = True
            yield problem(
                state, Severity.WARNING, subject=context.subject_of(device), model=title_of(device)
            )
    if context.usb and not found:
        yield clear()


def _vendor_state(context: Context, device: UsbDevice) -> str | None:
    if context.host.system == "Linux":
        ours = any(device == other for other, _ in nfc_devices(context))
        return "vendor-linux" if ours else None
    models = models_for_usb(*device.id)
    unusable = bool(models) and all(m.support["Darwin"].value == "not-usable" for m in models)
    return "vendor-macos" if unusable and not _never(device) else None


def _only_nfcpy(reader: ReaderAssessment) -> bool:
    return reader.facts is not None and reader.facts.identity.backend is Backend.NFC


def _lost_reader(reader: ReaderAssessment) -> bool:
    """Whether the reader went away while its card was being read."""
    facts = reader.facts
    card = facts.card if facts is not None else None
    return card is not None and card.interruption == LinkFailure.NO_READER


def _holder(reader: ReaderAssessment) -> str | None:
    """The programs that use the reader, as text, or None where the system does not tell."""
    holders = reader.facts.holder if reader.facts else ()
    return ", ".join(dict.fromkeys(f"{program} ({pid})" for program, pid in holders)) or None


CHECKS: Final[tuple[Check, ...]] = (
    any_attached,
    attached,
    driver_known,
    reader_class,
    model_usable,
    model_compatible,
    slot_free,
    slot_responding,
    card_answering,
)
