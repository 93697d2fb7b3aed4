# SPDX-License-Identifier: Apache-2.0
"""The sentences of ``replay`` and ``trace``: ``messages/trace-*.toml``.

What belongs here: loading them. What does not: layout.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from cardcheck.catalog.data import table
from cardcheck.catalog.messages import Messages

if TYPE_CHECKING:
    from cardcheck.catalog.messages import Language


@cache
def load_traces(lang: Language) -> Messages:
    """The sentences of one language; read at the first call, then kept."""
    return Messages(lang, table(f"messages/trace-{lang}.toml"))
