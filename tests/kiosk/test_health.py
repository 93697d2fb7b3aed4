# SPDX-License-Identifier: Apache-2.0
"""What a station's state follows from."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardcheck.codec import encoded
from cardcheck.errors import InputError
from cardcheck.facts.reader import SlotState
from cardcheck.kiosk.health import Health, Look, Reason, State, after, expecting, judged
from cardcheck.kiosk.state_file import health_document, health_in
from kiosk.examples import AT, HOSTILE

if TYPE_CHECKING:
    from collections.abc import Iterable

A, B = "Reader A 00 00", "Reader B 01 00"


def look(
    *slots: tuple[str, SlotState],
    minutes: float = 0,
    error: str | None = None,
    closed: bool = False,
    slept: bool = False,
) -> Look:
    at = AT + timedelta(minutes=minutes)
    return Look(at=at, slots=slots, error=error, closed=closed, slept=slept)


def seen(*looks: Look) -> Health:
    health = Health(at=AT)
    for each in looks:
        health = after(health, each)
    return health


def empty(*names: str) -> Iterable[tuple[str, SlotState]]:
    return [(name, SlotState.EMPTY) for name in names]


@pytest.mark.parametrize(
    ("looks", "state", "reason"),
    [
        ([look(*empty(A))], State.OK, Reason.READY),
        ([look((A, SlotState.CARD))], State.OK, Reason.READY),
        ([look((A, SlotState.IN_USE))], State.OK, Reason.READY),
        ([look((A, SlotState.UNAVAILABLE))], State.CRITICAL, Reason.UNAVAILABLE),
        ([look()], State.CRITICAL, Reason.NONE),
        ([look(*empty(A, B)), look(*empty(A))], State.CRITICAL, Reason.MISSING),
        ([look(*empty(A)), look(*empty(A, B)), look(*empty(A))], State.CRITICAL, Reason.MISSING),
        ([look((A, SlotState.CARD)), look((A, SlotState.CARD), minutes=9)], State.OK, Reason.READY),
        (
            [look((A, SlotState.CARD)), look((A, SlotState.CARD), minutes=10)],
            State.WARNING,
            Reason.CARD_LEFT,
        ),
        (
            [look((A, SlotState.MUTE)), look((A, SlotState.MUTE), minutes=10)],
            State.WARNING,
            Reason.MUTE,
        ),
        ([look(error="NoServiceError")], State.CRITICAL, Reason.SERVICE_DOWN),
        ([look(error="LinkTimeoutError")], State.CRITICAL, Reason.SERVICE_STALLED),
        ([look(error="AccessDeniedError")], State.UNKNOWN, Reason.SERVICE_REFUSES),
        ([look(error="ImportError")], State.UNKNOWN, Reason.BINDING_MISSING),
        ([look(error="LinkError")], State.UNKNOWN, Reason.UNAVAILABLE),
        ([look(*empty(A)), look(error="NoServiceError"), look(*empty(A))], State.OK, Reason.READY),
        ([look(*empty(A)), look(error="NoServiceError"), look()], State.CRITICAL, Reason.MISSING),
        ([look(error="NoServiceError", closed=True)], State.NOT_IN_SERVICE, Reason.CLOSED),
    ],
)
def test_states(looks: list[Look], state: State, reason: Reason) -> None:
    health = seen(*looks)
    assert (health.state, health.reason, health.looks) == (state, reason, len(looks))


def test_the_worst_reader_decides() -> None:
    health = seen(look((A, SlotState.EMPTY), (B, SlotState.UNAVAILABLE)))
    assert [reader.state for reader in health.readers] == [State.OK, State.CRITICAL]
    assert health.state is State.CRITICAL


def test_a_replugged_reader_is_the_same_though_its_number_changes() -> None:
    health = seen(look(*empty(A)), look(), look(("Reader A 02 00", SlotState.EMPTY)))
    assert (health.state, health.missing, health.changes) == (State.OK, 0, 2)
    assert [reader.name for reader in health.readers] == ["Reader A"]


def test_another_model_does_not_stand_in_for_the_missing_one() -> None:
    assert seen(look(*empty(A)), look(*empty(B))).reason is Reason.MISSING


def test_two_readers_of_one_name_are_two() -> None:
    twin = "Reader A 01 00"
    assert seen(look(*empty(A, twin)), look(*empty(twin))).missing == 1


def test_what_has_happened_is_counted() -> None:
    down = look(error="NoServiceError")
    health = seen(look(*empty(A)), down, down, look(*empty(A), slept=True), down)
    assert (health.outages, health.sleeps, health.looks) == (2, 1, 5)


def test_declared_readers_are_missed_from_the_first_look_on() -> None:
    health = expecting(Health(at=AT), {"reader a": 2})
    health = after(health, look(*empty(A)))
    assert (health.reason, health.missing, len(health.readers)) == (Reason.MISSING, 1, 2)
    assert (dict(health.expected), health.declared) == ({"reader a": 2}, True)
    assert expecting(health, {}).expected == {}


def test_a_declared_reader_counts_for_the_longest_name_that_fits() -> None:
    health = expecting(Health(at=AT), {"Reader": 1, "Reader B": 1})
    health = after(health, look(*empty(B, A)))
    assert (health.state, health.missing) == (State.OK, 0)


@pytest.mark.parametrize("error", ["NoServiceError", "LinkTimeoutError", "AccessDeniedError"])
def test_in_an_outage_every_expected_reader_is_there_as_not_ready(error: str) -> None:
    health = seen(look(*empty(A, B)), look(error=error), look(error=error))
    assert [reader.name for reader in health.readers] == ["Reader A", "Reader B"]
    assert (health.missing, health.changes) == (2, 0)
    assert State.OK not in {reader.state for reader in health.readers}
    assert seen(look(*empty(A)), look(error=error), look(*empty(A))).changes == 0


def test_an_outage_does_not_begin_the_clock_of_a_forgotten_card_anew() -> None:
    card = (A, SlotState.CARD)
    down = [look(error="NoServiceError", minutes=minutes) for minutes in (5, 9.5)]
    assert seen(look(card), *down, look(card, minutes=12)).reason is Reason.CARD_LEFT
    assert seen(look(*empty(A)), *down, look(card, minutes=12)).reason is Reason.READY


@pytest.mark.parametrize(("seconds", "stale"), [(0, False), (90, False), (91, True), (-91, True)])
def test_an_old_state_is_stale(seconds: int, stale: bool) -> None:
    health = judged(seen(look(*empty(A))), AT + timedelta(seconds=seconds))
    assert (health.state is State.STALE) == stale


SLOTS = st.lists(
    st.tuples(st.sampled_from([A, B, HOSTILE, ""]), st.sampled_from(SlotState)), max_size=4
)


@given(st.lists(st.tuples(SLOTS, st.none() | st.just("NoServiceError")), max_size=6))
def test_any_history_survives_its_state_file(history: list[tuple[Any, Any]]) -> None:
    health = seen(
        *(look(*slots, error=error, minutes=n) for n, (slots, error) in enumerate(history))
    )
    assert health_in(encoded(health_document(health)).encode()) == health


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


DOCUMENT: dict[str, Any] = json.loads(encoded(health_document(Health(at=AT))))


@given(st.sampled_from(sorted(DOCUMENT)), JSON, JSON)
def test_a_damaged_state_file_is_refused_and_no_crash(
    key: str, value: object, other: object
) -> None:
    document = {**DOCUMENT, key: value}
    for candidate in (document, other):
        with suppress(InputError):
            health_in(json.dumps(candidate).encode())


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"schema": "cardcheck.report/1"}, '"schema" is not "cardcheck.kiosk/1"'),
        ({"command": "kiosk check"}, "$.command: invalid"),
        ({"readers": [{}]}, "$.readers[0]: object missing required field name"),
        ({"generated_at": "yesterday"}, "$.generated_at: expected str matching"),
        ({"generated_at": "2026-99-99T00:00:00Z"}, "$.generated_at: no instant"),
        ({"interval": 0}, "$.interval: expected float > 0"),
        ({"expected": {"A": "1"}}, "$.expected[...]: expected int, got str"),
    ],
)
def test_a_refusal_names_the_place(changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(InputError) as caught:
        health_in(json.dumps({**DOCUMENT, **changes}).encode())
    assert "not a state file of kiosk watch" in str(caught.value)
    assert complaint in str(caught.value)


def test_values_and_fields_of_a_later_version_are_survived() -> None:
    row = {"name": "A", "state": "odd", "reason": "odd", "since": DOCUMENT["generated_at"]}
    later = {**DOCUMENT, "state": "odd", "reason": "odd", "more": [], "readers": [row]}
    with pytest.raises(InputError, match="slot"):
        health_in(json.dumps(later).encode())
    later["readers"] = [{**row, "slot": "odd"}]
    health = health_in(json.dumps(later).encode())
    assert (health.state, health.reason) == (State.UNKNOWN, Reason.UNAVAILABLE)
    [reader] = health.readers
    assert (reader.state, reader.slot) == (State.UNKNOWN, SlotState.UNAVAILABLE)
