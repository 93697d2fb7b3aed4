# SPDX-License-Identifier: Apache-2.0
"""Checks and catalogue speak one language: every state that occurs is described, and the reverse.

What belongs here: driving the checks through everything that can be simulated. What does not: the
sentences themselves (``tests/catalog``).
"""

from __future__ import annotations

from functools import cache
from itertools import product
from threading import Event
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from cardcheck.cards import plan
from cardcheck.cards.trust import fingerprint_of
from cardcheck.catalog.messages import check_table, load
from cardcheck.checks.found import Judging
from cardcheck.checks.registry import every_check
from cardcheck.errors import LinkError, NoServiceError, PeerError
from cardcheck.facts.card import CardFacts, CardKind, PinId, PinReading, ReadState
from cardcheck.facts.host import DriverBundle, UsbDevice, UsbInterface
from cardcheck.facts.reader import Backend, ReaderFacts, ServiceFacts, SlotState
from cardcheck.facts.snapshot import loads
from cardcheck.report.model import Finding, Outcome, Severity
from cardcheck.simulation.faults import FaultyCard, parse_fault
from cardcheck.simulation.profiles import PROFILES
from cardcheck.transports.link import execute
from cardcheck.transports.meter import Meter
from cardcheck.transports.simulated import SimulatedWorld
from checks import scenes
from checks.doctor_facts import doctor
from checks.doctor_hosts import HOSTS, MORE, changed, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cardcheck.report.model import Report

FAULTS = ["removed@7", "reset@7", "6Cxx@3", "6c-forever@3", "61-forever@3", "sw=6F00@1", "short@3",
          "long@3", "bitflip@9", "verified"]  # fmt: skip
ROWS = {row.id: row for row in check_table()}
CHECKS = {check.id: check for check in every_check()}
NEVER = {
    ("card.kind.my-number", "hpki"): "no identifier of such a card is confirmed",
    ("reader.slot.responding", "not-permitted"): "polkit refuses a user who is told of first",
}
"""States that are described and cannot occur yet."""


def test_every_check_is_in_the_table_and_of_its_layer() -> None:
    for identity, check in CHECKS.items():
        assert ROWS[identity].layer == check.layer.value


def test_everything_that_is_found_is_described() -> None:
    for finding in everything():
        row, common = ROWS[finding.check], ROWS["common"]
        states = {**row.fine, **row.open, **common.open}
        assert finding.state in states, f"{finding.check}: {finding.state}"
        if finding.state in {**row.fine, **row.open}:
            kind = {"h": "host", "r": "reader", "c": "card"}[finding.subject[0]]
            assert kind == row.subject or CHECKS[finding.check].thorough, (
                f"{finding.check}: {finding.subject}"
            )
        values = {**finding.evidence, **finding.screen}
        missing = set(states[finding.state]) - set(values)
        assert not missing, f"{finding.check}.{finding.state}: {missing}"


def test_everything_that_is_described_can_be_found() -> None:
    seen = {(finding.check, finding.state) for finding in everything()}
    described = {
        (row.id, state)
        for row in check_table()
        if row.id in CHECKS
        for state in {**row.fine, **row.open}
    }
    assert described - seen == set(NEVER)


def test_every_problem_comes_with_advice_and_with_words() -> None:
    tables = [load("ja"), load("en")]
    for finding in everything():
        if finding.outcome is Outcome.PROBLEM and finding.severity is not Severity.INFO:
            assert not finding.because_of
            assert finding.advice, f"{finding.check}: {finding.state}"
            assert finding.actor is not None
        values = {**finding.evidence, **finding.screen}
        for messages in tables:
            first = messages.first(finding.check, finding.state, values)
            assert first
            assert "{" not in first + messages.technical(finding.check, finding.state, values)


@cache
def everything() -> tuple[Finding, ...]:
    """What the checks find in all that can be simulated, and in facts that are made up."""
    reports = [*simulated(), *made_up_cards(), *made_up_readers(), *made_up_services(), *hosts()]
    return tuple(finding for report in reports for finding in report.findings)


def hosts() -> Iterator[Report]:
    """Every recorded computer, and those that show a further state."""
    for path in sorted(HOSTS.glob("*.json")):
        yield doctor(loads(path.read_bytes()))
    for base, change in MORE.values():
        yield doctor(loads(text_of(changed(base, change)).encode()))


def simulated() -> Iterator[Report]:
    """Every profile, whole and quick, and one card with every fault."""
    for name, quick in product(PROFILES, (False, True)):
        yield scenes.report(*slots_of(name, quick=quick))
    for fault in FAULTS:
        yield scenes.report(*slots_of("valid", fault))


def slots_of(name: str, fault: str | None = None, *, quick: bool = False) -> list[ReaderFacts]:
    """What the survey would note of a profile's slots."""
    overlay = None if fault is None else lambda card: FaultyCard(card, parse_fault(fault))
    world = SimulatedWorld(PROFILES[name], scenes.NOW, overlay=overlay)
    try:
        backend = world.open()
    except NoServiceError:
        return []
    slots = []
    for identity in backend.readers():
        facts = CardFacts()
        slot = ReaderFacts(identity=identity, slot=backend.slot_state(identity))
        slots.append(slot)
        if slot.slot is not SlotState.CARD:
            continue
        link = backend.connect(identity, Meter(facts, Event()))
        facts.atr, slot.card = link.atr, facts
        try:
            for step in plan.applications(facts, plan.ReadRequest(quick=quick)):
                with link.transaction():
                    execute(link, step)
        except LinkError as error:
            facts.interruption = type(error).__name__
        except PeerError as error:
            facts.complaint = str(error)
    return slots


