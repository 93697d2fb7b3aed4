# SPDX-License-Identifier: Apache-2.0
"""``kiosk`` put together: from options to readers and benches, from runs to files and streams.

What belongs here: composition. What does not: judgement and formats (``cardcheck.kiosk``).
"""

from __future__ import annotations

import os
import platform
import sys
import uuid
from functools import cached_property
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from cardcheck import __version__
from cardcheck.catalog.kiosk import load_kiosk
from cardcheck.catalog.messages import load
from cardcheck.catalog.readers import known_reader, never_counts
from cardcheck.checks.exit_codes import ExitCode
from cardcheck.cli.language import language
from cardcheck.cli.options import Options
from cardcheck.cli.session import Session
from cardcheck.composition.readers import chosen
from cardcheck.deadline import Background, call
from cardcheck.errors import InputError, LinkError
from cardcheck.host.probe import observe
from cardcheck.host.usb_release import usb_release
from cardcheck.inputs import read_input
from cardcheck.kiosk import monitoring, page
from cardcheck.kiosk.automatic import AutomaticHands
from cardcheck.kiosk.bench import Bench
from cardcheck.kiosk.documents import acceptance_table
from cardcheck.kiosk.health import State
from cardcheck.kiosk.json_documents import acceptance_document, check_document
from cardcheck.kiosk.page import check_screen, health_screen
from cardcheck.kiosk.run import ReaderFace, Setting
from cardcheck.kiosk.state_file import health_document
from cardcheck.kiosk.state_file import health_in as parsed
from cardcheck.kiosk.watch import LOOK_LIMIT
from cardcheck.output.encoding import Styled
from cardcheck.output.streams import write_lines, write_note
from cardcheck.render.formats import Format, Views
from cardcheck.render.pages.report import headline
from cardcheck.render.text import page as report_words
from cardcheck.report.model import Layer, Outcome, Severity, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cardcheck.catalog.messages import Messages
    from cardcheck.facts.host import HostFacts
    from cardcheck.facts.reader import ReaderIdentity
    from cardcheck.kiosk.bench import Hands, Limits
    from cardcheck.kiosk.health import Health
    from cardcheck.kiosk.run import Acceptance, MorningCheck, Presentation
    from cardcheck.render.document import Headline
    from cardcheck.report.model import ReaderReport, Report
    from cardcheck.transports.link import ReaderBackend

_LAYERS: Final = frozenset({Layer.COMPUTER, Layer.SERVICE, Layer.DRIVER, Layer.READER})
_ANSWER_WITHIN: Final = 10.0  # seconds
MAX_FILE: Final = 1 << 20  # bytes of a baseline or state file


