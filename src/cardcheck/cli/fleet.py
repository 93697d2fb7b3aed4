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

from msgspec import Struct

from cardcheck.catalog.kiosk import load_kiosk
from cardcheck.checks.exit_codes import ExitCode
from cardcheck.cli.delivery import delivering
from cardcheck.cli.language import language
from cardcheck.cli.named import clash
from cardcheck.cli.output import deliver
from cardcheck.cli.verifying import Sealed, Verifier, told_instant
from cardcheck.errors import InputError
from cardcheck.fleet import page
from cardcheck.fleet.collect import collect
from cardcheck.fleet.json_document import document
from cardcheck.fleet.presence import is_alarm, stations_in, with_presence
from cardcheck.fleet.rollup import old_files, roll_up
from cardcheck.fleet.summary import Refusal
from cardcheck.inputs import read_input
from cardcheck.output.streams import write_lines, write_text
from cardcheck.render.base import safe
from cardcheck.render.formats import Views
from cardcheck.render.text import banner

_BROKEN: Final = frozenset(
    {Refusal.UNREADABLE, Refusal.NOT_A_FILE, Refusal.HUGE, Refusal.MALFORMED}
)
_MOST_BYTES: Final = 1 << 24  # of a list of stations: a hundred thousand of them

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cardcheck.catalog.messages import Messages
    from cardcheck.cli.output import Destination
    from cardcheck.cli.verifying import Wanted
    from cardcheck.fleet.summary import Summary


class Wishes(Struct, frozen=True, kw_only=True):
    """What is to be rolled up.

    Attributes:
        lang: the language, or None.
        month: only this one (``2026-11``), or None.
        retain: only what is not older than so many days, or None.
        purge: whether older files are deleted.
        stations: a file that lists all stations, or None.
        silent_days: days without a report after which a station is silent.
    """

    lang: str | None = None
    month: str | None = None
    retain: int | None = None
    purge: bool = False
    stations: str | None = None
    silent_days: int = 7


def roll_up_places(places: Sequence[str], wishes: Wishes, target: Destination) -> int:
    """Rolls up, writes the result, and returns the exit code.

    That is 1 where a station is failing now, or a listed one is not heard of.

    Raises:
        InputError: a place does not exist, nothing could be rolled up, the output cannot be
            written, or it would replace a report.
    """
    for place in places:
        if not os.path.lexists(place) and not set(place) & set("*?["):
            raise InputError(f"{place}: no such file or folder")
    listed = _listed(wishes.stations)
    messages, now = _messages(wishes.lang, target.output), datetime.now(UTC)
    since = now - timedelta(days=wishes.retain) if wishes.retain else None
    with tempfile.TemporaryDirectory(prefix="cardcheck-fleet-") as folder:
        found = collect(places, Path(folder))
        summary = with_presence(
            roll_up(found, now, wishes.month, since), listed, wishes.silent_days
        )
        old = old_files(found, since) if wishes.purge and since else []
    _spare(found.seen, summary, target)
    alarm = any(map(is_alarm, summary.stations))
    code = ExitCode.PROBLEM if alarm else ExitCode.OK
    deliver(_views(summary, messages), target, code)
    _purge(old, messages)
    if broken := _broken(places, summary):
        raise InputError("; ".join(f"{name}: is no report that can be used" for name in broken))
    return code


def _spare(seen: Sequence[str], summary: Summary, target: Destination) -> None:
    """Lets an output replace no report; a roll-up of yesterday in the same folder it may.

    Raises:
        InputError: it would.
    """
    none = {each.file for each in summary.refused if each.reason == Refusal.MALFORMED}
    for output in (target.output, target.html):
        if clash(output, (file for file in seen if file not in none)):
            raise InputError(f"{output} is one of the reports; give the result another name")


def _listed(path: str | None) -> tuple[str, ...] | None:
    """The stations of a list.

    Raises:
        InputError: it cannot be read, or is none.
    """
    if path is None:
        return None
    data = read_input(path, _MOST_BYTES)
    try:
        return stations_in(data)
    except InputError as error:
        raise InputError(f"--stations {path}: {error}") from None


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
    messages, passed = _messages(lang, None), True
    verifier = Verifier(signers=allowed_signers, wanted=wanted, messages=messages)
    with delivering() as delivery:
        for path in archives:
            if (line := delivery.given(partial(_verdict_line, verifier, path))) is not None:
                passed = passed and line[0]
                write_text(sys.stdout, f"{line[1]}\n")
    return ExitCode.OK if passed else ExitCode.PROBLEM


def _verdict_line(verifier: Verifier, path: str) -> tuple[bool, str]:
    """Whether an archive passes, and what is said of it."""
    label = verifier.messages.label
    signer, sealed = verifier.verdict_on(path)
    if signer is None or not isinstance(sealed, Sealed):
        return False, safe(label("broken", file=path, reason=sealed))
    parts = [
        label("intact", file=path, signer=signer),
        *banner(sealed.source),
        f"{label('station')}: {sealed.station or '-'}",
        told_instant(sealed.at),
        sealed.command,
        f"{label('outcome')}: {sealed.result}",
    ]
    return True, " / ".join(map(safe, parts))


def _views(summary: Summary, messages: Messages) -> Views:
    return Views(
        screen=lambda: page.summary_screen(summary, messages),
        page=lambda: page.summary_page(summary, messages),
        data=lambda: document(summary),
        table=lambda: page.stations_table(summary, messages),
    )


def _messages(lang: str | None, file: str | None) -> Messages:
    return load_kiosk(language(lang, file))


def _say(line: str) -> None:
    write_lines(sys.stderr, [line])
