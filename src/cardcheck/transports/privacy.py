# SPDX-License-Identifier: Apache-2.0
"""Traces without personal data: redaction of a whole trace, and what makes one look real.

What belongs here: header and exchanges together. What does not: the rules for a card's files
(``cards.redaction.redact``).
"""

from __future__ import annotations

import dataclasses
import re
from datetime import UTC, datetime, time
from typing import Final

from msgspec.structs import replace

from cardcheck.cards.exchange_log import CommandAnswer
from cardcheck.cards.redaction import identifiers, redact
from cardcheck.cards.validity import day_in_japan
from cardcheck.catalog.readers import clean_name
from cardcheck.errors import InputError
from cardcheck.facts.calendar import JST
from cardcheck.transports.dump import compose
from cardcheck.transports.trace import Exchange, Origin, Step, Trace, TraceHeader

_HEX_IN_LINE: Final = re.compile(r"^\s*(?:[><]|at[rqb]+:)[^#]*")  # twelve digits there are bytes
_NAMELESS: Final = "?"  # the header has no line without a value
_NOON: Final = time(12)


def coarse(instant: datetime) -> datetime:
    """Noon in Japan on the day of ``instant``, as UTC: enough to judge dates by."""
    return datetime.combine(day_in_japan(instant), _NOON, JST).astimezone(UTC)


def redact_exchanges(header: TraceHeader, exchanges: tuple[Exchange, ...]) -> Trace:
    """A trace of these exchanges in which nothing personal is left.

    Args:
        header: with the instant of recording.
        exchanges: as they were.

    Raises:
        InputError: no instant of recording, or a command carries a PIN.
    """
    if header.recorded is None:
        raise InputError("redaction needs the instant of recording: 'recorded:'")
    redaction = redact.redact(command_answers(exchanges), header.recorded)
    safe = [
        dataclasses.replace(
            exchange,
            asked=exchange.asked if isinstance(exchange.asked, Step) else command,
            response=response,
        )
        for exchange, (command, response) in zip(exchanges, redaction.spoken, strict=True)
    ]
    header = replace(
        header,
        recorded=coarse(header.recorded),
        reader=None if header.reader is None else _in_one_piece(clean_name(header.reader)),
        atr=identifiers.redact_atr(header.atr),
        atqb=identifiers.redact_atqb(header.atqb),
        redaction=_said(redaction.replaced),
    )
    return compose(header, safe)


def looks_real(trace: Trace) -> list[str]:
    """What looks like a real person's data, each with its line; empty where nothing does."""
    spoken = command_answers(trace.exchanges)
    found = [(trace.exchanges[index].line, why) for index, why in redact.looks_personal(spoken)]
    for number, line in enumerate(trace.lines, 1):
        if identifiers.has_individual_number(_HEX_IN_LINE.sub("", line).encode()):
            found.append((number, "twelve digits that are an individual number"))
        if number > 1 and identifiers.may_say_a_pin(line, anywhere=line.startswith("note:")):
            found.append((number, "a number that may be a PIN"))
    if identifiers.redact_atqb(trace.header.atqb) != trace.header.atqb:
        found.append((1, "a PUPI that is not zero"))
    if trace.header.origin is Origin.RECORDED:
        found += _left_over(trace)
    return [f"line {line}: {why}" for line, why in sorted(found)]


def _left_over(trace: Trace) -> list[tuple[int, str]]:
    """What redaction would still replace in a trace that says that it was redacted."""
    try:
        again = redact_exchanges(trace.header, trace.exchanges)
    except InputError as error:
        return [(1, str(error))]
    found = [
        (old.line, "redaction would replace this")
        for old, new in zip(trace.exchanges, again.exchanges, strict=True)
        if old != new
    ]
    header = replace(again.header, redaction=trace.header.redaction)
    return [*found, *([(1, "redaction would change the header")] if header != trace.header else [])]


def command_answers(exchanges: tuple[Exchange, ...]) -> list[CommandAnswer]:
    """The exchanges as the redaction sees them: a step is an empty command."""
    return [
        CommandAnswer(
            b"" if isinstance(exchange.asked, Step) else exchange.asked, exchange.response
        )
        for exchange in exchanges
    ]


def _in_one_piece(name: str) -> str:
    """The name as a header has it: two spaces and a ``#`` would begin a comment."""
    return " ".join(name.split()) or _NAMELESS


def _said(replaced: tuple[str, ...]) -> str | None:
    if not replaced:
        return None
    said = "replaced before writing: " + ", ".join(sorted(replaced))
    if any("twin" in name for name in replaced):
        said += "; a genuine issuer replays as unpinned"
    return said
