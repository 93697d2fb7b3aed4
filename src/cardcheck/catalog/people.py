# SPDX-License-Identifier: Apache-2.0
"""The sentences of ``place``, ``compare``, ``isolate``, and of the page to print.

What belongs here: ``messages/people-*.toml`` laid over the sentences that every command has. What
does not: layout (``render``).
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from cardcheck.catalog.messages import Messages, load

if TYPE_CHECKING:
    from cardcheck.catalog.messages import Language


@cache
def load_people(lang: Language) -> Messages:
    """The sentences of one language with those for people; read at the first call, then kept."""
    return with_people(load(lang))


def with_people(messages: Messages) -> Messages:
    """The sentences with those for people laid over them."""
    base, lang = messages.table, messages.lang
    path = files("cardcheck.catalog").joinpath(f"messages/people-{lang}.toml")
    own = tomllib.loads(path.read_text(encoding="utf-8"))
    merged = {section: {**base.get(section, {}), **rows} for section, rows in own.items()}
    return Messages(lang, {**base, **merged})
