# SPDX-License-Identifier: Apache-2.0
"""What a virtual card holds: applications and files (ISO/IEC 7816-4:2020, 7; JICSAP for IEFs).

What belongs here: content, access and the counter of a PIN. What does not: commands (``card``),
and which files a My Number card has (``mynumber``).
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from typing import TypeAlias

from msgspec import Struct


@dataclass(frozen=True, slots=True)
class TransparentFile:
    """A file of bytes.

    Attributes:
        data: the content, filler included.
        pin: the PIN file that must have been verified before a read, or None.
        barred: the status word that every read gets, whatever was verified, or None.
    """

    data: bytes = field(repr=False)
    pin: int | None = None
    barred: int | None = None


@dataclass(frozen=True, slots=True)
class RecordFile:
    """A file of records.

    Attributes:
        records: the content; record 1 comes first.
        pin: the PIN file that must have been verified before a read, or None.
    """

    records: tuple[bytes, ...] = field(repr=False)
    pin: int | None = None


class KeyFile(Struct, frozen=True):
    """A key (IEF): it can be selected, never read."""


@dataclass(slots=True)
class PinFile:
    """A PIN (IEF): what is right, how many tries are left, and whether it was verified.

    Attributes:
        value: the right PIN.
        tries_max: tries after a right PIN, 1 to 15.
        tries_left: tries left now.
        held_open: another program verifies this PIN each time the card gets power.
        verified: whether it is verified now.
    """

    value: bytes = field(repr=False)
    tries_max: int
    tries_left: int
    held_open: bool = False
    verified: bool = False

    def attempt(self, value: bytes) -> bool:
        """Whether ``value`` is right; a wrong one costs a try, of which one must be left."""
        self.verified = hmac.compare_digest(value, self.value)
        self.tries_left = self.tries_max if self.verified else self.tries_left - 1
        return self.verified


ElementaryFile: TypeAlias = TransparentFile | RecordFile | KeyFile | PinFile


@dataclass(slots=True)
class Application:
    """One application.

    Attributes:
        aid: its whole name, 5 to 16 bytes.
        files: its files by file id.
        data_objects: what GET DATA answers while it is current, by tag.
        fci: the value of its FCI template behind the name; empty for none.
    """

    aid: bytes
    files: dict[int, ElementaryFile] = field(default_factory=dict)
    data_objects: dict[int, bytes] = field(default_factory=dict, repr=False)
    fci: bytes = b""

    def pins(self) -> list[PinFile]:
        """All PINs of the application."""
        return [file for file in self.files.values() if isinstance(file, PinFile)]
