# SPDX-License-Identifier: Apache-2.0
"""What is said of NFC devices: the true reason, whom it concerns, and one row a device."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from cardcheck.checks.diagnosis import Request, diagnose
from cardcheck.checks.found import Judging
from cardcheck.facts.card import CardFacts, CardKind
from cardcheck.facts.doctor import DoctorFacts
from cardcheck.facts.host import DriverBundle, HostFacts, UsbDevice, UsbInterface
from cardcheck.facts.linux import LinuxFacts, SessionFacts, UdevRule
from cardcheck.facts.observation import Observation
from cardcheck.facts.reader import (
    Backend,
    ReaderFacts,
    ReaderIdentity,
    ServiceFacts,
    SlotState,
    SurveyFacts,
)
from cardcheck.report.model import Outcome

if TYPE_CHECKING:
    from cardcheck.report.model import Finding, Report

NOW = datetime(2027, 4, 1, tzinfo=UTC)
RC_S380 = UsbDevice(
    vendor_id="054c",
    product_id="06c3",
    bus=1,
    address=2,
    interfaces=(UsbInterface(number=0, interface_class=0xFF),),
    node_readable=True,
)
RC_S300 = replace(
    RC_S380,
    product_id="0dc9",
    address=3,
    interfaces=(UsbInterface(number=0, interface_class=0x0B),),
)
ACR122U = replace(RC_S300, vendor_id="072f", product_id="2200", address=4)
PN531 = replace(RC_S380, product_id="0193")
GROUP_RULE = UdevRule(
    file="90-group.rules", vendor_id="054c", product_ids="06c1|06c3", group="plugdev"
)
NOT_ASKED = ServiceFacts(asked=False)


def through_nfc(**facts: object) -> ReaderFacts:
    identity = ReaderIdentity(
        name="SONY RC-S380/P", backend=Backend.NFC, path="usb:001:002", usb=("054c", "06c3")
    )
    return ReaderFacts(identity=identity, **facts)  # type: ignore[arg-type]


def through_pcsc(name: str) -> ReaderFacts:
    return ReaderFacts(identity=ReaderIdentity(name=name, backend=Backend.PCSC, path=name))


def report(
    *usb: UsbDevice,
    readers: tuple[ReaderFacts, ...] = (),
    service: ServiceFacts | None = None,
    nfc: bool = True,
    rules: tuple[UdevRule, ...] = (),
) -> Report:
    bundle = DriverBundle(name="ifd-ccid.bundle", version="1.4.0", ids=frozenset())
    host = HostFacts(
        system="Linux", release="6", python="3.11", now=NOW, usb=usb, bundles=(bundle,)
    )
    survey = SurveyFacts(readers=list(readers), nfc=nfc, service=service or ServiceFacts())
    details = DoctorFacts(host=host, linux=LinuxFacts(rules=rules, session=SessionFacts()))
    seen = Observation(host=host, survey=survey, details=details)
    return diagnose(seen, Judging(at=NOW, build=NOW), Request(), 0)


def found(result: Report, check: str) -> list[Finding]:
    return [finding for finding in result.findings if finding.check == check]


def why(
    device: UsbDevice, service: ServiceFacts | None = None, *, nfc: bool = True
) -> tuple[str, str]:
    """The one cause for which the device is out of reach."""
    result = report(device, service=service, nfc=nfc)
    causes = [
        (f.check, f.state)
        for f in result.findings
        if f.subject == "r0" and f.outcome is Outcome.PROBLEM and not f.because_of
    ]
    assert len(causes) == 1, causes
    return causes[0]


def driven(device: UsbDevice, driver: str) -> UsbDevice:
    (interface,) = device.interfaces
    return replace(device, interfaces=(replace(interface, driver=driver),))


CLOSED = replace(RC_S380, node_readable=False, node_owner="root:root 0600")


@pytest.mark.parametrize(
    ("device", "cause"),
    [
        (driven(RC_S380, "port100"), ("driver.kernel.free", "taken")),
        (driven(RC_S380, "usbfs"), ("reader.holder.free", "held")),
        (replace(RC_S380, holders=("other (9)",)), ("reader.holder.free", "held")),
        (CLOSED, ("access.rule.present", "missing")),
        (PN531, ("reader.model.usable", "no-type-b")),
        (driven(ACR122U, "pn533_usb"), ("driver.kernel.free", "taken")),
    ],
)
def test_the_true_reason_is_named(device: UsbDevice, cause: tuple[str, str]) -> None:
    assert why(device) == cause


def test_a_rule_for_a_group_asks_for_a_member() -> None:
    result = report(CLOSED, rules=(GROUP_RULE,))
    (finding,) = found(result, "access.group.member")
    assert (finding.state, finding.evidence["group"]) == ("outside", "plugdev")


def test_a_driver_of_pcsc_matters_more_than_the_right_to_open_a_node() -> None:
    """pcscd runs as root: it needs no right of this user's."""
    closed = replace(ACR122U, node_readable=False, node_owner="root:root 0664")
    assert why(closed) == ("driver.acs.installed", "missing")
    assert why(closed, NOT_ASKED) == ("access.rule.present", "missing")


