# SPDX-License-Identifier: Apache-2.0
"""Hexadecimal text at the edges: bytes inside, hex only where people read or write it."""

from __future__ import annotations


def hex_of(data: bytes) -> str:
    """Upper-case hexadecimal digits without blanks."""
    return bytes(data).hex().upper()


def bytes_of(text: str) -> bytes:
    """The bytes of hexadecimal ``text``; blanks are allowed between bytes.

    Raises:
        ValueError: a character that is not a hexadecimal digit, or half a byte.
    """
    return bytes.fromhex(text)
