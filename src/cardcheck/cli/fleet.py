# SPDX-License-Identifier: Apache-2.0
"""``fleet`` put together: from places to a roll-up, from a roll-up to a stream or file.

What belongs here: composition. What does not: counting and formats (``cardcheck.fleet``).
"""

from __future__ import annotations

import os
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from cardcheck.checks.exit_codes import ExitCode
from cardcheck.cli.language import language
from cardcheck.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cardcheck.catalog.messages import Messages
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
    for file in old:
        Path(file).unlink(missing_ok=True)
        _say(messages.label("purged", file=file))
    failing = any(station.state == "critical" for station in summary.stations)
    return ExitCode.PROBLEM if failing else ExitCode.OK


def verify_archives(archives: Sequence[str], allowed_signers: str, lang: str | None) -> int:
    """Says of each archive who sealed it or why it does not pass; returns the exit code.

    Raises:
        InputError: an archive or the list of signers cannot be read.
    """
    from cardcheck.cli.sealing import verdict_on
    from cardcheck.kiosk.text import source_notes
    from cardcheck.render.streams import write_lines

    messages, passed = _messages(lang, None), True
    for path in archives:
        signer, said = verdict_on(path, allowed_signers)
        passed = passed and signer is not None
        if signer is None:
            line = messages.label("broken", file=path, reason=said)
        else:
            intact = messages.label("intact", file=path, signer=signer)
            line = " / ".join([intact, *source_notes(said, messages)])
        write_lines(sys.stdout, [line])
    return ExitCode.OK if passed else ExitCode.PROBLEM


def _text_in(form: str, summary: Summary, messages: Messages) -> str:
    import json

    from cardcheck.fleet import documents, page

    if form == "json":
        return json.dumps(documents.document(summary), ensure_ascii=False, indent=2) + "\n"
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
