# SPDX-License-Identifier: Apache-2.0
"""``kiosk`` put together: from options to readers and benches, from runs to files and streams.

What belongs here: composition. What does not: judgement and formats (``cardcheck.kiosk``).
"""

from __future__ import annotations

import os
import sys
from functools import cached_property
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from cardcheck import __version__
from cardcheck.cli.language import language
from cardcheck.cli.options import Options
from cardcheck.cli.session import Session
from cardcheck.deadline import call
from cardcheck.errors import InputError, LinkError
from cardcheck.kiosk.run import ReaderFace, Setting
from cardcheck.kiosk.watch import LOOK_LIMIT
from cardcheck.report.model import Layer, Outcome, Severity, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cardcheck.catalog.messages import Messages
    from cardcheck.facts.host import HostFacts
    from cardcheck.facts.reader import ReaderIdentity
    from cardcheck.kiosk.bench import Bench, Hands, Limits
    from cardcheck.kiosk.health import Health
    from cardcheck.kiosk.run import Acceptance, MorningCheck, Presentation
    from cardcheck.report.model import ReaderReport, Report
    from cardcheck.transports.link import ReaderBackend

_LAYERS: Final = frozenset({Layer.COMPUTER, Layer.SERVICE, Layer.DRIVER, Layer.READER})
_MAX_FILE: Final = 1 << 20  # bytes of a baseline or state file


class KioskOptions(Struct, frozen=True, kw_only=True):
    """The options that the commands of ``kiosk`` share."""

    form: str = "text"
    output: str | None = None
    lang: str | None = None
    reader: str | None = None
    simulate: str | None = None
    replay: str | None = None
    fault: tuple[str, ...] = ()
    station: str | None = None
    operator: str | None = None


class Kiosk:
    """One run of a command of ``kiosk``."""

    def __init__(self, command: str, options: KioskOptions) -> None:
        """Prepares a run; nothing is looked at yet.

        Raises:
            InputError: options that exclude each other.
        """
        self.options = options
        shared = Options(
            lang=options.lang,
            reader=options.reader,
            simulate=options.simulate,
            replay=options.replay,
            fault=options.fault,
            station=options.station,
        )
        self.session = Session(command, shared)
        self.source = self.session.sources.kind

    @cached_property
    def messages(self) -> Messages:
        """The sentences of ``kiosk`` in the language that was chosen."""
        from cardcheck.catalog.kiosk import load_kiosk

        return load_kiosk(language(self.options.lang, self.options.output))

    @cached_property
    def setting(self) -> Setting:
        """Where, when and by whom."""
        import platform
        import uuid

        options = self.options
        return Setting(
            id=str(uuid.uuid4()),
            at=self.session.now,
            station=options.station,
            operator=options.operator,
            source=self.source.value,
            platform=f"{platform.system()} {platform.release()}",
            version=__version__,
        )

    @cached_property
    def _report(self) -> Report | None:
        """What ``readers`` says about this computer; None where no real one is tried."""
        return self.session.diagnose(read_cards=False) if self.source is Source.HARDWARE else None

    @property
    def problems(self) -> tuple[str, ...]:
        """Ids of the checks of computer, service, driver and reader that found an error."""
        found = self._report.findings if self._report is not None else ()
        bad = (f for f in found if f.layer in _LAYERS and f.severity is Severity.ERROR)
        return tuple(dict.fromkeys(f.check for f in bad if f.outcome is Outcome.PROBLEM))

    def opener(self) -> Callable[[], ReaderBackend]:
        """What opens the readers, with a fresh card where it is simulated or recorded."""
        return self.session.sources.openers(self.session.now, None)[0]

    def readers(self) -> list[tuple[ReaderIdentity, ReaderFace]]:
        """The readers that count and are meant, with what is known of them; there may be none.

        Raises:
            InputError: ``--reader`` names none of those that are there.
        """
        opener = self.opener()

        def listed() -> Sequence[ReaderIdentity]:
            backend = opener()
            try:
                return backend.readers()
            finally:
                backend.close()

        rows = self._report.readers if self._report is not None else ()
        if self._report is not None and not rows:  # and a service that hangs is asked only once
            return []
        try:
            identities = [each for each in call(listed, LOOK_LIMIT) if not excluded(each.name)]
        except (LinkError, ImportError):
            return []
        known = {row.name: row for row in rows}
        faces = [(each, _face(each, known, self._host)) for each in identities]
        return _chosen(faces, self.options.reader)

    @cached_property
    def _host(self) -> HostFacts | None:
        if self.source is not Source.HARDWARE:
            return None
        from cardcheck.host.probe import observe

        return observe(self.session.now, thorough=True)

    def bench(self, identity: ReaderIdentity, limits: Limits, teller: Teller) -> Bench:
        """Where cards are presented to one reader: by a person, or by themselves."""
        from cardcheck.kiosk.automatic import AutomaticHands
        from cardcheck.kiosk.bench import Bench

        if self.source is Source.HARDWARE:
            hands: Hands = teller
            return Bench(self.opener(), identity, hands, limits)
        automatic = AutomaticHands(self.opener)
        return Bench(automatic.open, identity, automatic, limits)

    def write(self, text: str) -> None:
        """Writes the result where it belongs.

        Raises:
            InputError: the file cannot be written.
        """
        from cardcheck.render.streams import write_file_atomically, write_text

        if self.options.output:
            write_file_atomically(self.options.output, text)
        else:
            write_text(sys.stdout, text)


