# SPDX-License-Identifier: Apache-2.0
"""What a reader is by ids and name, and whether it can serve a My Number card."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cardcheck.catalog.reader_table import Interface, NameKind, reader_table
from cardcheck.catalog.readers import (
    Compatibility,
    Judgement,
    Reason,
    SlotRole,
    clean_name,
    compatibility,
    judge,
    kind_for_usb,
    known_reader,
    match_name,
    means,
    models_for_usb,
    safe_text,
    serial_of,
    slot_role,
)
from cardcheck.catalog.usb_devices import devices_named, usb_devices

REPORTS = Path(__file__).parents[2] / "fixtures" / "reports"
ACR1251 = "ACS ACR1251 (NTTCom ACR1251DI / ACR1251CL)"
LISTED = frozenset({("054c", "0dc9"), ("072f", "b100"), ("072f", "2200"), ("058f", "9540")})


@pytest.mark.parametrize(
    ("name", "clean", "serial"),
    [
        ("SONY FeliCa RC-S300/P (0201504) 01 00", "SONY FeliCa RC-S300/P 01 00", "0201504"),
        (
            "SCM Microsystems Inc. SCR 3310 [CCID Interface] (21120818205972) 00 00",
            "SCM Microsystems Inc. SCR 3310 [CCID Interface] 00 00",
            "21120818205972",
        ),
        (
            "Circle CIR115 ICC [CIR115 ICC] (CEDFADE3) 00 0A",
            "Circle CIR115 ICC [CIR115 ICC] 00 0A",
            "CEDFADE3",
        ),
        (
            "ACS ACR1251 CL Reader [ACR1251 CL Reader PICC] 00 00",
            "ACS ACR1251 CL Reader [ACR1251 CL Reader PICC] 00 00",
            None,
        ),
        ("Virtual PCD 00 00", "Virtual PCD 00 00", None),
        ("SONY FeliCa Port/PaSoRi 4.0 0", "SONY FeliCa Port/PaSoRi 4.0 0", None),
        ("Aladdin (JC600) token 00 00", "Aladdin (JC600) token 00 00", None),
        ("Reader (X) [Port] (A(1)B) 00 00", "Reader [Port] 00 00", "A(1)B"),
        ("Reader (12)34) 00 00", "Reader 00 00", "12)34"),
        ("Reader (1234567 00 00", "Reader 00 00", "1234567"),
        ("Some Reader (1234567) 0", "Some Reader 0", "1234567"),
        ("Some Reader (1234567)", "Some Reader", "1234567"),
        ("/dev/null:0x8C7B(1)", "/dev/null:0x8C7B(1)", None),
        ("Microsoft Usbccid Reader (UMDF2) 0", "Microsoft Usbccid Reader (UMDF2) 0", None),
        ("Microsoft Usbccid Reader (WUDF) 0", "Microsoft Usbccid Reader (WUDF) 0", None),
        ("", "", None),
    ],
)  # fmt: skip
def test_the_serial_number_is_taken_out(name: str, clean: str, serial: str | None) -> None:
    assert clean_name(name) == clean
    assert serial_of(name) == serial


@given(
    st.text("ABCxyz /-.", min_size=1, max_size=40),
    st.text(max_size=30),
    st.booleans(),
)
@settings(max_examples=200, derandomize=True)
def test_no_serial_number_of_a_linux_name_survives(
    title: str, serial: str, with_interface: bool
) -> None:
    name = f"{title}{' [Port]' if with_interface else ''}"
    assert clean_name(f"{name} ({serial}) 00 01") == f"{name} 00 01"


LINUX = [
    "SONY FeliCa RC-S300/P",
    "SCM Microsystems Inc. SCR 3310 [CCID Interface]",
    "Circle CIR315 CL [CIR315 CL]",
    "ACS ACR1252 [ACR1252 Dual Reader PICC]",
    "ACS CryptoMate (T2)",
    "Aladdin R.D. JC-WebPass (JC600) [JC-WebPass (JC600)]",
    "RSA RSA SecurID (R) Authenticator",
    "Liteon HP SC Keyboard - Apollo KR (Liteon)",
]
CATALOGUE = [model.title for model in reader_table().models]
SPELLINGS = (
    [f"{name} (%s) 00 00" for name in LINUX + CATALOGUE]
    + [f"{name} (%s) 0" for name in CATALOGUE]
    + [f"{name} (%s)" for name in CATALOGUE]
    + ["Circle CIR315 Dual & 1S (%s) CL Reader 0", "Circle CIR315 Dual & 1S (%s) CL 00 00"]
)


@given(st.sampled_from(SPELLINGS), st.text(min_size=1, max_size=40), st.integers(0, 40))
@settings(max_examples=600, derandomize=True)
def test_no_serial_number_survives_in_any_spelling(spelling: str, text: str, cut: int) -> None:
    serial = f"Q7Z{text}Q8Z"
    plain = spelling.replace(" (%s)", "")
    for name in (spelling.replace("%s", serial), _cut(spelling, serial, cut)):
        clean = clean_name(name)
        assert "Q7Z" not in clean
        assert "Q8Z" not in clean
        assert clean_name(clean) == clean
        assert (
            clean.startswith(plain.removesuffix(" 0").removesuffix(" 00"))
            or " CL" in plain
            or _odd(text)
        )
        before, after = known_reader(plain), known_reader(name)
        assert (after.model, after.kind, after.models) == (
            before.model,
            before.kind,
            before.models,
        )


def _cut(spelling: str, serial: str, length: int) -> str:
    """The name as pcscd has it where it is too long: cut inside the serial number."""
    head, tail = spelling.split("%s")
    if tail != ") 00 00":
        return head + serial.translate(str.maketrans("", "", ")\uff09"))
    return f"{f'{head}{serial * 40}'[: 121 - length % 8]} 00 00"


def _odd(text: str) -> bool:
    """Whether a serial number has brackets itself: then more than it may be taken out."""
    return not set(text).isdisjoint("()\uff08\uff09")


@pytest.mark.parametrize(
    "serial",
    ["QWERTZUI", "AB1", "12A", "SN", "12(34)56", "S/N ABC DEF GHI", "S/N:ABC-123-XYZ", "JC600",
     "1] (2", "12\n34", "12\u202e34", "\uff11\uff12\uff13"],
)  # fmt: skip
def test_no_kind_of_serial_number_survives(serial: str) -> None:
    name = "SCM Microsystems Inc. SCR 3310 [CCID Interface]"
    assert clean_name(f"{name} ({serial}) 00 00") == f"{name} 00 00"
    assert clean_name(f"{name} ({serial} 00 00") == f"{name} 00 00"
    assert clean_name(f"Reader ({serial}) CL 00 00") in {"Reader CL 00 00", "Reader 00 00"}
    assert clean_name(f"Reader\uff08{serial}\uff09 0") in {"Reader 0", "Reader"}


def test_a_serial_number_decides_nothing() -> None:
    assert known_reader("Some Reader (Windows Hello UICC) 00 00").kind is NameKind.READER
    assert known_reader("Circle CIR315 DI (PICC) 00 00").interface is Interface.DUAL


def test_long_numbers_are_in_no_name() -> None:
    assert clean_name("Reader 123456789012 0") == "Reader 999999999999 0"


@given(st.text(max_size=300))
@settings(max_examples=200, derandomize=True)
def test_any_name_becomes_short_and_visible(name: str) -> None:
    clean = clean_name(name)
    assert len(clean) <= 128
    assert not {unicodedata.category(char) for char in clean} & {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
    known_reader(name)


def test_hostile_text_is_replaced() -> None:
    assert safe_text("a\x1b[31m\u202eb\ud800\n\u2028") == "a?[31m?b???"
    assert safe_text("長い名前" * 100, limit=5) == "長い名前長"


@pytest.mark.parametrize(
    ("name", "meaning", "interface"),
    [
        ("SONY FeliCa RC-S300/S (1469193) 00 00", "Sony PaSoRi RC-S300", "contactless"),
        ("SONY FeliCa Port/PaSoRi 4.0 0", "Sony PaSoRi RC-S300", "contactless"),
        ("Sony FeliCa Port/PaSoRi 3.0 0", "Sony PaSoRi RC-S380", "contactless"),
        ("Sony FeliCa Port/PaSoRi 2.0 0", "Sony PaSoRi, generation unknown", "contactless"),
        ("Circle CIR315 CL 0", "I-O DATA USB-NFC4 / Elecom MR-ICA001BK", "contactless"),
        ("Circle CIR315 0", "AB Circle CIR315", "contactless"),
        ("ACS ACR39U ICC Reader 00 00", "ACS ACR39 (NTTCom ACR39)", "contact"),
        ("ACS ACR1251 1S Dual Reader PICC 0", ACR1251, "contactless"),
        ("ACS ACR1251 1S Dual Reader ICC 0", ACR1251, "contact"),
        ("SCM Microsystems Inc. SCR 3310 [CCID Interface] 00 00", "SCM SCR3310", "contact"),
        ("Gemalto USB Smart Card Reader 0", "Gemalto / Thales PC Twin, IDBridge CT30", "contact"),
        ("Hitachi/Maxell M-500U/M-520U 0", "Hitachi / Maxell HX-520UJ, M-520U", "contactless"),
        ("Virtual PCD 00 00", "vsmartcard vpcd", "unknown"),
    ],
)  # fmt: skip
def test_names_are_recognised(name: str, meaning: str, interface: str) -> None:
    match = match_name(name)
    assert match is not None
    assert (match.meaning, match.interface) == (meaning, interface)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Virtual PCD 00 01", NameKind.VIRTUAL),
        ("Windows Hello for Business 1", NameKind.EXCLUDED),
        ("Microsoft Virtual Smart Card 0", NameKind.EXCLUDED),
        ("Microsoft UICC ISO Reader 0", NameKind.SIM),
        ("Yubico YubiKey OTP+FIDO+CCID 0", NameKind.SECURITY_KEY),
        ("VMware Virtual USB CCID 0", NameKind.EXCLUDED),
        ("SONY FeliCa RC-S300/P 00 00", NameKind.READER),
        ("Something new 0", NameKind.READER),
    ],
)
def test_what_counts_as_a_reader(name: str, kind: NameKind) -> None:
    assert known_reader(name).kind is kind


REPORTED = [
    line.split("\t")
    for line in (REPORTS / "reader-names.tsv").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]


@pytest.mark.parametrize(("name", "kind", "interface", "model"), REPORTED)
def test_names_from_reports(name: str, kind: str, interface: str, model: str) -> None:
    known = known_reader(name)
    assert (known.kind, known.interface) == (kind, interface)
    assert (known.model or "-") == model


DEVICES = [(entry, name) for entry in usb_devices().values() for name in entry.names]


@pytest.mark.parametrize("spelling", ["%s 00 00", "%s 0", "%s", "%s [Interface] (1234567) 01 00"])
def test_name_and_ids_say_the_same(spelling: str) -> None:
    """For every device and every name that it has: the service's name leads to its ids."""
    for entry, name in DEVICES:
        listed = spelling.replace("%s", name)
        assert means(listed, entry.usb), name
        by_name, by_ids = known_reader(listed), known_reader(listed, entry.usb)
        same = devices_named(name)
        assert by_name.kind is by_ids.kind or len({each.kind for each in same}) > 1, name
        wide = {by_ids.interface, Interface.DUAL, Interface.UNKNOWN}
        several = len({each.interface for each in same}) > 1
        assert by_name.interface in wide or several, name
        assert by_ids.model and by_ids.kind is kind_for_usb(*entry.usb), name  # noqa: PT018


