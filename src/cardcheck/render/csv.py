# SPDX-License-Identifier: Apache-2.0
"""A table as CSV for spreadsheets: a byte order mark, CR LF, no cell that is a formula."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Final

from cardcheck.render.base import safe
from cardcheck.render.document import Share

if TYPE_CHECKING:
    from cardcheck.render.document import Cell, Table

_FORMULA: Final = (*"=+-@", *"\uff1d\uff0b\uff0d\uff20", "\t", "\r", "\n")
"""How what spreadsheets take for a formula begins, in full width too (OWASP, CSV injection)."""


def csv_text(table: Table, source: str | None = None) -> str:
    """The table, with a last column that names the source where that is no hardware."""
    marked = () if source is None else (source,)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(map(cell, (*table.head, *(("source",) if marked else ()))))
    writer.writerows([cell(value) for value in (*row, *marked)] for row in table.rows)
    return "\ufeff" + out.getvalue()


def cell(value: Cell) -> str | int | float:
    """A value as a cell that no spreadsheet calculates; numbers stay numbers."""
    if isinstance(value, Share):
        return round(value.value, 4)
    if value is None or isinstance(value, (int, float)):
        return "" if value is None else value
    text = safe(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
