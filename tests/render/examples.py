# SPDX-License-Identifier: Apache-2.0
"""Reports made by hand: a ready one, an expired one, one without a service, a simulated one."""

from __future__ import annotations

from datetime import UTC, datetime

from msgspec.structs import replace

from cardcheck.report.model import (
    HOST,
    Actor,
    CardReport,
    CertificateReport,
    Finding,
    Layer,
    Outcome,
    PinReport,
    ReaderReport,
    Readiness,
    Report,
    Scope,
    Severity,
    Source,
    Verdict,
)

NOW = datetime(2026, 11, 21, 22, 30, tzinfo=UTC)
PERSONAL_SERIAL = "5123456"
NOT_AFTER = datetime(2031, 3, 14, 14, 59, 59, tzinfo=UTC)  # 23:59:59 in Japan
NOT_BEFORE = datetime(2026, 3, 2, 1, 2, 3, tzinfo=UTC)
VALID_UNTIL = "2036-03-14"


def ok(check: str, layer: Layer, state: str, subject: str = HOST, **evidence: str | int) -> Finding:
    """A finding without complaint."""
    return Finding(
        check=check,
        layer=layer,
        outcome=Outcome.OK,
        severity=Severity.INFO,
        state=state,
        subject=subject,
        evidence=evidence,
    )


NAME = "SONY FeliCa RC-S300/S 00 00"
CHAIN = (
    ok("computer.clock.right", Layer.COMPUTER, "clear"),
    ok("python.pyscard.importable", Layer.DRIVER, "clear"),
    ok("pcsc.service.running", Layer.SERVICE, "running"),
    ok("reader.attached.any", Layer.READER, "found", count=1),
    ok("reader.driver.known", Layer.DRIVER, "known", "r0", name=NAME),
    ok("placement.card.present", Layer.PLACEMENT, "present", "r0", name=NAME),
    ok("card.kind.my-number", Layer.CARD, "my-number-card", "c0"),
)
CARD_VALID = replace(
    ok("card.validity.current", Layer.CARD, "valid", "c0"),
    screen={"left": "years-2", "year": 2036},
    personal={"valid_until": VALID_UNTIL},
)
CERTIFICATE_VALID = replace(
    ok("card.certificate.authentication-valid", Layer.CERTIFICATE, "valid", "c0"),
    screen={"left": "years-2", "year": 2031},
    personal={"not_after": "2031-03-14T14:59:59Z", "days_left": 1573},
    decisive=True,
)
CERTIFICATE_EXPIRED = replace(
    CERTIFICATE_VALID,
    state="expired",
    outcome=Outcome.PROBLEM,
    severity=Severity.ERROR,
    actor=Actor.MUNICIPALITY,
    screen={"left": "expired", "year": 2025},
    advice=("renew-certificate",),
)
PIN_OK = ok("card.pin.authentication-usable", Layer.PIN, "ok", "c0", tries_left=3, tries_max=3)
SIGNATURE_PIN_LOCKED = Finding(
    check="card.pin.signature-usable",
    layer=Layer.PIN,
    outcome=Outcome.PROBLEM,
    severity=Severity.WARNING,
    state="locked",
    subject="c0",
    actor=Actor.MUNICIPALITY,
    advice=("unlock-signature",),
)
NOT_REVOKED = Finding(
    check="card.certificate.not-revoked",
    layer=Layer.CERTIFICATE,
    outcome=Outcome.UNKNOWN,
    severity=Severity.INFO,
    state="not-checked",
    subject="c0",
    advice=("ask-about-stopping",),
)
LINUX = Finding(
    check="host.login.supported",
    layer=Layer.SOFTWARE,
    outcome=Outcome.PROBLEM,
    severity=Severity.INFO,
    state="linux",
    actor=Actor.YOU,
    advice=("login-by-phone",),
)

