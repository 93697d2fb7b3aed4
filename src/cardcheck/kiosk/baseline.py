# SPDX-License-Identifier: Apache-2.0
"""The baseline: what a reader was like when it was accepted, and what has changed since.

What belongs here: the file's content and the comparison, pure. What does not: reading and writing
files.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from cardcheck.errors import InputError
from cardcheck.kiosk.run import Drift, percentile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cardcheck.kiosk.run import Acceptance

SCHEMA: Final = "cardcheck.kiosk-baseline/1"
_FIELDS: Final = ("model", "usb", "firmware", "location", "driver", "platform", "depth")
_SLOWER: Final = 1.5  # times the median of the baseline; what hands and cards differ by stays below
_NOTICEABLE: Final = 100  # milliseconds: less is noise


def baseline_of(run: Acceptance) -> str:
    """The baseline of a run, as JSON text."""
    return json.dumps({"schema": SCHEMA, **_values(run)}, ensure_ascii=False, indent=2) + "\n"


def drift_from(text: str, run: Acceptance) -> tuple[str, tuple[Drift, ...]]:
    """When the baseline in ``text`` was taken, and what is not as it was.

    Raises:
        InputError: ``text`` is no baseline.
    """
    try:
        before = json.loads(text)
    except (ValueError, RecursionError):
        before = None
    if not isinstance(before, dict) or before.get("schema") != SCHEMA:
        raise InputError(
            f"is no baseline ({SCHEMA}); give another file, or a name that does not exist yet"
        )
    return str(before.get("at", "?"))[:32], tuple(_drift(before, _values(run)))


def _values(run: Acceptance) -> dict[str, Any]:
    reader = run.reader
    good = [each.read for each in run.presentations if each.good and each.read is not None]
    return {
        "at": run.setting.at.date().isoformat(),
        "model": reader.model or reader.name,
        "usb": reader.usb,
        "firmware": reader.firmware,
        "location": reader.location,
        "driver": reader.driver,
        "platform": run.setting.platform,
        "depth": run.depth.value if run.depth else None,
        "read_median": percentile(good, 50),
        "read_95": percentile(good, 95),
    }


def _drift(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Drift]:
    for field in _FIELDS:
        old, new = before.get(field), after[field]
        if old != new:
            yield Drift(what=field, before=_shown(old), after=_shown(new))
    for field in ("read_median", "read_95"):
        old, new = before.get(field), after[field]
        if (
            isinstance(old, int)
            and isinstance(new, int)
            and new > max(old * _SLOWER, old + _NOTICEABLE)
        ):
            yield Drift(what=field, before=f"{old} ms", after=f"{new} ms")


def _shown(value: object) -> str:
    return "-" if value is None else str(value)[:128]
