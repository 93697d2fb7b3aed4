# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: ANN401 - facts are changed by name
"""Plain facts for the checks: a host, readers and cards on which all is well, and changed ones.

What belongs here: factories without any I/O. What does not: what the checks make of the facts.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from cardcheck.cards import plan
from cardcheck.checks.diagnosis import Request, diagnose
from cardcheck.checks.found import Judging
from cardcheck.facts.card import CardFacts, CardKind, FileReading, PinId, PinReading, ReadState
from cardcheck.facts.host import HostFacts
from cardcheck.facts.observation import Observation
from cardcheck.facts.reader import Backend, ReaderFacts, ReaderIdentity, SlotState, SurveyFacts
from cardcheck.iso7816.status import StatusWord
from cardcheck.simulation.mynumber import Variant, build
from cardcheck.simulation.profiles import Profile, SimulatedReader
from cardcheck.transports.link import execute
from cardcheck.transports.simulated import SimulatedWorld

if TYPE_CHECKING:
    from cardcheck.facts.doctor import DoctorFacts
    from cardcheck.report.model import Finding, Report, Severity

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)
BUILD = datetime(2026, 11, 1, tzinfo=UTC)
OK = StatusWord(0x9000)


@cache
def _certificates(starts: int, ends: int) -> tuple[bytes, bytes]:
    """EF 000A and EF 000B of a virtual card whose certificates run so many days from ``NOW``."""
    card = build(Variant(starts=starts, ends=ends), NOW)
    world = SimulatedWorld(
        Profile(name="x", summary="X", readers=(SimulatedReader(make_card=lambda _: card),)), NOW
    )
    backend = world.open()
    link, facts = backend.connect(backend.readers()[0]), CardFacts()
    with link.transaction():
        execute(link, plan.jpki(facts, plan.ReadRequest()))
    return facts.certificate.data, facts.ca_certificate.data


def read_file(data: bytes, **changes: Any) -> FileReading:
    """A file that was read."""
    return replace(FileReading(ReadState.READ, data, OK), **changes)


def failed(state: ReadState, sw: int | None = None) -> FileReading:
    """A file that was not."""
    return FileReading(state, b"", None if sw is None else StatusWord(sw))


def counter(sw: int, state: ReadState = ReadState.READ) -> PinReading:
    """The answer to one counter query."""
    return PinReading(state, StatusWord(sw))


def record(last_day: str = "20360314") -> FileReading:
    """The card's own record, with its last day."""
    return read_file(b"\x01\x1c" + b"0" * 20 + last_day.encode())


def card(starts: int = -900, ends: int = 800, **changes: Any) -> CardFacts:
    """A My Number card without a fault, but for ``changes``."""
    certificate, authority = _certificates(starts, ends)
    facts: dict[str, Any] = {
        "kind": CardKind.MY_NUMBER,
        "label": "JPKIAPICCTOKEN2",
        "applications": ["jpki", "common", "text-input"],
        "directory": read_file(bytes.fromhex("8F8F00")),
        "certificate": read_file(certificate),
        "ca_certificate": read_file(authority),
        "common_record": record(),
        "pins": {
            PinId.AUTHENTICATION: counter(0x63C3),
            PinId.SIGNATURE: counter(0x63C5),
            PinId.TEXT_INPUT: counter(0x63C3),
            PinId.RESIDENT_REGISTER: counter(0x63C3),
        },
        "complete": True,
    }
    return CardFacts(**{**facts, **changes})


def with_pin(pin: PinId, reading: PinReading | int, **changes: Any) -> CardFacts:
    """A card without a fault, but for the counter of one PIN."""
    facts = card(**changes)
    facts.pins[pin] = counter(reading) if isinstance(reading, int) else reading
    return facts


def other_card(kind: CardKind) -> CardFacts:
    """A card that is no My Number card."""
    return CardFacts(kind=kind, complete=True)


def slot(
    facts: CardFacts | None = None,
    *,
    name: str = "Virtual PCD 00 00",
    usb: tuple[str, str] | None = None,
    backend: Backend = Backend.PCSC,
    **changes: Any,
) -> ReaderFacts:
    """One slot: with a card, or empty; virtual unless its name is another."""
    identity = ReaderIdentity(
        name=name, backend=backend, path=name, usb=usb, virtual=name.startswith("Virtual")
    )
    state = SlotState.EMPTY if facts is None else SlotState.CARD
    return replace(ReaderFacts(identity=identity, slot=state, card=facts, finished=True), **changes)


def host(**changes: Any) -> HostFacts:
    """A computer on which login is offered."""
    facts: dict[str, Any] = {"system": "Windows", "release": "11", "python": "3.11", "now": NOW}
    return HostFacts(**{**facts, **changes})


def report(
    *slots: ReaderFacts | CardFacts,
    on: HostFacts | None = None,
    survey: dict[str, Any] | None = None,
    judging: Judging | None = None,
    details: DoctorFacts | None = None,
    **request: Any,
) -> Report:
    """The report on these slots; a card alone lies in a virtual reader."""
    readers = [
        slot(each, name=f"Virtual PCD 00 {index:02X}") if isinstance(each, CardFacts) else each
        for index, each in enumerate(slots)
    ]
    facts = SurveyFacts(readers=readers, **(survey or {}))
    by = judging or Judging(at=(on or host()).now, build=BUILD)
    observation = Observation(host=on or host(), survey=facts, details=details)
    return diagnose(observation, by, Request(**request), 0)


def found(result: Report, check: str) -> list[Finding]:
    """What one check found."""
    return [finding for finding in result.findings if finding.check == check]


def only(result: Report, check: str) -> Finding:
    """The one thing that a check found."""
    (finding,) = found(result, check)
    return finding


def graded(finding: Finding) -> tuple[str, str, Severity]:
    """State, outcome and severity."""
    return finding.state, finding.outcome.value, finding.severity