def test_where_nfc_was_not_looked_for_its_obstacles_are_none() -> None:
    assert found(report(CLOSED, nfc=False), "access.rule.present")[0].outcome is Outcome.OK


def test_what_nfcpy_cannot_use_is_for_pcsc() -> None:
    assert why(RC_S300, NOT_ASKED) == ("reader.driver.known", "pcsc-only")
    assert why(RC_S300) == ("driver.libccid.recent", "too-old")


def test_the_reason_holds_where_the_service_is_silent_too() -> None:
    silent = ServiceFacts(error="NoServiceError")
    assert why(driven(RC_S380, "port100"), silent) == ("driver.kernel.free", "taken")
    (folded,) = found(report(RC_S300, service=silent), "driver.libccid.recent")
    assert (folded.because_of, folded.advice) == ("service.pcscd.listening", ())


def test_a_device_that_only_nfcpy_reaches_is_no_reader_for_a_login() -> None:
    result = report(RC_S380, readers=(through_nfc(slot=SlotState.EMPTY),))
    (row,) = result.readers
    assert (row.backend, row.backends, row.why) == ("nfc", ("nfc",), "not-in-pcsc")
    assert (row.interface, row.usb, row.compatibility) == (
        "contactless",
        ("054c", "06c3"),
        "limited",
    )
    (finding,) = found(result, "reader.model.compatible")
    assert (finding.state, finding.severity.value) == ("nfc-only", "warning")
    assert found(result, "reader.driver.known") == []


def test_a_device_in_both_worlds_is_one_row() -> None:
    (row,) = report(ACR122U, readers=(through_pcsc("ACS ACR122U PICC Interface 00 00"),)).readers
    assert (row.backend, row.backends, row.why) == ("pcsc", ("pcsc", "nfc"), "pcsc-first")


def test_two_of_the_same_kind_are_two_rows() -> None:
    taken = driven(replace(RC_S380, address=9), "port100")
    result = report(RC_S380, taken, readers=(through_nfc(),))
    assert [(row.backend, row.slot) for row in result.readers] == [
        ("nfc", "empty"),
        ("none", "unavailable"),
    ]
    (finding,) = found(result, "driver.kernel.free")
    assert (finding.subject, finding.state, finding.severity.value) == ("r1", "taken", "info")


def test_a_device_that_was_asked_for_says_so() -> None:
    (row,) = report(RC_S380, readers=(through_nfc(),), service=NOT_ASKED).readers
    assert row.why == "pcsc-not-asked"


def test_colliding_cards_are_told_apart_from_a_mute_one() -> None:
    mute = through_nfc(slot=SlotState.MUTE, error="UnresponsiveCardError")
    garbled = through_nfc(slot=SlotState.MUTE, error="GarbledCardError")
    for facts, state in ((mute, "mute"), (garbled, "garbled")):
        (finding,) = found(report(RC_S380, readers=(facts,)), "card.reset.answered")
        assert (finding.state, finding.severity.value) == (state, "error")
        assert finding.advice


def test_a_device_that_was_given_up_names_the_seconds() -> None:
    hung = through_nfc(slot=SlotState.UNAVAILABLE, stalled=True, silence=4)
    (finding,) = found(report(RC_S380, readers=(hung,)), "reader.slot.responding")
    assert (finding.state, finding.evidence["seconds"]) == ("stalled", 4)


def test_a_travel_card_is_named_without_having_been_read() -> None:
    card = CardFacts(kind=CardKind.FELICA, complete=True, protocol="none")
    result = report(RC_S380, readers=(through_nfc(slot=SlotState.CARD, card=card),))
    (row,) = result.cards
    assert (row.kind, row.atr, row.pins, row.certificates) == ("felica", None, (), ())
    assert found(result, "card.kind.my-number")[0].state == "felica"
