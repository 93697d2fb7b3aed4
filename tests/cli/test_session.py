# SPDX-License-Identifier: Apache-2.0
"""How a run is put together."""

from __future__ import annotations

from pathlib import Path

from cardcheck.cli.options import Options
from cardcheck.cli.session import Session

TRACE = Path(__file__).parents[2] / "fixtures" / "apdu" / "mynumber-valid.apdu"


def test_a_trace_is_not_waited_for_as_a_person_is() -> None:
    """A trace knows at once whether the card came back."""
    assert Session("scan", Options(replay=str(TRACE))).patience == 0.1
    assert Session("scan", Options(simulate="valid")).patience == 1.5