def test_the_two_tables_do_not_contradict_each_other() -> None:
    for model in reader_table().models:
        entry = usb_devices().get(model.usb) if model.usb else None
        if entry is not None and entry.kind is NameKind.READER:
            assert model.interface is entry.interface, model.id


def test_what_takes_no_card_is_never_usable() -> None:
    for usb in (("1050", "0407"), ("076b", "6622")):
        known = known_reader("?", usb)
        assert not known.kind.counts
        assert known.judgement("Windows") == Judgement(
            Compatibility.NOT_USABLE, Reason.TAKES_NO_CARD
        )
        assert known.model


def test_the_name_in_the_driver_s_list_leads_to_the_device() -> None:
    usb = ("ffff", "0001")
    assert means("New Maker Thing 3 [CCID] (SN) 00 00", usb, "New Maker Thing 3")
    assert not means("New Maker Thing 3 00 00", usb)
    assert not means("SONY FeliCa RC-S300/P 00 00", ("072f", "b100"))


@pytest.mark.parametrize(
    ("name", "interface", "role"),
    [
        ("X CL + SAM Reader [X Contactless Reader] 00 00", "contactless", "contactless"),
        ("X CL + SAM Reader [X SAM Reader] 01 00", "unknown", "sam"),
        ("Identiv uTrust 4711 F CL + SAM Reader 0", "contactless", "contactless"),
        ("X Contactless & Contact Card Reader 00 00", "unknown", "unknown"),
    ],
)
def test_a_slot_for_a_sam_is_not_the_card_s(name: str, interface: str, role: str) -> None:
    known = known_reader(name)
    assert (known.interface, known.role) == (interface, role)


