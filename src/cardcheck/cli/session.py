# SPDX-License-Identifier: Apache-2.0
"""Where everything is put together: from options to a survey, from a survey to a report, from a report to a stream.

What belongs here: composition. What does not: decisions about cards (``checks``) or words (``catalog``).
"""

from __future__ import annotations

import locale
import os
import sys
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cardcheck import BUILD_DATE, __version__, signals
from cardcheck.catalog.authorities import pinned_fingerprints
from cardcheck.catalog.messages import choose_language, load
from cardcheck.catalog.readers import NameKind, match_name
from cardcheck.errors import InputError
from cardcheck.host.ca_cache import CaCache, default_directory
from cardcheck.report.model import HOST, Scope, Severity, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cardcheck.cards.plan import ReadRequest
    from cardcheck.catalog.messages import Messages
    from cardcheck.checks.base import Judging
    from cardcheck.cli.options import Options
    from cardcheck.facts.host import HostFacts
    from cardcheck.facts.reader import ReaderIdentity, SurveyFacts
    from cardcheck.report.model import Report
    from cardcheck.simulation.card import SimulatedCard
    from cardcheck.transports.link import ReaderBackend
    from cardcheck.transports.record import Recorder
    from cardcheck.transports.trace import Trace

_WAIT_ON_TERMINAL: Final = 30.0
_PATIENCE_ON_TERMINAL: Final = 10.0
_PATIENCE: Final = 1.5
_FALLBACK_PROFILE: Final = "valid"
_MAX_INPUT: Final = 1 << 20  # bytes of a PEM file


