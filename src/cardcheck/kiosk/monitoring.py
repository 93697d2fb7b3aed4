# SPDX-License-Identifier: Apache-2.0
"""A health, a morning check or a report for monitoring: the status of a plugin, and metrics.

What belongs here: what is told, pure. What does not: states (``health``), formats (``render``). No
sentence is translated: these lines are read by programs. They stand beside the name of a computer,
so that of a card nothing is said but that it answered, or that something is wrong with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cardcheck.checks.exit_codes import ExitCode
from cardcheck.checks.verdict import meaning_of
from cardcheck.kiosk.health import State
from cardcheck.render.json_report import instant
from cardcheck.render.nagios import PluginState, Status, plain
from cardcheck.render.prometheus import Family
from cardcheck.report.model import OF_A_CARD, Source, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cardcheck.kiosk.health import Health
    from cardcheck.kiosk.run import MorningCheck
    from cardcheck.report.model import Report

# A station that is not in service is nobody's alarm; one that nobody knows anything of is.
_OF_STATE: Final = {
    State.OK: PluginState.OK,
    State.NOT_IN_SERVICE: PluginState.OK,
    State.WARNING: PluginState.WARNING,
    State.CRITICAL: PluginState.CRITICAL,
    State.UNKNOWN: PluginState.UNKNOWN,
    State.STALE: PluginState.UNKNOWN,
}
_OF_VERDICT: Final = {
    Verdict.READY: PluginState.OK,
    Verdict.ATTENTION: PluginState.WARNING,
    Verdict.PROBLEM: PluginState.CRITICAL,
    Verdict.UNDETERMINED: PluginState.UNKNOWN,
}
_WHOLE: Final = frozenset({ExitCode.OK, ExitCode.PROBLEM})


def status_of_health(health: Health) -> Status:
    """The status of a station."""
    total = len(health.readers)
    ready = sum(reader.state is State.OK for reader in health.readers)
    what = _named("watch", health.source)
    summary = f"{health.state}: {health.reason}; {ready} of {total} readers ready"
    if health.age is not None:
        summary = f"{health.state}: {_last_look(health)}; {ready} of {total} readers were ready"
    elif not health.declared:
        summary += " (learned, not declared)"
    return Status(
        state=_OF_STATE[health.state],
        summary=summary if health.source == Source.HARDWARE else f"{what}: {summary}",
        data=f"ready={ready};;{total}:;0;{total} missing={health.missing};;0;0 "
        f"outages={health.outages}c changes={health.changes}c looks={health.looks}c",
        details=tuple(f"{plain(r.name)}: {r.state}: {r.reason}" for r in health.readers),
    )


def _last_look(health: Health) -> str:
    """When the last look was, and how long ago: what is stale is told by its age."""
    seconds = round(health.age.total_seconds()) if health.age is not None else 0
    distance = f"{seconds} s ago" if seconds >= 0 else f"{-seconds} s in the future"
    return f"last look {instant(health.at)}, {distance}"


def status_of_check(check: MorningCheck) -> Status:
    """The status of a morning check: OK, CRITICAL, or UNKNOWN without any reader."""
    good = sum(each.presentation.good for each in check.readers)
    total = len(check.readers)
    bad = PluginState.CRITICAL if total else PluginState.UNKNOWN
    what = _named("morning check", check.setting.source)
    return Status(
        state=PluginState.OK if check.passed else bad,
        summary=f"{what}: {good} of {total} readers passed",
        data=f"passed={good};;{total}:;0;{total} problems={len(check.problems)};;0;0",
        details=tuple(
            f"{plain(each.reader.name)}: {each.presentation.outcome}" for each in check.readers
        ),
    )


def status_of_report(report: Report) -> Status:
    """The status of a scan or a doctor, one line: the verdict, and the checks it is due to.

    What is due to a card is just ``card``. A run that ended early, without a card or with a bug of
    ours is never OK.
    """
    state = _OF_VERDICT[report.verdict]
    sure = report.exit_code in _WHOLE
    if not sure and state in {PluginState.OK, PluginState.WARNING}:
        state = PluginState.UNKNOWN
    weighty = [each for each in report.findings if meaning_of(each) is not Verdict.READY]
    due = list(dict.fromkeys("card" if f.layer in OF_A_CARD else f.check for f in weighty))
    total = len(report.readers)
    usable = sum(reader.slot != "unavailable" for reader in report.readers)
    source = "snapshot" if "from-snapshot" in report.notes else report.source.value
    return Status(
        state=state,
        summary="; ".join([f"{_named(report.command, source)}: {report.verdict}", *due]),
        data=f"usable={usable};;;0;{total} problems={len(due)};;;0 "
        f"time={report.milliseconds / 1000:.3f}s;;;0",
    )


def status_of_error(text: str) -> Status:
    """The status where there is nothing to judge: a wrong option, a file that is missing."""
    return Status(state=PluginState.UNKNOWN, summary=text)


def metrics_of_health(health: Health) -> tuple[Family, ...]:
    """The health as metrics.

    The time of the last look is a metric: a file that is no longer written is found by it.
    """
    station = {"station": health.station or ""}
    states = tuple(
        ({**station, "state": state.value}, float(state is health.state)) for state in State
    )
    return (
        _source(health.source, station),
        _gauge("state", "Whether the station is in this state.", *states),
        *_metrics_of_readers(health),
        _gauge(
            "readers_missing", "Expected readers that are not there.", (station, health.missing)
        ),
        _gauge(
            "readers_declared",
            "Whether somebody has said which readers belong here.",
            (station, float(health.declared)),
        ),
        _gauge(
            "last_look_timestamp_seconds",
            "When the readers were last looked at.",
            (station, int(health.at.timestamp())),
        ),
        _gauge("look_interval_seconds", "Time between two looks.", (station, health.interval)),
        _counter("looks", "Looks so far.", (station, health.looks)),
        _counter(
            "service_outages", "How often the PC/SC service went away.", (station, health.outages)
        ),
        _counter("reader_changes", "Readers that came or went.", (station, health.changes)),
        _counter("suspends", "How often the computer was suspended.", (station, health.sleeps)),
    )


def _metrics_of_readers(health: Health) -> Iterator[Family]:
    rows = [(_reader_labels(health, index), reader) for index, reader in enumerate(health.readers)]
    yield _gauge(
        "reader_up",
        "Whether the reader is there and answers.",
        *((labels, float(reader.state in {State.OK, State.WARNING})) for labels, reader in rows),
    )
    yield _gauge(
        "reader_card_present",
        "Whether something lies in the reader.",
        *(
            (labels, float(reader.slot not in {None, "empty", "unavailable"}))
            for labels, reader in rows
        ),
    )


def metrics_of_check(check: MorningCheck) -> tuple[Family, ...]:
    """A morning check as metrics."""
    station = {"station": check.setting.station or ""}
    readers = (
        (
            {**station, "reader": plain(each.reader.name), "slot": str(index)},
            float(each.presentation.good),
        )
        for index, each in enumerate(check.readers)
    )
    return (
        _source(check.setting.source, station),
        _gauge(
            "check_passed",
            "Whether every reader passed the last morning check.",
            (station, float(check.passed)),
        ),
        _gauge("check_reader_passed", "Whether the reader passed it.", *readers),
        _gauge("check_timestamp_seconds", "When it was.", (station, _seconds(check))),
    )


def _seconds(check: MorningCheck) -> int:
    return int(check.setting.at.timestamp())


def _source(source: str, station: dict[str, str]) -> Family:
    """That what the other metrics say comes from a simulated card, a record, or a real reader."""
    return _gauge("source_info", "What was looked at.", ({**station, "source": source}, 1.0))


def _gauge(name: str, text: str, *samples: tuple[dict[str, str], float]) -> Family:
    return Family(name=name, kind="gauge", help=text, samples=samples)


def _counter(name: str, text: str, *samples: tuple[dict[str, str], float]) -> Family:
    return Family(name=name, kind="counter", help=text, samples=samples)


def _named(what: str, source: str) -> str:
    """``what``, and where it was not done with hardware, with what instead."""
    return what if source == Source.HARDWARE else f"{what} ({source})"


def _reader_labels(health: Health, index: int) -> dict[str, str]:
    name = plain(health.readers[index].name)
    return {"station": health.station or "", "reader": name, "slot": str(index)}
