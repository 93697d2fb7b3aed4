# SPDX-License-Identifier: Apache-2.0
"""The file map of the My Number card: what may be read, what may be asked, and nothing else.

What belongs here: identifiers, from code or notes that were used on real cards: OpenSC/OpenSC
``card-jpki.c``, ``jpki/myna``, ``soltia48/myna-card``, ``yuki-js/sc-tools-myna``. What does not:
files that a PIN protects. After another program has verified the PIN they would answer with name,
address and number.
"""

from __future__ import annotations

from typing import Final

from cardcheck.cards.model import Application, ForeignApplication
from cardcheck.facts.card import CardKind, PinId

TOKEN_INFO: Final = 0x0006
DIRECTORY: Final = 0x0008
AUTHENTICATION_CERTIFICATE: Final = 0x000A
AUTHENTICATION_CA: Final = 0x000B
AUTHENTICATION_PIN: Final = 0x0018
SIGNATURE_PIN: Final = 0x001B
CARD_RECORD: Final = 0x0001
RESIDENT_REGISTER_PIN: Final = 0x001C
TEXT_INPUT_PIN: Final = 0x0011

LABEL_LENGTH: Final = 32
"""The label at the front of EF 0006 (CK_TOKEN_INFO), padded with blanks."""

JPKI: Final = Application(
    "jpki",
    bytes.fromhex("D392F000260100000001"),
    readable=frozenset({TOKEN_INFO, DIRECTORY, AUTHENTICATION_CERTIFICATE, AUTHENTICATION_CA}),
    pins={AUTHENTICATION_PIN: PinId.AUTHENTICATION, SIGNATURE_PIN: PinId.SIGNATURE},
)
COMMON: Final = Application(
    "common",
    bytes.fromhex("D3921000310001010100"),
    records=frozenset({(CARD_RECORD, 1)}),
    pins={RESIDENT_REGISTER_PIN: PinId.RESIDENT_REGISTER},
)
TEXT_INPUT: Final = Application(
    "text-input",
    bytes.fromhex("D3921000310001010408"),
    pins={TEXT_INPUT_PIN: PinId.TEXT_INPUT},  # never 0012: blocked in the factory
)
RESIDENT_REGISTER: Final = Application(
    "resident-register",
    bytes.fromhex("D3921000310001010401"),
    pins={RESIDENT_REGISTER_PIN: PinId.RESIDENT_REGISTER},
)
APPLICATIONS: Final = (JPKI, COMMON, TEXT_INPUT, RESIDENT_REGISTER)

TRIES_MAX: Final = {
    PinId.AUTHENTICATION: 3,
    PinId.SIGNATURE: 5,
    PinId.TEXT_INPUT: 3,
    PinId.RESIDENT_REGISTER: 3,
}

LABELS: Final = {
    "JPKIAPICCTOKEN2": CardKind.MY_NUMBER,
    "JPKIAPICCTOKEN": CardKind.JUKICARD,
    "JPKIAPGPSETOKEN": CardKind.SMARTPHONE,  # Android, secure element
    "JPKIAPIOSTOKEN": CardKind.SMARTPHONE,  # iPhone
}

_LABEL_OF_JPKI: Final = b"JPKIAP"


def is_jpki_label(answer: bytes) -> bool:
    """Whether ``answer``, which EF 0006 begins with, is the whole label of a JPKI token.

    Also of one that nobody knows yet. Only such a card is asked for counters: other cards may
    answer 9000 to any name, and what a VERIFY does to them is not known.
    """
    label = answer[:LABEL_LENGTH]
    text = label.rstrip(b" \0")
    whole = len(label) == LABEL_LENGTH and text.startswith(_LABEL_OF_JPKI)
    return whole and all(0x20 <= byte < 0x7F for byte in text)


