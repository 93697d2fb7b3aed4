# SPDX-License-Identifier: Apache-2.0
"""Each root cause: recognised in one recorded host, and not in one that is nearly the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cardcheck.catalog.messages import advice_for, check_table
from cardcheck.checks.registry import every_check
from cardcheck.facts.snapshot import dumps, loads
from cardcheck.report.model import Outcome, Severity
from checks.doctor_facts import doctor
from checks.doctor_hosts import BASES, CASES, HOSTS, MORE, changed, snapshots, text_of

if TYPE_CHECKING:
    from cardcheck.report.model import Finding

CAUSES = [check.id for check in every_check() if check.systems or check.thorough]
ROWS = check_table()
VALUES = {(row.id, state): set(names) for row in ROWS for state, names in row.open.items()}


def diagnosed(data: bytes) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for finding in doctor(loads(data)).findings:
        found.setdefault(finding.check, []).append(finding)
    return found


def of_file(name: str) -> dict[str, list[Finding]]:
    return diagnosed((HOSTS / name).read_bytes())


def test_there_are_enough_causes_and_each_has_its_hosts() -> None:
    assert len(CAUSES) >= 40
    assert [identity for identity in CAUSES if identity not in CASES] == []
    assert set(CASES) <= {check.id for check in every_check()}


def test_every_state_is_shown_by_a_host() -> None:
    shown = {(check, case[1]) for check, case in CASES.items()} | set(MORE)
    assert shown == {(row.id, state) for row in ROWS if row.id in CASES for state in row.open}


def test_the_committed_hosts_are_current(update_golden: bool) -> None:
    files = snapshots()
    if update_golden:
        HOSTS.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (HOSTS / name).write_text(text, encoding="utf-8")
    assert {path.name for path in HOSTS.glob("*.json")} == set(files)
    for name, text in files.items():
        assert (HOSTS / name).read_text(encoding="utf-8") == text, name


@pytest.mark.parametrize("check", CASES)
def test_a_cause_is_recognised(check: str) -> None:
    state = CASES[check][1]
    findings = of_file(f"{check}.hit.json")[check]
    assert [finding.state for finding in findings] == [state]
    assert findings[0].outcome in {Outcome.PROBLEM, Outcome.UNKNOWN}
    system = loads((HOSTS / f"{check}.hit.json").read_bytes()).host.system
    assert findings[0].advice == (
        () if findings[0].because_of else advice_for(check, state, system)
    )
    assert VALUES[check, state] <= set(findings[0].evidence)
    assert None not in findings[0].evidence.values()


@pytest.mark.parametrize("check", CASES)
def test_a_cause_is_not_seen_where_it_is_not(check: str) -> None:
    for finding in of_file(f"{check}.miss.json").get(check, []):
        assert (finding.outcome, finding.advice) == (Outcome.OK, ()), finding.state


@pytest.mark.parametrize(("check", "state"), MORE, ids=["-".join(key) for key in MORE])
def test_a_further_state_is_recognised(check: str, state: str) -> None:
    base, change = MORE[check, state]
    findings = diagnosed(text_of(changed(base, change)).encode())[check]
    assert [finding.state for finding in findings] == [state]
    assert VALUES[check, state] <= set(findings[0].evidence)


@pytest.mark.parametrize("base", BASES)
def test_nothing_is_wrong_where_all_is_well(base: str) -> None:
    wrong = {
        (check, finding.state)
        for check, findings in of_file(f"{base}.json").items()
        for finding in findings
        if finding.outcome is not Outcome.OK
    }
    assert wrong == ({("login.system.supported", "linux")} if base == "linux" else set())


@pytest.mark.parametrize("check", CASES)
def test_a_silent_service_has_one_cause(check: str) -> None:
    errors = [
        name
        for name, findings in of_file(f"{check}.hit.json").items()
        for finding in findings
        if finding.severity is Severity.ERROR and name.startswith(("service.", "wall."))
    ]
    assert len(errors) <= 1, errors


@pytest.mark.parametrize("name", sorted(snapshots()))
def test_a_snapshot_survives_being_read_and_written(name: str) -> None:
    facts = loads((HOSTS / name).read_bytes())
    assert loads(dumps(facts).encode()) == facts
