# SPDX-License-Identifier: Apache-2.0
"""The knowledge base and its index as they were made before, for speed.

What belongs here: making ``knowledge/compiled.json``, and reading of it what still equals its
source. What does not: the tables (``data``), the index (``index``).

Parsing the tables and making the index costs 0.3 s; reading this, 0.03 s. A part is used only
where the digest of its source fits, so a table that was edited, or replaced by a data set, counts
at once. ``pytest --update-golden tests/catalog/test_compiled.py`` renews the file.
"""

from __future__ import annotations

from functools import cache
from os import path
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

from msgspec import Raw, Struct, json

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE: Final = path.join(path.dirname(__file__), "knowledge", "compiled.json")  # noqa: PTH118, PTH120


class Part(Struct, frozen=True):
    """One part.

    Attributes:
        digest: of its source (``digest``).
        content: what was made of it, as JSON.
    """

    digest: int
    content: Raw


def digest(source: bytes) -> int:
    """A number that changes with the source; against slips, not against attacks."""
    return crc32(source)


def content(name: str, source: bytes) -> Raw | None:
    """The part ``name`` as JSON, or None where it was made of another source."""
    part = _parts().get(name)
    return part.content if part is not None and part.digest == digest(source) else None


def document(name: str, source: bytes) -> dict[str, Any] | None:
    """The part ``name`` as a document, or None where it was made of another source."""
    found = content(name, source)
    return None if found is None else json.decode(found, type=dict[str, Any])


def encoded(parts: Mapping[str, tuple[bytes, object]]) -> bytes:
    """The file, of parts by name: their source, and what was made of it. A line each."""
    rows = {
        name: Part(digest(source), Raw(json.encode(made))) for name, (source, made) in parts.items()
    }
    lines = (json.encode(name) + b":" + json.encode(row) for name, row in sorted(rows.items()))
    return b"{\n" + b",\n".join(lines) + b"\n}\n"


@cache
def _parts() -> Mapping[str, Part]:
    try:
        with open(FILE, "rb") as file:  # noqa: PTH123
            return json.decode(file.read(), type=dict[str, Part])
    except FileNotFoundError:  # a checkout in which it was not made yet
        return {}
