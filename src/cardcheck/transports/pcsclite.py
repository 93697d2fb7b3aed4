# SPDX-License-Identifier: Apache-2.0
"""Three calls of libpcsclite with reader names as bytes, in the shape of pyscard's ``scard``.

What belongs here: what pyscard 2.3 cannot do for a reader because of its name. It cannot list one
whose name is not UTF-8 (a name cut in the middle of a character is enough), and cannot ask the
state of one whose name is not ASCII. A reader must not vanish for its name, so on Linux those names
go this way. What does not: everything else, which stays with pyscard. Names are text, with
``surrogateescape``.
"""

from __future__ import annotations

import ctypes
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_LIBRARY: Final = "libpcsclite.so.1"
_MAX_LIST: Final = 1 << 16  # bytes: hundreds of readers of at most 128 bytes each
_MAX_ATR: Final = 33  # pcsclite.h, MAX_ATR_SIZE


class _ReaderState(ctypes.Structure):
    """SCARD_READERSTATE of pcsclite.h."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("user_data", ctypes.c_void_p),
        ("current", ctypes.c_ulong),
        ("event", ctypes.c_ulong),
        ("atr_length", ctypes.c_ulong),
        ("atr", ctypes.c_ubyte * _MAX_ATR),
    )


@cache
def _library() -> ctypes.CDLL:
    library = ctypes.CDLL(_LIBRARY)
    for name in ("SCardListReaders", "SCardGetStatusChange", "SCardConnect"):
        getattr(library, name).restype = ctypes.c_long
    return library


def list_readers(context: int) -> tuple[int, list[str]]:
    """The code of SCardListReaders, and the names; no name is refused."""
    buffer = ctypes.create_string_buffer(_MAX_LIST)
    length = ctypes.c_ulong(_MAX_LIST)
    code = _library().SCardListReaders(ctypes.c_long(context), None, buffer, ctypes.byref(length))
    names = buffer.raw[: length.value].split(b"\0") if not code else []
    return code, [_text_of(name) for name in names if name]


def get_status_change(
    context: int, milliseconds: int, states: Sequence[tuple[str, int]]
) -> tuple[int, list[tuple[str, int, bytes]]]:
    """The code of SCardGetStatusChange, and for each reader its name, event state and ATR."""
    rows = (_ReaderState * len(states))()
    for row, (name, state) in zip(rows, states, strict=True):
        row.name, row.current = _bytes_of(name), state
    code = _library().SCardGetStatusChange(
        ctypes.c_long(context), ctypes.c_ulong(milliseconds), rows, ctypes.c_ulong(len(states))
    )
    return code, [
        (name, int(row.event), bytes(row.atr[: min(row.atr_length, _MAX_ATR)]))
        for row, (name, _) in zip(rows, states, strict=True)
    ]


def connect(context: int, name: str, share: int, protocols: int) -> tuple[int, int, int]:
    """The code of SCardConnect, the handle of the card and the protocol."""
    card, protocol = ctypes.c_long(), ctypes.c_ulong()
    code = _library().SCardConnect(
        ctypes.c_long(context),
        _bytes_of(name),
        ctypes.c_ulong(share),
        ctypes.c_ulong(protocols),
        ctypes.byref(card),
        ctypes.byref(protocol),
    )
    return code, card.value, protocol.value


def _text_of(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")


def _bytes_of(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")
