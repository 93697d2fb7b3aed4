# SPDX-License-Identifier: Apache-2.0
"""QR codes: error correction M, quiet zone of 4 modules (ISO/IEC 18004)."""

from __future__ import annotations

import segno

QUIET = 4
"""Modules that stay white around the code."""


def dark_modules(content: str) -> tuple[int, list[tuple[int, int]]]:
    """The side of the square, quiet zone included, and column and row of each dark module."""
    rows = list(segno.make_qr(content, error="m").matrix)
    dark = [
        (x + QUIET, y + QUIET)
        for y, row in enumerate(rows)
        for x, module in enumerate(row)
        if module
    ]
    return len(rows) + 2 * QUIET, dark
