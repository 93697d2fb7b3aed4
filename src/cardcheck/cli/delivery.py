# SPDX-License-Identifier: Apache-2.0
"""The order in which results are written: the report first, and nothing that fails keeps it back.

What belongs here: the order, and what is said of what could not be written. What does not: how
something is written (``output.streams``).
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from cardcheck.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")


class Delivery:
    """Writes one thing after the other; the complaints are kept for the end."""

    def __init__(self) -> None:
        """Nothing is written yet."""
        self._complaints: list[str] = []

    def report(self, text: str, output: str | None) -> None:
        """Writes the report to the file ``output``, else, or where that fails, to stdout."""
        from cardcheck.output.streams import write_file_atomically, write_text

        def to_stdout() -> None:
            write_text(sys.stdout, text)

        if not output or not self.attempt(lambda: write_file_atomically(output, text)):
            self.attempt(to_stdout)

    def attempt(self, write: Callable[[], object]) -> bool:
        """Whether ``write`` did what it should; what it complained of is kept."""
        try:
            write()
        except InputError as error:
            self._complaints.append(str(error))
            return False
        return True

    def given(self, make: Callable[[], T]) -> T | None:
        """What ``make`` gives, or None where it complained; the complaint is kept."""
        made: list[T] = []
        self.attempt(lambda: made.append(make()))
        return made[0] if made else None

    def end(self) -> None:
        """Passes silently where everything was written.

        Raises:
            InputError: something was not; the message says what, and why.
        """
        if self._complaints:
            raise InputError("; ".join(self._complaints))


@contextmanager
def delivering() -> Iterator[Delivery]:
    """A delivery; at the end all that could not be written is complained of at once.

    Raises:
        InputError: something could not be written.
    """
    delivery = Delivery()
    yield delivery
    delivery.end()
