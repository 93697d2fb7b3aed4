# SPDX-License-Identifier: Apache-2.0
"""A health, a morning check or a report for monitoring: Nagios plugins and Prometheus.

What belongs here: formats, pure. What does not: states (``health``). No sentence is translated:
these lines are read by programs. They stand beside the name of a computer, so that of a card
nothing is said but that it answered, or that something is wrong with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cardcheck.checks.exit_codes import ExitCode
from cardcheck.checks.verdict import meaning_of
from cardcheck.kiosk.health import State
from cardcheck.render.base import safe
from cardcheck.report.model import Layer, Source, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cardcheck.kiosk.health import Health
    from cardcheck.kiosk.run import MorningCheck
    from cardcheck.report.model import Report

# Monitoring Plugins Development Guidelines, "Plugin Return Codes". A station that is not in service
# is nobody's alarm; one that nobody knows anything of is.
_NAGIOS: Final = {
    State.OK: (0, "OK"),
    State.NOT_IN_SERVICE: (0, "OK"),
    State.WARNING: (1, "WARNING"),
    State.CRITICAL: (2, "CRITICAL"),
    State.UNKNOWN: (3, "UNKNOWN"),
    State.STALE: (3, "UNKNOWN"),
}
_VERDICTS: Final = {
    Verdict.READY: State.OK,
    Verdict.ATTENTION: State.WARNING,
    Verdict.PROBLEM: State.CRITICAL,
    Verdict.UNDETERMINED: State.UNKNOWN,
}
_WHOLE: Final = frozenset({ExitCode.OK, ExitCode.PROBLEM})
_OF_A_CARD: Final = frozenset({Layer.CARD, Layer.CERTIFICATE, Layer.PIN})
_LINE: Final = 240  # characters of a reader's name that a line may take


def nagios(health: Health) -> tuple[str, int]:
    """The plugin output for a health (summary, details, performance data), and its return code."""
    total = len(health.readers)
    ready = sum(reader.state is State.OK for reader in health.readers)
    summary = f"{health.state}: {health.reason}; {ready} of {total} readers ready"
    data = (
        f"ready={ready};;{total}:;0;{total} missing={health.missing};;0;0 "
        f"outages={health.outages}c changes={health.changes}c looks={health.looks}c"
    )
    details = (f"{_plain(r.name)}: {r.state}: {r.reason}" for r in health.readers)
    return _output(health.state, f"{summary} | {data}", *details)


def nagios_of_check(check: MorningCheck) -> tuple[str, int]:
    """The plugin output for a morning check: OK, CRITICAL, or UNKNOWN without any reader."""
    good = sum(each.presentation.good for each in check.readers)
    total = len(check.readers)
    state = State.OK if check.passed else State.CRITICAL if total else State.UNKNOWN
    summary = f"{_named('morning check', check.setting.source)}: {good} of {total} readers passed"
    data = f"passed={good};;{total}:;0;{total} problems={len(check.problems)};;0;0"
    details = (f"{_plain(c.reader.name)}: {c.presentation.outcome}" for c in check.readers)
    return _output(state, f"{summary} | {data}", *details)


def nagios_of_report(report: Report) -> tuple[str, int]:
    """The plugin output for a scan or a doctor, one line: the verdict, and the checks it is due to.

    What is due to a card is just ``card``. A run that ended early, without a card or with a bug of
    ours is never OK.
    """
    state = _VERDICTS[report.verdict]
    if report.exit_code not in _WHOLE and state in {State.OK, State.WARNING}:
        state = State.UNKNOWN
    weighty = [each for each in report.findings if meaning_of(each) is not Verdict.READY]
    due = list(dict.fromkeys("card" if f.layer in _OF_A_CARD else f.check for f in weighty))
    total = len(report.readers)
    usable = sum(reader.slot != "unavailable" for reader in report.readers)
    source = "snapshot" if "from-snapshot" in report.notes else report.source.value
    summary = "; ".join([f"{_named(report.command, source)}: {report.verdict}", *due])
    data = (
        f"usable={usable};;;0;{total} problems={len(due)};;;0 "
        f"time={report.milliseconds / 1000:.3f}s;;;0"
    )
    return _output(state, f"{summary} | {data}")


def nagios_of_error(text: str) -> tuple[str, int]:
    """The plugin output where there is nothing to judge: a wrong option, a file that is missing."""
    return _output(State.UNKNOWN, _plain(text))


def prometheus(health: Health) -> str:
    """The health as a text file for node_exporter's textfile collector (exposition format 0.0.4).

    The time of the last look is a metric: a file that is no longer written is found by it.
    """
    station = {"station": health.station or ""}
    rows = [(_reader_labels(health, index), reader) for index, reader in enumerate(health.readers)]
    return "".join(
        (
            _family(
                "state",
                "gauge",
                "Whether the station is in this state.",
                (
                    ({**station, "state": state.value}, int(state is health.state))
                    for state in State
                ),
            ),
            _family(
                "reader_up",
                "gauge",
                "Whether the reader is there and answers.",
                (
                    (labels, int(reader.state in {State.OK, State.WARNING}))
                    for labels, reader in rows
                ),
            ),
            _family(
                "reader_card_present",
                "gauge",
                "Whether something lies in the reader.",
                (
                    (
                        labels,
                        int(
                            reader.slot is not None and reader.slot not in {"empty", "unavailable"}
                        ),
                    )
                    for labels, reader in rows
                ),
            ),
            _family(
                "readers_missing",
                "gauge",
                "Expected readers that are not there.",
                [(station, health.missing)],
            ),
            _family(
                "last_look_timestamp_seconds",
                "gauge",
                "When the readers were last looked at.",
                [(station, int(health.at.timestamp()))],
            ),
            _family(
                "look_interval_seconds",
                "gauge",
                "Time between two looks.",
                [(station, health.interval)],
            ),
            _family("looks_total", "counter", "Looks so far.", [(station, health.looks)]),
            _family(
                "service_outages_total",
                "counter",
                "How often the PC/SC service went away.",
                [(station, health.outages)],
            ),
            _family(
                "reader_changes_total",
                "counter",
                "Readers that came or went.",
                [(station, health.changes)],
            ),
            _family(
                "suspends_total",
                "counter",
                "How often the computer was suspended.",
                [(station, health.sleeps)],
            ),
        )
    )


def prometheus_of_check(check: MorningCheck) -> str:
    """A morning check as a text file."""
    station = {"station": check.setting.station or ""}
    readers = (
        (
            {**station, "reader": _plain(each.reader.name), "slot": str(index)},
            int(each.presentation.good),
        )
        for index, each in enumerate(check.readers)
    )
    return "".join(
        (
            _family(
                "check_passed",
                "gauge",
                "Whether every reader passed the last morning check.",
                [(station, int(check.passed))],
            ),
            _family("check_reader_passed", "gauge", "Whether the reader passed it.", readers),
            _family(
                "check_timestamp_seconds",
                "gauge",
                "When it was.",
                [(station, int(check.setting.at.timestamp()))],
            ),
        )
    )


def _output(state: State, *lines: str) -> tuple[str, int]:
    code, word = _NAGIOS[state]
    return "\n".join([f"CARDCHECK {word} - {lines[0]}", *lines[1:], ""]), code


def _named(what: str, source: str) -> str:
    """``what``, and where it was not done with hardware, with what instead."""
    return what if source == Source.HARDWARE else f"{what} ({source})"


def _reader_labels(health: Health, index: int) -> dict[str, str]:
    name = _plain(health.readers[index].name)
    return {"station": health.station or "", "reader": name, "slot": str(index)}


def _family(
    name: str, kind: str, text: str, samples: Iterable[tuple[dict[str, str], float]]
) -> str:
    """One metric family; nothing where it has no sample."""
    lines = list(_samples(f"cardcheck_{name}", samples))
    head = [f"# HELP cardcheck_{name} {text}", f"# TYPE cardcheck_{name} {kind}"]
    return "\n".join([*head, *lines, ""]) if lines else ""


def _samples(name: str, samples: Iterable[tuple[dict[str, str], float]]) -> Iterator[str]:
    for labels, value in samples:
        shown = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
        yield f"{name}{{{shown}}} {value}"


def _escaped(text: str) -> str:
    return safe(text).replace("\\", "\\\\").replace('"', '\\"')


def _plain(text: str) -> str:
    """Untrusted text for one line of a plugin: no stroke, which would begin performance data."""
    return safe(text).replace("|", "/")[:_LINE]
