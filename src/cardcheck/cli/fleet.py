# SPDX-License-Identifier: Apache-2.0
"""``fleet`` put together: from places to a roll-up, from a roll-up to a stream or file.

What belongs here: composition. What does not: counting and formats (``cardcheck.fleet``).
"""

from __future__ import annotations

import os
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cardcheck.checks.exit_codes import ExitCode
from cardcheck.cli.language import language
from cardcheck.errors import InputError

_BROKEN: Final = frozenset({"unreadable", "not-a-file", "huge", "malformed"})

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cardcheck.catalog.messages import Messages
    from cardcheck.cli.verifying import Verifier, Wanted
    from cardcheck.fleet.summary import Summary


def roll_up_places(  # noqa: PLR0913 - one argument an option
    places: Sequence[str],
    *,
    form: str,
    output: str | None,
    lang: str | None,
    month: str | None = None,
    retain: int | None = None,
    purge: bool = False,
) -> int:
    """Rolls up, writes the result, and returns the exit code: 1 where a station is failing now.

    Raises:
        InputError: a place does not exist, nothing could be rolled up, or the output cannot be
            written.
    """
    from cardcheck.fleet.collect import collect
    from cardcheck.fleet.rollup import old_files, roll_up

    for place in places:
        if not os.path.lexists(place) and not set(place) & set("*?["):
            raise InputError(f"{place}: no such file or folder")
    messages, now = _messages(lang, output), datetime.now(UTC)
    since = now - timedelta(days=retain) if retain else None
    with tempfile.TemporaryDirectory(prefix="cardcheck-fleet-") as folder:
        found = collect(places, Path(folder))
        summary = roll_up(found, now, month, since)
        old = old_files(found, since) if purge and since else []
    _write(_text_in(form, summary, messages), output)
    _purge(old, messages)
    if broken := _broken(places, summary):
        raise InputError("; ".join(f"{name}: is no report that can be used" for name in broken))
    failing = any(station.state == "critical" for station in summary.stations)
    return ExitCode.PROBLEM if failing else ExitCode.OK


def _purge(files: Sequence[str], messages: Messages) -> None:
    """Deletes files, and says so.

    Raises:
        InputError: some cannot be deleted; all others are.
    """
    kept = []
    for file in files:
        try:
            Path(file).unlink(missing_ok=True)
        except OSError as error:
            kept.append(f"{file}: cannot be deleted ({error.strerror})")
        else:
            _say(messages.label("purged", file=file))
    if kept:
        raise InputError("; ".join(kept))


def _broken(places: Sequence[str], summary: Summary) -> list[str]:
    """The files that were named themselves and gave nothing that can be used.

    One line of many that a power cut tore is no broken file.
    """
    bad = {each.file for each in summary.refused if each.reason in _BROKEN}
    named = [place for place in places if not os.path.isdir(place)]  # noqa: PTH112 - any name
    lines = (".jsonl", ".ndjson")
    return [
        place
        for place in named
        if os.path.lexists(place)
        and (place in bad or not place.lower().endswith((".json", *lines)))
        and not (summary.reports and place.lower().endswith(lines))
    ]


def verify_archives(
    archives: Sequence[str], allowed_signers: str, wanted: Wanted, lang: str | None
) -> int:
    """Says of each archive who sealed what, or why it does not pass; returns the exit code.

    Raises:
        InputError: an archive or the list of signers cannot be read; all others are told.
    """
    from cardcheck.cli.delivery import delivering
    from cardcheck.cli.verifying import Verifier

    messages, passed = _messages(lang, None), True
    verifier = Verifier(signers=allowed_signers, wanted=wanted, messages=messages)
    with delivering() as delivery:
        for path in archives:
            if (line := delivery.given(partial(_verdict_line, verifier, path))) is not None:
                passed = passed and line[0]
                _write(f"{line[1]}\n", None)
    return ExitCode.OK if passed else ExitCode.PROBLEM


def _verdict_line(verifier: Verifier, path: str) -> tuple[bool, str]:
    """Whether an archive passes, and what is said of it."""
    from cardcheck.cli.verifying import Sealed, told_instant
    from cardcheck.kiosk.text import source_notes
    from cardcheck.render.base import safe

    label = verifier.messages.label
    signer, sealed = verifier.verdict_on(path)
    if signer is None or not isinstance(sealed, Sealed):
        return False, safe(label("broken", file=path, reason=sealed))
    parts = [
        label("intact", file=path, signer=signer),
        *source_notes(sealed.source, verifier.messages),
        f"{label('station')}: {sealed.station or '-'}",
        told_instant(sealed.at),
        sealed.command,
        f"{label('outcome')}: {sealed.result}",
    ]
    return True, " / ".join(map(safe, parts))


def _text_in(form: str, summary: Summary, messages: Messages) -> str:
    from cardcheck.fleet import documents, page

    if form == "json":
        from cardcheck.fleet.json_document import document
        from cardcheck.render.json_report import dumps

        return dumps(document(summary))
    if form == "csv":
        return documents.stations_csv(summary, messages)
    return (
        page.summary_page(summary, messages)
        if form == "html"
        else documents.text(summary, messages)
    )


def _messages(lang: str | None, file: str | None) -> Messages:
    from cardcheck.catalog.kiosk import load_kiosk

    return load_kiosk(language(lang, file))


def _write(text: str, output: str | None) -> None:
    from cardcheck.render.streams import write_file_atomically, write_text

    if output:
        write_file_atomically(output, text)
    else:
        write_text(sys.stdout, text)


def _say(line: str) -> None:
    from cardcheck.render.streams import write_lines

    write_lines(sys.stderr, [line])
