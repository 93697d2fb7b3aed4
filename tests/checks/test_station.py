# SPDX-License-Identifier: Apache-2.0
"""Beside a station label nothing is said of a person, nor anything from which it follows."""

from __future__ import annotations

import json
import re
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from cardcheck.cli.main import run
from cardcheck.report.model import OF_A_PERSON
from cardcheck.simulation import profiles
from cardcheck.simulation.mynumber import COMMON, JPKI, TEXT_INPUT, Variant, build

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from cardcheck.simulation.card import VirtualCard

AT = "2026-11-28T12:00:00+09:00"
_SIGNATURE = (JPKI, 0x001B)
_LOGIN = (JPKI, 0x0018)
_VOLATILE = re.compile(
    r'((?<="report_id": )"[^"]*"|(?<="generated_at": )"[^"]*"|(?<="milliseconds": )\d+'
    r"|(?<=time=)[\d.]+|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22,27})"
)
_OWNERS: dict[str, dict[str, Any]] = {
    "fresh": {},
    "login-low": {"tries": {_LOGIN: 1}},
    "login-locked": {"tries": {_LOGIN: 0}},
    "signature-low": {"tries": {_SIGNATURE: 2}},
    "signature-locked": {"tries": {_SIGNATURE: 0}},
    "text-locked": {"tries": {(TEXT_INPUT, 0x0011): 0}},
    "register-locked": {"tries": {(COMMON, 0x001C): 0}},
    "verified": {"held_open": frozenset({_LOGIN})},
    "child": {"directory": b"\x00\x8f\x00", "absent": frozenset({_SIGNATURE, (JPKI, 0x001A)})},
    "face": {"directory": b"\x00\x8f\x00", "tries": {_LOGIN: 0, _SIGNATURE: 0}},
    "odd-list": {"directory": b"\x77\x8f\x00"},
    "no-list": {"directory": None},
}
_FORMS: dict[str, tuple[str, ...]] = {
    "en": ("scan", "--lang", "en"),
    "ja": ("scan", "--lang", "ja"),
    "json": ("scan", "--json", "--with-text", "--lang", "en"),
    "quick": ("scan", "--json", "--quick"),
    "strict": ("scan", "--json", "--fail-on", "warning"),
    "pins-only": ("scan", "--json", "--only", "card.pin"),
    "nagios": ("scan", "--format", "nagios"),
    "isolate": ("isolate", "--json", "--answers", ""),
}


def _settled(text: str) -> str:
    """The text without what differs from run to run: ids, instants and durations."""
    return _VOLATILE.sub("0", text)


def _variants() -> dict[str, Variant]:
    """The My Number cards of all profiles."""
    found = {}
    for name, each in profiles.PROFILES.items():
        maker = each.readers[0].make_card if each.readers else None
        if isinstance(maker, partial) and maker.func is build:
            found[name] = maker.args[0]
    return found


def _of_an_owner(variant: Variant, change: dict[str, Any]) -> Variant:
    """The card with its owner's state put in the place of its own."""
    state = {"tries": {}, "held_open": frozenset(), "directory": b"\x8f\x8f\x00", **change}
    state["absent"] = (variant.absent - {_SIGNATURE, (JPKI, 0x001A)}) | change.get("absent", set())
    return replace(variant, **state)


@cache
def _made(variant_name: str, owner: str) -> profiles.Profile:
    variant = _of_an_owner(_variants()[variant_name], _OWNERS[owner])

    @cache
    def make(now: datetime) -> VirtualCard:
        return build(variant, now)

    reader = profiles.SimulatedReader(make_card=make)
    return profiles.Profile(name="under-test", summary="", readers=(reader,))


class Runs:
    """Command lines over cards that all bear the same name."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], folder: Path
    ) -> None:
        self._patch, self._capture, self._folder = monkeypatch, capfd, folder

    def told(self, variant: str, owner: str, *arguments: str) -> tuple[int, str]:
        """Exit code and output, without what differs from run to run."""
        made = {**profiles.PROFILES, "under-test": _made(variant, owner)}
        self._patch.setattr(profiles, "PROFILES", made)
        code = run([*arguments, "--simulate", "under-test", "--at", AT])
        return code, _settled(self._capture.readouterr().out)

    def files(self, variant: str, owner: str) -> tuple[str, list[str]]:
        """The page, and the commands and plain answers of the trace."""
        page, trace = self._folder / "page.html", self._folder / "trace.apdu"
        for file in (page, trace):
            file.unlink(missing_ok=True)
        files = ("--html", str(page), "--record", str(trace))
        self.told(variant, owner, "scan", "--station", "s", *files)
        lines = trace.read_text("utf-8").splitlines()
        return _settled(page.read_text("utf-8")), [line for line in lines if line[:1] == ">"]


@pytest.fixture
def runs(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> Runs:
    """Command lines over cards that all bear the same name."""
    return Runs(monkeypatch, capfd, tmp_path)


@pytest.mark.parametrize("form", _FORMS)
def test_cards_that_differ_in_their_owner_alone_are_told_alike(form: str, runs: Runs) -> None:
    """Byte for byte, and with the same exit code, whatever a PIN's state is."""
    told = {
        owner: runs.told("valid", owner, *_FORMS[form], "--station", "counter 1")
        for owner in _OWNERS
    }
    assert told["fresh"][1]
    assert {owner for owner in told if told[owner] != told["fresh"]} == set()


