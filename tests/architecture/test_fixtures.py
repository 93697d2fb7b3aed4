# SPDX-License-Identifier: Apache-2.0
"""The index of the traces is current; what a simulated card answered is in the table."""

from __future__ import annotations

import tomllib
from pathlib import Path

from cardcheck.simulation.faults import parse_fault
from cardcheck.simulation.profiles import PROFILES
from cardcheck.traces.files import read_trace

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "fixtures" / "apdu"
TABLE = tomllib.loads((ROOT / "fixtures" / "synthetic.toml").read_text("utf-8"))


def test_every_row_of_the_table_is_recorded_as_it_says() -> None:
    for name, row in TABLE.items():
        header = read_trace(str(FOLDER / f"{name}.apdu")).header
        faults = row.get("faults", [])
        assert header.profile == row["profile"]
        assert (header.note or "").endswith(f"({' '.join(faults)})" if faults else "")
        assert [parse_fault(fault) for fault in faults] or row["profile"] in PROFILES


def test_what_a_simulated_card_answered_is_in_the_table() -> None:
    simulated = {p.stem for p in FOLDER.glob("*.apdu") if read_trace(str(p)).header.profile}
    assert simulated == set(TABLE)