FOREIGN: Final = (
    # hmpow/JpDrvLicNfcCommand: DF1 of the driving licence, full identifier
    ForeignApplication(CardKind.DRIVERS_LICENCE, bytes.fromhex("A0000002310100000000000000000000")),
    # osstech-jp/libjeid sample apps: DF1 and DF2 of the residence card
    ForeignApplication(CardKind.RESIDENCE_CARD, bytes.fromhex("D392F0004F0200000000000000000000")),
    ForeignApplication(CardKind.RESIDENCE_CARD, bytes.fromhex("D392F0004F0300000000000000000000")),
    ForeignApplication(CardKind.PASSPORT, bytes.fromhex("A0000002471001")),  # ICAO 9303-10, LDS1
    ForeignApplication(CardKind.PAYMENT_CARD, b"2PAY.SYS.DDF01", fci=True),  # EMV contactless, PPSE
    ForeignApplication(CardKind.PAYMENT_CARD, b"1PAY.SYS.DDF01", fci=True),  # EMV contact, PSE
    ForeignApplication(CardKind.BANK_CARD, bytes.fromhex("D392F00041099900")),  # Japan Post Bank
    ForeignApplication(CardKind.BANK_CARD, bytes.fromhex("D3920010612A0A010005")),
    ForeignApplication(
        CardKind.PIV, bytes.fromhex("A000000308000010000100"), fci=True
    ),  # SP 800-73-4
)

FOREIGN_ATRS: Final = {
    # LudovicRousseau/pcsc-tools smartcard_list.txt; consulted only after SELECT JPKI has failed
    bytes.fromhex("3B8F8001804F0CA00000030611003B0000000042"): CardKind.FELICA,
    bytes.fromhex("3BF01200FF9181B17C451F0399"): CardKind.BCAS,
    bytes.fromhex("3BE700FF8131FE458031C073C62148BE"): CardKind.ETC,
    bytes.fromhex("3BE700FF81B1FE451F018031C073C6214820"): CardKind.ETC,
}

PUBLIC_OBJECTS: Final = frozenset({0x0066, 0x5F51})
"""GET DATA tags that hold nothing personal: card recognition data, contact ATR."""
# Known, and never selected: read with a PIN only, or of no use here.
VISUAL: Final = bytes.fromhex("D3921000310001010402")
LICENCE: Final = bytes.fromhex("A0000002310600000000000000000000")
CONTACTLESS_ATR: Final = bytes.fromhex("3B888001000005E0B381A1007F")

PUBLIC_ANSWERS: Final = frozenset({bytes.fromhex("E000FF8131FE4514")})
"""What they were seen to answer: the contact ATR without its first byte."""

PUBLIC_NAMES: Final = frozenset(
    {application.aid for application in (*APPLICATIONS, *FOREIGN)}
    | {
        bytes.fromhex(text)
        for text in (
            "D3921000310001010402",  # the card's visual data
            "A0000002310600000000000000000000",  # the licence on a My Number card
            "D392F000260100000002",
            "A000000003000000",  # GlobalPlatform card manager, before and after 2.0
            "A000000151000000",
            "A000000063504B43532D3135",  # PKCS #15
            "A0000003974349445F0100",  # GIDS
            "D27600012401",  # OpenPGP
        )
    }
)
"""Names of applications that programs select; whole, or their first five bytes and more."""
_RID_LENGTH: Final = 5  # ISO/IEC 7816-5, 8.2.1.2
_LAST_LOCAL_FILE: Final = 0x20
_FILE_AREAS: Final = frozenset({0x2F, 0x3F})  # EF.DIR, EF.ATR and the master file


def is_public_name(by_name: bool, data: bytes) -> bool:  # noqa: FBT001 - as P1 says it
    """Whether the data of a SELECT names an application or files, and cannot be anything else."""
    if by_name:
        known = len(data) >= _RID_LENGTH and any(n.startswith(data) for n in PUBLIC_NAMES)
        return known or data in PUBLIC_NAMES
    pairs = [data[at : at + 2] for at in range(0, len(data), 2)]
    return all(
        len(pair) == 2
        and (pair[0] in _FILE_AREAS or (pair[0] == 0 and pair[1] <= _LAST_LOCAL_FILE))
        for pair in pairs
    )
