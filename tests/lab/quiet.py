# SPDX-License-Identifier: Apache-2.0
"""Progress that nobody watches, for surveys in tests."""

from __future__ import annotations


class Quiet:
    """Is told, and says nothing."""

    def looking(self) -> None:
        """Readers are being looked for."""

    def waiting(self, seconds_left: float) -> None:
        """Every reader is empty."""

    def reading(self, readers: int) -> None:
        """Cards are being read."""

    def interrupted_contact(self) -> None:
        """The card was lost."""
