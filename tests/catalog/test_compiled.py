# SPDX-License-Identifier: Apache-2.0
"""What was made of the knowledge base before equals its sources, and else is not used."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from msgspec import to_builtins

from cardcheck.catalog import compiled, data
from cardcheck.catalog.index import INDEX, Index, build, sources
from cardcheck.catalog.knowledge import entries
from cardcheck.catalog.question import LISTS, list_sources, make_lists

TABLES = sorted(
    f"knowledge/{path.name}" for path in (Path(data.__file__).parent / "knowledge").glob("*.toml")
)


def test_it_is_current(update_golden: bool) -> None:
    parts: dict[str, tuple[bytes, object]] = {
        name: (data.packaged(name), tomllib.loads(data.packaged(name).decode("utf-8")))
        for name in TABLES
    }
    parts[INDEX] = (sources(), to_builtins(build(entries()), order="sorted"))
    parts[LISTS] = (list_sources(), to_builtins(make_lists(), order="sorted"))
    made = compiled.encoded(parts)
    if update_golden:
        Path(compiled.FILE).write_bytes(made)
    current = Path(compiled.FILE).read_bytes()
    assert current == made, "run pytest --update-golden tests/catalog/test_compiled.py"


def test_another_source_is_not_answered_from_it(update_golden: bool) -> None:
    if update_golden:
        pytest.skip("the file is being written")
    name = TABLES[0]
    source = data.packaged(name)
    assert compiled.document(name, source) == tomllib.loads(source.decode("utf-8"))
    assert compiled.document(name, source + b"\n") is None
    assert compiled.content(INDEX, sources() + b"\n") is None
    assert compiled.content(INDEX, sources()) is not None


def test_the_index_of_edited_entries_is_made_anew() -> None:
    kept = {key: row for key, row in entries().items() if key != "contact"}
    index = build(kept)
    assert isinstance(index, Index)
    assert all("contact" not in row for row in index.points.values())