class Teller:
    """Tells a person on stderr what to do; hands-free, so one line and a sound."""

    def __init__(self, messages: Messages, names: Sequence[str] = ()) -> None:
        """Speaks the language of ``messages``; ``names`` tells several readers apart."""
        self._messages = messages
        self._names = names
        self._count = (0, 0)

    def begin(self, number: int, total: int) -> None:
        """Notes which presentation begins."""
        self._count = (number, total)

    def place(self) -> None:
        """Asks for the card."""
        number, total = self._count
        if self._names:
            name = self._names[number - 1]
            self._say(self._messages.label("place-at", reader=name, number=number, total=total))
        else:
            self._say(self._messages.label("place", number=number, total=total))

    def remove(self) -> None:
        """Asks for the card to be taken away."""
        self._say(self._messages.label("remove"))

    def end(self, presentation: Presentation) -> None:
        """Says how it went, with a sound on a terminal."""
        from cardcheck.render.streams import Styled, write_note

        outcome = self._messages.word("outcome", presentation.outcome)
        good = self._messages.label("good")
        line = good if presentation.good else self._messages.label("bad", outcome=outcome)
        if sys.stderr.isatty():
            write_note(sys.stderr, Styled("\a"))
        self._say(line)

    @staticmethod
    def _say(line: str) -> None:
        from cardcheck.render.streams import write_lines

        write_lines(sys.stderr, [line])


def acceptance_in(form: str, run: Acceptance, messages: Messages) -> str:
    """An acceptance run as ``text``, ``json``, ``csv`` or ``html``."""
    from cardcheck.kiosk.documents import acceptance_csv
    from cardcheck.kiosk.json_documents import acceptance_document
    from cardcheck.kiosk.sheet import acceptance_sheet
    from cardcheck.kiosk.text import acceptance_text

    if form == "json":
        return _dumps(acceptance_document(run))
    if form == "csv":
        return acceptance_csv(run)
    return acceptance_sheet(run, messages) if form == "html" else acceptance_text(run, messages)


