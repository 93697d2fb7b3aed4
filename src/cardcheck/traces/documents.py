# SPDX-License-Identifier: Apache-2.0
"""``cardcheck.replay/1``: what became of a batch of traces, as a JSON document."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

# Not only for type checkers: the schema is made from the types of the fields.
from cardcheck.report.documents import ReportFields  # noqa: TC001
from cardcheck.traces.judge import Result  # noqa: TC001


class DifferenceRow(Struct, frozen=True, kw_only=True):
    """Something that is not as the trace expects it.

    Attributes:
        about: what it is about.
        expected: what was expected; null where nothing was.
        got: what was found.
    """

    about: str
    expected: str | None
    got: str | None


class TraceRow(Struct, frozen=True, kw_only=True):
    """One trace.

    Attributes:
        trace: name of the file.
        result: how its replay ended.
        verdict: what the diagnosis came to; null where there is none.
        differences: what is not as expected.
        reason: why it could not be read or replayed, or null.
        report: the whole report; null where there is none.
    """

    trace: str
    result: Result
    verdict: str | None
    differences: tuple[DifferenceRow, ...]
    reason: str | None
    report: ReportFields | None


class ReplayDocument(
    Struct, frozen=True, kw_only=True, tag_field="schema", tag="cardcheck.replay/1"
):
    """A batch of traces replayed; written trace by trace.

    Attributes:
        traces: one row a trace.
        summary: how many ended how, by result.
        exit_code: what the command ended with.
        source: how the bytes were obtained: never from hardware.
    """

    source: str = "replay"
    traces: tuple[TraceRow, ...]
    summary: dict[str, Annotated[int, Meta(ge=0)]]
    exit_code: int
