# SPDX-License-Identifier: Apache-2.0
"""The id of a report: ordered by time, otherwise random; says nothing of a person or computer."""

from __future__ import annotations

import os
import time


def new_report_id() -> str:
    """A UUID of version 7 (RFC 9562, 5.7): 48 bits of milliseconds, version, 74 random bits."""
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 7 << 76
    text = f"{value & ~(0x3 << 62) | 2 << 62:032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