def check_in(form: str, check: MorningCheck, messages: Messages) -> tuple[str, int]:
    """A morning check in one of the formats of ``kiosk check``, and the exit code."""
    from cardcheck.kiosk import monitoring
    from cardcheck.kiosk.json_documents import check_document
    from cardcheck.kiosk.text import check_text

    if form == "nagios":
        return monitoring.nagios_of_check(check)
    if form == "prometheus":
        return monitoring.prometheus_of_check(check), check.exit_code
    if form in {"json", "jsonl"}:
        return _dumps(check_document(check), one_line=form == "jsonl"), check.exit_code
    return check_text(check, messages), check.exit_code


def health_in(form: str, health: Health, messages: Messages) -> tuple[str, int]:
    """A health in one of the formats of ``kiosk watch``, and the exit code."""
    from cardcheck.checks.exit_codes import ExitCode
    from cardcheck.kiosk import monitoring
    from cardcheck.kiosk.health import State
    from cardcheck.kiosk.state_file import health_document
    from cardcheck.kiosk.text import health_text

    if form == "nagios":
        return monitoring.nagios(health)
    fine = {State.OK, State.WARNING, State.NOT_IN_SERVICE}
    code = ExitCode.OK if health.state in fine else ExitCode.PROBLEM
    if form == "prometheus":
        return monitoring.prometheus(health), code
    if form in {"json", "jsonl"}:
        return _dumps(health_document(health), one_line=form == "jsonl"), code
    return health_text(health, messages), code


def health_in_file(path: str) -> Health:
    """The health in a state file.

    Raises:
        InputError: it cannot be read, or is no state file.
    """
    from cardcheck.inputs import read_input
    from cardcheck.kiosk.state_file import health_in as parsed

    data = read_input(path, _MAX_FILE)
    try:
        return parsed(data)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def excluded(name: str) -> bool:
    """Whether a reader never counts: Windows Hello and its like."""
    from cardcheck.catalog.reader_table import NameKind
    from cardcheck.catalog.readers import match_name

    match = match_name(name)
    return match is not None and match.kind is NameKind.EXCLUDED


def read_if_there(path: str) -> bytes | None:
    """The content of a file, or None where there is none yet.

    Raises:
        InputError: it is there and cannot be read.
    """
    from cardcheck.inputs import read_input

    return read_input(path, _MAX_FILE) if os.path.lexists(path) else None


def _face(
    identity: ReaderIdentity, known: dict[str, ReaderReport], host: HostFacts | None
) -> ReaderFace:
    """What is known of a reader: the row of the report, the device, the driver that lists it."""
    from cardcheck.catalog.readers import known_reader
    from cardcheck.host.usb_release import usb_release

    found = known_reader(identity.name, identity.usb)
    row = known.get(found.name)
    usb = row.usb if row is not None else None
    devices = [device for device in (host.usb if host else None) or () if device.id == usb]
    location = devices[0].location if len(devices) == 1 else None
    drivers = [each for each in (host.bundles if host else None) or () if usb in each.ids]
    return ReaderFace(
        name=found.name,
        model=None if identity.virtual else found.model,
        usb=":".join(usb) if usb else None,
        interface=found.interface.value,
        firmware=usb_release(location),
        location=location,
        driver=f"{drivers[0].name} {drivers[0].version or ''}".strip() if drivers else None,
    )


def _chosen(
    readers: list[tuple[ReaderIdentity, ReaderFace]], wish: str | None
) -> list[tuple[ReaderIdentity, ReaderFace]]:
    """The readers that ``--reader`` means, by index or part of the name."""
    from cardcheck.catalog.readers import goes_by

    if wish is None or not readers:
        return readers
    if wish.isascii() and wish.isdigit():
        chosen = readers[int(wish) : int(wish) + 1]
    else:
        chosen = [each for each in readers if goes_by(each[0].name, wish)]
    if not chosen:
        listed = "; ".join(f"{index}: {face.name}" for index, (_, face) in enumerate(readers))
        raise InputError(f"--reader {wish}: no such reader. There are: {listed}")
    return chosen


def _dumps(document: object, *, one_line: bool = False) -> str:
    from cardcheck.render.json_report import dumps

    return dumps(document, one_line=one_line)
