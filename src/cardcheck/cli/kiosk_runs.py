# SPDX-License-Identifier: Apache-2.0
"""The three commands of ``kiosk``, from their options to a run, a check, a watch.

What belongs here: composition. What does not: options (``commands.kiosk``), judgement
(``cardcheck.kiosk``).
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from cardcheck.checks.exit_codes import ExitCode
from cardcheck.cli.kiosk import (
    MAX_FILE,
    Teller,
    excluded,
    exit_code_of,
    health_in_file,
    health_views,
    read_if_there,
)
from cardcheck.cli.output import deliver
from cardcheck.errors import InputError
from cardcheck.render.formats import Format, written

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cardcheck.cli.kiosk import Kiosk
    from cardcheck.kiosk.health import Health
    from cardcheck.kiosk.run import Acceptance, MorningCheck, Presentation

_MOST: Final = 64  # readers of one name


def accept_once(
    kiosk: Kiosk, allow_failures: int, baseline: str | None, resume: str | None = None
) -> Acceptance:
    """One acceptance run, compared with the baseline where there is one.

    Raises:
        InputError: the reader is not clear, or the baseline cannot be used.
    """
    from cardcheck.kiosk.accept import accept
    from cardcheck.kiosk.bench import Limits
    from cardcheck.kiosk.rule import Rule
    from cardcheck.kiosk.run import Acceptance, ReaderFace, Stop

    before = read_if_there(baseline) if baseline else None
    rule = Rule(allowed=allow_failures)
    readers = kiosk.readers()
    if len(readers) > 1:
        names = "; ".join(f"{index}: {face.name}" for index, (_, face) in enumerate(readers))
        raise InputError(f"there are several readers; name one with --reader: {names}")
    if not readers:
        nothing = ReaderFace(name="-")
        return Acceptance(
            setting=kiosk.setting,
            reader=nothing,
            rule=rule,
            presentations=(),
            problems=kiosk.problems,
            stop=Stop.NO_READER,
        )
    identity, face = readers[0]
    teller = Teller(kiosk.messages)
    _warn(kiosk)
    begun = Acceptance(
        setting=kiosk.setting, reader=face, rule=rule, presentations=(), problems=kiosk.problems
    )
    earlier = _earlier(resume, begun) if resume else ()
    done, stop = accept(kiosk.bench(identity, Limits(), teller), rule, teller, earlier)
    run = replace(begun, presentations=done, stop=stop)
    return run if before is None else _compared(run, before, baseline)


def _compared(run: Acceptance, before: bytes, baseline: str | None) -> Acceptance:
    """The run beside its baseline.

    Raises:
        InputError: the file is no baseline.
    """
    from cardcheck.kiosk.baseline import drift_from

    try:
        date, drift = drift_from(before, run)
    except InputError as error:
        raise InputError(f"--baseline {baseline}: {error}") from None
    return replace(run, baseline=date, drift=drift)


def _earlier(resume: str, begun: Acceptance) -> tuple[Presentation, ...]:
    """The presentations of the run that is gone on with.

    Raises:
        InputError: the file cannot be read, or is no run that this one can continue.
    """
    from cardcheck.inputs import read_input
    from cardcheck.kiosk.json_documents import earlier_in

    data = read_input(resume, MAX_FILE)
    try:
        return earlier_in(data, begun)
    except InputError as error:
        raise InputError(f"--resume {resume}: {error}") from None


def keep_baseline(kiosk: Kiosk, run: Acceptance, baseline: str | None, *, renew: bool) -> None:
    """Writes the baseline where the run passed and there is none yet, or it is to be renewed.

    Raises:
        InputError: it cannot be written.
    """
    from cardcheck.kiosk.baseline import baseline_of
    from cardcheck.output.streams import write_file_atomically

    if baseline and run.passed and (renew or run.baseline is None):
        write_file_atomically(baseline, baseline_of(run))
        _say(kiosk.messages.label("baseline-kept", file=baseline))


def check_once(kiosk: Kiosk, seconds: float) -> MorningCheck:
    """One morning check of all readers.

    Raises:
        InputError: ``--reader`` names none.
        Interruption: a signal came.
    """
    from cardcheck.kiosk.accept import check
    from cardcheck.kiosk.bench import Limits
    from cardcheck.kiosk.run import MorningCheck

    readers = kiosk.readers()
    names = [face.model or face.name for _, face in readers] if len(readers) > 1 else []
    teller = Teller(kiosk.messages, names)
    limits = Limits(detect=seconds)
    if readers:
        _warn(kiosk)
    places = [(face, kiosk.bench(identity, limits, teller)) for identity, face in readers]
    return MorningCheck(
        setting=kiosk.setting, readers=check(places, teller), problems=kiosk.problems
    )


class Publisher:
    """Where a watch's health goes: files after each look, stdout when it has changed."""

    def __init__(
        self, kiosk: Kiosk, state: str | None, textfile: str | None, memory: str | None = None
    ) -> None:
        """Writes to these files; to stdout where there is no ``state``."""
        self.state = state
        self.memory = memory
        self._kiosk = kiosk
        self._textfile = textfile
        self._shown: object = None

    def __call__(self, health: Health) -> None:
        """Publishes one health.

        Raises:
            InputError: a file cannot be written.
        """
        from cardcheck.output.streams import write_file_atomically

        views = health_views(health, self._kiosk.messages)
        if self._textfile:
            write_file_atomically(self._textfile, written(Format.PROMETHEUS, views))
        for file in filter(None, (self.memory, self.state)):
            write_file_atomically(file, written(Format.JSON, views))
        if self.state:
            return
        shown = (health.state, health.reason, [(r.name, r.state, r.reason) for r in health.readers])
        if shown != self._shown:
            self._shown = shown
            deliver(views, self._kiosk.options, ExitCode.OK)


