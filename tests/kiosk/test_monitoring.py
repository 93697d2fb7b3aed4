# SPDX-License-Identifier: Apache-2.0
"""Lines for monitoring: return codes, performance data, metrics; hostile names change none."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from msgspec.structs import replace

from cardcheck.facts.reader import SlotState
from cardcheck.kiosk.health import (
    Health,
    Look,
    ReaderHealth,
    Reason,
    State,
    after,
    expecting,
    judged,
)
from cardcheck.kiosk.monitoring import (
    metrics_of_check,
    metrics_of_health,
    status_of_check,
    status_of_error,
    status_of_health,
    status_of_report,
)
from cardcheck.render.nagios import Status, nagios_text
from cardcheck.render.prometheus import prometheus_text
from cardcheck.report.model import (
    Finding,
    Layer,
    Outcome,
    Report,
    Scope,
    Severity,
    Source,
    Verdict,
)
from kiosk.examples import AT, GOOD, HOSTILE, LOST, morning

READER = ReaderHealth(
    name=HOSTILE + '\n"|\\', state=State.OK, reason=Reason.READY, since=AT, slot=SlotState.EMPTY
)
HEALTH = Health(
    at=AT, station="a/b", state=State.OK, reason=Reason.READY, readers=(READER,), looks=7
)
PERFDATA = re.compile(r"^\w+=\d+(c|;[\d:]*;[\d:]*;\d+(;\d*)?)?$")
SAMPLE = re.compile(
    r'^cardcheck_[a-z_]+\{([a-z]+="(?:[^"\\\n]|\\["\\n])*",?)*\} -?[0-9.]+(e[+-][0-9]+)?$'
)


def said(status: Status) -> tuple[str, int]:
    return nagios_text(status), status.state.value


@pytest.mark.parametrize(
    ("state", "code", "word"),
    [
        (State.OK, 0, "OK"),
        (State.NOT_IN_SERVICE, 0, "OK"),
        (State.WARNING, 1, "WARNING"),
        (State.CRITICAL, 2, "CRITICAL"),
        (State.UNKNOWN, 3, "UNKNOWN"),
        (State.STALE, 3, "UNKNOWN"),
    ],
)
def test_plugin_rules(state: State, code: int, word: str) -> None:
    text, returned = said(status_of_health(replace(HEALTH, state=state)))
    assert returned == code
    assert text.startswith(f"CARDCHECK {word} - {state}")


@pytest.mark.parametrize(
    "text",
    [nagios_text(status_of_health(HEALTH)), nagios_text(status_of_check(morning(GOOD, LOST)))],
)
def test_the_first_line_alone_has_performance_data(text: str) -> None:
    first, *rest = text.splitlines()
    assert all(PERFDATA.match(part) for part in first.split(" | ")[1].split(" "))
    assert "|" not in "".join(rest)
    assert "\x1b" not in text


def test_a_morning_check_is_ok_critical_or_unknown() -> None:
    statuses = [status_of_check(morning(*each)) for each in ([GOOD], [GOOD, LOST], [])]
    assert [status.state.value for status in statuses] == [0, 2, 3]


def report(verdict: Verdict, exit_code: int, *findings: Finding) -> Report:
    """A report that comes to ``verdict``, without readers and cards."""
    return Report(
        report_id="x", command="scan", source=Source.HARDWARE, generated_at=AT, judged_at=AT,
        milliseconds=1450, platform={}, verdict=verdict, exit_code=exit_code, scope=Scope(),
        readers=(), cards=(), findings=findings, readiness=(), station="a/b",
    )  # fmt: skip


@pytest.mark.parametrize("exit_code", [0, 1, 3, 4, 70, 130, 143])
@pytest.mark.parametrize("verdict", Verdict)
def test_a_report_is_as_good_as_its_verdict_and_only_where_it_is_whole(
    verdict: Verdict, exit_code: int
) -> None:
    codes = {"ready": 0, "attention": 1, "problem": 2, "undetermined": 3}
    whole = exit_code in {0, 1} or verdict is Verdict.PROBLEM
    assert status_of_report(report(verdict, exit_code)).state.value == (
        codes[verdict] if whole else 3
    )


def test_a_report_names_checks_once_and_of_a_card_none() -> None:
    bad = Finding(
        check="card.pin.authentication-usable", layer=Layer.PIN, outcome=Outcome.PROBLEM,
        severity=Severity.ERROR, state="locked", evidence={"left": 0},
    )  # fmt: skip
    reader = replace(bad, check="reader.x.y", layer=Layer.READER)
    crashed = replace(reader, check="host.x.y", outcome=Outcome.CRASHED, decisive=True)
    fine = (replace(reader, check="a.b.c", severity=Severity.INFO), replace(reader, check="d.e.f"))
    findings = (bad, reader, reader, crashed, fine[0], replace(fine[1], outcome=Outcome.OK), bad)
    text, code = said(status_of_report(report(Verdict.PROBLEM, 1, *findings)))
    summary, data = text.split(" | ")
    assert (summary, code) == ("CARDCHECK CRITICAL - scan: problem; card; reader.x.y; host.x.y", 2)
    assert data == "usable=0;;;0;0 problems=3;;;0 time=1.450s;;;0\n"


def test_an_error_is_one_line_without_a_stroke() -> None:
    assert said(status_of_error("a|b\nc\x1b[2J")) == ("CARDCHECK UNKNOWN - a/b c[2J\n", 3)


def test_a_check_that_was_simulated_says_so() -> None:
    check = morning(GOOD)
    setting = replace(check.setting, source="simulation")
    assert (
        "morning check (simulation): 1" in status_of_check(replace(check, setting=setting)).summary
    )
    assert "morning check: 1" in status_of_check(check).summary


@pytest.mark.parametrize(
    "text",
    [
        prometheus_text(metrics_of_health(HEALTH)),
        prometheus_text(metrics_of_check(morning(GOOD, LOST))),
    ],
)
def test_metrics_are_well_formed(text: str) -> None:
    assert text.endswith("\n")
    families: dict[str, str] = {}
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name not in families
            families[name] = kind
        elif not line.startswith("# HELP "):
            assert SAMPLE.match(line), line
            assert line.partition("{")[0] in families
    assert {name.endswith("_total") for name, kind in families.items() if kind == "counter"} <= {
        True
    }
    assert not any(name.endswith("_total") for name, kind in families.items() if kind == "gauge")


def test_a_station_without_readers_has_no_empty_family() -> None:
    assert "reader_up" not in prometheus_text(metrics_of_health(Health(at=AT)))


@pytest.mark.parametrize("source", ["simulation", "replay"])
def test_a_watch_of_what_is_not_real_says_so_everywhere(source: str) -> None:
    health = replace(HEALTH, source=source)
    assert f"watch ({source}): ok" in nagios_text(status_of_health(health))
    assert f'source="{source}"' in prometheus_text(metrics_of_health(health))
    assert f"({Source.SIMULATION}" not in status_of_health(HEALTH).summary


def test_what_is_learned_says_so_and_what_is_stale_says_since_when() -> None:
    assert "learned" in status_of_health(HEALTH).summary
    declared = replace(HEALTH, declared=True)
    assert "learned" not in status_of_health(declared).summary
    old = judged(declared, AT + timedelta(hours=2))
    assert ", 7200 s ago; 1 of 1 readers were ready" in status_of_health(old).summary


def test_in_an_outage_metrics_tell_of_every_expected_reader() -> None:
    health = expecting(Health(at=AT, station="a/b"), {"Reader A": 2})
    down = after(health, Look(at=AT, error="NoServiceError"))
    text = prometheus_text(metrics_of_health(down))
    assert len(re.findall(r'cardcheck_reader_up\{.*reader="Reader A".*\} 0', text)) == 2
    assert 'cardcheck_readers_missing{station="a/b"} 2' in text
    assert "0 of 2 readers ready" in status_of_health(down).summary