READER = ReaderReport(
    id="r0",
    name=NAME,
    backend="pcsc",
    interface="contactless",
    virtual=False,
    usb=("054c", "0dc9"),
    model="Sony RC-S300",
    compatibility="reported-ok",
    slot="card",
    serial=PERSONAL_SERIAL,
)
PINS = (
    PinReport(id="authentication", state="ok", tries_left=3, tries_max=3),
    PinReport(id="signature", state="ok", tries_left=5, tries_max=5),
    PinReport(id="text-input", state="ok", tries_left=3, tries_max=3),
    PinReport(id="resident-register", state="unknown", tries_left=None, tries_max=3),
)
CARD = CardReport(
    id="c0",
    reader="r0",
    kind="my-number-card",
    applications=("jpki", "common", "text-input"),
    atr=bytes.fromhex("3BDA13FF8131FB468012392F31C173C601C03B"),
    validity="valid",
    valid_until=VALID_UNTIL,
    certificates=(
        CertificateReport(
            id="authentication",
            status="valid",
            issuer="genuine",
            not_before=NOT_BEFORE,
            not_after=NOT_AFTER,
            days_left=1573,
            screen={"left": "years-2", "year": 2031},
        ),
        CertificateReport(id="signature", status="needs-pin"),
    ),
    pins=PINS,
    commands=32,
    bytes=3590,
    milliseconds=1010,
    screen={"left": "years-2", "year": 2036},
)
READY = Report(
    report_id="0190c0de-0000-7000-8000-000000000000",
    command="scan",
    source=Source.HARDWARE,
    generated_at=NOW,
    judged_at=NOW,
    milliseconds=1450,
    platform={"system": "Windows", "release": "11", "python": "3.11.7"},
    verdict=Verdict.READY,
    exit_code=0,
    scope=Scope(backends=("pcsc",)),
    readers=(READER,),
    cards=(CARD,),
    findings=(
        ok("host.login.supported", Layer.SOFTWARE, "supported", system="Windows"),
        *CHAIN,
        CARD_VALID,
        CERTIFICATE_VALID,
        NOT_REVOKED,
        PIN_OK,
    ),
    readiness=tuple(
        Readiness(purpose=purpose, state="ready", because=())
        for purpose in ("mynaportal", "nenkin", "e-tax")
    ),
)
EXPIRED = replace(
    READY,
    platform={"system": "Linux", "release": "6.12", "python": "3.11.7"},
    verdict=Verdict.PROBLEM,
    exit_code=1,
    cards=(
        replace(
            CARD,
            certificates=(
                replace(
                    CARD.certificates[0],
                    status="expired",
                    screen={"left": "expired", "year": 2025},
                    not_after=datetime(2025, 3, 14, 14, 59, 59, tzinfo=UTC),
                    days_left=-617,
                ),
                CARD.certificates[1],
            ),
            pins=(PINS[0], replace(PINS[1], state="locked", tries_left=0), *PINS[2:]),
        ),
    ),
    findings=(
        LINUX,
        *CHAIN,
        CARD_VALID,
        CERTIFICATE_EXPIRED,
        NOT_REVOKED,
        PIN_OK,
        SIGNATURE_PIN_LOCKED,
    ),
    readiness=(
        Readiness(purpose="mynaportal", state="not-here", because=("host.login.supported",)),
        Readiness(purpose="nenkin", state="not-here", because=("host.login.supported",)),
        Readiness(
            purpose="e-tax",
            state="not-ready",
            because=("card.certificate.authentication-valid", "card.pin.signature-usable"),
        ),
    ),
)
NO_CARD = replace(
    READY,
    verdict=Verdict.UNDETERMINED,
    exit_code=4,
    readers=(replace(READER, slot="empty"),),
    cards=(),
    findings=(
        *CHAIN[:5],
        Finding(
            check="placement.card.present",
            layer=Layer.PLACEMENT,
            outcome=Outcome.PROBLEM,
            severity=Severity.WARNING,
            state="none",
            subject="r0",
            actor=Actor.YOU,
            evidence={"name": NAME},
            advice=("place-card",),
            decisive=True,
        ),
    ),
    readiness=(),
)
NO_READER = replace(NO_CARD, exit_code=3, readers=(), findings=())
SIMULATED = replace(
    EXPIRED,
    source=Source.SIMULATION,
    profile="expired",
    readers=(
        replace(
            READER,
            name="cardcheck simulation",
            virtual=True,
            compatibility="virtual",
            usb=None,
            model=None,
            serial=None,
        ),
    ),
)
ALL = {
    "ready": READY,
    "expired": EXPIRED,
    "no-card": NO_CARD,
    "no-reader": NO_READER,
    "simulated": SIMULATED,
}
