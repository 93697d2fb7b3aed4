# SPDX-License-Identifier: Apache-2.0
"""Checks of readers: attached, known to the driver, fit for the card, free, answering.

What belongs here: the reader and the driver that serves it. What does not: what is in its slot
(``card``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cardcheck.catalog.nfc import (
    Obstacle,
    kernel_driver,
    nfcpy_driver,
    obstacle_of,
    permitted_group,
)
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
from cardcheck.facts.link_failure import LinkFailure
from cardcheck.facts.reader import SILENCE_LIMIT, Backend, SlotState
from cardcheck.report.model import Layer, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cardcheck.facts.host import UsbDevice
    from cardcheck.report.model import Scalar


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
        if not _only_nfcpy(reader):
            yield fine("known", subject=reader.id)


def _driver_problem(context: Context, reader: ReaderSubject, severity: Severity) -> Found:
    """Why no backend lists the attached device."""
    name = reader.model or reader.name
    state = "unknown"
    evidence: dict[str, Scalar] = {}
    if reader.device is not None:
        obstacle = _obstacle(context, reader.device)
        if obstacle is not None:
            state, evidence = obstacle.value, _evidence_of(obstacle, reader.device)
        elif not context.survey.service.error:
            state, evidence = _missing(context, reader, reader.device)
    if state == "unknown":
        return unknown(state, subject=reader.id, model=name)
    return problem(state, severity, subject=reader.id, model=name, **evidence)


def _missing(
    context: Context, reader: ReaderSubject, device: UsbDevice
) -> tuple[str, dict[str, Scalar]]:
    """What PC/SC lacks for the device: a state of the check and its values."""
    bundles = context.host.bundles
    if not context.survey.service.asked:
        return ("unknown" if reader.nfcpy else "pcsc-only"), {}
    if not device.is_ccid and reader.nfcpy:
        return "vendor-class", {}
    if bundles is None or any(device.id in bundle.ids for bundle in bundles):
        return "unknown", {}
    if reader.package:
        return "other-driver", {"package": reader.package}
    if reader.libccid:
        return "not-listed", {"needs": reader.libccid}
    return "no-driver", {}


def _obstacle(context: Context, device: UsbDevice) -> Obstacle | None:
    """What keeps nfcpy from the device, where nfcpy would have been the way to it."""
    found = obstacle_of(device)
    if found in {Obstacle.NO_TYPE_B, Obstacle.KERNEL_DRIVER}:
        return found
    through_nfcpy = context.survey.nfc and nfcpy_driver(device) is not None
    other_way = device.is_ccid and context.survey.service.asked
    return found if through_nfcpy and not other_way else None


def _evidence_of(obstacle: Obstacle, device: UsbDevice) -> dict[str, Scalar]:
    owner: Scalar = device.node_owner
    evidence: dict[Obstacle, dict[str, Scalar]] = {
        Obstacle.KERNEL_DRIVER: {"driver": kernel_driver(device)},
        Obstacle.NO_PERMISSION: {"owner": owner},
        Obstacle.NOT_IN_GROUP: {"owner": owner, "group": permitted_group(device)},
        Obstacle.BUSY: {"holder": ", ".join(device.holders) or None},
    }
    return evidence.get(obstacle, {})


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
        state = "exclusive" if facts.error == LinkFailure.SHARING_VIOLATION else "in-use"
        yield problem(state, subject=reader.id, holder=_holder(reader))


@check("reader.slot.responding", Layer.READER)
def slot_responding(context: Context) -> Iterator[Found]:
    """The reader itself answers."""
    for reader in listed(context):
        facts = reader.facts
        if facts is None:
            continue
        if facts.stalled and facts.card is None:
            seconds = facts.silence or SILENCE_LIMIT
            yield problem("stalled", subject=reader.id, seconds=seconds)
        elif facts.error == LinkFailure.NO_READER or _lost_reader(reader):
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
    return card is not None and card.interruption == LinkFailure.NO_READER


def _holder(reader: ReaderSubject) -> str | None:
    """The programs that use the reader, as text, or None where the system does not tell."""
    holders = reader.facts.holder if reader.facts else ()
    return ", ".join(dict.fromkeys(f"{program} ({pid})" for program, pid in holders)) or None
