# SPDX-License-Identifier: Apache-2.0
"""The acceptance run as a table, and the line of the morning log.

What belongs here: order and form of fields. What does not: judgement (``run``, ``health``), JSON
(``json_documents``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cardcheck.facts.calendar import JST
from cardcheck.render.base import safe
from cardcheck.render.document import Table

if TYPE_CHECKING:
    from datetime import datetime

    from cardcheck.kiosk.run import Acceptance, MorningCheck

SCHEMA: Final = "cardcheck.kiosk/1"


def acceptance_table(run: Acceptance) -> Table:
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
    return Table(head=(*head, "detect_ms", "read_ms", "retries", "error"), rows=tuple(rows))


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
