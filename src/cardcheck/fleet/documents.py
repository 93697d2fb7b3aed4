# SPDX-License-Identifier: Apache-2.0
"""A roll-up as JSON (``cardcheck.fleet/1``).

What belongs here: names and order of fields. What does not: counting (``rollup``), the page
(``page``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cardcheck.kiosk.documents import instant
from cardcheck.render.base import safe

if TYPE_CHECKING:
    from cardcheck.fleet.summary import Group, Station, Summary

SCHEMA: Final = "cardcheck.fleet/1"


def document(summary: Summary) -> dict[str, Any]:
    """The roll-up as a JSON object."""
    return {
        "schema": SCHEMA,
        "generated_at": instant(summary.at),
        "month": summary.month,
        "reports": summary.reports,
        "files": summary.files,
        "first": summary.first.isoformat() if summary.first else None,
        "last": summary.last.isoformat() if summary.last else None,
        "refused": [
            {"file": safe(each.file), "reason": each.reason, "reports": each.reports}
            for each in summary.refused
        ],
        "stations": [_station(each) for each in summary.stations],
        **{f"by_{name}": [_group(each) for each in rows] for name, rows in summary.groups.items()},
        "incidents": [
            {
                "station": safe(each.station),
                "begin": instant(each.begin),
                "end": instant(each.end) if each.end else None,
                "cause": each.cause,
            }
            for each in summary.incidents
        ],
    }


def _station(station: Station) -> dict[str, Any]:
    share = station.availability
    return {
        "station": safe(station.name),
        "office": safe(station.office),
        "reports": station.reports,
        "failing": station.failing,
        "availability": None if share is None else round(share, 4),
        "incidents": station.incidents,
        "reader_swaps": station.swaps,
        "last_report": instant(station.last),
        "state": station.state,
        "cause": station.cause,
    }


def _group(group: Group) -> dict[str, Any]:
    return {
        "name": safe(group.name),
        "reports": group.reports,
        "failing": group.failing,
        "stations": group.stations,
    }
