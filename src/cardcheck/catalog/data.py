# SPDX-License-Identifier: Apache-2.0
"""The packaged TOML files, read from beside this module.

``importlib.resources`` would do the same and costs 10 ms at each start; the files are always plain
files, in a checkout, in a wheel and in a frozen program.
"""

from __future__ import annotations

import tomllib
from functools import cache
from os import path
from typing import Any


@cache
def table(name: str) -> dict[str, Any]:
    """The content of the packaged file ``name`` (``messages/ja.toml``); read once, then kept.

    Raises:
        OSError, ValueError: the file is missing or broken (a bug of ours, kept out by tests).
    """
    with open(path.join(path.dirname(__file__), name), "rb") as file:  # noqa: PTH118, PTH120, PTH123
        return tomllib.load(file)
