# SPDX-License-Identifier: Apache-2.0
"""Virtual cards of other kinds, as far as a SELECT by name tells them apart.

What belongs here: names, ATRs and the few files that can be read without a PIN. What does not:
anything that would imitate such a card further.

Sources: smartcard_list.txt of pcsc-tools (ATRs); hmpow/JpDrvLicNfcCommand,
treastrain/TRETJapanNFCReader and osstech-jp/libjeid-ios-app (names); ICAO 9303-10; EMV Book 1;
NIST SP 800-73-4. The ATR of a card whose real one is not published is that of PC/SC for any
contactless card (3B80800101).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cardcheck.simulation import mynumber
from cardcheck.simulation.card import Behaviour, VirtualCard
from cardcheck.simulation.files import Application, PinFile, TransparentFile

if TYPE_CHECKING:
    from datetime import datetime

_ANY_CONTACTLESS: Final = bytes.fromhex("3B80800101")
_PPSE: Final = b"2PAY.SYS.DDF01"


def drivers_licence(_now: datetime) -> VirtualCard:
    """A driving licence of plastic: two applications, two PINs in the master file."""
    master = Application(
        bytes.fromhex("A00000023100"),  # no name is published: the master file is selected by id
        {
            0x0001: PinFile(b"1111", 3, 3),
            0x0002: PinFile(b"2222", 3, 3),
            0x000A: TransparentFile(b"\x05\x01\x01"),
            0x2F01: TransparentFile(bytes.fromhex("450B") + b"SYNTHETIC  "),
        },
    )
    names = ("A0000002310100000000000000000000", "A0000002310200000000000000000000")
    return VirtualCard(
        atr=bytes.fromhex("3B888001000000009181C100D8"),
        applications=[Application(bytes.fromhex(name)) for name in names],
        default=master,
        behaviour=Behaviour(has_mf=True),
    )


def residence_card(_now: datetime) -> VirtualCard:
    """A residence card (zairyu card)."""
    return _named("D392F0004F0200000000000000000000", "D392F0004F0300000000000000000000")


def passport(_now: datetime) -> VirtualCard:
    """A passport: nothing but its name can be read without BAC or PACE."""
    lds1 = Application(
        bytes.fromhex("A0000002471001"), {0x011E: TransparentFile(b"\x60", barred=0x6982)}
    )
    return VirtualCard(atr=_ANY_CONTACTLESS, applications=[lds1])


def payment_card(_now: datetime) -> VirtualCard:
    """A contactless credit card: the payment directory and one scheme (a test name, no number)."""
    scheme = bytes.fromhex("A0000000651010")
    entry = b"\x61" + bytes((len(scheme) + 2,)) + b"\x4f" + bytes((len(scheme),)) + scheme
    listing = b"\xbf\x0c" + bytes((len(entry),)) + entry
    directory = Application(_PPSE, fci=b"\xa5" + bytes((len(listing),)) + listing)
    return VirtualCard(atr=_ANY_CONTACTLESS, applications=[directory, Application(scheme)])


def bank_card(_now: datetime) -> VirtualCard:
    """A cash card of Japan Post Bank, contact."""
    card = _named("D392F00041099900")
    card.atr = bytes.fromhex("3BEE00008131804380318066B1A30401110B83009000D4")
    return card


def felica(_now: datetime) -> VirtualCard:
    """A FeliCa card as a PC/SC reader shows it: a made-up ATR, and no file system."""
    atr = bytes.fromhex("3B8F8001804F0CA00000030611003B0000000042")
    return VirtualCard(atr=atr, behaviour=Behaviour(unknown_application=0x6A81))


def piv(_now: datetime) -> VirtualCard:
    """A PIV card or security key."""
    return _named("A000000308000010000100")


def bcas(_now: datetime) -> VirtualCard:
    """A card of a television set: it knows no SELECT."""
    atr = bytes.fromhex("3BF01200FF9181B17C451F0399")
    return VirtualCard(atr=atr, behaviour=Behaviour(unknown_application=0x6D00))


def etc_card(_now: datetime) -> VirtualCard:
    """A card for motorway tolls, contact."""
    return VirtualCard(atr=bytes.fromhex("3BE700FF8131FE458031C073C62148BE"))


def unknown_card(_now: datetime) -> VirtualCard:
    """A card with none of the names that we ask for."""
    return VirtualCard(atr=_ANY_CONTACTLESS)


def silent(_now: datetime) -> VirtualCard:
    """A card that does not even answer to reset: bent, cut, or upside down."""
    return VirtualCard(atr=b"")


def jukicard(now: datetime) -> VirtualCard:
    """A jukicard, the predecessor: JPKI with another label and no authentication certificate."""
    jpki = mynumber.JPKI
    missing = {(jpki, file_id) for file_id in (0x000A, 0x000B, 0x0017, 0x0018)}
    card = mynumber.build(
        mynumber.Variant(
            atr=bytes.fromhex("3B888001000014E0B38191005E"),
            label=b"JPKIAPICCTOKEN",
            applications=frozenset({mynumber.RESIDENT}),
            starts=-4400,
            ends=-3300,
            directory=None,
            absent=frozenset(missing),
        ),
        now,
    )
    card.default = None
    return card


def phone(now: datetime) -> VirtualCard:
    """An Android phone held to the reader: the JPKI application, its certificate behind the PIN."""
    card = mynumber.build(
        mynumber.Variant(
            atr=_ANY_CONTACTLESS, label=b"JPKIAPGPSETOKEN", applications=frozenset(), barred=0x6982
        ),
        now,
    )
    card.default = None
    return card


def _named(*names: str) -> VirtualCard:
    """A card on which nothing is known but the names of its applications."""
    applications = [Application(bytes.fromhex(name)) for name in names]
    return VirtualCard(atr=_ANY_CONTACTLESS, applications=applications)
