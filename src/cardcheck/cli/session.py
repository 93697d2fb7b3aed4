# SPDX-License-Identifier: Apache-2.0
"""Where everything is put together: options, survey, report, stream.

What belongs here: composition. What does not: the choice of a driver (``sources``), decisions about
cards (``checks``) or words (``catalog``).
"""

from __future__ import annotations

import sys
import time
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from cardcheck import signals
from cardcheck.cli.background import load_what_comes_after
from cardcheck.cli.language import language
from cardcheck.cli.output import is_terminal
from cardcheck.cli.sources import Sources
from cardcheck.cli.trusting import Trust
from cardcheck.deadline import Background
from cardcheck.errors import InputError
from cardcheck.report.model import HOST, Scope, Severity, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from cardcheck.catalog.messages import Messages
    from cardcheck.cli.options import Options
    from cardcheck.cli.progress import StatusLine
    from cardcheck.cli.sources import Opener
    from cardcheck.facts.doctor import DoctorFacts
    from cardcheck.facts.host import HostFacts
    from cardcheck.facts.observation import Observation
    from cardcheck.facts.reader import ReaderIdentity, SurveyFacts
    from cardcheck.render.formats import Views
    from cardcheck.report.model import Report
    from cardcheck.survey.engine import Survey
    from cardcheck.survey.request import SurveyRequest
    from cardcheck.transports.record import Recorder

_WAIT_ON_TERMINAL: Final = 30.0  # seconds; the contract
_PATIENCE_ON_TERMINAL: Final = 10.0  # seconds that a person gets to put the card back
_PATIENCE: Final = 1.5
_HOST_LIMIT: Final = 5.0  # seconds that the facts of the host may take
_FALLBACK_PROFILE: Final = "valid"


