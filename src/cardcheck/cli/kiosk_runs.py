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

from msgspec import Struct
from msgspec.structs import replace

from cardcheck.catalog.readers import never_counts
from cardcheck.checks.exit_codes import ExitCode
from cardcheck.cli.kiosk import (
    MAX_FILE,
    Teller,
    acceptance_views,
    check_views,
    exit_code_of,
    health_in_file,
    health_views,
    read_if_there,
)
from cardcheck.cli.output import deliver
from cardcheck.cli.sealing import require_key, seal_texts
from cardcheck.errors import InputError
from cardcheck.inputs import read_input
from cardcheck.kiosk.accept import accept, check
from cardcheck.kiosk.baseline import baseline_of, drift_from, name_in
from cardcheck.kiosk.bench import Limits
from cardcheck.kiosk.documents import log_line
from cardcheck.kiosk.health import Health, expecting, judged
from cardcheck.kiosk.journal import append_line
from cardcheck.kiosk.json_documents import earlier_in
from cardcheck.kiosk.rule import Rule
from cardcheck.kiosk.run import Acceptance, MorningCheck, ReaderFace, Stop
from cardcheck.kiosk.task import task_xml
from cardcheck.kiosk.watch import Watcher
from cardcheck.output.streams import write_file_atomically, write_lines, write_text
from cardcheck.render.formats import Format, exit_code, written
from cardcheck.signals import Interruption

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cardcheck.cli.kiosk import Kiosk
    from cardcheck.kiosk.run import Presentation

_MOST: Final = 64  # readers of one name


def accept_once(
    kiosk: Kiosk, allow_failures: int, baseline: str | None, resume: str | None = None
) -> Acceptance:
    """One acceptance run, compared with the baseline where there is one.

    Raises:
        InputError: the reader is not clear, or the baseline cannot be used.
    """
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
        setting=kiosk.setting,
        reader=face,
        rule=rule,
        presentations=(),
        problems=kiosk.problems,
    )
    earlier = _earlier(resume, begun) if resume else ()
    done, stop = accept(kiosk.bench(identity, Limits(), teller), rule, teller, earlier)
    run = replace(begun, presentations=done, stop=stop)
    if before is None:
        return run
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
    if baseline and run.passed and (renew or run.baseline is None):
        write_file_atomically(baseline, baseline_of(run))
        _say(kiosk.messages.label("baseline-kept", file=baseline))


def check_once(kiosk: Kiosk, seconds: float) -> MorningCheck:
    """One morning check of all readers.

    Raises:
        InputError: ``--reader`` names none.
        Interruption: a signal came.
    """
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
    kept = (file for file in (publisher.state, publisher.memory) if file and os.path.lexists(file))
    last = next(kept, None)
    health = expecting(health_in_file(last) if last else Health(at=datetime.now(UTC)), expected)
    health = replace(health, interval=interval, station=kiosk.options.station)
    health = replace(health, source=kiosk.source.value)
    watcher = Watcher(
        kiosk.opener(),
        health,
        excluded=never_counts,
        closed=lambda: closed_file is not None and os.path.lexists(closed_file),
    )
    watcher.run(publisher, cycles)
    return watcher.health


def say_task() -> int:
    """Writes the watch that was asked for as a task; the exit code."""
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
    health = judged(health_in_file(path), datetime.now(UTC))
    return deliver(health_views(health, kiosk.messages), kiosk.options, exit_code_of(health))


class AcceptanceOptions(Struct, frozen=True, kw_only=True):
    """The options of an acceptance run beside those that every command of ``kiosk`` has.

    Attributes:
        allow_failures: how many presentations may fail.
        baseline: the file of earlier figures, or None.
        renew_baseline: write it anew.
        resume: the JSON of a run to go on with, or None.
        fail_on: ``warning`` where passing with remarks gives exit code 1 too.
    """

    allow_failures: int
    baseline: str | None
    renew_baseline: bool
    resume: str | None
    fail_on: str


def deliver_acceptance(
    kiosk: Kiosk,
    sealing: tuple[str | None, str | None],
    csv: str | None,
    options: AcceptanceOptions,
) -> int:
    """Makes an acceptance run, writes what was asked for, and returns the exit code.

    Args:
        kiosk: the run.
        sealing: the archive and the key that signs it, or None twice.
        csv: the file for the presentations, or None.
        options: the rule and the files that it is compared with.

    Raises:
        InputError: the reader is not clear, or a file cannot be used.
    """
    seal, key = sealing
    require_key(seal, key)
    baseline = options.baseline
    run = accept_once(kiosk, options.allow_failures, baseline, options.resume)
    views, after = acceptance_views(run, kiosk.messages, kiosk.trouble), []
    after.append(lambda: keep_baseline(kiosk, run, baseline, renew=options.renew_baseline))
    if csv:
        after.append(lambda: write_file_atomically(csv, written(Format.CSV, views)))
    if seal and key:
        forms = (Format.JSON, Format.CSV, Format.HTML)
        texts = {f"acceptance.{form.value}": written(form, views) for form in forms}
        after.append(lambda: seal_texts(seal, key, texts))
    code = run.exit_code_at(warning=options.fail_on == "warning")
    return deliver(views, kiosk.options, code, *after)


def deliver_check(
    kiosk: Kiosk, seconds: float, log: str | None, sealing: tuple[str | None, str | None]
) -> int:
    """Makes a morning check, writes what was asked for, and returns the exit code.

    Args:
        kiosk: the run.
        seconds: how long a card may take to come.
        log: the file that gets one more line, or None.
        sealing: the archive and the key that signs it, or None twice.

    Raises:
        InputError: ``--reader`` names none, or a file cannot be used.
    """
    seal, key = sealing
    require_key(seal, key)
    try:
        check = check_once(kiosk, seconds)
    except Interruption:
        return ExitCode.INTERRUPTED  # or 143: the signal says which
    views, after = check_views(check, kiosk.messages, kiosk.trouble), []
    if log:
        after.append(lambda: append_line(log, log_line(check)))
    if seal and key:
        sealed = {"check.json": written(Format.JSON, views)}
        after.append(lambda: seal_texts(seal, key, sealed))
    return deliver(views, kiosk.options, check.exit_code, *after)


class WatchOptions(Struct, frozen=True, kw_only=True):
    """The options of a watch beside those that every command of ``kiosk`` has.

    Attributes:
        interval: seconds between two looks.
        cycles: after how many looks it ends, or None.
        closed_file: while it exists, the station is not in service; or None.
        memory: the file that lasts over a boot, or None.
        expect: readers that belong here, ``NAME=N``.
        expect_baseline: baselines whose readers belong here.
    """

    interval: float
    cycles: int | None
    closed_file: str | None
    memory: str | None
    expect: tuple[str, ...]
    expect_baseline: tuple[str, ...]


def deliver_watch(
    kiosk: Kiosk, state: str | None, textfile: str | None, options: WatchOptions
) -> int:
    """Watches, publishes each health, and returns the exit code of the last.

    Raises:
        InputError: a file cannot be written, or the state file is something else.
    """
    publisher = Publisher(kiosk, state, textfile, options.memory)
    health = watch(
        kiosk,
        publisher,
        interval=options.interval,
        cycles=options.cycles,
        closed_file=options.closed_file,
        expected=expected_readers(options.expect, options.expect_baseline),
    )
    views = health_views(health, kiosk.messages)
    return exit_code(kiosk.options.form, views, exit_code_of(health))


def _warn(kiosk: Kiosk) -> None:
    _say(kiosk.messages.label("not-own-card"))


def _say(line: str) -> None:
    write_lines(sys.stderr, [line])
