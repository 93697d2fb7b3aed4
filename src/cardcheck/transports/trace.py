# SPDX-License-Identifier: Apache-2.0
"""What a trace is: a header, and exchanges with a card or the failures that ended them.

What belongs here: the values, and what a header line may say. What does not: the text around them
(``dump``), recording (``record``) and replaying (``replay``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from cardcheck import errors
from cardcheck.errors import TraceSyntaxError
from cardcheck.facts.calendar import utc_text
from cardcheck.facts.link_failure import TABLE, TRACED, LinkFailure
from cardcheck.facts.reader import SILENCE_LIMIT, Backend, SlotState
from cardcheck.iso7816.hexview import bytes_of, hex_of
from cardcheck.report.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

NO_READER: Final = "none"
"""The value of ``reader:`` that says that no reader was there."""


class Origin(StrEnum):
    """Where a trace comes from."""

    PUBLISHED = "published"
    SYNTHETIC = "synthetic"
    RECORDED = "recorded-redacted"


class Extent(StrEnum):
    """How much of a session a trace holds."""

    WHOLE = "whole"
    PARTIAL = "partial"


class Step(StrEnum):
    """What can fail without a command."""

    CONNECT = "connect"
    TRANSACTION = "transaction"


_CODE: Final = re.compile(r"[0-9A-Fa-f]{8}")


class Failure(Struct, frozen=True):
    """A failure as it is written down.

    Attributes:
        name: which one.
        code: the PC/SC code, unsigned, or None.
    """

    name: LinkFailure
    code: int | None = None

    @classmethod
    def of(cls, error: errors.LinkError | errors.PeerError) -> Failure:
        """How ``error`` is written; a class that the format does not know counts as its base."""
        link = isinstance(error, errors.LinkError)
        base = LinkFailure.LINK_ERROR if link else LinkFailure.MALFORMED_RESPONSE
        known = (failure for failure in TRACED.values() if type(error) is TABLE[failure].kind)
        return cls(next(known, base), getattr(error, "code", None))

    @classmethod
    def parse(cls, text: str) -> Failure:
        """The failure that ``text`` writes down: its name, and its code in eight digits.

        Raises:
            ValueError: no such name, or a code that is none.
        """
        name, _, code = text.partition(" ")
        if name not in TRACED:
            raise ValueError(f"a failure is one of {', '.join(TRACED)}")
        if code and not _CODE.fullmatch(code):
            raise ValueError("a PC/SC code has eight digits")
        return cls(TRACED[name], int(code, 16) if code else None)

    def __str__(self) -> str:
        """As a trace writes it: ``CARD_REMOVED 80100069``."""
        return self.word if self.code is None else f"{self.word} {self.code:08X}"

    @property
    def word(self) -> str:
        """The word for it in a trace."""
        return self.name.name

    def error(self) -> errors.LinkError | errors.PeerError:
        """The error to raise again."""
        kind, message = TABLE[self.name].kind, f"recorded: {self.name.name}"
        if self.name is LinkFailure.TIMEOUT and self.code is None:
            # not the service's own time-out: the card was waited for, and given up
            return errors.LinkTimeoutError(message, seconds=SILENCE_LIMIT)
        if issubclass(kind, errors.LinkError):
            return kind(message, code=self.code)
        assert issubclass(kind, errors.PeerError)
        return kind(message)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A command or a step, and what came of it: a response or a failure.

    Attributes:
        asked: the bytes of the command, or a step that failed.
        response: the bytes of the answer with its status word, or None.
        failure: how it failed, or None.
        milliseconds: how long it took, or None where that is not known.
        line: line of the command in the file, from 1; 0 where there is no file.
    """

    asked: bytes | Step
    response: bytes | None = field(default=None, repr=False)
    failure: Failure | None = None
    milliseconds: int | None = None
    line: int = field(default=0, compare=False)


class Expectation(Struct, frozen=True):
    """What a diagnosis of the trace must come to.

    Attributes:
        verdict: the verdict, or None where any will do.
        states: the states of findings by check id.
    """

    verdict: Verdict | None = None
    states: Mapping[str, str] = {}

    def __str__(self) -> str:
        """As the header writes it: ``verdict=problem card.pin.authentication=locked``."""
        named = [f"verdict={self.verdict}"] if self.verdict is not None else []
        return " ".join([*named, *(f"{check}={state}" for check, state in self.states.items())])