def test_a_number_in_brackets_does_not_take_the_model_with_it() -> None:
    name = "OMNIKEY CardMan (076B:5121) 5121 (OKCM0012345678901234567890123456) 00 %s"
    assert clean_name(name % "01") == "OMNIKEY CardMan (076B:5121) 5121 00 01"
    assert known_reader(name % "01").interface is Interface.CONTACTLESS
    assert known_reader(name % "00").interface is Interface.CONTACT
    assert clean_name("Some Reader (ABCD:EF01) 00 00") == "Some Reader 00 00"


def test_an_unknown_name_matches_nothing() -> None:
    assert match_name("Something new 00 00") is None
    known = known_reader("Something new PICC 00 00")
    assert known.model is None
    assert known.interface is Interface.CONTACTLESS
    assert known.judgement("Linux").compatibility is Compatibility.UNKNOWN


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("ACS ACR1251 CL Reader [ACR1251 CL Reader PICC] 00 00", SlotRole.CONTACTLESS),
        ("ACS ACR1281 1S Dual Reader SAM 0", SlotRole.SAM),
        ("ACS ACR1281 1S Dual Reader ICC 0", SlotRole.CONTACT),
        ("Identiv uTrust 3700 F CL Reader 0", SlotRole.CONTACTLESS),
        ("X Contact Reader", SlotRole.CONTACT),
        ("CLOUD 2700 R", SlotRole.UNKNOWN),
    ],
)
def test_the_side_of_a_slot(name: str, role: SlotRole) -> None:
    assert slot_role(name) is role


