# SPDX-License-Identifier: Apache-2.0
"""The acceptance run as CSV, and the line of the morning log.

What belongs here: order and form of fields. What does not: judgement (``run``, ``health``), JSON
(``json_documents``).
"""

from __future__ import annotations

import csv
import io
from datetime import datetime
from typing import TYPE_CHECKING, Final

from cardcheck.facts.calendar import JST
from cardcheck.render.base import safe

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from cardcheck.kiosk.run import Acceptance, MorningCheck

SCHEMA: Final = "cardcheck.kiosk/1"
_FORMULA: Final = (*"=+-@", *"\uff1d\uff0b\uff0d\uff20", "\t", "\r", "\n")
"""How what spreadsheets take for a formula begins, in full width too (OWASP, CSV injection)."""


def acceptance_csv(run: Acceptance) -> str:
    """One row a presentation, for spreadsheets."""
    setting = run.setting
    head = ("date", "station", "operator", "reader", "number", "outcome", "depth")
    rows = (
        (
            japanese_time(setting.at),
            setting.station,
            setting.operator,
            run.reader.name,
            number,
            each.outcome,
            each.depth,
            each.detect,
            each.read,
            each.retries,
            each.error,
        )
        for number, each in enumerate(run.presentations, 1)
    )
    return table((*head, "detect_ms", "read_ms", "retries", "error"), rows)


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A CSV table for spreadsheets: a byte order mark, CR LF, no cell that is a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows([cell(value) for value in row] for row in rows)
    return "\ufeff" + out.getvalue()


def cell(value: object) -> object:
    """A value as a cell that no spreadsheet calculates; numbers stay numbers."""
    if value is None or isinstance(value, (int, float)):
        return "" if value is None else value
    text = safe(str(value))
    return f"'{text}" if text.startswith(_FORMULA) else text


def log_line(check: MorningCheck) -> str:
    """The line of the log: time, station, initials, source, result, readers, what was bad."""
    good = sum(each.presentation.good for each in check.readers)
    bad = [
        f"{c.reader.name}: {c.presentation.outcome}"
        for c in check.readers
        if not c.presentation.good
    ]
    setting = check.setting
    fields = (
        japanese_time(setting.at),
        setting.station or "-",
        setting.operator or "-",
        setting.source,
        "passed" if check.passed else "NOT PASSED",
        f"{good}/{len(check.readers)}",
        "; ".join([*bad, *check.problems]) or "-",
    )
    return "\t".join(safe(each) for each in fields) + "\n"


def japanese_time(moment: datetime) -> str:
    """ISO 8601 in Japanese time, to the second."""
    return moment.astimezone(JST).replace(microsecond=0).isoformat()