class KioskOptions(Struct, frozen=True, kw_only=True):
    """The options that the commands of ``kiosk`` share."""

    form: Format = Format.TEXT
    output: str | None = None
    html: str | None = None
    open_page: bool = False
    plain: bool = False
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
        self.source = self.session.look.sources.kind

    @cached_property
    def messages(self) -> Messages:
        """The sentences of ``kiosk`` in the language that was chosen."""
        return load_kiosk(language(self.options.lang, self.options.output))

    @cached_property
    def setting(self) -> Setting:
        """Where, when and by whom."""
        options = self.options
        return Setting(
            id=str(uuid.uuid4()),
            at=self.session.look.now,
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

    @property
    def trouble(self) -> Headline | None:
        """What is wrong with computer, service, driver or reader, and the next step; else None."""
        if self._report is None or not self.problems:
            return None
        messages = load(language(self.options.lang, self.options.output))
        return headline(report_words(self._report, messages), messages, technical=True)

    def opener(self) -> Callable[[], ReaderBackend]:
        """What opens the readers, with a fresh card where it is simulated or recorded."""
        return self.session.look.sources.openers(self.session.look.now, None)[0]

    def readers(self) -> Sequence[tuple[ReaderIdentity, ReaderFace]]:
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
            identities = [each for each in call(listed, LOOK_LIMIT) if not never_counts(each.name)]
        except (LinkError, ImportError):
            return []
        known = {row.name: row for row in rows}
        faces = [(each, _face(each, known, self._host)) for each in identities]
        return chosen(faces, self.options.reader, lambda each: each[0].name)

    @cached_property
    def _host(self) -> HostFacts | None:
        if self.source is not Source.HARDWARE:
            return None
        return observe(self.session.look.now, thorough=True)

    def bench(self, identity: ReaderIdentity, limits: Limits, teller: Teller) -> Bench:
        """Where cards are presented to one reader: by a person, or by themselves."""
        if self.source is Source.HARDWARE:
            hands: Hands = teller
            return Bench(self.opener(), identity, hands, limits)
        automatic = AutomaticHands(self.opener)
        return Bench(automatic.open, identity, _Told(teller, automatic), limits)


class _Told:
    """Hands that do by themselves what a person is told at the same time: clerks train with it."""

    def __init__(self, teller: Teller, hands: Hands) -> None:
        self._both = (teller, hands)

    def place(self) -> None:
        """Says so, and places the card."""
        for each in self._both:
            each.place()

    def remove(self) -> None:
        """Says so, and takes the card away."""
        for each in self._both:
            each.remove()


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

    def was_placed(self) -> bool:
        """Whether a person at a terminal says that the card lay there; waits ten seconds."""
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            return False
        self._say(self._messages.label("was-placed"))
        return _answered_yes(_ANSWER_WITHIN)

    def end(self, presentation: Presentation) -> None:
        """Says how it went, with a sound on a terminal."""
        outcome = self._messages.word("outcome", presentation.outcome)
        good = self._messages.label("good")
        line = good if presentation.good else self._messages.label("bad", outcome=outcome)
        if sys.stderr.isatty():
            write_note(sys.stderr, Styled("\a"))
        self._say(line)

    @staticmethod
    def _say(line: str) -> None:
        write_lines(sys.stderr, [line])


def _answered_yes(seconds: float) -> bool:
    """Whether a line that begins with y is entered in time."""
    answer: Background[str] = Background(sys.stdin.readline, "answer")
    return answer.wait(seconds) and answer.result().strip().lower().startswith("y")


def acceptance_views(run: Acceptance, messages: Messages, trouble: Headline | None = None) -> Views:
    """An acceptance run as each format needs it; on a screen with what is wrong below."""
    return Views(
        screen=lambda: page.acceptance_screen(run, messages, trouble),
        page=lambda: page.acceptance_page(run, messages),
        data=lambda: acceptance_document(run),
        table=lambda: acceptance_table(run),
        source=_unreal(run.setting.source),
    )


def check_views(check: MorningCheck, messages: Messages, trouble: Headline | None = None) -> Views:
    """A morning check as each format needs it; on a screen with what is wrong below."""
    return Views(
        screen=lambda: check_screen(check, messages, trouble),
        data=lambda: check_document(check),
        status=lambda: monitoring.status_of_check(check),
        metrics=lambda: monitoring.metrics_of_check(check),
        source=_unreal(check.setting.source),
    )


def health_views(health: Health, messages: Messages) -> Views:
    """A health as each format needs it."""
    return Views(
        screen=lambda: health_screen(health, messages),
        data=lambda: health_document(health),
        status=lambda: monitoring.status_of_health(health),
        metrics=lambda: monitoring.metrics_of_health(health),
        source=_unreal(health.source),
    )


def exit_code_of(health: Health) -> ExitCode:
    """What a state comes to."""
    fine = {State.OK, State.WARNING, State.NOT_IN_SERVICE}
    return ExitCode.OK if health.state in fine else ExitCode.PROBLEM


def _unreal(source: str) -> str | None:
    return None if source == Source.HARDWARE else source


def health_in_file(path: str) -> Health:
    """The health in a state file.

    Raises:
        InputError: it cannot be read, or is no state file.
    """
    data = read_input(path, MAX_FILE)
    try:
        return parsed(data)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def read_if_there(path: str) -> bytes | None:
    """The content of a file, or None where there is none yet.

    Raises:
        InputError: it is there and cannot be read.
    """
    return read_input(path, MAX_FILE) if os.path.lexists(path) else None


def _face(
    identity: ReaderIdentity, known: dict[str, ReaderReport], host: HostFacts | None
) -> ReaderFace:
    """What is known of a reader: the row of the report, the device, the driver that lists it."""
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
