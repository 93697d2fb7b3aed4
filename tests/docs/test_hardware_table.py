# SPDX-License-Identifier: Apache-2.0
"""The table of docs/hardware.md: current, whole, and well-formed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cardcheck.catalog.reader_table import reader_table
from hardware_table import hardware_table, with_table

FILE = Path(__file__).parents[2] / "docs" / "hardware.md"


def test_one_line_a_reader_and_as_many_cells_in_each() -> None:
    lines = hardware_table().splitlines()
    assert len(lines) == len(reader_table().models) + 2
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in lines} == {12}


def test_the_document_links_the_official_list_and_claims_nothing() -> None:
    text = FILE.read_text(encoding="utf-8")
    assert reader_table().official_list in text
    assert "could not be read" in text


def test_a_document_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="substring"):
        with_table("# nothing")
