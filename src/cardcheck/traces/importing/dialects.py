# SPDX-License-Identifier: Apache-2.0
"""What is peculiar to the transcripts of single programs, as data.

A dialect without a sign of its own is read by the marks alone. The forms were taken from the
programs' sources or from published outputs, as each row says.
"""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct


class Dialect(Struct, frozen=True, kw_only=True):
    """How one program writes its transcript.

    Attributes:
        name: as ``--from`` takes it and a trace says it.
        sign: a pattern of a line that only this program writes, or None.
        source: where the form stands.
        arrows: whether ``>`` and ``<`` are marks of a direction; where not, they quote.
        framed: whether frames of ISO/IEC 14443-4 stand there, with their protocol control byte.
        checked: whether two bytes of CRC end each frame.
    """

    name: str
    sign: re.Pattern[str] | None
    source: str
    arrows: bool = True
    framed: bool = False
    checked: bool = False


DIALECTS: Final = (
    Dialect(
        name="globalplatformpro",
        sign=re.compile(r"^A(?:>>|<<) |^SCardConnect\(\"|^GlobalPlatformPro v"),
        source="martinpaljak/apdu4j LoggingCardTerminal; gp --debug",
    ),
    Dialect(
        name="opensc-tool",
        sign=re.compile(r"^Received \(SW1=0x[0-9A-F]{2}, SW2=0x[0-9A-F]{2}\)"),
        source="OpenSC src/tools/opensc-tool.c: send_apdu",
        arrows=False,
    ),
    Dialect(
        name="scdaemon",
        sign=re.compile(r"\bPCSC_data: [0-9A-Fa-f]{2} |\bsend apdu: c=[0-9A-F]{2} i="),
        source="GnuPG scd/apdu.c: debug cardio",
        arrows=False,
    ),
    Dialect(
        name="freerdp",
        sign=re.compile(r"\bpb(?:Send|Recv)Buffer\b"),
        source="FreeRDP channels/smartcard/client",
        arrows=False,
    ),
    Dialect(
        name="eid-mw",
        sign=re.compile(r"\bSCardTransmit\((?:[0-9A-F]{2} )|\bSCardTransmit\(\): SW12 = "),
        source="Fedict/eid-mw cardlayer/pcsc.cpp",
        arrows=False,
    ),
    Dialect(
        name="nfcpy",
        sign=re.compile(r"\bnfc\.tag\.tt4:(?:>>|<<) "),
        source="nfcpy src/nfc/tag/tt4.py: IsoDepInitiator.exchange",
        framed=True,
    ),
    Dialect(
        name="proxmark",
        sign=re.compile(r"\|\s*(?:Rdr|Tag)\s*\|"),
        source="RfidResearchGroup/proxmark3 client: hf 14a list",
        framed=True,
        checked=True,
    ),
    Dialect(
        name="cryptotokenkit",
        sign=re.compile(r"com\.apple\.CryptoTokenKit"),
        source="macOS unified log, subsystem com.apple.CryptoTokenKit (form read, not recorded)",
    ),
    Dialect(
        name="pyscard",
        sign=re.compile(r"^<  ?\[\] [0-9A-F]{2} [0-9A-F]{1,2}\s*$"),
        source="pyscard smartcard/CardConnectionObserver.py: ConsoleCardConnectionObserver",
    ),
    Dialect(
        name="scriptor",
        sign=re.compile(r"^< (?:[0-9A-F]{2} )+: [A-Z]"),
        source="pcsc-tools scriptor.pl",
    ),
    Dialect(
        name="libnfc",
        sign=re.compile(r"^(?:=>|<=) (?:[0-9a-f]{2}  ?)+\s*$"),
        source="nfc-tools/libnfc utils/nfc-utils.c: print_hex",
    ),
    Dialect(name="transcript", sign=None, source="marks of both directions, by convention"),
)