@pytest.mark.parametrize("variant", sorted(_variants()))
def test_every_card_of_every_profile_is_told_alike(variant: str, runs: Runs) -> None:
    """Every profile, with every state of its owner in the place of its own."""
    told = {o: runs.told(variant, o, "scan", "--json", "--station", "counter 1") for o in _OWNERS}
    assert {owner for owner in told if told[owner] != told["fresh"]} == set()


def test_page_and_trace_are_alike(runs: Runs) -> None:
    """The page is the same, and so is what was asked: no file of a PIN, no list of files."""
    made = {owner: runs.files("valid", owner) for owner in _OWNERS}
    assert made["fresh"][1]
    assert {owner for owner in made if made[owner] != made["fresh"]} == set()
    asked = "\n".join(made["fresh"][1])
    assert "> 00A4020C02000A" in asked
    for command in ("00200080", "00A4020C020018", "00A4020C02001B", "00A4020C020008"):
        assert command not in asked


def test_the_coach_asks_no_counter(runs: Runs) -> None:
    """What ``place`` says is the same, but for how long the card took."""
    told = {}
    for owner in _OWNERS:
        code, said = runs.told("valid", owner, "place", "--json", "--station", "s")
        told[owner] = code, {**json.loads(said), "placement": None}
    assert told["fresh"][1]["cards"][0]["safety"]["counters_after"] is None
    assert {owner for owner in told if told[owner] != told["fresh"]} == set()


def test_fewer_commands_are_sent(runs: Runs) -> None:
    """No counter, no list of files, no application that is opened for its counter alone."""
    plain = json.loads(runs.told("valid", "fresh", "scan", "--json", "--lang", "en")[1])
    labelled = json.loads(runs.told("valid", "fresh", "scan", "--json", "--station", "s")[1])
    sent = [report["cards"][0]["exchange"]["commands"] for report in (plain, labelled)]
    assert sent[1] <= sent[0] - 11


def test_the_first_line_is_true(runs: Runs) -> None:
    """A locked PIN turns nothing into the office's job; that it was not looked at is said."""
    code, said = runs.told("valid", "login-locked", "scan", "--lang", "en", "--station", "s")
    assert code == 0
    assert "✗" not in said.replace("OK", "")
    assert "The PINs" not in said
    assert "the PINs and the certificate for signatures were not looked at" in " ".join(
        said.split()
    )


@pytest.mark.parametrize("variant", ["expired", "card-expired", "wrong-issuer"])
def test_what_is_wrong_with_the_card_is_still_said(variant: str, runs: Runs) -> None:
    """All that does not tell of a person stays as it is without a label."""
    plain, labelled = (
        json.loads(runs.told(variant, "fresh", "scan", "--json", *more)[1])
        for more in ((), ("--station", "s"))
    )

    def rest(report: dict[str, Any]) -> list[dict[str, Any]]:
        return [f for f in report["findings"] if not f["check"].startswith(OF_A_PERSON)]

    assert rest(labelled) == rest(plain)
    assert labelled["exit_code"] == plain["exit_code"]
    assert labelled["verdict"] == plain["verdict"]


def test_without_a_label_all_is_said(runs: Runs) -> None:
    """The person in front of the reader sees it."""
    report = json.loads(runs.told("valid", "login-locked", "scan", "--json")[1])
    assert report["cards"][0]["pins"][0]["state"] == "locked"


def test_a_full_trace_is_replayed_beside_a_label(runs: Runs, tmp_path: Path) -> None:
    """What was recorded of a person is passed over."""
    told = {}
    for owner in ("fresh", "login-locked", "child"):
        trace = tmp_path / "t.apdu"
        trace.unlink(missing_ok=True)
        runs.told("valid", owner, "scan", "--record", str(trace))
        code = run(["scan", "--replay", str(trace), "--json", "--station", "s"])
        told[owner] = code, _settled(runs._capture.readouterr().out)
    assert told["fresh"][0] == 0
    assert told["login-locked"] == told["fresh"]
    assert told["child"] == told["fresh"]
