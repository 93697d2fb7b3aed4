# SPDX-License-Identifier: Apache-2.0
"""What the bytes of a command stand for, as ids: which command, application and file.

What belongs here: names. What does not: words for them (``catalog/messages/trace-*.toml``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from cardcheck.cards import mynumber
from cardcheck.cards.model import GET_DATA, GET_RESPONSE, READ_BINARY, READ_RECORD, SELECT, VERIFY
from cardcheck.cards.mynumber import LICENCE, VISUAL
from cardcheck.errors import BadCommandError
from cardcheck.iso7816.apdu import CommandApdu
from cardcheck.iso7816.hexview import hex_of

if TYPE_CHECKING:
    from collections.abc import Mapping

APPLICATIONS: Final[Mapping[bytes, str]] = {
    **{application.aid: application.id for application in mynumber.APPLICATIONS},
    **{application.aid: application.kind.value for application in mynumber.FOREIGN},
    VISUAL: "visual",
    LICENCE: "licence",
}
FILES: Final[Mapping[tuple[str, int], str]] = {
    ("jpki", 0x0001): "signature-certificate",
    ("jpki", 0x0002): "signature-ca",
    ("jpki", mynumber.TOKEN_INFO): "token",
    ("jpki", mynumber.DIRECTORY): "directory",
    ("jpki", mynumber.AUTHENTICATION_CERTIFICATE): "certificate",
    ("jpki", mynumber.AUTHENTICATION_CA): "ca",
    ("jpki", mynumber.AUTHENTICATION_PIN): "pin-authentication",
    ("jpki", mynumber.SIGNATURE_PIN): "pin-signature",
    ("common", mynumber.CARD_RECORD): "card-record",
    ("common", mynumber.RESIDENT_REGISTER_PIN): "pin-resident-register",
    ("resident-register", mynumber.RESIDENT_REGISTER_PIN): "pin-resident-register",
    ("text-input", mynumber.TEXT_INPUT_PIN): "pin-text-input",
}
_OTHERS: Final[Mapping[int, str]] = {
    0x21: "verify-data",
    0x22: "security-environment",
    0x24: "change-pin",
    0x2A: "security-operation",
    0x2C: "reset-retries",
    0x82: "external-authenticate",
    0x84: "get-challenge",
    0x88: "internal-authenticate",
    0xCB: "get-data",
    0xD6: "update-binary",
    0xDC: "update-record",
}
_BY_DF_NAME: Final = 0x04


class Named(NamedTuple):
    """A command by name.

    Attributes:
        command: its id, such as ``select-application``; ``other`` for one without a name.
        values: what its sentence may name.
    """

    command: str
    values: dict[str, str]


def application_of(aid: bytes | None) -> str:
    """The id of an application, or its name in hexadecimal digits."""
    return "" if aid is None else APPLICATIONS.get(aid, hex_of(aid))


def file_of(application: bytes | None, file: int | None) -> str:
    """The id of a file, or its number in hexadecimal digits; empty where none is known."""
    if file is None:
        return ""
    return FILES.get((application_of(application), file), f"{file:04X}")


def named(command: bytes, application: bytes | None, file: int | None) -> Named:
    """What ``command`` is, where ``application`` and ``file`` are selected."""
    try:
        apdu = CommandApdu.parse(command)
    except BadCommandError:
        return Named("broken", {"ins": command[1:2].hex().upper()})
    if apdu.cla:
        return Named("other", {"cla": f"{apdu.cla:02X}", "ins": f"{apdu.ins:02X}"})
    if apdu.ins == SELECT:
        return _selecting(apdu, application)
    reading = _reading(apdu, application, file)
    if reading is not None:
        return reading
    values = {"cla": "00", "ins": f"{apdu.ins:02X}"}
    return Named(_OTHERS.get(apdu.ins, "other"), values)


def _selecting(apdu: CommandApdu, application: bytes | None) -> Named:
    if apdu.p1 == _BY_DF_NAME:
        return Named("select-application", {"application": application_of(apdu.data)})
    if len(apdu.data) == 2:
        chosen = int.from_bytes(apdu.data, "big")
        return Named("select-file", {"file": file_of(application, chosen)})
    return Named("select-master-file", {})


def _reading(apdu: CommandApdu, application: bytes | None, file: int | None) -> Named | None:
    if apdu.ins == READ_BINARY and apdu.p1 & 0x80:
        file = apdu.p1 & 0x1F  # ISO/IEC 7816-4, 11.3.1: a short EF id
    elif apdu.ins in {READ_RECORD, VERIFY}:
        short = apdu.p2 >> 3 if apdu.ins == READ_RECORD else apdu.p2 & 0x1F
        file = short or file
    values = {"file": file_of(application, file), "ne": str(apdu.ne or 0)}
    if apdu.ins == READ_BINARY:
        offset = apdu.p2 if apdu.p1 & 0x80 else apdu.p1 << 8 | apdu.p2
        return Named("read-binary", {**values, "offset": str(offset)})
    if apdu.ins == READ_RECORD:
        return Named("read-record", {**values, "record": str(apdu.p1)})
    if apdu.ins == GET_DATA:
        return Named("get-data", {"tag": f"{apdu.p1 << 8 | apdu.p2:04X}"})
    if apdu.ins == GET_RESPONSE:
        return Named("get-response", values)
    if apdu.ins == VERIFY:
        return Named("verify-pin" if apdu.data else "ask-counter", values)
    return None
