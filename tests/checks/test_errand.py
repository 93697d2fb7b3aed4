# SPDX-License-Identifier: Apache-2.0
"""One errand: what follows from something else asks for nothing of its own."""

from __future__ import annotations

from datetime import timedelta

from cardcheck.facts.card import CardFacts, PinId, PinReading, ReadState
from cardcheck.facts.doctor import DoctorFacts, PcscFacts
from cardcheck.facts.host import DriverBundle, UsbDevice, UsbInterface
from cardcheck.facts.linux import LinuxFacts
from cardcheck.facts.reader import ServiceFacts
from cardcheck.report.model import Finding, Outcome, Report, Severity
from checks import scenes

SEEN = UsbDevice(vendor_id="ffff", product_id="fffe")


def asking(report: Report) -> list[str]:
    """The checks whose findings ask for something."""
    return [
        f.check
        for f in report.findings
        if f.outcome is Outcome.PROBLEM and f.severity is not Severity.INFO
    ]


def folded(report: Report, check: str) -> Finding:
    finding = scenes.only(report, check)
    assert finding.because_of
    assert (finding.severity, finding.advice, finding.actor) == (Severity.INFO, (), None)
    assert not finding.decisive
    return finding


def test_an_expired_card_is_one_errand() -> None:
    """A new card comes with new certificates and PINs: nothing is said of renewing these."""
    facts = scenes.with_pin(
        PinId.AUTHENTICATION, 0x63C0, starts=-1700, ends=-1, common_record=scenes.record("20260101")
    )
    report = scenes.report(facts)
    assert asking(report) == ["card.validity.current"]
    for check in ("card.certificate.authentication-valid", "card.pin.authentication-usable"):
        assert folded(report, check).because_of == "card.validity.current"
    assert (report.verdict.value, report.exit_code) == ("problem", 1)
    assert report.readiness[0].state == "not-ready"


def test_a_certificate_that_expired_alone_is_an_errand() -> None:
    report = scenes.report(scenes.card(-1700, -1))
    assert asking(report) == ["card.certificate.authentication-valid"]


def test_by_a_wrong_clock_only_the_clock_is_an_errand() -> None:
    past = scenes.host(now=scenes.BUILD - timedelta(days=1))
    report = scenes.report(scenes.card(-1700, -1), on=past)
    assert asking(report) == ["computer.clock.right"]
    folded(report, "card.certificate.authentication-valid")
    folded(report, "card.validity.current")
    assert report.verdict.value == "undetermined"


def test_a_silent_service_leaves_nothing_to_say_of_readers() -> None:
    bundle = DriverBundle(name="ifd-ccid.bundle", version="1.4.0", ids=frozenset())
    device = UsbDevice(
        vendor_id="ffff",
        product_id="fffe",
        interfaces=(UsbInterface(number=0, interface_class=0x0B),),
    )
    on = scenes.host(system="Linux", usb=(device,), bundles=(bundle,), pcsc_installed=False)
    details = DoctorFacts(host=on, linux=LinuxFacts(), pcsc=PcscFacts())
    silent = {"service": ServiceFacts(error="NoServiceError", code=0x8010001D)}
    report = scenes.report(on=on, survey=silent, details=details)
    assert asking(report) == ["service.pcscd.installed"]
    assert folded(report, "driver.reader.listed").because_of == "service.pcscd.installed"
    assert folded(report, "reader.driver.known").because_of == "service.pcscd.installed"


def test_a_driver_that_is_missing_is_said_once() -> None:
    bundle = DriverBundle(name="ifd-ccid.bundle", version="1.4.0", ids=frozenset())
    device = UsbDevice(
        vendor_id="ffff",
        product_id="fffe",
        interfaces=(UsbInterface(number=0, interface_class=0x0B),),
    )
    on = scenes.host(system="Linux", usb=(device,), bundles=(bundle,))
    report = scenes.report(on=on, details=DoctorFacts(host=on, linux=LinuxFacts()))
    assert asking(report) == ["driver.reader.listed"]
    assert folded(report, "reader.attached.any").state == "only-unreachable"


def test_what_a_lost_card_did_not_say_follows_from_losing_it() -> None:
    lost = CardFacts(interruption="CardRemovedError", commands=3)
    report = scenes.report(lost)
    assert asking(report) == ["placement.contact.kept"]
    assert folded(report, "card.kind.my-number").because_of == "placement.contact.kept"


def test_an_effect_is_never_above_its_cause() -> None:
    """A setting that hides readers is a warning, until nothing else explains that there is none."""
    from cardcheck.facts.linux import PcscdFacts

    on = scenes.host(system="Linux", usb=(SEEN,))
    filtered = LinuxFacts(pcscd=PcscdFacts(filters=("PCSCLITE_FILTER_IGNORE_READER_NAMES",)))
    report = scenes.report(on=on, details=DoctorFacts(host=on, linux=filtered))
    cause = scenes.only(report, "service.variable.filter")
    assert cause.severity is Severity.ERROR
    assert folded(report, "reader.attached.any").because_of == "service.variable.filter"


def test_other_cards_are_not_explained_by_this_one() -> None:
    expired = scenes.card(common_record=scenes.record("20260101"))
    locked = scenes.with_pin(PinId.AUTHENTICATION, 0x63C0)
    report = scenes.report(expired, locked)
    (of_locked,) = (
        f for f in scenes.found(report, "card.pin.authentication-usable") if f.subject == "c1"
    )
    assert of_locked.because_of is None


def test_what_is_not_known_is_not_hidden_behind_a_warning() -> None:
    facts = scenes.with_pin(
        PinId.AUTHENTICATION, PinReading(ReadState.REFUSED), common_record=scenes.record("20270101")
    )
    report = scenes.report(facts)
    assert scenes.only(report, "card.pin.authentication-usable").because_of is None
    assert report.verdict.value == "undetermined"


def test_two_things_for_the_office_are_one_visit() -> None:
    facts = scenes.with_pin(PinId.AUTHENTICATION, 0x63C0, starts=-1700, ends=-1)
    report = scenes.report(facts)
    certificate = scenes.only(report, "card.certificate.authentication-valid")
    pin = scenes.only(report, "card.pin.authentication-usable")
    assert certificate.advice[0] == "renew-certificate"
    assert pin.advice == ("same-visit", "unlock-authentication")
    assert (pin.severity, pin.because_of) == (Severity.ERROR, None)


def test_one_thing_for_the_office_is_said_as_it_is() -> None:
    report = scenes.report(scenes.with_pin(PinId.AUTHENTICATION, 0x63C0))
    assert scenes.only(report, "card.pin.authentication-usable").advice == (
        "unlock-authentication",
    )
