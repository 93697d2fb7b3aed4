# SPDX-License-Identifier: Apache-2.0
"""A virtual My Number card: applications, files, counters, and what varies between two cards.

What belongs here: the file map, written down a second time on purpose (a slip in ``cards`` would
otherwise agree with itself). What does not: which variants have a name (``profiles``).

Sources of the map: soltia48/myna-card, jpki/myna, OpenSC card-jpki.c, yuki-js/sc-tools-myna, and
of the licence on a card: hmpow/JpDrvLicNfcCommand. Every value that would be personal is made up.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from cardcheck.cards.mynumber import CONTACTLESS_ATR, LICENCE, VISUAL
from cardcheck.facts.calendar import JST
from cardcheck.simulation import pki
from cardcheck.simulation.card import ORDINARY, Behaviour, VirtualCard
from cardcheck.simulation.files import (
    Application,
    ElementaryFile,
    KeyFile,
    PinFile,
    RecordFile,
    TransparentFile,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CONTACT_ATR: Final = bytes.fromhex("3BDA13FF8131FB468012392F31C173C601C03B")
LABEL: Final = b"JPKIAPICCTOKEN2"

ISD: Final = bytes.fromhex("A0000001510000")
JPKI: Final = bytes.fromhex("D392F000260100000001")
COMMON: Final = bytes.fromhex("D3921000310001010100")
RESIDENT: Final = bytes.fromhex("D3921000310001010401")
TEXT_INPUT: Final = bytes.fromhex("D3921000310001010408")

AUTHENTICATION_PIN: Final = b"1357"
SIGNATURE_PIN: Final = b"SYNTHETIC1"
_NUMBER: Final = b"999988887777"
_CARD_SERIAL: Final = b"987654321012345"
_MUNICIPALITY: Final = b"98765"
_TOKEN_SERIAL: Final = b"SYNTHETICTOKEN03"
_FILE_SIZE: Final = 0x76C  # EF 0002 as dumped by yuki-js/sc-tools-myna


class Variant(Struct, frozen=True, kw_only=True):
    """One My Number card, relative to the instant at which it is judged.

    Attributes:
        atr: the answer to reset.
        label: the token label, without padding.
        applications: what is on the card beside the JPKI application.
        starts: days from now to the first day of the certificates.
        ends: days from now to their last day (JST).
        card_ends: days from now to the card's last day; None: certificates' last and five years.
        directory: EF 0008, or None where it is absent.
        tries: tries left where they differ from fresh, by PIN.
        absent: files that are missing, by application and file id.
        held_open: PINs that another program has verified.
        certificate: EF 000A as it is, instead of a certificate.
        barred: status word of every read of EF 000A, or None.
        elliptic: certificates of the next generation.
        flaw: what is wrong with EF 000A, or None.
        behaviour: how the card answers.
    """

    atr: bytes = CONTACTLESS_ATR
    label: bytes = LABEL
    applications: frozenset[bytes] = frozenset({COMMON, RESIDENT, VISUAL, TEXT_INPUT})
    starts: int = -900
    ends: int = 800
    card_ends: int | None = None
    directory: bytes | None = b"\x8f\x8f\x00"
    tries: Mapping[tuple[bytes, int], int] = field(default_factory=dict)
    absent: frozenset[tuple[bytes, int]] = frozenset()
    held_open: frozenset[tuple[bytes, int]] = frozenset()
    certificate: bytes | None = None
    barred: int | None = None
    elliptic: bool = False
    flaw: pki.Flaw | None = None
    behaviour: Behaviour = ORDINARY


class _Dates(Struct, frozen=True):
    """The days that one card is about, all in JST, and their instants."""

    first: date
    last: date
    card_last: date

    @classmethod
    def of(cls, variant: Variant, now: datetime) -> _Dates:
        """The days of ``variant``; certificates never outlive the card."""
        today = now.astimezone(JST).date()
        last = today + timedelta(days=variant.ends)
        if variant.card_ends is None:
            leap_day = (last.month, last.day) == (2, 29)
            card_last = last.replace(year=last.year + 5, day=28 if leap_day else last.day)
        else:
            card_last = today + timedelta(days=variant.card_ends)
        last = min(last, card_last)
        first = today + timedelta(days=variant.starts)
        return cls(min(first, last - timedelta(days=1)), last, card_last)

    @property
    def not_before(self) -> datetime:
        """Noon of the first day."""
        return datetime.combine(self.first, time(3), UTC)

    @property
    def not_after(self) -> datetime:
        """23:59:59 JST of the last day."""
        return datetime.combine(self.last, time(14, 59, 59), UTC)


def build(variant: Variant, now: datetime) -> VirtualCard:
    """The card that ``variant`` describes, as it is to be judged at ``now`` (aware)."""
    dates = _Dates.of(variant, now)
    own = _request(variant, dates, pki.Purpose.AUTHENTICATION, 1571)
    certificate = pki.end_entity(own)
    makers: dict[bytes, Callable[[], dict[int, ElementaryFile]]] = {
        COMMON: lambda: _common(dates),
        RESIDENT: lambda: {0x001C: _pin(b"2468", 3)},
        VISUAL: _visual,
        TEXT_INPUT: _text_input,
        LICENCE: lambda: {0x0006: _pin(b"8642", 10), 0x001A: TransparentFile(b"\xc1\x01\x01")},
    }
    files: dict[bytes, dict[int, ElementaryFile]] = {JPKI: _jpki(variant, dates, certificate)}
    files |= {aid: make() for aid, make in makers.items() if aid in variant.applications}
    _vary(variant, files)
    security_domain = Application(ISD, data_objects=_card_data(dates))
    applications = [Application(aid, content) for aid, content in files.items()]
    return VirtualCard(
        atr=variant.atr,
        applications=[*applications, security_domain],
        default=security_domain,
        behaviour=variant.behaviour,
        secrets=_secrets(dates, certificate),
    )


def _vary(variant: Variant, files: dict[bytes, dict[int, ElementaryFile]]) -> None:
    """Takes files away and sets counters, as ``variant`` says."""
    for aid, file_id in variant.absent:
        del files[aid][file_id]
    for key, left in variant.tries.items():
        _pin_in(files, key).tries_left = left
    for key in variant.held_open:
        _pin_in(files, key).held_open = True


def _pin_in(files: dict[bytes, dict[int, ElementaryFile]], key: tuple[bytes, int]) -> PinFile:
    pin = files[key[0]][key[1]]
    if not isinstance(pin, PinFile):
        raise TypeError(f"EF {key[1]:04X} is no PIN")
    return pin


def _request(variant: Variant, dates: _Dates, purpose: pki.Purpose, size: int) -> pki.Request:
    return pki.Request(
        purpose=purpose,
        not_before=dates.not_before,
        not_after=dates.not_after,
        size=size,
        elliptic=variant.elliptic,
        flaw=variant.flaw if purpose is pki.Purpose.AUTHENTICATION else None,
    )


def _authority(variant: Variant, dates: _Dates, purpose: pki.Purpose, size: int) -> bytes:
    """A CA certificate that began before the card was made and runs ten years."""
    begin = dates.not_before - timedelta(days=365)
    return pki.authority(
        pki.Request(
            purpose=purpose,
            not_before=begin,
            not_after=max(begin + timedelta(days=3652), dates.not_after),
            size=size,
            elliptic=variant.elliptic,
        )
    )


def _jpki(variant: Variant, dates: _Dates, certificate: bytes) -> dict[int, ElementaryFile]:
    authentication, signature = pki.Purpose
    files: dict[int, ElementaryFile] = {
        0x0002: _padded(_authority(variant, dates, signature, 1304)),
        0x0006: TransparentFile(_token_information(variant.label)),
        0x000A: _padded(
            certificate if variant.certificate is None else variant.certificate, variant.barred
        ),
        0x000B: _padded(_authority(variant, dates, authentication, 1319)),
        0x0017: KeyFile(),
        0x0018: _pin(AUTHENTICATION_PIN, 3),
        0x001A: KeyFile(),
        0x001B: _pin(SIGNATURE_PIN, 5),
        0x001E: KeyFile(),
    }
    if variant.directory is not None:
        files[0x0008] = TransparentFile(variant.directory)
    if variant.directory is None or variant.directory[0]:
        signing = pki.end_entity(_request(variant, dates, signature, 1742))
        files[0x0001] = TransparentFile(signing.ljust(_FILE_SIZE, b"\0"), pin=0x001B)
    return files


def _padded(data: bytes, barred: int | None = None) -> TransparentFile:
    return TransparentFile(data.ljust(_FILE_SIZE, b"\0"), barred=barred)


def _pin(value: bytes, tries: int) -> PinFile:
    return PinFile(value, tries, tries)


def _token_information(label: bytes) -> bytes:
    """EF 0006: a CK_TOKEN_INFO of 160 bytes, numbers big-endian (myna-card, unit tests)."""
    numbers = (0x40D, 1, 0, 1, 0, 16, 6, *[0xFFFFFFFF] * 4)
    return b"".join(
        (
            label.ljust(32),
            b"1".rjust(32, b"0"),
            b"E16R01NJ".ljust(16),
            _TOKEN_SERIAL,
            *(number.to_bytes(4, "big") for number in numbers),
            b"0301",
            b"9" * 16,
        )
    )


def _common(dates: _Dates) -> dict[int, ElementaryFile]:
    digits = _CARD_SERIAL + _MUNICIPALITY + _digits(dates.card_last)
    return {0x0001: RecordFile((b"\x01\x1c" + digits,)), 0x001C: _pin(b"2468", 3)}


def _text_input() -> dict[int, ElementaryFile]:
    name, address = pki.HOLDER_NAME.encode(), pki.HOLDER_ADDRESS.encode()
    details = _object(0xDF22, name) + _object(0xDF23, address) + _object(0xDF24, b"19790229")
    return {
        0x0001: TransparentFile(_object(0xFF10, _NUMBER) + b"\xff\xff", pin=0x0011),
        0x0002: TransparentFile(_object(0xFF20, details).ljust(256, b"\xff"), pin=0x0011),
        0x0003: TransparentFile(_object(0xFF30, b"SYNTHETIC DIGESTS"), pin=0x0011),
        0x0011: _pin(b"2468", 3),
        0x0012: PinFile(b"never", 3, 0),  # blocked as issued (myna-card)
        0x0014: _pin(_NUMBER, 10),
        0x0015: _pin(b"54022920312285", 10),
    }


def _visual() -> dict[int, ElementaryFile]:
    face = _object(0xFF20, _object(0xDF21, pki.HOLDER_NAME.encode()))
    return {
        0x0001: TransparentFile(_object(0xFF10, _object(0xDF11, b"19790229")), pin=0x0011),
        0x0002: TransparentFile(face.ljust(1024, b"\xff"), pin=0x0012),
        0x0003: TransparentFile(_object(0xFF30, _object(0xDF34, _MUNICIPALITY))),
        0x0005: TransparentFile(_object(0xFF40, _NUMBER), pin=0x0013),
        0x0011: _pin(b"540229", 10),
        0x0012: _pin(b"54022920312285", 10),
        0x0013: _pin(_NUMBER, 10),
    }


def _object(tag: int, value: bytes) -> bytes:
    """A data object of at most 127 bytes with a tag of two."""
    return tag.to_bytes(2, "big") + bytes((len(value),)) + value


def _card_data(dates: _Dates) -> dict[int, bytes]:
    """What GET DATA answers outside the applications (myna-card, ``src/mf.rs``)."""
    return {
        0x0045: _CARD_SERIAL,
        0x0066: bytes.fromhex("660B73090607 2A864886FC6B01"),
        0x00F0: _MUNICIPALITY,
        0x00F2: _digits(dates.card_last),
        0x5F51: bytes.fromhex("E000FF8131FE4514"),
    }


def _digits(day: date) -> bytes:
    return day.strftime("%Y%m%d").encode("ascii")


def _secrets(dates: _Dates, certificate: bytes) -> dict[str, bytes]:
    """What must be found in no shareable output, by name."""
    return {
        "certificate-serial": pki.SERIAL.to_bytes(8, "big"),
        "certificate-serial-decimal": str(pki.SERIAL).encode("ascii"),
        "certificate-subject": pki.COMMON_NAME.encode("ascii"),
        "certificate-key": pki.subject_key(certificate)[:16],
        "certificate-not-before": dates.first.isoformat().encode("ascii"),
        "certificate-not-after": dates.last.isoformat().encode("ascii"),
        "certificate-not-after-utctime": dates.not_after.strftime("%y%m%d%H%M%SZ").encode("ascii"),
        "card-serial": _CARD_SERIAL,
        "municipality": _MUNICIPALITY,
        "card-expiry": _digits(dates.card_last),
        "card-expiry-iso": dates.card_last.isoformat().encode("ascii"),
        "token-serial": _TOKEN_SERIAL,
        "number": _NUMBER,
        "holder-name": pki.HOLDER_NAME.encode("ascii"),
        "holder-address": pki.HOLDER_ADDRESS.encode("ascii"),
        "holder-birth": b"19790229",
    }
