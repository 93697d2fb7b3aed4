# SPDX-License-Identifier: Apache-2.0
"""One state, one answer: scan, doctor, explain and the page name the same step and commands."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

import pytest
from msgspec import to_builtins
from msgspec.structs import replace

from cardcheck.catalog.messages import CheckRow, advice_for, advice_of, check_table, load
from cardcheck.catalog.people import load_people
from cardcheck.catalog.search import search
from cardcheck.render import json_report
from cardcheck.render.html import html_text
from cardcheck.render.pages.report import report_page, report_screen
from cardcheck.render.plain import plain_text
from cardcheck.render.reference_json import explain_document
from cardcheck.render.text import chief_finding, page
from cardcheck.report.model import Actor, Finding, Layer, Outcome, Severity, Verdict
from checks.doctor_facts import doctor, host_of, scan
from checks.doctor_hosts import CASES
from render import examples

if TYPE_CHECKING:
    from cardcheck.catalog.messages import Language
    from cardcheck.report.model import Report

ROWS = [row for row in check_table() if row.layer]
STATES = [(row, state) for row in ROWS for state in row.open]
UP_TO_THE_READER = frozenset({Layer.COMPUTER, Layer.SERVICE, Layer.DRIVER, Layer.READER})


def value_of(name: str) -> str:
    return f"v-{name}"


def report_with(row: CheckRow, state: str, system: str, command: str) -> Report:
    """A report of ``command`` whose one finding is this state."""
    advice = advice_for(row.id, state, system)
    first = advice_of(advice[0]) if advice else None
    finding = Finding(
        check=row.id,
        layer=Layer(row.layer),
        outcome=Outcome.PROBLEM,
        severity=Severity.ERROR,
        state=state,
        evidence={name: value_of(name) for name in row.open[state]},
        advice=advice,
        actor=Actor(first.actor) if first else None,
    )
    return replace(
        examples.NO_CARD,
        command=command,
        verdict=Verdict.PROBLEM,
        platform={**examples.NO_CARD.platform, "system": system},
        findings=(finding,),
    )


def explained(row: CheckRow, state: str, lang: Language) -> dict[str, object]:
    answer = search(f"{row.id}:{state}")
    (found,) = to_builtins(explain_document(answer, load(lang), None).states)
    assert (found["check"], found["state"]) == (row.id, state)
    return dict(found)


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize(("row", "state"), STATES, ids=[f"{r.id}-{s}" for r, s in STATES])
def test_every_state_has_one_answer(row: CheckRow, state: str, lang: Language) -> None:
    messages = load(lang)
    told = explained(row, state, lang)
    first = next(iter(advice_for(row.id, state)), None)
    advice = advice_of(first) if first else None
    system = (advice.systems[0] if advice and advice.systems else None) or "Linux"
    commands = [
        re.sub(r"<([a-z_]+)>", lambda match: value_of(match[1]), command)
        for command in told["commands"]  # type: ignore[attr-defined]
    ]
    for command in ("scan", "doctor"):
        report = report_with(row, state, system, command)
        shown = page(report, messages)
        assert shown.next == told["next"]
        assert list(shown.remedy.commands) == commands
        (remedy,) = json_report.host_document(report).remedies
        assert list(remedy.commands) == commands
        assert json_report.document(report).remedies == (remedy,)
        lines = plain_text(report_screen(report, messages)).splitlines()
        sheet = html.unescape(html_text(report_page(report, load_people(lang))))
        assert str(told["next"]) in sheet
        for each in commands:
            assert f"    {each.splitlines()[0]}" in lines
            assert each in sheet


@pytest.mark.parametrize("check", CASES)
def test_scan_names_the_cause_that_doctor_names(check: str) -> None:
    """On every recorded computer, wherever doctor finds the chain broken before the card."""
    facts = host_of(f"{check}.hit.json")
    chief = chief_finding(doctor(facts))
    if chief is None or chief.layer not in UP_TO_THE_READER or chief.severity is not Severity.ERROR:
        return
    seen = chief_finding(scan(facts))
    assert seen is not None
    assert (seen.check, seen.state, seen.advice) == (chief.check, chief.state, chief.advice)
    for messages in (load("ja"), load("en")):
        ours, theirs = page(scan(facts), messages), page(doctor(facts), messages)
        assert (ours.headline, ours.next, ours.remedy) == (
            theirs.headline,
            theirs.next,
            theirs.remedy,
        )


def test_the_command_stands_right_under_the_next_step() -> None:
    facts = host_of("service.pcscd.installed.hit.json")
    lines = plain_text(report_screen(scan(facts), load("en"))).splitlines()
    step = next(i for i, line in enumerate(lines) if line.startswith("  Next step: "))
    commands = lines.index("  Commands to run:")
    assert all(line.startswith("    ") for line in lines[step + 1 : commands])  # it is wrapped
    assert lines[commands + 1] == "    sudo apt-get install pcscd libccid"


@pytest.mark.parametrize("code", ["0x8010001D", "0x8010001E", "0x8010006A", "0x8010002E"])
def test_a_code_leads_to_states_with_their_commands(code: str) -> None:
    document = explain_document(search(code), load("en"), None)
    assert len(document.states) >= 3
    assert any(state.commands for state in document.states)
