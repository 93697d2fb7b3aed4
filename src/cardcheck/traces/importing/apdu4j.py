# SPDX-License-Identifier: Apache-2.0
"""The dumps of apdu4j (``DumpingBIBO`` of martinpaljak/apdu4j).

Lines of hexadecimal digits, a command and its answer in turn; comments ``# ATR: …``, ``# PROTOCOL:
…`` and, before an answer, ``# 12ms``; behind a failure ``# 12ms reason`` and no answer. A session
begins with its ATR.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from cardcheck.traces.importing.normalise import bare
from cardcheck.traces.importing.session import SessionBuilder, hex_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cardcheck.traces.importing.session import LoggedSession

NAME: Final = "apdu4j"
NEAR: Final = ("# ATR:", "# PROTOCOL:")
_ATR: Final = re.compile(r"# ATR: ([0-9A-Fa-f]+)$")
_PROTOCOL: Final = re.compile(r"# PROTOCOL: (.*)$")
_TIME: Final = re.compile(r"# (\d{1,9})ms( .+)?$")


def recognises(line: str) -> bool:
    """Whether ``line`` is one that only apdu4j writes."""
    return "#" in line and (_ATR.match(bare(line)) or _TIME.match(bare(line))) is not None


def sessions(lines: Iterable[str]) -> Iterator[LoggedSession]:
    """The sessions in the log, in their order."""
    log = _Log()
    for line in lines:
        yield from log.take(bare(line))
    yield from log.session.finish()


class _Log:
    """What is known at one line of the log."""

    def __init__(self) -> None:
        self.session = SessionBuilder()
        self._milliseconds: int | None = None

    def take(self, line: str) -> Iterator[LoggedSession]:
        """Takes one line; gives the session that it ends."""
        if match := _ATR.match(line):
            yield from self.session.finish()
            self.session = SessionBuilder(atr=hex_bytes(match[1]) or b"")
        elif match := _PROTOCOL.match(line):
            self.session.protocol = "T=0" if match[1].strip() == "T=0" else "T=1"
        elif match := _TIME.match(line):
            self._milliseconds = int(match[1])
            if match[2]:
                self.session.fail(None)
        elif line and not line.startswith("#"):
            yield from self._take_bytes(hex_bytes(line) or b"")

    def _take_bytes(self, data: bytes) -> Iterator[LoggedSession]:
        if self.session.is_waiting:
            self.session.answer(data, self._milliseconds)
            return
        if self.session.is_full:
            yield from self.session.finish()
        self.session.ask(data)
        self._milliseconds = None
