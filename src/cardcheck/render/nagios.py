# SPDX-License-Identifier: Apache-2.0
"""The output of a plugin for Nagios, Icinga or Zabbix: a line, details, performance data, a code.

What belongs here: the format (Monitoring Plugins Development Guidelines). What does not: what the
state is. No sentence is translated: these lines are read by programs.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from msgspec import Struct

from cardcheck.render.base import safe

_LINE: Final = 240  # characters of a reader's name that a line may take


class PluginState(Enum):
    """The return codes of the guidelines."""

    OK = 0
    WARNING = 1
    CRITICAL = 2
    UNKNOWN = 3


class Status(Struct, frozen=True, kw_only=True):
    """What a plugin says.

    Attributes:
        state: what the return code says as well.
        summary: the first line.
        data: performance data, or nothing.
        details: further lines.
    """

    state: PluginState
    summary: str
    data: str = ""
    details: tuple[str, ...] = ()


def nagios_text(status: Status) -> str:
    """The lines of the plugin."""
    data = f" | {status.data}" if status.data else ""
    first = f"CARDCHECK {status.state.name} - {plain(status.summary)}{data}"
    return "\n".join([first, *map(plain, status.details), ""])


def plain(text: str) -> str:
    """Untrusted text for one line of a plugin: no stroke, which would begin performance data."""
    return safe(text).replace("|", "/")[:_LINE]
