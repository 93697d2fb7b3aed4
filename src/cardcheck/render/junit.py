# SPDX-License-Identifier: Apache-2.0
"""Test cases as JUnit XML, which CI systems read.

What belongs here: the format. What does not: what passed.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Sequence

# XML 1.0, 2.2: the characters that no document may have, not even escaped
_UNFIT: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class CaseResult(StrEnum):
    """How a case ended; the value is the name of its element."""

    PASSED = "passed"
    FAILED = "failure"
    ERROR = "error"
    SKIPPED = "skipped"


class Case(Struct, frozen=True, kw_only=True):
    """One test case: its name, how it ended and, where it did not pass, why.

    Attributes:
        name: its name.
        result: how it ended.
        message: why, one line.
        body: the same at length, with what to do.
        file: the file that it is about, or None.
        line: the line in it, or None.
        seconds: how long it took, or None.
    """

    name: str
    result: CaseResult
    message: str = ""
    body: str = ""
    file: str | None = None
    line: int | None = None
    seconds: float | None = None


class Suite(Struct, frozen=True, kw_only=True):
    """Test cases of one command, and what they were made of (``hardware``, ``replay``, …)."""

    name: str
    cases: Sequence[Case]
    source: str


def junit_text(suite: Suite) -> str:
    """The whole document."""
    counts = dict.fromkeys(CaseResult, 0)
    for case in suite.cases:
        counts[case.result] += 1
    root = ET.Element(
        "testsuite",
        {
            "name": f"cardcheck {suite.name}",
            "tests": str(len(suite.cases)),
            "failures": str(counts[CaseResult.FAILED]),
            "errors": str(counts[CaseResult.ERROR]),
            "skipped": str(counts[CaseResult.SKIPPED]),
        },
    )
    properties = ET.SubElement(root, "properties")
    ET.SubElement(properties, "property", {"name": "source", "value": suite.source})
    for case in suite.cases:
        element = ET.SubElement(root, "testcase", _attributes(suite, case))
        if case.result is not CaseResult.PASSED:
            told = {"message": _fit(case.message)}
            ET.SubElement(element, case.result.value, told).text = _fit(case.body) or None
    ET.indent(root)
    text = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _attributes(suite: Suite, case: Case) -> dict[str, str]:
    """The attributes of a case, those that are known."""
    known = {"classname": f"cardcheck.{suite.name}", "name": _fit(case.name)}
    if case.file is not None:
        known["file"] = _fit(case.file)
    if case.line is not None:
        known["line"] = str(case.line)
    if case.seconds is not None:
        known["time"] = f"{case.seconds:.3f}"
    return known


def _fit(text: str) -> str:
    return _UNFIT.sub("?", text)