class Session:
    """One run of a diagnosing command."""

    def __init__(self, command: str, options: Options) -> None:
        """Prepares a run; nothing is looked at yet.

        Raises:
            InputError: options that exclude each other.
        """
        self.command = command
        self.options = options
        self.sources = Sources(options)
        self.trust = Trust(options, self.sources.kind)
        self.trace: str | None = None  # what was recorded, redacted
        self._recorder: Recorder | None = None
        self.began = time.monotonic()
        self.now = datetime.now(UTC)

    @cached_property
    def messages(self) -> Messages:
        """The sentences in the language that was chosen."""
        from cardcheck.catalog.messages import load

        return load(language(self.options.lang, self.options.output))

    @property
    def _makes_page(self) -> bool:
        options = self.options
        return bool(options.html) or options.open_page or options.form == "html"

    @property
    def interactive(self) -> bool:
        """Whether a person sits in front of a terminal and reads what a person reads."""
        return self.options.form == "text" and is_terminal(sys.stdout) and is_terminal(sys.stderr)

    def diagnose(self, *, read_cards: bool = True, or_simulate: bool = False) -> Report:
        """Looks at everything and returns the report.

        Args:
            read_cards: False for a mere list of readers.
            or_simulate: without any reader, show the simulated card beside the real host.

        Raises:
            InputError: a reader, profile or trace that cannot be used.
        """
        survey, report = self._look(read_cards=read_cards)
        hardware = self.sources.kind is Source.HARDWARE
        if or_simulate and hardware and not survey.readers and not survey.interrupted:
            self.options = replace(self.options, simulate=_FALLBACK_PROFILE, reader=None)
            self.sources = Sources(self.options)
            self.trust = Trust(self.options, self.sources.kind)
            report = _beside_real_host(self._look(read_cards=True)[1], report)
        return report

    def deliver(self, report: Report, *after: Callable[[], None]) -> int:
        """Writes the report, then what else was asked for, and returns the exit code.

        Args:
            report: what is told.
            after: writes still more, when all else is written.

        Raises:
            InputError: something could not be written; all else is.
        """
        from cardcheck.cli.output import deliver
        from cardcheck.cli.snapshots import take_snapshot

        snapshot = self.options.snapshot
        writes: list[Callable[[], object]] = [self._write_trace]
        if snapshot:
            writes.append(lambda: take_snapshot(snapshot, self.now, _HOST_LIMIT))
        return deliver(self.views(report), self.options, report.exit_code, *writes, *after)

    def views(self, report: Report) -> Views:
        """The report as each format needs it."""
        from cardcheck.cli.views import views_of_report

        return views_of_report(report, self.messages, self.options)

    def _look(self, *, read_cards: bool) -> tuple[SurveyFacts, Report]:
        """One survey, and the host beside it, and what they come to."""
        from cardcheck.cli.observing import observation_of
        from cardcheck.host.probe import bare

        _ = self._recorded_host  # a file that cannot be used is said before anything is asked
        host = Background(self._observe, "host", start=False)
        recorder = self.sources.recorder(self._instant)
        openers = self.sources.openers(self._instant, recorder)
        progress = self._progress()
        after = Background(
            lambda: load_what_comes_after(
                text=self.options.form == "text",
                page=self._makes_page,
                cards=read_cards,
                issuer=read_cards and not self.options.quick,
            ),
            "imports",
            start=False,
        )

        remembered = self.trust.remembered() if read_cards else ()
        request = self._request(openers, remembered, read_cards=read_cards)
        request = replace(request, meanwhile=partial(_start, host, after))
        with self._beside(request, host, recorder) as request:
            survey = self._survey(request, progress)
            facts = survey.run()
        progress.done()
        self._name_holders(facts)
        self.trust.remember(facts)
        left = self.options.timeout - (time.monotonic() - self.began)
        here = host.found(_HOST_LIMIT) or bare(self.now)
        observation = observation_of(here, facts, self._snapshot, left)
        report = self._report(observation, remembered, read_cards=read_cards)
        self._recorder = recorder
        self.sources.finish()
        return facts, report

    @contextmanager
    def _beside(
        self, request: SurveyRequest, host: Background[HostFacts], recorder: Recorder | None
    ) -> Iterator[SurveyRequest]:
        """The request with the NFC devices beside PC/SC; at the end nothing of theirs is left."""
        nfc = self.sources.nfc(lambda: host.found(_HOST_LIMIT))
        if nfc is None:
            yield request
            return
        with closing(nfc):
            yield replace(
                request, open_nfc=self.sources.nfc_opener(nfc, recorder), unlisted=_unlisted
            )

    def _survey(self, request: SurveyRequest, progress: StatusLine) -> Survey:
        from cardcheck.survey.engine import Survey

        return Survey(request, progress)

    def _request(
        self, openers: Sequence[Opener], remembered: tuple[bytes, ...], *, read_cards: bool
    ) -> SurveyRequest:
        from cardcheck.survey.request import SurveyRequest

        return SurveyRequest(
            open_backends=openers,
            read=self.trust.read_request(remembered) if read_cards else None,
            select=None if self.options.reader is None else self._select,
            wait=self._wait if read_cards else 0.0,
            timeout=self.options.timeout,
            patience=self.patience,
            even_if_in_use=self.options.even_if_in_use,
            excluded=_excluded,
            source=self.sources.kind.value,
            read_cards=read_cards,
        )

    def _report(
        self, observation: Observation, remembered: tuple[bytes, ...], *, read_cards: bool
    ) -> Report:
        from cardcheck.checks.diagnosis import Request, diagnose
        from cardcheck.checks.registry import Selection

        options, facts = self.options, observation.survey
        scope = Scope(
            quick=options.quick,
            backends=_backends_of(facts),
            only=options.only,
            skip=options.skip,
        )
        request = Request(
            command=self.command,
            selection=Selection.CARDS if read_cards else Selection.READERS,
            scope=scope,
            fail_on=Severity(options.fail_on),
            station=options.station,
            profile=options.simulate,
        )
        facts.interrupted = facts.interrupted or signals.settle()
        milliseconds = round((time.monotonic() - self.began) * 1000)
        judging = self.trust.judging(self._instant, remembered)
        return diagnose(observation, judging, request, milliseconds)

    @property
    def _instant(self) -> datetime:
        """The instant by which validity is judged."""
        if self.options.at is not None:
            return self.options.at
        if self.options.replay is not None and self.sources.trace.header.recorded is not None:
            return self.sources.trace.header.recorded
        return self.now

    def _write_trace(self) -> None:
        if self._recorder is None:
            return
        from cardcheck.output.streams import write_file_atomically
        from cardcheck.transports.dump import format_trace

        self.trace = format_trace(self._recorder.finish())
        if self.options.record is not None:
            write_file_atomically(self.options.record, self.trace)

    def _select(self, readers: Sequence[ReaderIdentity]) -> Sequence[ReaderIdentity]:
        """The readers that ``--reader`` means.

        Raises:
            InputError: none of those that are there.
        """
        from cardcheck.catalog.readers import clean_name, goes_by

        wish = self.options.reader
        if wish is None or not readers:
            return readers
        if wish.isascii() and wish.isdigit():
            chosen = list(readers[int(wish) : int(wish) + 1])
        else:
            chosen = [reader for reader in readers if goes_by(reader.name, wish)]
        if not chosen:
            listed = "; ".join(f"{i}: {clean_name(r.name)}" for i, r in enumerate(readers))
            raise InputError(f"--reader {wish}: no such reader. There are: {listed}")
        return chosen

    @property
    def _wait(self) -> float:
        if self.options.wait is not None:
            return self.options.wait
        waits = self.interactive and self.sources.kind is Source.HARDWARE
        return _WAIT_ON_TERMINAL if waits else 0.0

    @property
    def patience(self) -> float:
        """How many seconds a card that was lost gets to come back."""
        if self.sources.kind is Source.REPLAY:
            return 0.1  # a trace knows at once whether the card came back
        return _PATIENCE_ON_TERMINAL if self.interactive else _PATIENCE

    def _progress(self) -> StatusLine:
        from cardcheck.cli.progress import StatusLine

        return StatusLine(lambda: self.messages)

    def _observe(self) -> HostFacts:
        if self._recorded_host is not None:
            return self._recorded_host
        from cardcheck.host.probe import observe

        return observe(self.now)

    @cached_property
    def _snapshot(self) -> DoctorFacts | None:
        """The computer of ``--host-snapshot``."""
        if self.options.host_snapshot is None:
            return None
        from cardcheck.cli.snapshots import read_snapshot

        return read_snapshot(self.options.host_snapshot, self.options.timeout)

    @property
    def _recorded_host(self) -> HostFacts | None:
        """The same, seen by the clock of this one."""
        return None if self._snapshot is None else replace(self._snapshot.host, now=self.now)

    def _name_holders(self, facts: SurveyFacts) -> None:
        """Names the programs that use a reader, where the system tells."""
        taken = [reader for reader in facts.readers if reader.slot.value == "in-use"]
        if taken and self.sources.kind is Source.HARDWARE:
            from cardcheck.host.holders import pcsc_clients
            from cardcheck.host.nfc_devices import clients_of

            for reader in taken:
                nfc = reader.identity.backend.value == "nfc"
                reader.holder = clients_of(reader.identity) if nfc else pcsc_clients()


def _start(*calls: Background[Any]) -> None:
    for call in calls:
        call.start()


def _backends_of(facts: SurveyFacts) -> tuple[str, ...]:
    """The ways to readers that were gone: PC/SC where it was asked, NFC where a device is there."""
    nfc = any(reader.identity.backend.value == "nfc" for reader in facts.readers)
    asked = (("pcsc", facts.service.asked), ("nfc", nfc or not facts.service.asked))
    return tuple(name for name, used in asked if used)


def _unlisted(device: ReaderIdentity, listed: Sequence[ReaderIdentity]) -> bool:
    from cardcheck.host.nfc_devices import unlisted

    return unlisted(device, listed)


def _excluded(name: str) -> bool:
    from cardcheck.catalog.readers import known_reader

    return not known_reader(name).kind.counts


def _beside_real_host(simulated: Report, real: Report) -> Report:
    """The simulated card with the real findings about this computer, which decide nothing."""
    host = tuple(finding.demoted() for finding in real.findings if finding.subject == HOST)
    cards = tuple(finding for finding in simulated.findings if finding.subject != HOST)
    return replace(simulated, findings=host + cards, notes=("host-real",))
