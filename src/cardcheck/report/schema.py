# SPDX-License-Identifier: Apache-2.0
"""JSON Schemas (draft 2020-12) made from the records that describe documents.

What belongs here: the form of a schema, and the contract's tolerance in it. What does not: which
documents there are (``cli.schemas``).

Descriptions are the docstrings of the records: the summary for the object, ``Attributes`` for its
properties. Enumerations are open and no object forbids further fields, as the contract says.
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

INSTANT: Final = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"
"""An instant in UTC, to the second."""

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_TOLERANCE: Final = (
    "Stable: fields and values are added, never renamed, and never change their meaning. Readers"
    " must tolerate fields that are not listed here and values that an enumeration does not list:"
    " every enumeration therefore also admits any string, and no object forbids further fields."
)
_ATTRIBUTE: Final = re.compile(r"^(\w+): (.*)", re.DOTALL)

Schema = dict[str, Any]


def known(*values: str) -> msgspec.Meta:
    """Marks a text of which these values are known today; later versions may add others."""
    return msgspec.Meta(extra_json_schema={"enum": list(values)})


def json_schema(name: str, *kinds: Any) -> Schema:  # noqa: ANN401 - record types as values
    """The schema of the document ``name``, which is of one of ``kinds``."""
    roots, definitions = msgspec.json.schema_components(kinds, ref_template="#/$defs/{name}")
    for title, described in _described(kinds).items():
        if title in definitions:
            _describe(definitions[title], described)
    config = getattr(kinds[0], "__struct_config__", None)
    title = f"cardcheck {name}" if config is None else config.tag
    start: Schema = {"anyOf": list(roots)}
    if len(kinds) == 1:
        key = roots[0].get("$ref", "").rpartition("/")[2]
        start = definitions.pop(key, None) or roots[0]
    start = {key: value for key, value in start.items() if key != "title"}
    about = f"{start.pop('description', '')} {_TOLERANCE}".strip()
    version = str(title).rpartition("/")[2] if config is not None else "1"
    head = {"$schema": _DIALECT, "$id": f"urn:cardcheck:schema:{name}:{version}"}
    result = {**head, "title": title, "description": about, **start}
    opened: Schema = _opened({**result, "$defs": dict(sorted(definitions.items()))})
    return opened


def _described(kinds: tuple[type, ...]) -> dict[str, type]:
    """The record types that a document is made of, by the names that the schema gives them."""
    found: dict[str, type] = {}
    pending: list[Any] = [msgspec.inspect.type_info(kind) for kind in kinds]
    while pending:
        node = pending.pop()
        if isinstance(node, msgspec.inspect.StructType):
            if node.cls.__name__ in found:
                continue
            found[node.cls.__name__] = node.cls
            pending += [field.type for field in node.fields]
        elif isinstance(node, msgspec.inspect.Type | msgspec.inspect.Metadata):
            pending += [getattr(node, name) for name in node.__struct_fields__]
        elif isinstance(node, (tuple, list)):
            pending += node
    return found


def _describe(node: Schema, kind: type[msgspec.Struct]) -> None:
    """Puts the docstring of a record into its schema, and says which fields are always there.

    A default is no matter of the reader's: a field that has one is written all the same, unless the
    record leaves its defaults out.
    """
    summary, attributes = _documented(kind)
    if summary:
        node["description"] = summary
    for base in kind.__mro__[1:]:
        attributes = {**_documented(base)[1], **attributes}
    written = not kind.__struct_config__.omit_defaults
    required = list(node["required"])  # the tag too, which is no field
    for field in msgspec.structs.fields(kind):
        row = node["properties"][field.encode_name]
        if field.name in attributes:
            row.setdefault("description", attributes[field.name])
        if written and field.default is not msgspec.UNSET:
            row.pop("default", None)
            required.append(field.encode_name)
    node["required"] = [name for name in node["properties"] if name in required]


def _documented(kind: type) -> tuple[str, dict[str, str]]:
    """Summary and attributes of a docstring; both empty where it has been stripped."""
    text = (kind.__dict__.get("__doc__") or "").replace("``", "")
    summary, _, rest = text.partition("\n    Attributes:\n")
    entries = re.split(r"\n {8}(?=\w)", f"\n{rest}")
    found = (_ATTRIBUTE.match(entry) for entry in entries)
    described = {match[1]: " ".join(match[2].split()) for match in found if match}
    return " ".join(summary.split()), described


def _opened(node: Any) -> Any:  # noqa: ANN401 - a JSON value
    """The schema with constants for what has one value, and enumerations that admit any string."""
    if isinstance(node, (list, tuple)):
        return [_opened(item) for item in node]
    if not isinstance(node, dict):
        return node
    result = {key: _opened(value) for key, value in node.items() if key != "enum"}
    values = node.get("enum")
    if not isinstance(values, list):
        return result if values is None else {**result, "enum": _opened(values)}
    if result.pop("type", None) is None and len(values) == 1:
        return {**result, "const": values[0]}
    return {**result, "anyOf": [{"enum": values}, {"type": "string"}]}