class Session:
    """One run of a diagnosing command."""

    def __init__(self, command: str, options: Options) -> None:
        """Checks the options against each other.

        Raises:
            InputError: options that contradict each other, or a file that cannot be read.
        """
        self.command = command
        self.options = options
        self.began = time.monotonic()
        self.now = datetime.now(UTC)
        if options.simulate and options.replay:
            raise InputError("--simulate and --replay exclude each other; give one of them")
        if options.fault and not options.simulate:
            raise InputError("--fault needs --simulate: no fault can be put into a real card")

    @cached_property
    def messages(self) -> Messages:
        """The sentences in the language that was chosen."""
        name = None if _locale_in(os.environ) else locale.getlocale()[0]
        return load(choose_language(self.options.lang, os.environ, name))

    @property
    def interactive(self) -> bool:
        """Whether a person sits in front of a terminal and is not reading JSON."""
        return not self.options.as_json and _is_terminal(sys.stdout) and _is_terminal(sys.stderr)

    def diagnose(self, *, read_cards: bool = True, or_simulate: bool = False) -> Report:
        """Looks at everything and returns the report.

        Args:
            read_cards: False for a mere list of readers.
            or_simulate: without any reader, show the simulated card beside the real host.

        Raises:
            InputError: a reader, profile or trace that cannot be used.
        """
        source = self._source()
        survey, report = self._look(source, read_cards=read_cards)
        if or_simulate and source is Source.HARDWARE and not survey.readers and not survey.interrupted:
            self.options = replace(self.options, simulate=_FALLBACK_PROFILE, reader=None, backend="auto")
            _, simulated = self._look(Source.SIMULATION, read_cards=True)
            report = _beside_real_host(simulated, report)
        return report

    def deliver(self, report: Report) -> int:
        """Writes the report where it belongs and returns the exit code.

        Raises:
            InputError: the output file cannot be written.
        """
        text = self._text_of(report)
        if self.options.output:
            from cardcheck.render.streams import write_file_atomically

            write_file_atomically(self.options.output, text)
        else:
            from cardcheck.render.streams import write_text

            write_text(sys.stdout, text)
        return report.exit_code

    def _look(self, source: Source, *, read_cards: bool) -> tuple[SurveyFacts, Report]:
        """One survey, and the host beside it, and what they come to."""
        from cardcheck.cli.progress import StatusLine
        from cardcheck.survey.engine import Survey
        from cardcheck.survey.request import SurveyRequest

        host = _Later(lambda: _observe(self.now))
        if source is not Source.REPLAY and not self.options.quick and read_cards:
            _Later(_warm_up)
        recorder = self._recorder(source)
        progress = StatusLine(self.messages)
        remembered = tuple(self._cache.load(pinned_fingerprints())) if not self.options.quick else ()
        survey = Survey(
            SurveyRequest(
                open_backends=(self._opener(source, recorder),),
                read=self._read_request(remembered),
                select=self._select,
                wait=self._wait(source) if read_cards else 0.0,
                timeout=self.options.timeout,
                patience=_PATIENCE_ON_TERMINAL if self.interactive else _PATIENCE,
                even_if_in_use=self.options.even_if_in_use,
                excluded=_excluded,
                source=source.value,
                read_cards=read_cards,
            ),
            progress,
        )
        facts = survey.run()
        progress.done()
        if survey.abandoned:
            signals.abandon()
        report = self._report(host.result(), facts, remembered)
        self._write_trace(recorder)
        return facts, report

    def _report(
        self, host: HostFacts, facts: SurveyFacts, remembered: tuple[bytes, ...]
    ) -> Report:
        from cardcheck.checks.diagnosis import Question, diagnose

        self._name_holders(facts)
        self._remember(facts)
        options = self.options
        question = Question(
            command=self.command,
            scope=Scope(
                quick=options.quick,
                backends=("pcsc",),
                only=options.only,
                skip=options.skip,
            ),
            fail_on=Severity(options.fail_on),
            station=options.station,
            profile=options.simulate,
        )
        facts.interrupted = facts.interrupted or signals.pending()
        milliseconds = round((time.monotonic() - self.began) * 1000)
        return diagnose(host, facts, self._judging(remembered), question, milliseconds)

    def _judging(self, remembered: tuple[bytes, ...]) -> Judging:
        from cardcheck.checks.base import Judging

        return Judging(
            at=self._instant,
            build=datetime.fromisoformat(BUILD_DATE).replace(tzinfo=UTC),
            clock_matters=self.options.at is None and self.options.replay is None,
            anchors=self._anchors,
            remembered=remembered,
            pinned=pinned_fingerprints(),
        )

    @property
    def _instant(self) -> datetime:
        """The instant by which validity is judged."""
        if self.options.at is not None:
            return self.options.at
        if self.options.replay is not None and self._trace.header.recorded is not None:
            return self._trace.header.recorded
        return self.now

    @cached_property
    def _anchors(self) -> tuple[bytes, ...]:
        if not self.options.trust_anchor:
            return ()
        from cardcheck.cards.trust import anchors_from_pem

        found: list[bytes] = []
        for name in self.options.trust_anchor:
            try:
                found += anchors_from_pem(read_input(name, _MAX_INPUT))
            except InputError as error:
                raise InputError(f"--trust-anchor {name}: {error}") from None
        return tuple(found)

    @cached_property
    def _cache(self) -> CaCache:
        real = self.options.simulate is None and self.options.replay is None
        return CaCache(default_directory() if real and not self.options.no_cache else None)

    def _remember(self, facts: SurveyFacts) -> None:
        """Keeps a CA whose fingerprint is pinned, for the next scan."""
        for reader in facts.readers:
            if reader.card is not None and reader.card.ca_certificate.data:
                self._cache.remember(reader.card.ca_certificate.data, pinned_fingerprints())

    def _read_request(self, remembered: tuple[bytes, ...]) -> ReadRequest:
        from cardcheck.cards.plan import ReadRequest

        def ca_needed(certificate: bytes) -> bool:
            from cardcheck.cards.trust import needed_ca

            return not remembered or needed_ca(certificate, remembered) is None

        return ReadRequest(quick=self.options.quick, ca_needed=ca_needed)

    def _source(self) -> Source:
        if self.options.simulate:
            return Source.SIMULATION
        return Source.REPLAY if self.options.replay else Source.HARDWARE

    def _opener(self, source: Source, recorder: Recorder | None) -> Callable[[], ReaderBackend]:
        """What opens the backend; the same for hardware, simulation and replay."""
        if source is Source.SIMULATION:
            return self._recorded(self._simulated(recorder), recorder)
        if source is Source.REPLAY:
            from cardcheck.transports.replay import ReplayBackend

            backend = ReplayBackend(self._trace, recorder=recorder)
            return self._recorded(lambda: backend, recorder)
        return self._recorded(lambda: _open_pcsc(recorder), recorder)

    def _simulated(self, recorder: Recorder | None) -> Callable[[], ReaderBackend]:
        from cardcheck.simulation.faults import FaultyCard, parse_fault
        from cardcheck.simulation.profiles import profile
        from cardcheck.transports.simulated import SimulatedWorld

        faults = [parse_fault(text) for text in self.options.fault]

        def overlay(card: SimulatedCard) -> SimulatedCard:
            for fault in faults:
                card = FaultyCard(card, fault)
            return card

        world = SimulatedWorld(profile(self.options.simulate or ""), self._instant, overlay=overlay)
        return lambda: world.open(recorder)

    @staticmethod
    def _recorded(
        opener: Callable[[], ReaderBackend], recorder: Recorder | None
    ) -> Callable[[], ReaderBackend]:
        if recorder is None:
            return opener
        from cardcheck.transports.record import RecordingBackend

        return lambda: RecordingBackend(opener(), recorder)

    def _recorder(self, source: Source) -> Recorder | None:
        if self.options.record is None or (source is Source.SIMULATION) != bool(self.options.simulate):
            return None
        from cardcheck.transports.record import Recorder

        return Recorder(self._instant, f"cardcheck {__version__}", self.options.simulate)

    def _write_trace(self, recorder: Recorder | None) -> None:
        if recorder is None or self.options.record is None:
            return
        from cardcheck.render.streams import write_file_atomically
        from cardcheck.transports.dump import format_trace

        write_file_atomically(self.options.record, format_trace(recorder.finish()))

    @cached_property
    def _trace(self) -> Trace:
        from cardcheck.transports.dump import MAX_BYTES, parse_bytes

        name = self.options.replay or ""
        try:
            return parse_bytes(read_input(name, MAX_BYTES))
        except InputError as error:
            raise InputError(f"{name}: {error}") from None

    def _select(self, readers: Sequence[ReaderIdentity]) -> Sequence[ReaderIdentity]:
        """The readers that ``--reader`` means.

        Raises:
            InputError: none of those that are there.
        """
        wish = self.options.reader
        if wish is None or not readers:
            return readers
        if wish.isascii() and wish.isdigit():
            chosen = list(readers[int(wish) : int(wish) + 1])
        else:
            chosen = [reader for reader in readers if wish.casefold() in reader.name.casefold()]
        if not chosen:
            from cardcheck.catalog.readers import clean_name

            listed = "; ".join(f"{i}: {clean_name(reader.name)}" for i, reader in enumerate(readers))
            raise InputError(f"--reader {wish}: no such reader. There are: {listed}")
        return chosen

    def _wait(self, source: Source) -> float:
        if self.options.wait is not None:
            return self.options.wait
        return _WAIT_ON_TERMINAL if self.interactive and source is Source.HARDWARE else 0.0

    def _name_holders(self, facts: SurveyFacts) -> None:
        """Names the programs that use a reader, where the system tells."""
        taken = [reader for reader in facts.readers if reader.slot.value == "in-use"]
        if taken and facts.source == Source.HARDWARE.value:
            from cardcheck.host.holders import pcsc_clients

            holders = pcsc_clients()
            for reader in taken:
                reader.holder = holders

    def _text_of(self, report: Report) -> str:
        options = self.options
        if options.as_json:
            from cardcheck.render.json_report import document, dumps

            messages = self.messages if options.with_text else None
            return dumps(document(report, show_personal=options.show_personal, messages=messages))
        from cardcheck.render.text import page

        shown = page(report, self.messages, show_personal=options.show_personal)
        if options.plain or options.output or not _is_terminal(sys.stdout):
            from cardcheck.render.plain import plain_text

            return plain_text(shown, self.messages)
        from cardcheck.render.console import rich_text

        return rich_text(shown, self.messages, sys.stdout)


