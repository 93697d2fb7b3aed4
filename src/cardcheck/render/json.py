# SPDX-License-Identifier: Apache-2.0
"""An object as JSON: Japanese as it is, a line feed at the end."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def json_text(value: Mapping[str, Any] | Sequence[Any], *, one_line: bool = False) -> str:
    """The object with two spaces of indentation, or in one line (of a log)."""
    return json.dumps(value, ensure_ascii=False, indent=None if one_line else 2) + "\n"
