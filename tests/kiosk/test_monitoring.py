# SPDX-License-Identifier: Apache-2.0
"""Lines for monitoring: return codes, performance data, metrics; hostile names change none."""

from __future__ import annotations

import re

import pytest
from msgspec.structs import replace

from cardcheck.facts.reader import SlotState
from cardcheck.kiosk.health import Health, ReaderHealth, Reason, State
from cardcheck.kiosk.monitoring import nagios, nagios_of_check, prometheus, prometheus_of_check
from kiosk.examples import AT, GOOD, HOSTILE, LOST, morning

READER = ReaderHealth(
    name=HOSTILE + '\n"|\\', state=State.OK, reason=Reason.READY, since=AT, slot=SlotState.EMPTY
)
HEALTH = Health(
    at=AT, station="a/b", state=State.OK, reason=Reason.READY, readers=(READER,), looks=7
)
PERFDATA = re.compile(r"^\w+=\d+(c|;[\d:]*;[\d:]*;\d+(;\d*)?)?$")
SAMPLE = re.compile(r'^cardcheck_[a-z_]+\{([a-z]+="(?:[^"\\\n]|\\["\\n])*",?)*\} -?[0-9.]+$')


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
    text, returned = nagios(replace(HEALTH, state=state))
    assert returned == code
    assert text.startswith(f"CARDCHECK {word} - {state}")


@pytest.mark.parametrize("text", [nagios(HEALTH)[0], nagios_of_check(morning(GOOD, LOST))[0]])
def test_the_first_line_alone_has_performance_data(text: str) -> None:
    first, *rest = text.splitlines()
    assert all(PERFDATA.match(part) for part in first.split(" | ")[1].split(" "))
    assert "|" not in "".join(rest)
    assert "\x1b" not in text


def test_a_morning_check_is_ok_critical_or_unknown() -> None:
    assert [nagios_of_check(morning(*each))[1] for each in ([GOOD], [GOOD, LOST], [])] == [0, 2, 3]


@pytest.mark.parametrize("text", [prometheus(HEALTH), prometheus_of_check(morning(GOOD, LOST))])
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
    assert "reader_up" not in prometheus(Health(at=AT))
