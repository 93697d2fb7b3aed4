# SPDX-License-Identifier: Apache-2.0
"""What Windows shows of the program beside its text: icon and version. Made while freezing.

What belongs here: both as bytes and values. What does not: where they go (``cardcheck.spec``,
``make-msi``).
"""

from __future__ import annotations

import struct
import zlib
from typing import Any, Final

SIZES: Final = (16, 24, 32, 48, 64, 256)
_BLUE, _WHITE, _GREEN, _GOLD, _CLEAR = (
    (0, 90, 160, 255),
    (255, 255, 255, 255),
    (0, 140, 70, 255),
    (220, 175, 60, 255),
    (0, 0, 0, 0),
)
Colour = tuple[int, int, int, int]


def icon() -> bytes:
    """A card with a chip and a check mark, as an ICO file of several sizes."""
    pictures = [_png(size) for size in SIZES]
    offset = 6 + 16 * len(SIZES)
    head = struct.pack("<HHH", 0, 1, len(SIZES))
    for size, picture in zip(SIZES, pictures, strict=True):
        side = size % 256  # 0 stands for 256
        head += struct.pack("<BBBBHHII", side, side, 0, 0, 1, 32, len(picture), offset)
        offset += len(picture)
    return head + b"".join(pictures)


def _png(size: int) -> bytes:
    rows = b"".join(
        b"\0" + b"".join(bytes(_colour(x / size, y / size)) for x in range(size))
        for y in range(size)
    )
    header = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )


def _colour(x: float, y: float) -> Colour:
    """The colour at a place of the unit square, from its upper left corner."""
    if _on_check_mark(x, y):
        return _GREEN
    if not (0.03 < x < 0.97 and 0.18 < y < 0.82):
        return _CLEAR
    if 0.12 < x < 0.34 and 0.34 < y < 0.54:
        return _GOLD
    return _WHITE if 0.62 < y < 0.68 and 0.12 < x < 0.5 else _BLUE


def _on_check_mark(x: float, y: float) -> bool:
    down = 0.5 < x < 0.66 and abs((y - 0.66) - (x - 0.5) * 1.1) < 0.085
    up = 0.64 <= x < 0.96 and abs((y - 0.84) + (x - 0.64) * 1.25) < 0.1
    return down or up


def version_info(version: str) -> Any:  # noqa: ANN401 - PyInstaller has no types
    """The version resource, for PyInstaller's ``EXE``."""
    from PyInstaller.utils.win32 import versioninfo as vi

    numbers = tuple(int(part) for part in f"{version}.0.0.0".split(".")[:4])
    words = {
        "FileDescription": "マイナンバーカード点検 cardcheck",
        "FileVersion": version,
        "InternalName": "cardcheck",
        "LegalCopyright": "Apache License 2.0",
        "OriginalFilename": "cardcheck.exe",
        "ProductName": "cardcheck",
        "ProductVersion": version,
    }
    japanese, unicode_page = 0x0411, 1200
    table = vi.StringTable(
        f"{japanese:04x}{unicode_page:04x}", [vi.StringStruct(*pair) for pair in words.items()]
    )
    return vi.VSVersionInfo(
        ffi=vi.FixedFileInfo(filevers=numbers, prodvers=numbers, OS=0x40004),
        kids=[
            vi.StringFileInfo([table]),
            vi.VarFileInfo([vi.VarStruct("Translation", [japanese, unicode_page])]),
        ],
    )
