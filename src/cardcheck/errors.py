# SPDX-License-Identifier: Apache-2.0
"""Every exception that cardcheck raises, and who is at fault.

What belongs here: the tree and its meaning. What does not: sentences for people (see ``catalog``)::

    CardcheckError
    ├── LinkError               the way to the card is broken (``code``: the PC/SC code, or None)
    │   ├── NoServiceError          no PC/SC service answers
    │   ├── AccessDeniedError       the service refuses this user (polkit)
    │   ├── NoReaderError           no reader, or the reader has gone
    │   ├── NoCardError             nothing in this slot
    │   ├── CardRemovedError        the card left while we were reading
    │   ├── CardResetError          another program reset the card
    │   ├── SharingViolationError   another program holds the card
    │   ├── UnresponsiveCardError   a card is there and does not answer
    │   │   └── GarbledCardError        what answers cannot be understood: several cards at once
    │   ├── ForeignCardError        a card that takes no commands of ISO/IEC 7816 (``kind``)
    │   └── LinkTimeoutError        a deadline passed (``seconds``: how long was waited, or None)
    ├── PeerError               the card or reader broke the rules
    │   ├── MalformedResponseError
    │   ├── MalformedTlvError
    │   ├── MalformedAtrError
    │   └── MalformedCertificateError
    ├── CallerError             we broke the rules: always a bug of ours
    │   ├── WriteRefusedError       the guard refused a command; no byte left
    │   └── BadCommandError
    └── InputError              a file or an option that cannot be used (exit code 2)
        └── TraceError              a trace file or its replay
            ├── TraceSyntaxError        (``line``)
            ├── ReplayMismatchError     the replay asked for something else
            └── ReplayUnfinishedError   exchanges were left over
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from cardcheck.escaping import harmless_value

if TYPE_CHECKING:
    from types import TracebackType

_MODULE: Final = re.compile(r"(?:\A|[\\/:])([A-Za-z_][A-Za-z0-9_]*\.py)\Z")
_NO_MODULE: Final = "?"


def place_of(error: BaseException) -> str:
    """Where an unexpected exception was raised: module and line (``runner.py:77``).

    Never a path, whatever the system's way to write one: the folders above a program are called
    after a person or a computer. The message of the exception is left out too: it may hold bytes of
    a card.
    """
    deepest: TracebackType | None = None
    step = error.__traceback__
    while step is not None:
        deepest, step = step, step.tb_next
    if deepest is None:
        return _NO_MODULE
    found = _MODULE.search(deepest.tb_frame.f_code.co_filename)
    return f"{found[1] if found else _NO_MODULE}:{deepest.tb_lineno}"


class CardcheckError(Exception):
    """Base of all errors that cardcheck raises on purpose."""


class LinkError(CardcheckError):
    """The way to the card is broken.

    Attributes:
        code: the PC/SC return code as an unsigned 32-bit number, or None where there is none.
    """

    def __init__(self, message: str, *, code: int | None = None) -> None:
        super().__init__(message)
        self.code = code


class NoServiceError(LinkError):
    """No PC/SC service answers."""


class AccessDeniedError(LinkError):
    """The PC/SC service refuses this user."""


class NoReaderError(LinkError):
    """There is no reader, or the one that we used has gone."""


class NoCardError(LinkError):
    """There is no card in this slot."""


class CardRemovedError(LinkError):
    """The card left the reader while it was being read."""


class CardResetError(LinkError):
    """Another program reset the card."""


class SharingViolationError(LinkError):
    """Another program holds the card for itself."""


class UnresponsiveCardError(LinkError):
    """A card is there, and it does not answer."""


class GarbledCardError(UnresponsiveCardError):
    """Something answers that cannot be understood: several cards at once, or one out of place."""


class ForeignCardError(LinkError):
    """A card that takes no commands of ISO/IEC 7816; polling says what it is.

    Attributes:
        kind: a value of the contract's ``kind``: ``felica`` or ``unknown``.
    """

    def __init__(self, message: str, *, kind: str) -> None:
        super().__init__(message)
        self.kind = kind


class LinkTimeoutError(LinkError):
    """A deadline passed before an answer came.

    Attributes:
        seconds: how long a device was waited for that was then given up, or None.
    """

    def __init__(
        self, message: str, *, code: int | None = None, seconds: int | None = None
    ) -> None:
        super().__init__(message, code=code)
        self.seconds = seconds


class PeerError(CardcheckError):
    """The card or the reader broke the rules of its protocol."""


class MalformedResponseError(PeerError):
    """An answer that no ISO/IEC 7816 card may give."""


class MalformedTlvError(PeerError):
    """Bytes that are not BER-TLV."""


class MalformedAtrError(PeerError):
    """Bytes that are not an answer to reset."""


class MalformedCertificateError(PeerError):
    """Bytes that are not an X.509 certificate."""


class CallerError(CardcheckError):
    """We broke the rules: always a bug of ours."""


class WriteRefusedError(CallerError):
    """The guard refused a command before a byte left."""


class BadCommandError(CallerError):
    """A command that cannot be encoded."""


class InputError(CardcheckError):
    """A file or an option that cannot be used; the message says what, where and what to do.

    It is one line, whatever the names in it hold: it may go to any terminal or log as it is.
    """

    def __str__(self) -> str:
        """The message, with what is not to be shown escaped."""
        return harmless_value(super().__str__())


class TraceError(InputError):
    """A trace that cannot be used."""


class TraceSyntaxError(TraceError):
    """A trace file that does not follow the format.

    Attributes:
        line: the line number, from 1.
    """

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}")
        self.line = line


class ReplayMismatchError(TraceError):
    """The replay asked for something that was not recorded there."""


class ReplayUnfinishedError(TraceError):
    """Exchanges were left over at the end of a replay."""