class _Later:
    """A function that runs in a daemon thread; what it returns can be asked for later."""

    def __init__(self, function: Callable[[], HostFacts | None]) -> None:
        self._found: list[HostFacts | None] = []
        self._function = function
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        self._found.append(self._function())

    def result(self) -> HostFacts:
        """What the function returned, or the host without facts where it takes too long or failed."""
        self._thread.join(5.0)
        found = self._found[0] if self._found else None
        return found if found is not None else _bare_host()


def read_input(name: str, limit: int) -> bytes:
    """The content of an input file of at most ``limit`` bytes.

    Raises:
        InputError: missing, unreadable, no file, or too large.
    """
    path = Path(name)
    try:
        if path.is_dir():
            raise InputError("is a folder; name a file")
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no usable file name"
        raise InputError(f"cannot be read ({reason}); check the name and the permissions") from None
    if len(data) > limit:
        raise InputError(f"is larger than {limit} bytes; is it the right file?")
    return data


def _open_pcsc(recorder: Recorder | None) -> ReaderBackend:
    from cardcheck.transports.pcsc import PcscBackend

    return PcscBackend(recorder)


def _observe(now: datetime) -> HostFacts:
    from cardcheck.host.probe import observe

    return observe(now)


def _bare_host() -> HostFacts:
    import platform

    from cardcheck.facts.host import HostFacts

    return HostFacts(
        system=platform.system(),
        release=platform.release(),
        python=platform.python_version(),
        now=datetime.now(UTC),
    )


def _warm_up() -> None:
    """Loads what judging an issuer needs, while the card is being read."""
    from cardcheck.cards import trust

    trust.warm_up()


def _excluded(name: str) -> bool:
    match = match_name(name)
    return match is not None and match.kind is NameKind.EXCLUDED


def _beside_real_host(simulated: Report, real: Report) -> Report:
    """The simulated card's report with the real findings about this computer, which then decide nothing."""
    host = tuple(finding.demoted() for finding in real.findings if finding.subject == HOST)
    cards = tuple(finding for finding in simulated.findings if finding.subject != HOST)
    return replace(simulated, findings=host + cards, notes=("host-real",))


def _is_terminal(stream: object) -> bool:
    isatty = getattr(stream, "isatty", None)
    try:
        return bool(isatty and isatty())
    except ValueError:  # closed
        return False


def _locale_in(environ: os._Environ[str]) -> bool:
    return any(environ.get(name) for name in ("CARDCHECK_LANG", "LC_ALL", "LC_MESSAGES", "LANG"))
