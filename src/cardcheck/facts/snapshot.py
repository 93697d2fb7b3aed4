# SPDX-License-Identifier: Apache-2.0
"""Host facts as JSON and back: ``cardcheck.host/1``.

What belongs here: the translation between frozen records and JSON values, driven by their
types. What does not: files, and what is left out of them (``host.redact``).

Written as small as it goes: a field that has its default is left out. Read with tolerance: unknown
fields are passed over, a wrong type is an error that names its place.
"""

from __future__ import annotations

import json
import types
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final, get_args, get_origin, get_type_hints

from msgspec import NODEFAULT, Struct

from cardcheck.errors import InputError
from cardcheck.facts.calendar import utc_text
from cardcheck.facts.doctor import DoctorFacts

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEMA: Final = "cardcheck.host/1"
_MOST_ITEMS: Final = 2000
_MOST_TEXT: Final = 1000


def dumps(facts: DoctorFacts) -> str:
    """The snapshot as indented JSON with a line feed at the end."""
    document = {"schema": SCHEMA, **_encoded(facts)}
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def loads(data: bytes) -> DoctorFacts:
    """The facts in a snapshot file; UTF-8 or UTF-16, with or without a mark, any line ends.

    Raises:
        InputError: it is no snapshot; says where.
    """
    try:
        document = json.loads(_text(data))
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"is no JSON ({error}); make one with cardcheck doctor --snapshot"
        ) from None
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise InputError(f'is no host snapshot: "schema" is not "{SCHEMA}"')
    facts = _decoded(DoctorFacts, document, "snapshot")
    assert isinstance(facts, DoctorFacts)
    return facts


def _text(data: bytes) -> str:
    """The text of a file, whatever program saved it.

    Raises:
        UnicodeDecodeError: it is neither UTF-8 nor UTF-16.
    """
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return data.decode("utf-16")
    return data.decode("utf-8-sig")


def _encoded(value: Any) -> Any:  # noqa: ANN401 - a JSON value
    if isinstance(value, Struct):
        return {
            name: _encoded(getattr(value, name))
            for name, default in _defaults(type(value)).items()
            if getattr(value, name) != default
        }
    if isinstance(value, datetime):
        return utc_text(value)
    if isinstance(value, frozenset):
        return [_encoded(item) for item in sorted(value)]
    return [_encoded(item) for item in value] if isinstance(value, tuple) else value


@cache
def _defaults(kind: type[Struct]) -> Mapping[str, Any]:
    """The fields of a record with their defaults, NODEFAULT for those that must be given."""
    names, defaults = kind.__struct_fields__, kind.__struct_defaults__
    padded = (NODEFAULT,) * (len(names) - len(defaults)) + defaults
    return dict(zip(names, padded, strict=True))


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    # The modules of facts import datetime for type checkers only.
    return get_type_hints(kind, localns={"datetime": datetime})


def _decoded(kind: Any, value: Any, place: str) -> Any:  # noqa: ANN401 - types as values
    """The value of the type ``kind`` that ``value`` stands for.

    Raises:
        InputError: it stands for none.
    """
    if isinstance(kind, types.UnionType):
        options = [option for option in get_args(kind) if option is not types.NoneType]
        return None if value is None else _decoded(options[0], value, place)
    if isinstance(kind, type) and issubclass(kind, Struct):
        return _record(kind, value, place)
    if get_origin(kind) in {tuple, frozenset}:
        return _sequence(kind, value, place)
    if kind is datetime:
        return _instant(value, place)
    if type(value) is not kind or (kind is str and len(value) > _MOST_TEXT):
        raise InputError(f"{place}: expected {kind.__name__}")
    return value


def _record(kind: type[Struct], value: Any, place: str) -> Struct:  # noqa: ANN401 - a JSON value
    if not isinstance(value, dict):
        raise InputError(f"{place}: expected an object")
    hints = _hints(kind)
    known = {
        name: _decoded(hints[name], value[name], f"{place}.{name}")
        for name in _defaults(kind)
        if name in value
    }
    try:
        return kind(**known)
    except TypeError:
        defaults = _defaults(kind).items()
        missing = [n for n, default in defaults if default is NODEFAULT and n not in known]
        raise InputError(f"{place}: {', '.join(missing)} missing") from None


def _sequence(kind: Any, value: Any, place: str) -> Any:  # noqa: ANN401 - a generic alias
    if not isinstance(value, list) or len(value) > _MOST_ITEMS:
        raise InputError(f"{place}: expected a list of at most {_MOST_ITEMS}")
    inner = get_args(kind)
    if len(inner) == 2 and inner[1] is not Ellipsis:  # a pair
        if len(value) != 2:
            raise InputError(f"{place}: expected a pair")
        return tuple(_decoded(part, item, place) for part, item in zip(inner, value, strict=True))
    items = [_decoded(inner[0], item, f"{place}[{index}]") for index, item in enumerate(value)]
    return get_origin(kind)(items)


def _instant(value: Any, place: str) -> datetime:  # noqa: ANN401 - a JSON value
    try:
        instant = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise InputError(f"{place}: expected an instant like 2026-11-21T22:30:00Z") from None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