def watch(
    kiosk: Kiosk,
    publisher: Publisher,
    *,
    interval: float,
    cycles: int | None,
    closed_file: str | None,
    expected: Mapping[str, int],
) -> Health:
    """Watches until a signal comes or ``cycles`` looks are done; returns the last health.

    Raises:
        InputError: a file cannot be written, or the state file is something else.
    """
    from cardcheck.kiosk.health import Health, expecting
    from cardcheck.kiosk.watch import Watcher

    kept = (file for file in (publisher.state, publisher.memory) if file and os.path.lexists(file))
    last = next(kept, None)
    health = expecting(health_in_file(last) if last else Health(at=datetime.now(UTC)), expected)
    health = replace(health, interval=interval, station=kiosk.options.station)
    health = replace(health, source=kiosk.source.value)
    watcher = Watcher(
        kiosk.opener(),
        health,
        excluded=excluded,
        closed=lambda: closed_file is not None and os.path.lexists(closed_file),
    )
    watcher.run(publisher, cycles)
    return watcher.health


def say_task() -> int:
    """Writes the watch that was asked for as a task; the exit code."""
    from cardcheck.kiosk.task import task_xml
    from cardcheck.output.streams import write_text

    program = (
        [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "cardcheck"]
    )
    arguments = [argument for argument in sys.argv[1:] if argument != "--task"]
    write_text(sys.stdout, task_xml([*program, *arguments]))
    return 0


def expected_readers(declared: Sequence[str], baselines: Sequence[str]) -> dict[str, int]:
    """How many readers of each part of a name are expected, as ``NAME=N`` or baselines say.

    Raises:
        InputError: a text is not of that form, or a file is no baseline.
    """
    from cardcheck.inputs import read_input
    from cardcheck.kiosk.baseline import name_in

    expected: dict[str, int] = {}
    for text in declared:
        name, _, number = text.rpartition("=")
        if not (
            name.strip() and number.isascii() and number.isdigit() and 0 < int(number) <= _MOST
        ):
            raise InputError(f"--expect {text}: say a part of the name and how many: Sony=1")
        expected[name.strip()] = expected.get(name.strip(), 0) + int(number)
    for file in baselines:
        try:
            name = name_in(read_input(file, MAX_FILE))
        except InputError as error:
            raise InputError(f"--expect-baseline {file}: {error}") from None
        expected[name] = expected.get(name, 0) + 1
    return expected


def say_state(kiosk: Kiosk, path: str) -> int:
    """Says what a state file says as of now, and returns the exit code.

    Raises:
        InputError: it cannot be read, or is no state file.
    """
    from cardcheck.kiosk.health import judged

    health = judged(health_in_file(path), datetime.now(UTC))
    return deliver(health_views(health, kiosk.messages), kiosk.options, exit_code_of(health))


def _warn(kiosk: Kiosk) -> None:
    _say(kiosk.messages.label("not-own-card"))


def _say(line: str) -> None:
    import sys

    from cardcheck.output.streams import write_lines

    write_lines(sys.stderr, [line])
