# SPDX-License-Identifier: Apache-2.0
"""Checks of readers: attached, fit for the card, free, answering. Drivers: ``test_nfc_devices``."""

from __future__ import annotations

from typing import Any

import pytest

from cardcheck.facts.card import CardKind
from cardcheck.facts.host import DriverBundle, HostFacts, UsbDevice, UsbInterface
from cardcheck.facts.reader import ServiceFacts, SlotState
from cardcheck.report.model import Severity
from checks import scenes

INFO, WARNING, ERROR = Severity.INFO, Severity.WARNING, Severity.ERROR
CCID = (UsbInterface(number=0, interface_class=0x0B),)
RC_S300 = UsbDevice(vendor_id="054c", product_id="0dc9", interfaces=CCID)
NAME = "SONY FeliCa RC-S300/S (1234567) 00 00"


def linux(*devices: UsbDevice) -> HostFacts:
    bundle = DriverBundle(name="ifd-ccid.bundle", version="1.5.5", ids=frozenset({RC_S300.id}))
    return scenes.host(system="Linux", bundles=(bundle,), usb=devices)


@pytest.mark.parametrize(
    ("devices", "survey", "expected"),
    [
        ((), {}, ("none", "problem", ERROR)),
        ((), {"ignored": 2}, ("only-ignored", "problem", ERROR)),
        ((RC_S300,), {}, ("only-unreachable", "problem", ERROR)),
    ],
)
def test_no_reader(
    devices: tuple[UsbDevice, ...], survey: dict[str, Any], expected: tuple[str, str, Severity]
) -> None:
    result = scenes.report(on=linux(*devices), survey=survey)
    assert scenes.graded(scenes.only(result, "reader.attached.any")) == expected
    assert [row.slot for row in result.readers] == ["unavailable"] * len(devices)


def test_without_a_service_nothing_is_said_of_readers() -> None:
    survey = {"service": ServiceFacts(error="NoServiceError")}
    result = scenes.report(on=linux(RC_S300), survey=survey)
    assert scenes.found(result, "reader.attached.any") == []
    finding = scenes.only(result, "reader.driver.known")
    assert scenes.graded(finding) == ("unknown", "unknown", INFO)
    assert finding.because_of == "service.pcscd.listening"


def test_a_reader_that_the_service_lists() -> None:
    result = scenes.report(scenes.slot(scenes.card(), name=NAME), on=linux(RC_S300))
    assert len(result.readers) == 1
    (row,) = result.readers
    assert (row.name, row.serial) == ("SONY FeliCa RC-S300/S 00 00", "1234567")
    assert (row.usb, row.virtual, row.backend) == (("054c", "0dc9"), False, "pcsc")
    assert "1234567" not in str([dict(f.evidence) for f in result.findings])
    assert scenes.only(result, "reader.driver.known").state == "known"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (NAME, ("reported-ok", "ok", INFO)),
        ("Virtual PCD 00 00", ("virtual", "ok", INFO)),
        ("Nobody Knows This Reader 00 00", ("unknown", "ok", INFO)),
    ],
)
def test_compatibility(name: str, expected: tuple[str, str, Severity]) -> None:
    result = scenes.report(scenes.slot(scenes.card(), name=name), on=scenes.host(system="Windows"))
    finding = scenes.only(result, "reader.model.compatible")
    assert scenes.graded(finding) == expected
    assert result.readers[0].compatibility == expected[0]


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("not-usable", ("not-usable", "problem", ERROR)),
        ("limited", ("limited", "problem", WARNING)),
        ("claimed", ("claimed", "ok", INFO)),
    ],
)
def test_how_bad_a_compatibility_is(
    state: str, expected: tuple[str, str, Severity], monkeypatch: pytest.MonkeyPatch
) -> None:
    from cardcheck.catalog.readers import Compatibility, Judgement, KnownReader, Reason

    judgement = Judgement(Compatibility(state), Reason.NO_RECORD)
    monkeypatch.setattr(KnownReader, "judgement", lambda *_: judgement)
    result = scenes.report(scenes.slot(scenes.other_card(CardKind.FELICA), name=NAME))
    assert scenes.graded(scenes.only(result, "reader.model.compatible")) == expected


def test_a_card_that_was_read_disproves_the_catalogue() -> None:
    name, usb, host = "HID Global OMNIKEY 5021 CL 00 00", ("076b", "5340"), linux()
    empty = scenes.report(scenes.slot(name=name, usb=usb), on=host)
    assert empty.readers[0].compatibility == "not-usable"
    read = scenes.report(scenes.slot(scenes.card(), name=name, usb=usb), on=host)
    assert read.readers[0].compatibility == "unknown"
    assert (read.verdict.value, read.exit_code) == ("ready", 0)


@pytest.mark.parametrize(
    ("changes", "expected", "holder"),
    [
        ({"slot": SlotState.IN_USE}, ("in-use", "problem", ERROR), None),
        (
            {
                "slot": SlotState.IN_USE,
                "error": "SharingViolationError",
                "holder": (("scdaemon", 4242), ("scdaemon", 4242)),
            },
            ("exclusive", "problem", ERROR),
            "scdaemon (4242)",
        ),
        ({}, ("free", "ok", INFO), None),
    ],
)
def test_a_reader_that_another_program_uses(
    changes: dict[str, Any], expected: tuple[str, str, Severity], holder: str | None
) -> None:
    finding = scenes.only(scenes.report(scenes.slot(**changes)), "reader.slot.free")
    assert scenes.graded(finding) == expected
    assert finding.evidence.get("holder") == holder


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ("responding", "ok", INFO)),
        ({"slot": SlotState.CARD, "stalled": True}, ("stalled", "problem", ERROR)),
        ({"slot": SlotState.UNAVAILABLE, "error": "NoReaderError"}, ("gone", "problem", ERROR)),
        (
            {"slot": SlotState.UNAVAILABLE, "error": "LinkError", "code": 0x80100017},
            ("failed", "problem", ERROR),
        ),
    ],
)
def test_a_reader_that_does_not_answer(
    changes: dict[str, Any], expected: tuple[str, str, Severity]
) -> None:
    finding = scenes.only(scenes.report(scenes.slot(**changes)), "reader.slot.responding")
    assert scenes.graded(finding) == expected
    if expected[0] == "failed":
        assert finding.evidence == {
            "name": "Virtual PCD 00 00", "code": "0x80100017", "detail": "LinkError",
        }  # fmt: skip


def test_a_reader_that_is_unplugged_while_it_reads() -> None:
    facts = scenes.card(interruption="NoReaderError", complete=False)
    finding = scenes.only(scenes.report(facts), "reader.slot.responding")
    assert finding.state == "gone"
