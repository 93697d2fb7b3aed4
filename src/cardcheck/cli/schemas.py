# SPDX-License-Identifier: Apache-2.0
"""Which JSON documents there are, by name, and the records that describe them.

What belongs here: the list. What does not: the records, and the form of a schema
(``report.schema``).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from cardcheck.report.schema import json_schema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cardcheck.report.schema import Schema

REPORT: Final = "report"
DOCUMENTS: Final[Mapping[str, tuple[str, ...]]] = {
    REPORT: ("report.documents:PersonalReportDocument",),
    "doctor": ("report.documents:DoctorDocument",),
    "snapshot": ("facts.doctor:DoctorFacts",),
    "compare": ("report.comparison:ComparisonDocument",),
    "explain": ("render.reference_json:ExplainDocument",),
    "checks": ("render.reference_json:Checks",),
    "overdue": ("render.reference_json:OverdueDocument",),
    "replay": ("traces.documents:ReplayDocument",),
    "kiosk": (
        "kiosk.json_documents:AcceptanceDocument",
        "kiosk.json_documents:CheckDocument",
        "kiosk.state_file:WatchDocument",
    ),
    "kiosk-baseline": ("kiosk.baseline:Baseline",),
    "fleet": ("fleet.json_document:FleetDocument",),
}
"""The documents by name. ``report`` is that of scan, readers, place and isolate."""


def schema(name: str) -> Schema:
    """The JSON Schema of the document ``name``, one of ``DOCUMENTS``."""
    places = (each.split(":") for each in DOCUMENTS[name])
    kinds = (getattr(import_module(f"cardcheck.{module}"), kind) for module, kind in places)
    return json_schema(name, *kinds)
