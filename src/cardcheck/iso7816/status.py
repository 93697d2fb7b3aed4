# SPDX-License-Identifier: Apache-2.0
"""Status words (ISO/IEC 7816-4:2020, 5.6, tables 5 to 7; JICSAP 2.0 for 6984).

What belongs here: names and classes of status words. What does not: sentences (``catalog``).
"""

from __future__ import annotations

from typing import Final


class StatusWord(int):
    """A status word, 0 to 0xFFFF; unknown values are values too, never an error."""

    __slots__ = ()

    @property
    def is_success(self) -> bool:
        """9000 and nothing else."""
        return self == 0x9000

    @property
    def sw1(self) -> int:
        """The high byte."""
        return self >> 8

    @property
    def sw2(self) -> int:
        """The low byte."""
        return self & 0xFF

    @property
    def has_more(self) -> bool:
        """61xx: ``sw2`` more bytes wait for GET RESPONSE (0 means 256)."""
        return self.sw1 == 0x61

    @property
    def is_wrong_length(self) -> bool:
        """6Cxx: the command must be repeated with Le = ``sw2``."""
        return self.sw1 == 0x6C

    @property
    def tries_left(self) -> int | None:
        """The counter x of 63Cx (0 to 15), else None."""
        return self & 0xF if self & 0xFFF0 == 0x63C0 else None

    def __str__(self) -> str:
        """Four hexadecimal digits, upper case."""
        return f"{int(self):04X}"

    def __repr__(self) -> str:
        """``StatusWord(0x9000)``."""
        return f"StatusWord(0x{int(self):04X})"


SUCCESS: Final = StatusWord(0x9000)
END_OF_FILE: Final = StatusWord(0x6282)  # fewer bytes than asked for, because the file ends
SECURITY_STATUS_NOT_SATISFIED: Final = StatusWord(0x6982)
AUTHENTICATION_METHOD_BLOCKED: Final = StatusWord(0x6983)
REFERENCED_IEF_LOCKED: Final = StatusWord(0x6984)  # JICSAP; ISO: reference data not usable
LOCKED: Final = frozenset({AUTHENTICATION_METHOD_BLOCKED, REFERENCED_IEF_LOCKED})
"""What a PIN answers that is locked."""
FILE_NOT_FOUND: Final = StatusWord(0x6A82)
RECORD_NOT_FOUND: Final = StatusWord(0x6A83)
OFFSET_OUTSIDE_EF: Final = StatusWord(0x6B00)
NO_PRECISE_DIAGNOSIS: Final = StatusWord(0x6F00)
