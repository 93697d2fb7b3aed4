# SPDX-License-Identifier: Apache-2.0
"""What programs call, as ``cardcheck.scan`` and so on; docs/library.md shows it in use.

What belongs here: thin functions over what the commands do, without streams, environment and
locale. What does not: doubles for tests (``testing``).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cardcheck.catalog.messages import load
from cardcheck.composition.explanation import Explanation, explain
from cardcheck.composition.look import Company, Look
from cardcheck.composition.options import LookOptions, require_sound
from cardcheck.errors import InputError
from cardcheck.output.streams import write_file_atomically
from cardcheck.render.json_report import document, dumps
from cardcheck.render.pages.explanation import explanation_document
from cardcheck.render.pages.report import report_screen
from cardcheck.render.pages.support import support_text
from cardcheck.render.plain import plain_text
from cardcheck.render.reference_json import explain_document
from cardcheck.report.model import Report
from cardcheck.survey.request import Progress, Silence
from cardcheck.traces.files import read_trace
from cardcheck.traces.judge import Judge
from cardcheck.transports.trace import Trace

if TYPE_CHECKING:
    from pathlib import Path

    from cardcheck.catalog.messages import Language

__all__ = ["Explanation", "explain", "load_trace", "replay", "scan", "to_json", "to_text"]


def scan(options: LookOptions | None = None, *, progress: Progress | None = None) -> Report:
    """What ``cardcheck scan`` finds: every reader, the card in it, the computer beside them.

    No PIN is asked for and no PIN try is spent. Blocks, for at most ``timeout`` seconds and the
    wait; prints nothing.

    Args:
        options: what is to be looked at; everything where None.
        progress: is told, from the calling thread, how the look gets on.

    Raises:
        InputError: an option, reader, profile or file that cannot be used.
        ReplayMismatchError: a replay in which something else is asked than was recorded.
        ReplayUnfinishedError: a replay in which exchanges are left over.
    """
    options = options or LookOptions()
    require_sound(options)
    look = Look("scan", options, recording=options.record is not None)
    report = look.diagnose(Company(progress=lambda: progress or Silence()))
    recorded = look.trace()
    if options.record is not None and recorded is not None:
        write_file_atomically(options.record, recorded)
    return report


def replay(trace: Trace | str | Path, *, at: datetime | None = None) -> Report:
    """What is to be said of a recorded card, by itself: on any computer, without anybody's cache.

    Args:
        trace: the trace, or its file.
        at: the instant by which is judged; by default that of the recording.

    Raises:
        InputError: a file that cannot be read, or is no trace.
        ReplayMismatchError: the reading asks for something else than was recorded.
        ReplayUnfinishedError: exchanges are left over.
    """
    judge = Judge()
    recorded = trace if isinstance(trace, Trace) else load_trace(trace)
    return judge.report(judge.diagnose(recorded, at=at))


def load_trace(path: str | Path) -> Trace:
    """The trace in a file.

    Raises:
        InputError: it cannot be read, or is no trace.
    """
    try:
        return read_trace(str(path))
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def to_json(
    result: Report | Explanation, *, lang: Language | None = None, show_personal: bool = False
) -> str:
    """The JSON document that the command writes.

    Args:
        result: what to write.
        lang: of a report: adds its sentences in this language. Of an explanation: its language,
            Japanese where None.
        show_personal: adds dates, days left and serial numbers of readers: never for sharing.
    """
    if isinstance(result, Report):
        messages = None if lang is None else load(lang)
        return dumps(document(result, show_personal=show_personal, messages=messages))
    spoken: Language = lang or "ja"
    code = result.support_code
    support = None if code is None else support_text(code, spoken).document
    return dumps(explain_document(result.answer, load(spoken), support))


def to_text(result: Report | Explanation, *, lang: Language = "ja") -> str:
    """What the command shows, as plain text without anything personal."""
    if isinstance(result, Report):
        return plain_text(report_screen(result, load(lang)))
    code = result.support_code
    support = None if code is None else support_text(code, lang)
    today = datetime.now(UTC).date()
    return plain_text(explanation_document(result.answer, load(lang), support, today))
