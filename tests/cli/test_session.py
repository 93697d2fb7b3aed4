# SPDX-License-Identifier: Apache-2.0
"""How a run is put together."""

from __future__ import annotations

from pathlib import Path

import pytest

from cardcheck.cli.options import Options
from cardcheck.composition.look import Company, Look
from cardcheck.composition.readers import chosen
from cardcheck.errors import InputError
from cardcheck.survey.request import Silence

TRACE = Path(__file__).parents[2] / "fixtures" / "apdu" / "mynumber-valid.apdu"


def test_a_trace_is_not_waited_for_as_a_person_is() -> None:
    """A trace knows at once whether the card came back."""
    ways = Options(replay=str(TRACE)), Options(simulate="valid")
    company = Company(progress=Silence, patience=1.5)
    assert [Look("scan", options).patience(company) for options in ways] == [0.1, 1.5]


@pytest.mark.parametrize(("wish", "found"), [(None, "abc"), ("1", "b"), ("C", "c"), ("a", "a")])
def test_a_reader_is_meant_by_its_index_or_a_part_of_its_name(wish: str, found: str) -> None:
    assert "".join(chosen("abc", wish, str)) == found


@pytest.mark.parametrize("wish", ["3", "d", "-1", "１"])
def test_a_reader_that_is_not_there_is_answered_with_those_that_are(wish: str) -> None:
    with pytest.raises(InputError, match=r"--x .*: no such reader. There are: 0: a; 1: b; 2: c"):
        chosen("abc", wish, str, "--x")
    assert chosen("", wish, str) == ""
