# SPDX-License-Identifier: Apache-2.0
"""A whole scan of a card that does whatever it likes ends, says something, and harms nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import chain, repeat
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cardcheck.report.model import Outcome
from cardcheck.simulation.hostile import ForbiddenCommandError, HostileCard
from cardcheck.simulation.profiles import PROFILES
from cardcheck.survey.inline import surveyed
from cardcheck.testing import CardBackend
from cardcheck.traces.judge import Judge
from cardcheck.transports.dump import compose, format_trace, parse
from cardcheck.transports.privacy import looks_real
from cardcheck.transports.record import Recorder

if TYPE_CHECKING:
    from collections.abc import Callable

    from cardcheck.simulation.card import VirtualCard

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)
MAKERS = [reader.make_card for each in PROFILES.values() for reader in each.readers[:1]]
MODELS: list[VirtualCard] = [maker(NOW) for maker in MAKERS if maker is not None]


def chooser(numbers: list[int]) -> Callable[[int], int]:
    """Decisions out of a list; behind its end the card behaves."""
    endless = chain(numbers, repeat(1023))
    return lambda below: next(endless) % below


@settings(max_examples=200)
@given(st.lists(st.integers(0, 1023), max_size=300), st.integers(0, len(MODELS) - 1))
def test_a_scan_survives_any_card(numbers: list[int], which: int) -> None:
    card = HostileCard(chooser(numbers), MODELS[which])
    recorder = Recorder(NOW, "test", "hostile")
    backend = CardBackend(card, recorder)
    found = Judge().diagnose_facts(surveyed(lambda: backend, "simulation"), NOW)
    assert not [f for f in found.findings if f.outcome is Outcome.CRASHED]
    assert MODELS[which].pin_attempts == 0
    trace = recorder.finish()
    assert parse(format_trace(trace)) == trace
    assert compose(trace.header, trace.exchanges) == trace
    assert looks_real(trace) == []


@pytest.mark.parametrize(
    "command", ["002000800131", "00D6000001FF", "80320000", "0024000000", "0020008000"]
)
def test_the_card_ends_the_test_at_a_forbidden_command(command: str) -> None:
    card = HostileCard(chooser([]), MODELS[0])
    card.power_on()
    with pytest.raises(ForbiddenCommandError):
        card.transmit(bytes.fromhex(command))


def test_the_card_ends_the_test_where_a_scan_has_no_end() -> None:
    card = HostileCard(chooser([]), MODELS[0])
    card.power_on()
    command = bytes.fromhex("00A40400")
    with pytest.raises(ForbiddenCommandError, match="more than"):
        list(map(card.transmit, repeat(command, 10_000)))
