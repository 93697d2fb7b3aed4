# SPDX-License-Identifier: Apache-2.0
"""From a log to traces: which format it is, and each session redacted before it leaves memory.

What belongs here: detection, PINs, redaction. What does not: the formats themselves, and files that
are written.
"""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from cardcheck import __version__
from cardcheck.cards.redaction.redact import blanked, carries_pin
from cardcheck.errors import InputError, TraceError
from cardcheck.traces.importing import apdu4j, opensc, pcscd, spy, usb_capture
from cardcheck.traces.importing.normalise import lines_of
from cardcheck.traces.importing.transcript import TRANSCRIPTS
from cardcheck.traces.judge import Judge
from cardcheck.transports.dump import compose
from cardcheck.transports.privacy import redact_exchanges
from cardcheck.transports.trace import Extent, Origin, Step, TraceHeader

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    from cardcheck.traces.importing.session import LogFormat, LoggedSession
    from cardcheck.transports.trace import Exchange, Trace

_READERS: Final[tuple[LogFormat, ...]] = (pcscd, opensc, spy, apdu4j, *TRANSCRIPTS)
FORMATS: Final[Mapping[str, LogFormat]] = MappingProxyType({each.NAME: each for each in _READERS})
"""The readers of logs of lines, by name."""
NAMES: Final = (*FORMATS, usb_capture.NAME)
"""What ``--from`` takes."""
_LOOKED_AT: Final = 20_000  # lines; a log of OpenSC without APDUs is not worth a longer look


def format_of(file: BinaryIO) -> str:
    """The name of a log's format, by its first line that only one tool writes; ``file`` is rewound.

    A transcript of any program is one only where no line is of a program that we know.

    Raises:
        InputError: none that we know; it shows the line that came nearest.
    """
    if usb_capture.recognises(file):
        return usb_capture.NAME
    general = TRANSCRIPTS[-1]
    is_transcript, nearest = False, None
    try:
        for number, line in enumerate(islice(lines_of(file), _LOOKED_AT), 1):
            for log_format in FORMATS.values():
                if log_format is not general and log_format.recognises(line):
                    return log_format.NAME
            is_transcript = is_transcript or general.recognises(line)
            nearest = nearest or _near(number, line)
    finally:
        file.seek(0)
    if is_transcript:
        return general.NAME
    raise InputError(f"no log of {', '.join(NAMES)}; {nearest or 'no line has a command'}")


def sessions_in(file: BinaryIO, name: str) -> Iterator[LoggedSession]:
    """The sessions in a log of the format ``name``, in the order in which they end.

    Raises:
        InputError: a capture that is none of a USB bus.
    """
    if name == usb_capture.NAME:
        return usb_capture.sessions(file)
    return FORMATS[name].sessions(lines_of(file))


def _near(number: int, line: str) -> str | None:
    """What is said of a line that might have been one of a format, or None."""
    for log_format in FORMATS.values():
        for word in log_format.NEAR:
            if word in line:
                return f"line {number} came nearest ({log_format.NAME}: {word!r} without its bytes)"
    return None


def traces_in(
    file: BinaryIO, name: str, recorded: datetime, *, blank_pins: bool = False
) -> Iterator[Trace]:
    """The sessions of a log as traces, one after the other, each redacted.

    Args:
        file: the log.
        name: that of its format.
        recorded: when it was written, roughly; dates are judged by it.
        blank_pins: replace PINs by ``FF`` instead of refusing the log.

    Raises:
        InputError: a command carries a PIN, or a line that no log has.
    """
    for number, session in enumerate(sessions_in(file, name), 1):
        try:
            exchanges = without_pins(session.exchanges, blank=blank_pins)
        except InputError as error:
            raise InputError(f"session {number}: {error}") from None
        yield _trace(session, exchanges, recorded, name)


def without_pins(exchanges: tuple[Exchange, ...], *, blank: bool) -> tuple[Exchange, ...]:
    """The exchanges, none of which carries a PIN; with ``blank`` each PIN has become ``FF``.

    Raises:
        InputError: one does, and is not to be blanked.
    """
    if blank:
        return tuple(map(_blanked, exchanges))
    if any(map(_carries_pin, exchanges)):
        raise InputError("a command carries a PIN; keep it to yourself, or give --blank-pins")
    return exchanges


def _trace(
    session: LoggedSession, exchanges: tuple[Exchange, ...], recorded: datetime, name: str
) -> Trace:
    header = TraceHeader(
        origin=Origin.RECORDED,
        reader=session.reader,
        atr=session.atr,
        protocol=session.protocol,
        tool=f"cardcheck {__version__}, from a log of {name}",
        recorded=recorded,
    )
    return with_extent(redact_exchanges(header, exchanges))


def with_extent(trace: Trace) -> Trace:
    """The same trace; said to be partial where it is not the dialogue of a scan."""
    try:
        Judge().diagnose(trace)
    except TraceError:
        header = replace(trace.header, scope=Extent.PARTIAL)
        return compose(header, trace.exchanges)
    return trace


def _carries_pin(exchange: Exchange) -> bool:
    return not isinstance(exchange.asked, Step) and carries_pin(exchange.asked)


def _blanked(exchange: Exchange) -> Exchange:
    if isinstance(exchange.asked, Step):
        return exchange
    return dataclasses.replace(exchange, asked=blanked(exchange.asked))


def instant_of(timestamp: float) -> datetime:
    """The instant of a file's time stamp, in seconds since 1970."""
    return datetime.fromtimestamp(timestamp, UTC)
