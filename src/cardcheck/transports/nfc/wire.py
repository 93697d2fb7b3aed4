# SPDX-License-Identifier: Apache-2.0
"""The language between cardcheck and its child that runs nfcpy: one JSON object a line.

What belongs here: requests, answers and errors as lines. What does not: either side.

A child begins with an answer, once all that it needs is loaded. A request is
``{"do": "open", "path": ...}``, ``poll``, ``connect``, ``begin`` and ``end`` (of a transaction),
``{"do": "transmit", "apdu": ...}``, ``release`` or ``close``. An answer is ``{}``,
``{"card": true}``, ``{"apdu": ...}`` or ``{"error": "NoCardError", "message": ...}``. Neither ever
holds a PUPI, UID or IDm.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, TypeAlias

from cardcheck import errors
from cardcheck.facts.link_failure import TABLE, LinkFailure

if TYPE_CHECKING:
    from collections.abc import Mapping

Message: TypeAlias = dict[str, str | bool]

ARGUMENT: Final = "--nfc-child"
"""The one argument with which a frozen cardcheck becomes the child."""

_KINDS: Final[Mapping[str, type[Exception]]] = {
    **{failure: row.kind for failure, row in TABLE.items() if failure != LinkFailure.NO_BINDING},
    errors.WriteRefusedError.__name__: errors.WriteRefusedError,
}


def encode(message: Mapping[str, str | bool]) -> bytes:
    """The line that stands for ``message``."""
    return json.dumps(message, separators=(",", ":")).encode("ascii") + b"\n"


def decode(line: bytes) -> Message:
    """The message of a line.

    Raises:
        LinkError: no message.
    """
    try:
        message = json.loads(line)
    except ValueError:
        message = None
    if not isinstance(message, dict):
        raise errors.LinkError("the NFC child said something that is no answer")
    return message


def failure(error: errors.CardcheckError) -> Message:
    """The answer that stands for ``error``."""
    message: Message = {"error": type(error).__name__, "message": str(error)}
    if isinstance(error, errors.ForeignCardError):
        message["kind"] = error.kind
    return message


def checked(message: Message) -> Message:
    """``message`` where it is no error.

    Raises:
        CardcheckError: the error that the message stands for.
    """
    name = message.get("error")
    if name is None:
        return message
    text = str(message.get("message", ""))
    if name == LinkFailure.FOREIGN:
        raise errors.ForeignCardError(text, kind=str(message.get("kind", "unknown")))
    raise _KINDS.get(str(name), errors.LinkError)(text)