def made_up_cards() -> Iterator[Report]:
    """Cards that no profile has."""
    for kind in CardKind:
        if kind is not CardKind.HPKI:
            yield scenes.report(replace(scenes.card(), kind=kind))
    for state, file in product(ReadState, ("certificate", "common_record", "directory")):
        changes: dict[str, Any] = {file: scenes.failed(state, 0x6F00)}
        yield scenes.report(scenes.card(**changes))
    for pin, state in product(PinId, ReadState):
        yield scenes.report(scenes.with_pin(pin, PinReading(state)))
    for pin, sw in product(PinId, (0x9000, 0x6300, 0x63C0, 0x63C1)):
        yield scenes.report(scenes.with_pin(pin, sw))
    anchors = (scenes.card().ca_certificate.data,)
    by = Judging(at=scenes.NOW, build=scenes.BUILD)
    yield scenes.report(scenes.card(), judging=replace(by, anchors=anchors))
    yield scenes.report(
        scenes.card(), judging=replace(by, pinned=frozenset({fingerprint_of(anchors[0])}))
    )
    for changes in (
        {"restarts": 1},
        {"interruption": "CardResetError"},
        {"complaint": "61xx without end"},
        {"kind": CardKind.UNKNOWN, "complete": False},
    ):
        yield scenes.report(scenes.card(**changes))


def made_up_readers() -> Iterator[Report]:
    """Slots and devices that no profile has."""
    card = scenes.card()
    for changes in (
        {"stalled": True},
        {"stalled": True, "card": None},
        {"slot": SlotState.IN_USE, "error": "SharingViolationError"},
        {"slot": SlotState.UNAVAILABLE, "error": "NoReaderError"},
        {"slot": SlotState.UNAVAILABLE, "error": "LinkError"},
        {"slot": SlotState.MUTE, "error": "GarbledCardError"},
        {"crash": "ValueError"},
    ):
        yield scenes.report(scenes.slot(card, **changes))
    refused = scenes.slot(slot=SlotState.UNAVAILABLE, error="AccessDeniedError", code=0x8010006A)
    yield scenes.report(refused, on=scenes.host(system="Linux"))
    for name, system in product(READERS, ("Windows", "Linux", "Darwin")):
        yield scenes.report(scenes.slot(card, name=name), on=scenes.host(system=system))
    for slot in (
        scenes.slot(name="HID Global OMNIKEY 5021 CL 00 00", usb=("076b", "5340")),
        scenes.slot(card, name="SONY RC-S380/P", usb=("054c", "06c3"), backend=Backend.NFC),
    ):
        yield scenes.report(slot, on=scenes.host(system="Linux"))
    for device, bundles, nfc_too, asked in product(
        DEVICES, (None, (), BUNDLES), (False, True), (False, True)
    ):
        yield scenes.report(
            on=scenes.host(system="Linux", usb=(device,), bundles=bundles),
            survey={"nfc": nfc_too, "service": ServiceFacts(asked=asked)},
        )
    yield scenes.report(survey={"ignored": 1})


READERS = [
    "SONY FeliCa RC-S300/S 00 00",
    "SONY FeliCa Port/PaSoRi 3.0 0",
    "ACS ACR122U PICC Interface 00 00",
    "Gemalto PC Twin Reader 00 00",
    "Virtual PCD 00 00",
    "Nobody Knows This Reader 00 00",
]
CCID = (UsbInterface(number=0, interface_class=0x0B),)
VENDOR = (UsbInterface(number=0, interface_class=0xFF),)
PLACE: dict[str, Any] = {"bus": 1, "address": 2}


def device(vendor_id: str, product_id: str, *interfaces: UsbInterface, **changes: Any) -> UsbDevice:  # noqa: ANN401
    return UsbDevice(
        vendor_id=vendor_id, product_id=product_id, interfaces=interfaces, **{**PLACE, **changes}
    )


RC_S380 = device("054c", "06c3", *VENDOR, node_readable=True)
DEVICES = [
    RC_S380,
    replace(RC_S380, node_readable=False, node_owner="root:root 0664"),
    replace(RC_S380, node_readable=False, node_owner="root:plugdev 0660"),
    replace(RC_S380, interfaces=(replace(VENDOR[0], driver="port100"),)),
    replace(RC_S380, holders=("python3",)),
    device("054c", "0193", *VENDOR),
    device("054c", "0dc9", *CCID),
    device("ffff", "fffe", *CCID),
    device("072f", "2200", *CCID),
]
BUNDLES = (DriverBundle(name="ifd-ccid.bundle", version="1.5.5", ids=frozenset({("1", "2")})),)


def made_up_services() -> Iterator[Report]:
    """Services, hosts and ends of a run."""
    for error, code in (
        ("NoServiceError", 0x8010001D),
        ("NoServiceError", 0x8010001E),
        ("AccessDeniedError", 0x8010006A),
        ("ImportError", None),
        ("LinkError", 0x80100001),
    ):
        service = ServiceFacts(error=error, code=code, detail="libpcsclite.so.1")
        for system, socket, installed in product(
            ("Linux", "Windows", "Haiku"), ("listening", "dead", "absent"), (True, False)
        ):
            host = scenes.host(system=system, pcsc_socket=socket, pcsc_installed=installed)
            yield scenes.report(on=host, survey={"service": service})
    yield scenes.report(survey={"service": ServiceFacts(stalled=True)})
    yield scenes.report(survey={"deadline": True})
    yield scenes.report(survey={"interrupted": "SIGINT"})
    for year in (2020, 2060):
        yield scenes.report(scenes.card(), on=scenes.host(now=scenes.NOW.replace(year=year)))
