# SPDX-License-Identifier: Apache-2.0
"""What a person sees while something takes its time.

On stderr: one line that is written over on a terminal, a few lines elsewhere.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Final, TextIO

from cardcheck.output.encoding import Styled
from cardcheck.output.streams import write_note

if TYPE_CHECKING:
    from collections.abc import Callable

    from cardcheck.catalog.messages import Messages

_PATIENCE: Final = 0.5  # seconds that pass in silence
_ERASE: Final = "\r\x1b[K"


class StatusLine:
    """Progress of a survey as one line that is written over."""

    def __init__(self, messages: Callable[[], Messages], stream: TextIO | None = None) -> None:
        """Writes to ``stream``, stderr by default; asks for ``messages`` when there is need."""
        self._messages = messages
        self._stream = stream if stream is not None else sys.stderr
        self._live = bool(self._stream and self._stream.isatty())
        self._began = time.monotonic()
        self._shown = ""

    def looking(self) -> None:
        """Readers are being looked for."""
        self._show("looking-for-readers")

    def waiting(self, seconds_left: float) -> None:
        """Every reader is empty."""
        self._show("placing", seconds=max(0, round(seconds_left)), at_once=True)

    def reading(self, readers: int) -> None:  # noqa: ARG002 - other progress shows the number
        """Cards are being read."""
        self._show("reading", at_once=self._live)

    def interrupted_contact(self) -> None:
        """The card was lost."""
        self._show("card-lost", at_once=True)

    def done(self) -> None:
        """Takes the line away."""
        if self._live and self._shown:
            write_note(self._stream, Styled(_ERASE))
        self._shown = ""

    def _show(self, label: str, *, seconds: int | None = None, at_once: bool = False) -> None:
        """Shows a label, at once or after half a second of silence.

        The seconds are shown only where they can be written over.
        """
        if not (at_once or time.monotonic() - self._began > _PATIENCE):
            return
        text = self._messages().label(label)
        if seconds is not None and self._live:
            text = f"{text} {self._messages().label('seconds-left', seconds=seconds)}"
        if text == self._shown:
            return
        self._shown = text
        write_note(self._stream, Styled(f"{_ERASE}{text}") if self._live else f"{text}\n")
