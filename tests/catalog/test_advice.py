# SPDX-License-Identifier: Apache-2.0
"""Advice: every state that asks for something has a next step, and every step a source."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files

import pytest

from cardcheck.catalog.advice import actor_of, advice_for, advice_table
from cardcheck.catalog.messages import check_table
from cardcheck.report.model import Actor


@pytest.mark.parametrize("system", ["Linux", "Darwin", "Windows"])
def test_every_open_state_has_a_next_step(system: str) -> None:
    only_here = {("reader.driver.known", "kernel-driver"), ("host.login.supported", "linux")}
    for row in check_table():
        for state in row.open:
            if system == "Linux" or (row.id, state) not in only_here:
                assert advice_for(row.id, state, system), (row.id, state)
        for state in row.fine:
            assert not advice_for(row.id, state, system), (row.id, state)


def test_advice_is_all_used_and_all_known() -> None:
    text = files("cardcheck.catalog").joinpath("advice.toml").read_text(encoding="utf-8")
    mapping = tomllib.loads(text)["for"]
    used = {key for states in mapping.values() for ids in states.values() for key in ids}
    assert used == set(advice_table())
    declared = {row.id: set(row.open) for row in check_table()}
    assert {check: set(states) for check, states in mapping.items()} == declared
    assert all(len(ids) == len(set(ids)) for states in mapping.values() for ids in states.values())


def test_advice_says_who_acts_and_how_we_know() -> None:
    for advice in advice_table().values():
        assert advice.actor in set(Actor)
        assert set(advice.systems) <= {"Linux", "Darwin", "Windows"}
        assert advice.source
        assert advice.confidence in {"high", "medium", "low"}
        assert re.fullmatch(r"\d{4}-\d\d", advice.as_of)


def test_advice_follows_the_system() -> None:
    stopped = "pcsc.service.running", "stopped"
    assert advice_for(*stopped, "Linux")[0] == "start-service-linux"
    assert advice_for(*stopped, "Windows")[0] == "start-service-windows"
    assert advice_for(*stopped, "Darwin") == ("restart-computer",)
    assert advice_for("card.pin.signature-usable", "crashed") == ("tell-us",)
    assert advice_for("no.such.check", "no-such-state") == ()


def test_the_first_advice_names_the_actor() -> None:
    certificate, pin = "card.certificate.authentication-valid", "card.pin.authentication-usable"
    assert actor_of(advice_for(certificate, "expired")[0]) == Actor.MUNICIPALITY
    assert actor_of(advice_for(pin, "locked")[0]) == Actor.MUNICIPALITY
    assert actor_of(advice_for(pin, "low")[0]) == Actor.YOU
    assert actor_of(advice_for(pin, "crashed")[0]) == Actor.US
    with pytest.raises(KeyError):
        actor_of("no-such-advice")
