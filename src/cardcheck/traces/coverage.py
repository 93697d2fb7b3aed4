# SPDX-License-Identifier: Apache-2.0
"""Which states of the catalogue have a trace.

What belongs here: counting. States of the computer are left out: no trace can show them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cardcheck.catalog.messages import check_table
from cardcheck.checks.registry import every_check
from cardcheck.report.model import HOST

if TYPE_CHECKING:
    from cardcheck.checks.diagnosis import Diagnosis

State = tuple[str, str]
_THOROUGH: Final = frozenset(check.id for check in every_check() if check.thorough)


class Coverage:
    """States of checks that were seen in traces."""

    def __init__(self) -> None:
        self._seen: set[State] = set()

    def add(self, diagnosis: Diagnosis) -> None:
        """Notes what was found in one trace."""
        self._seen.update((finding.check, finding.state) for finding in diagnosis.findings)

    @property
    def wanted(self) -> tuple[State, ...]:
        """Every state of a reader or card, as check and state, in the order of the chain."""
        return tuple(
            (row.id, state)
            for row in check_table()
            if row.subject and row.subject != HOST and row.id not in _THOROUGH
            for state in (*row.fine, *row.open)
        )

    @property
    def missing(self) -> tuple[State, ...]:
        """Those without a trace."""
        return tuple(state for state in self.wanted if state not in self._seen)
