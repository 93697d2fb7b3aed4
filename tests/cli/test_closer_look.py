# SPDX-License-Identifier: Apache-2.0
"""When a scan looks at the computer as closely as doctor does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cardcheck.composition import observing
from cardcheck.facts.doctor import DoctorFacts
from cardcheck.facts.linux import LinuxFacts
from cardcheck.facts.reader import ServiceFacts, SurveyFacts
from checks import scenes

if TYPE_CHECKING:
    from cardcheck.facts.reader import ReaderFacts

HOST = scenes.host(system="Linux")
DETAILS = DoctorFacts(host=HOST, linux=LinuxFacts())
READER = scenes.slot()


def looked_closely(survey: SurveyFacts) -> bool:
    return observing.observation_of(HOST, survey, DETAILS, 1.0).details is not None


@pytest.mark.parametrize(
    ("readers", "service", "closely"),
    [
        ([READER], ServiceFacts(), False),
        ([], ServiceFacts(), True),
        ([READER], ServiceFacts(error="NoServiceError"), True),
        ([READER], ServiceFacts(stalled=True), True),
    ],
)
def test_only_where_the_chain_is_broken(
    readers: list[ReaderFacts], service: ServiceFacts, *, closely: bool
) -> None:
    assert looked_closely(SurveyFacts(readers=readers, service=service)) is closely


def test_a_simulation_says_nothing_of_this_computer() -> None:
    assert not looked_closely(SurveyFacts(source="simulation"))
    assert not looked_closely(SurveyFacts(source="replay"))
