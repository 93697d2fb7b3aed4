# SPDX-License-Identifier: Apache-2.0
"""The live picture of a placement run on stderr: redrawn on a terminal, single lines elsewhere."""

from __future__ import annotations

import shutil
import sys
import time
from typing import TYPE_CHECKING, Final, TextIO

from cardcheck.checks.placement import spot_report
from cardcheck.output.encoding import Styled, encoding_of
from cardcheck.output.streams import write_text
from cardcheck.render.live import Moment, live_line, live_lines

if TYPE_CHECKING:
    from cardcheck.catalog.messages import Messages
    from cardcheck.facts.placement import PlacementFacts

_EVERY: Final = 5.0  # seconds between two lines where nothing is redrawn
_WIDEST: Final = 78


class Meter:
    """Shows how a placement run gets on."""

    def __init__(self, messages: Messages, *, live: bool, stream: TextIO | None = None) -> None:
        """Writes to ``stream``, stderr by default; redraws only where ``live``."""
        self._messages = messages
        self._stream = stream if stream is not None else sys.stderr
        self._live = live
        self._lines = 0
        self._last = (0.0, False, False)

    def watch(self, facts: PlacementFacts, seconds_left: float) -> None:
        """Shows this moment."""
        moment = Moment(
            spots=tuple(spot_report(spot) for spot in facts.spots),
            seconds=round(seconds_left),
            moving=facts.moving,
            absent=facts.absent,
        )
        if self._live:
            self._redraw(moment)
        else:
            self._line(moment)

    def done(self) -> None:
        """Takes the picture away."""
        if self._lines:
            write_text(self._stream, Styled(self._back()))
            self._lines = 0

    def _redraw(self, moment: Moment) -> None:
        columns = min(shutil.get_terminal_size().columns - 1, _WIDEST)
        encoding = encoding_of(self._stream)
        lines = live_lines(moment, self._messages, width=columns, encoding=encoding)
        write_text(self._stream, Styled(self._back()))
        write_text(self._stream, "".join(f"{line}\n" for line in lines))
        self._lines = len(lines)

    def _back(self) -> str:
        """To the first line of the picture, and away with all that is below."""
        return f"\x1b[{self._lines}A\r\x1b[J" if self._lines else ""

    def _line(self, moment: Moment) -> None:
        now = time.monotonic()
        since, moving, absent = self._last
        if now - since < _EVERY and (moving, absent) == (moment.moving, moment.absent):
            return
        if since or moment.moving or moment.absent:
            write_text(self._stream, f"{live_line(moment, self._messages)}\n")
        self._last = (now, moment.moving, moment.absent)
