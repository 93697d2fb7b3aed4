# SPDX-License-Identifier: Apache-2.0
"""Why nothing in a trace is real: what stands in the place of what, file by file.

What belongs here: an account for a reviewer, in ids. What does not: what makes a trace look real
(``transports.privacy``), and redaction itself (``cards.redaction.redact``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from cardcheck.cards import mynumber
from cardcheck.cards.exchange_log import FileContent, answers_by_file
from cardcheck.cards.redaction import synthetic_certificate
from cardcheck.cards.redaction.redact import RECORD_FILLER
from cardcheck.cards.token import TOKEN_SERIAL
from cardcheck.traces.names import file_of
from cardcheck.transports.privacy import command_answers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cardcheck.cards.exchange_log import FileKey
    from cardcheck.transports.trace import Trace

_DIRECTORY_LENGTH: Final = 3


class Reason(NamedTuple):
    """One reason.

    Attributes:
        key: its id; ``why-KEY`` is its sentence.
        values: what the sentence names.
    """

    key: str
    values: dict[str, str]


def reasons(trace: Trace) -> Iterator[Reason]:
    """Why nothing in ``trace`` is real; ``other`` for what this version cannot vouch for."""
    yield Reason(f"origin-{trace.header.origin}", {"source": trace.header.source or ""})
    yield Reason("commands", {})
    spoken = command_answers(trace.exchanges)
    seen: dict[tuple[str, str], None] = {}
    for key, spans in answers_by_file(spoken).items():
        content = FileContent(spans, spoken)
        name = file_of(key.application, key.file) or key.kind
        why = _why(key, content.known)
        if (why, name) not in seen:
            seen[why, name] = None
            yield Reason(why, {"file": name, "count": str(content.size)})


def _why(key: FileKey, data: bytes) -> str:
    if not any(data):
        return "zeros"
    if data == data[:1] * len(data):
        return "filler"
    if key.kind == "object" and key.file in mynumber.PUBLIC_OBJECTS:
        return "kept"
    if key.kind == "record" and data[2 : 2 + len(RECORD_FILLER)] == RECORD_FILLER:
        return "card-record"
    if key.application == mynumber.JPKI.aid:
        return _why_of_jpki(key.file, data)
    return "other"


def _why_of_jpki(file: int | None, data: bytes) -> str:
    if file == mynumber.DIRECTORY and not any(data[_DIRECTORY_LENGTH:]):
        return "kept"
    if file == mynumber.TOKEN_INFO:
        serial = data[TOKEN_SERIAL]
        return "kept" if not serial else "token" if not serial.strip(b"0 ") else "other"
    if synthetic_certificate.is_synthetic(data):
        return "twin"
    return "broken" if synthetic_certificate.synthetic_of_malformed(data) == data else "other"