def test_usb_ids_win_over_the_name() -> None:
    known = known_reader("Generic EMV Smartcard Reader 0", ("054C", "0DC9"))
    assert known.model == "Sony PaSoRi RC-S300/P"
    assert known.interface is Interface.CONTACTLESS


def test_usb_ids_make_no_real_reader_of_a_virtual_name() -> None:
    assert known_reader("Virtual PCD 00 00", ("054c", "0dc9")).kind is NameKind.VIRTUAL
    assert known_reader("Some Reader 00 00", ("0e0f", "0004")).kind is NameKind.EXCLUDED


def test_a_shared_chip_names_both_products() -> None:
    assert {model.id for model in models_for_usb("31AA", "3002")} == {"usb-nfc4", "mr-ica001bk"}
    assert known_reader("?", ("31aa", "3002")).model == "I-O DATA USB-NFC4 / Elecom MR-ICA001BK"
    assert models_for_usb("ffff", "ffff") == ()


@pytest.mark.parametrize(
    ("usb", "system", "expected", "reason"),
    [
        ("054c:0dc9", "Linux", "reported-ok", "seen-working"),
        ("054c:0dc8", "Linux", "not-usable", "needs-newer-libccid"),
        ("072f:b100", "Linux", "claimed", "listed-by-driver"),
        ("072f:221b", "Linux", "not-usable", "needs-other-driver"),
        ("072f:2200", "Linux", "limited", "unsupported-section"),
        ("058f:9540", "Linux", "limited", "unsupported-section"),
        ("076b:5340", "Linux", "not-usable", "no-driver"),
        ("054c:06c3", "Linux", "limited", "nfcpy-only"),
        ("054c:06c3", "Darwin", "limited", "nfcpy-only"),
        ("054c:06c3", "Windows", "reported-ok", "seen-working"),
        ("054c:02e1", "Linux", "limited", "nfcpy-only"),
        ("054c:02e1", "Windows", "limited", "old-driver"),
        ("054c:01bb", "Windows", "not-usable", "no-type-b"),
        ("054c:0193", "Linux", "not-usable", "no-type-b"),
        ("072f:2200", "Windows", "limited", "works-badly"),
        ("31aa:3002", "Windows", "claimed", "said-to-work"),
        ("0ca6:0010", "Darwin", "limited", "old-driver"),
        ("23eb:0003", "Windows", "unknown", "no-record"),
        ("0e0f:0004", "Linux", "virtual", "virtual"),
    ],
)
def test_compatibility_of_an_attached_device(
    usb: str, system: str, expected: str, reason: str
) -> None:
    vendor_id, product_id = usb.split(":")
    found = judge(models_for_usb(vendor_id, product_id), system, LISTED)
    assert (found.compatibility, found.reason) == (expected, reason)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("ACS ACR1251 CL Reader [ACR1251 CL Reader PICC] 00 00", Reason.LISTED_BY_DRIVER),
        ("Circle CIR115 ICC 00 00", Reason.LISTED_BY_DRIVER),
        ("SONY FeliCa RC-S300/P 00 00", Reason.SEEN_WORKING),
        ("Virtual PCD 00 00", Reason.VIRTUAL),
    ],
)
def test_a_reader_that_the_service_lists_has_its_driver(name: str, reason: Reason) -> None:
    assert known_reader(name).judgement("Linux").reason is reason


def test_different_devices_under_one_name_are_judged_with_caution() -> None:
    rows = (*models_for_usb("054c", "0dc9"), *models_for_usb("054c", "01bb"))
    assert judge(rows, "Linux").compatibility is Compatibility.NOT_USABLE


def test_compatibility_of_one_model() -> None:
    (model,) = models_for_usb("054c", "0dc9")
    assert compatibility(model, "Linux", LISTED) == "reported-ok"
    assert compatibility(model, "Linux", frozenset()) == "not-usable"
    assert compatibility(model, "FreeBSD") == "unknown"


@pytest.mark.parametrize("system", ["Linux", "Windows", "Darwin"])
def test_type_a_only_devices_are_never_recommended(system: str) -> None:
    for model in reader_table().models:
        if model.type_b == "no":
            assert compatibility(model, system) is Compatibility.NOT_USABLE
