# SPDX-License-Identifier: Apache-2.0
"""Checks of readers: attached, known to the driver, fit for the card, free, answering.

What belongs here: the reader and the driver that serves it. What does not: what is in its slot
(``card``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cardcheck.checks.base import (
    Context,
    Found,
    ReaderSubject,
    check,
    fine,
    hexadecimal,
    problem,
    unknown,
)
from cardcheck.facts.reader import Backend, SlotState
from cardcheck.report.model import Layer, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cardcheck.report.model import Scalar

_KERNEL_NFC: Final = frozenset({"port100", "pn533_usb", "pn533"})
_EXCHANGE_LIMIT: Final = 10  # seconds that the survey gives a reader to answer


def listed(context: Context) -> list[ReaderSubject]:
    """The readers that a backend listed and that were to be looked at."""
    return [reader for reader in context.readers if reader.facts and reader.facts.selected]


def unreachable(context: Context) -> list[ReaderSubject]:
    """Attached devices that no backend listed."""
    return [reader for reader in context.readers if reader.facts is None]


@check("reader.attached.any", Layer.READER, decisive=True)
def any_attached(context: Context) -> Iterator[Found]:
    """At least one reader that can be used is attached."""
    if listed(context):
        yield fine("found", count=len(listed(context)))
    elif context.survey.service.error or context.survey.service.stalled:
        return
    elif devices := unreachable(context):
        yield problem("only-unreachable", model=devices[0].model or devices[0].name)
    elif context.survey.ignored:
        yield problem("only-ignored")
    else:
        yield problem("none")


@check("reader.driver.known", Layer.DRIVER)
def driver_known(context: Context) -> Iterator[Found]:
    """Each attached device is reached through a driver; if not, why."""
    only = not listed(context)
    severity = Severity.ERROR if only and not context.survey.service.error else Severity.INFO
    for reader in unreachable(context):
        yield _driver_problem(context, reader, severity)
    for reader in listed(context):
        yield fine("known", subject=reader.id)


def _driver_problem(context: Context, reader: ReaderSubject, severity: Severity) -> Found:
    """Why no backend lists the attached device."""
    device, bundles = reader.device, context.host.bundles

    def because(state: str, **evidence: Scalar) -> Found:
        name = reader.model or reader.name
        return problem(state, severity, subject=reader.id, model=name, **evidence)

    if device is None or context.survey.service.error:
        return unknown("unknown", subject=reader.id, model=reader.model or reader.name)
    kernel = next((i.driver for i in device.interfaces if i.driver in _KERNEL_NFC), None)
    if kernel:
        return because("kernel-driver", driver=kernel)
    if not device.is_ccid and reader.nfcpy:
        return because("vendor-class")
    if bundles is None or any(device.id in bundle.ids for bundle in bundles):
        return unknown("unknown", subject=reader.id, model=reader.model or reader.name)
    if reader.package:
        return because("other-driver", package=reader.package)
    if reader.libccid:
        return because("not-listed", needs=reader.libccid)
    return because("no-driver")


@check("reader.model.compatible", Layer.READER)
def model_compatible(context: Context) -> Iterator[Found]:
    """Each reader is of a kind that can read the card, as far as is known."""
    for reader in listed(context):
        state, model = reader.compatibility, reader.model or reader.name
        if not reader.virtual and _only_nfcpy(reader):
            yield problem("nfc-only", Severity.WARNING, subject=reader.id, model=model)
        elif state == "not-usable":
            yield problem(state, subject=reader.id, model=model)
        elif state == "limited":
            yield problem(state, Severity.WARNING, subject=reader.id, model=model)
        else:
            yield fine(state, subject=reader.id, model=model)


@check("reader.slot.free", Layer.READER)
def slot_free(context: Context) -> Iterator[Found]:
    """No other program uses the reader."""
    for reader in listed(context):
        facts = reader.facts
        if facts is None or facts.slot is SlotState.UNAVAILABLE:
            continue
        if facts.slot is not SlotState.IN_USE:
            yield fine("free", subject=reader.id)
            continue
        state = "exclusive" if facts.error == "SharingViolationError" else "in-use"
        yield problem(state, subject=reader.id, holder=_holder(reader))


@check("reader.slot.responding", Layer.READER)
def slot_responding(context: Context) -> Iterator[Found]:
    """The reader itself answers."""
    for reader in listed(context):
        facts = reader.facts
        if facts is None:
            continue
        if facts.stalled and facts.card is None:
            yield problem("stalled", subject=reader.id, seconds=_EXCHANGE_LIMIT)
        elif facts.error == "NoReaderError" or _lost_reader(reader):
            yield problem("gone", subject=reader.id)
        elif facts.slot is SlotState.UNAVAILABLE:
            code = hexadecimal(facts.code)
            yield problem("failed", subject=reader.id, code=code, detail=facts.error)
        else:
            yield fine("responding", subject=reader.id)


def _only_nfcpy(reader: ReaderSubject) -> bool:
    return reader.facts is not None and reader.facts.identity.backend is Backend.NFC


def _lost_reader(reader: ReaderSubject) -> bool:
    """Whether the reader went away while its card was being read."""
    facts = reader.facts
    card = facts.card if facts is not None else None
    return card is not None and card.interruption == "NoReaderError"


def _holder(reader: ReaderSubject) -> str | None:
    """The programs that use the reader, as text, or None where the system does not tell."""
    holders = reader.facts.holder if reader.facts else ()
    return ", ".join(dict.fromkeys(f"{program} ({pid})" for program, pid in holders)) or None
