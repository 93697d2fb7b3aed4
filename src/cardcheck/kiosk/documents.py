# SPDX-License-Identifier: Apache-2.0
"""``cardcheck.kiosk/1`` as JSON, the acceptance run as a table, and the line of the morning log.

What belongs here: names and order of fields. What does not: judgement (``run``, ``health``).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, Final

from cardcheck.kiosk.run import percentile
from cardcheck.render.base import safe
from cardcheck.render.document import Table

if TYPE_CHECKING:
    from cardcheck.kiosk.health import Health
    from cardcheck.kiosk.run import Acceptance, MorningCheck, Presentation, ReaderFace, Setting

SCHEMA: Final = "cardcheck.kiosk/1"
JAPAN: Final = timezone(timedelta(hours=9), "JST")

Document = dict[str, Any]


def acceptance_document(run: Acceptance) -> Document:
    """An acceptance run as a JSON object."""
    good = [each for each in run.presentations if each.good]
    detect, read = (
        [v for p in good if (v := getattr(p, f)) is not None] for f in ("detect", "read")
    )
    return {
        **_head("kiosk accept", run.setting),
        "state": "ok" if run.passed else "critical",
        "passed": run.passed,
        "exit_code": int(run.exit_code),
        "stop": run.stop,
        "reader": _reader(run.reader),
        "rule": {
            "presentations": run.rule.presentations,
            "failures_allowed": run.rule.allowed,
            "failure_rate_tolerated": run.rule.tolerated,
            "confidence": run.rule.confidence,
            "pass_rate_at_tolerated": round(run.rule.pass_rate(run.rule.tolerated), 6),
        },
        "result": {
            "presentations": len(run.presentations),
            "failures": run.failures,
            "retries": run.retries,
            "failure_rate_upper_bound": round(run.bound, 6),
            "depth": run.depth,
            "detect_milliseconds": _spread(detect),
            "read_milliseconds": _spread(read),
        },
        "problems": list(run.problems),
        "baseline": run.baseline,
        "drift": [{"what": d.what, "before": d.before, "after": d.after} for d in run.drift],
        "presentations": [_presentation(each) for each in run.presentations],
    }


def check_document(check: MorningCheck) -> Document:
    """A morning check as a JSON object."""
    return {
        **_head("kiosk check", check.setting),
        "state": "ok" if check.passed else "critical" if check.readers else "unknown",
        "passed": check.passed,
        "exit_code": int(check.exit_code),
        "problems": list(check.problems),
        "readers": [
            {**_reader(each.reader), **_presentation(each.presentation)} for each in check.readers
        ],
    }


def health_document(health: Health) -> Document:
    """A station's health as a JSON object; ``health.health_from`` reads it again."""
    return {
        "schema": SCHEMA,
        "command": "kiosk watch",
        "generated_at": instant(health.at),
        "station": health.station,
        "source": health.source,
        "state": health.state,
        "reason": health.reason,
        "readers": [
            {
                "name": reader.name,
                "state": reader.state,
                "reason": reader.reason,
                "since": instant(reader.since),
                "slot": reader.slot,
            }
            for reader in health.readers
        ],
        "expected": dict(health.expected),
        "interval": health.interval,
        "looks": health.looks,
        "outages": health.outages,
        "changes": health.changes,
        "sleeps": health.sleeps,
    }


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


def instant(moment: datetime) -> str:
    """ISO 8601 in UTC, to the second, with ``Z``."""
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def japanese_time(moment: datetime) -> str:
    """ISO 8601 in Japanese time, to the second."""
    return moment.astimezone(JAPAN).replace(microsecond=0).isoformat()


def _head(command: str, setting: Setting) -> Document:
    return {
        "schema": SCHEMA,
        "command": command,
        "tool": {"name": "cardcheck", "version": setting.version},
        "report_id": setting.id,
        "generated_at": instant(setting.at),
        "station": setting.station,
        "operator": setting.operator,
        "source": setting.source,
        "platform": dict(zip(("system", "release"), setting.platform.split(" ", 1), strict=False)),
    }


def _reader(reader: ReaderFace) -> Document:
    fields = ("name", "model", "usb", "interface", "firmware", "location", "driver")
    return {name: getattr(reader, name) for name in fields}


def _presentation(presentation: Presentation) -> Document:
    return {
        "outcome": presentation.outcome,
        "depth": presentation.depth,
        "detect_milliseconds": presentation.detect,
        "read_milliseconds": presentation.read,
        "retries": presentation.retries,
        "error": presentation.error,
    }


def _spread(values: list[int]) -> Document:
    return {
        "median": percentile(values, 50),
        "p95": percentile(values, 95),
        "most": max(values, default=None),
    }
