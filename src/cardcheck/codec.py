# SPDX-License-Identifier: Apache-2.0
"""JSON files to typed values and back, by ``msgspec``; and what is wrong with one, in a line.

What belongs here: encodings, limits, and errors that name a place. What does not: which documents
there are (``report``, ``kiosk``, ``fleet``), and files.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from cardcheck.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_T = TypeVar("_T")

LONGEST_TEXT: Final = 100_000
"""Characters of one text in a document; a real one has some hundreds."""
MOST_ITEMS: Final = 5000
"""Entries of one list or object in a document; a real one has some dozens."""

UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
"""The marks with which UTF-16 begins."""
_LONGEST_COMPLAINT: Final = 200
_AT_BYTE: Final = re.compile(r" \(byte (\d+)\)\Z")
_AT_PLACE: Final = re.compile(r" - at `(\$.*)`\Z", re.DOTALL)


def json_value(data: bytes) -> Any:  # noqa: ANN401 - a JSON value
    """The value in a JSON file: UTF-8 or UTF-16, with or without a byte order mark.

    Of a name that an object has twice the last one counts, as in Python's own ``json``.

    Raises:
        InputError: it is no JSON; says where it ceases to be.
    """
    if not data.strip(b"\0 \t\r\n"):
        raise InputError("is empty")
    try:
        text = _unmarked(data)
    except UnicodeError:
        raise InputError("is neither UTF-8 nor UTF-16 text") from None
    try:
        return msgspec.json.decode(text)
    except RecursionError:
        raise InputError("is nested too deeply to be one of ours") from None
    except msgspec.ValidationError:
        raise InputError("holds a number that is out of range") from None
    except msgspec.DecodeError as error:
        raise InputError(f"is not valid JSON ({_where(str(error), text)})") from None


def decoded(
    kind: type[_T], data: bytes, *, longest: int = LONGEST_TEXT, most: int = MOST_ITEMS
) -> _T:
    """The record of type ``kind`` in a JSON file; what ``kind`` does not name is passed over.

    Args:
        kind: the type; where it has a tag, ``schema`` must be it.
        data: the content of the file, as ``json_value`` takes it.
        longest: characters that one text may have.
        most: entries that one list or object may have.

    Raises:
        InputError: it holds none; names the place (``$.host.system``) and the reason.
    """
    return converted(kind, json_value(data), longest=longest, most=most)


def converted(
    kind: type[_T],
    value: Any,  # noqa: ANN401 - a JSON value
    *,
    longest: int = LONGEST_TEXT,
    most: int = MOST_ITEMS,
) -> _T:
    """As ``decoded``, of a JSON value.

    Raises:
        InputError: it is none; names the place and the reason.
    """
    config = getattr(kind, "__struct_config__", None)
    if config is not None and config.tag is not None:
        given = value.get(config.tag_field) if isinstance(value, dict) else None
        if given != config.tag:
            raise InputError(f'"{config.tag_field}" is not "{config.tag}"')
    try:
        for complaint in _beyond(value, "$", longest, most):
            raise InputError(_harmless(complaint))
        return msgspec.convert(value, kind)
    except RecursionError:
        raise InputError("is nested too deeply to be one of ours") from None
    except msgspec.ValidationError as error:
        raise InputError(explained(str(error))) from None


def explained(message: str) -> str:
    """What ``msgspec`` says, with the place first: ``$.host.system: expected str, got int``."""
    found = _AT_PLACE.search(message)
    place, reason = (found[1], message[: found.start()]) if found else ("$", message)
    reason = reason.replace("`", "")
    return _harmless(f"{place}: {reason[:1].lower()}{reason[1:]}")


def _harmless(complaint: str) -> str:
    """One short line that shows nothing of the file but signs that a terminal prints."""
    return "".join(sign if sign.isprintable() else "?" for sign in complaint[:_LONGEST_COMPLAINT])


def encoded(value: object, *, indent: int = 2) -> str:
    """The value as JSON text with a line feed at the end; Japanese as it is, fields in their order.

    Args:
        value: records, or what JSON has.
        indent: spaces of indentation; 0 for one line.
    """
    try:
        data = msgspec.json.encode(value, order="deterministic" if indent == 1 else None)
    except UnicodeEncodeError:
        data = msgspec.json.encode(_paired(msgspec.to_builtins(value)))
    return msgspec.json.format(data, indent=indent).decode() + "\n"


def _paired(value: Any) -> Any:  # noqa: ANN401 - a JSON value
    """The value with U+FFFD for each lone surrogate; bytes of file names come as such."""
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, dict):
        return {_paired(name): _paired(item) for name, item in value.items()}
    return [_paired(item) for item in value] if isinstance(value, (list, tuple)) else value


def _unmarked(data: bytes) -> str:
    """The text of a file, whatever program saved it."""
    if data.startswith(UTF_16):
        return data.decode("utf-16")
    if data[:2].count(0) == 1:  # the first sign of JSON is of ASCII: UTF-16 without a mark
        return data.decode("utf-16-be" if data[0] == 0 else "utf-16-le")
    return data.decode("utf-8-sig")


def _where(message: str, text: str) -> str:
    """Line, column and reason of a text that is no JSON."""
    reason = message.removeprefix("JSON is malformed: ")
    found = _AT_BYTE.search(reason)
    if found is None:  # msgspec says the same of a half of a surrogate pair
        return "it ends too early, or holds half of a character"
    before = text.encode()[: int(found[1])].decode(errors="ignore")
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    return f"line {line}, column {column}: {reason[: found.start()]}"


def _beyond(value: object, place: str, longest: int, most: int) -> Iterator[str]:
    """What is longer than anything of ours, place by place."""
    if isinstance(value, str):
        if len(value) > longest:
            yield f"{place}: a text of {len(value)} characters; {longest} are the most"
        return
    if not isinstance(value, (list, dict)):
        return
    if len(value) > most:
        yield f"{place}: {len(value)} entries, too many; {most} are the most"
        return
    for name, item in _items(value):
        yield from _beyond(item, f"{place}{name}", longest, most)


def _items(value: list[Any] | dict[str, Any]) -> Iterable[tuple[str, Any]]:
    if isinstance(value, list):
        return ((f"[{index}]", item) for index, item in enumerate(value))
    return ((f".{name[:40]}", item) for name, item in value.items())
