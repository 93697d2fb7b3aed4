# SPDX-License-Identifier: Apache-2.0
"""BER-TLV as cards use it (ISO/IEC 8825-1, ISO/IEC 7816-4:2020, 6.3), definite lengths only.

What belongs here: tags, lengths and nesting. What does not: what a tag means.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from cardcheck.errors import MalformedTlvError

if TYPE_CHECKING:
    from collections.abc import Iterator

_CONSTRUCTED = 0x20
_LONG_TAG = 0x1F
_MAX_TAG_BYTES: Final = 3  # ISO/IEC 7816-4, 6.3.2
_MAX_LENGTH_BYTES: Final = 4  # ISO/IEC 7816-4, 6.3.3


class Tlv(NamedTuple):
    """One data object.

    Attributes:
        tag: the tag bytes as one number (0x7F21 for two bytes).
        value: the bytes of the value.
        offset: where the value begins in the bytes that were parsed.
        constructed: whether the value holds data objects itself.
    """

    tag: int
    value: bytes
    offset: int
    constructed: bool

    @property
    def end(self) -> int:
        """Where the object ends, in the bytes that were parsed."""
        return self.offset + len(self.value)


def read_tag(data: bytes, offset: int) -> tuple[int, int]:
    """The tag at ``offset`` and the offset behind it.

    Raises:
        MalformedTlvError: the data ends inside the tag, or the tag has more than three bytes.
    """
    if offset >= len(data):
        raise MalformedTlvError("the data ends before a tag")
    end = offset + 1
    if data[offset] & _LONG_TAG == _LONG_TAG:
        while True:
            if end >= len(data):
                raise MalformedTlvError("the data ends inside a tag")
            if end - offset >= _MAX_TAG_BYTES:
                raise MalformedTlvError("a tag of more than three bytes")
            end += 1
            if not data[end - 1] & 0x80:
                break
    return int.from_bytes(data[offset:end], "big"), end


def read_length(data: bytes, offset: int) -> tuple[int, int]:
    """The definite length at ``offset`` and the offset behind it.

    Raises:
        MalformedTlvError: the data ends inside the length, or the length is indefinite or has more
            than four bytes.
    """
    if offset >= len(data):
        raise MalformedTlvError("the data ends before a length")
    first = data[offset]
    if first < 0x80:
        return first, offset + 1
    count = first & 0x7F
    if not count:
        raise MalformedTlvError("an indefinite length")
    if count > _MAX_LENGTH_BYTES:
        raise MalformedTlvError("a length of more than four bytes")
    end = offset + 1 + count
    if end > len(data):
        raise MalformedTlvError("the data ends inside a length")
    return int.from_bytes(data[offset + 1 : end], "big"), end


def head(data: bytes, offset: int = 0) -> tuple[int, int, int]:
    """Tag, start and end of the value at ``offset``; nearly every head is one of the first two.

    Raises:
        MalformedTlvError: there is none, or the data ends before it does.
    """
    size = len(data)
    if offset + 4 <= size and data[offset] & _LONG_TAG != _LONG_TAG:
        length = data[offset + 1]
        if length < 0x80 and offset + 2 + length <= size:
            return data[offset], offset + 2, offset + 2 + length
        if length == 0x82:
            start = offset + 4
            end = start + (data[offset + 2] << 8 | data[offset + 3])
            if end <= size:
                return data[offset], start, end
    tag, after_tag = read_tag(data, offset)
    length, start = read_length(data, after_tag)
    if start + length > size:
        raise MalformedTlvError("a value longer than the data")
    return tag, start, start + length


def read(data: bytes, offset: int = 0) -> Tlv:
    """The data object at ``offset``.

    Raises:
        MalformedTlvError: there is none, or the data ends before it does.
    """
    tag, start, end = head(data, offset)
    return Tlv(tag, bytes(data[start:end]), start, bool(data[offset] & _CONSTRUCTED))


def walk(data: bytes, offset: int = 0) -> Iterator[Tlv]:
    """All data objects from ``offset`` to the end of ``data``, in order, without going into them.

    Raises:
        MalformedTlvError: at the first place that is not a data object.
    """
    while offset < len(data):
        item = read(data, offset)
        yield item
        offset = item.offset + len(item.value)
