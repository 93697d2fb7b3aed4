# SPDX-License-Identifier: Apache-2.0
"""Which host snapshots there are: for each cause one that shows it and one that nearly does.

What belongs here: the files of ``fixtures/hosts`` as they should be; a test compares them, and
``--update-golden`` writes them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from checks.doctor_bases import BASES, changed, text_of
from checks.doctor_cases import CASES as EARLIER
from checks.doctor_more_cases import LATER, MORE

__all__ = ["BASES", "CASES", "HOSTS", "MORE", "changed", "snapshots", "text_of"]

HOSTS: Final = Path(__file__).parents[2] / "fixtures" / "hosts"
CASES: Final = EARLIER | LATER


def snapshots() -> dict[str, str]:
    """Every file of ``fixtures/hosts`` by name, with its content."""
    files = {f"{name}.json": text_of(document) for name, document in BASES.items()}
    for check, (base, _, hit, miss) in CASES.items():
        files[f"{check}.hit.json"] = text_of(changed(base, hit))
        files[f"{check}.miss.json"] = text_of(changed(base, miss))
    return files