class TraceHeader(Struct, frozen=True, kw_only=True):
    """What a trace says about itself.

    Attributes:
        origin: where it comes from.
        source: where it was published.
        reader: name of the reader without its serial number; ``none`` where there was none.
        backend: the way to the reader.
        usb: vendor and product id.
        slot: what was in the slot.
        service: how the service failed, or None.
        atr: answer to reset, as PC/SC gave it.
        atqb: answer to REQB, PUPI zeroed.
        protocol: ``T=0``, ``T=1`` or ``ISO-DEP``.
        tool: what recorded it.
        recorded: the instant that a replay takes for now, UTC.
        profile: the simulated card that answered.
        scope: whether it is a whole session, or a part of one that cannot be diagnosed.
        expect: what a diagnosis must come to.
        redaction: what was replaced before writing.
        note: anything else that a reader should know.
    """

    origin: Origin
    source: str | None = None
    reader: str | None = None
    backend: Backend = Backend.PCSC
    usb: tuple[str, str] | None = None
    slot: SlotState = SlotState.CARD
    service: Failure | None = None
    atr: bytes = b""
    atqb: bytes = b""
    protocol: str = "T=1"
    tool: str | None = None
    recorded: datetime | None = None
    profile: str | None = None
    scope: Extent = Extent.WHOLE
    expect: Expectation | None = None
    redaction: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Trace:
    """A whole trace.

    Attributes:
        header: what it says about itself.
        exchanges: in the order of time.
        lines: the lines that say all this, comments and blanks included, without line ends.
    """

    header: TraceHeader
    exchanges: tuple[Exchange, ...]
    lines: tuple[str, ...] = field(repr=False)


_USB_IDS: Final = re.compile(r"([0-9a-f]{4}):([0-9a-f]{4})")
_EXPECTED: Final = re.compile(r"([a-z0-9-]+(?:\.[a-z0-9-]+)+)=([a-z0-9-]+)")
_PROTOCOLS: Final = frozenset({"T=0", "T=1", "ISO-DEP"})


def header_of(items: Iterable[tuple[int, str, str]]) -> TraceHeader:
    """The header of the lines (number, key, value); keys that begin with ``x-`` are for others.

    Raises:
        TraceSyntaxError: a key unknown, repeated or missing, or a value that it cannot have.
    """
    values: dict[str, Any] = {}
    number = 1
    for number, key, value in items:
        if key.startswith("x-"):
            continue
        if key in values:
            raise TraceSyntaxError(number, f"'{key}' stands here twice")
        values[key] = _value_of(number, key, value)
    if "origin" not in values:
        raise TraceSyntaxError(number, "no 'origin:'")
    if values["origin"] is Origin.PUBLISHED and "source" not in values:
        raise TraceSyntaxError(number, "a published trace names its 'source:'")
    return TraceHeader(**values)


def _value_of(number: int, key: str, value: str) -> object:
    if key not in _READERS:
        raise TraceSyntaxError(number, "no such header key; it is one of " + ", ".join(_READERS))
    if not value:
        raise TraceSyntaxError(number, f"'{key}' has no value")
    try:
        return _READERS[key](value)
    except ValueError as error:
        raise TraceSyntaxError(number, f"'{key}': {error}") from None


def header_items(header: TraceHeader) -> Iterator[tuple[str, str]]:
    """Key and value of every header line that differs from its default, in their usual order."""
    usual = TraceHeader(origin=header.origin)
    for name in header.__struct_fields__:
        value = getattr(header, name)
        if name == "origin" or value != getattr(usual, name):
            yield name, _written(value)


def _written(value: object) -> str:
    if isinstance(value, bytes):
        return hex_of(value)
    if isinstance(value, datetime):
        return utc_text(value)
    if isinstance(value, tuple):
        return ":".join(value)
    return str(value)


def _usb_of(value: str) -> tuple[str, str]:
    match = _USB_IDS.fullmatch(value)
    if match is None:
        raise ValueError("not like 054c:0dc9")
    return match[1], match[2]


def _protocol_of(value: str) -> str:
    if value not in _PROTOCOLS:
        raise ValueError("not T=0, T=1 or ISO-DEP")
    return value


def _instant_of(value: str) -> datetime:
    instant = datetime.fromisoformat(value)
    if instant.tzinfo is None:
        raise ValueError("no time zone; write 2026-11-21T03:00:00Z")
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise ValueError("out of range") from None


def _expectation_of(value: str) -> Expectation:
    verdict: Verdict | None = None
    states: dict[str, str] = {}
    for item in value.split():
        if item.startswith("verdict="):
            verdict = Verdict(item.removeprefix("verdict="))
            continue
        match = _EXPECTED.fullmatch(item)
        if match is None:
            raise ValueError("not like verdict=problem card.pin.authentication=locked")
        states[match[1]] = match[2]
    return Expectation(verdict, states)


_READERS: Final[dict[str, Callable[[str], object]]] = {
    "origin": Origin,
    "source": str,
    "reader": str,
    "backend": Backend,
    "usb": _usb_of,
    "slot": SlotState,
    "service": Failure.parse,
    "atr": bytes_of,
    "atqb": bytes_of,
    "protocol": _protocol_of,
    "tool": str,
    "recorded": _instant_of,
    "profile": str,
    "scope": Extent,
    "expect": _expectation_of,
    "redaction": str,
    "note": str,
}
