# SPDX-License-Identifier: Apache-2.0
"""One look: the readers, the cards in them and the computer beside them, made into a report.

What belongs here: composition. What does not: the choice of a driver (``sources``), decisions about
cards (``checks``), who is told of it and how (``cli``).
"""

from __future__ import annotations

import time
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from cardcheck import signals
from cardcheck.catalog.readers import never_counts
from cardcheck.composition.observing import observation_of
from cardcheck.composition.readers import chosen
from cardcheck.composition.sources import Sources
from cardcheck.composition.trust import Trust
from cardcheck.deadline import Background
from cardcheck.host.probe import bare, observe
from cardcheck.report.model import HOST, Scope, Severity, Source
from cardcheck.survey.engine import Survey
from cardcheck.survey.request import SurveyRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from cardcheck.composition.options import LookOptions
    from cardcheck.composition.sources import Opener
    from cardcheck.facts.doctor import DoctorFacts
    from cardcheck.facts.host import HostFacts
    from cardcheck.facts.observation import Observation
    from cardcheck.facts.reader import ReaderIdentity, SurveyFacts
    from cardcheck.report.model import Report
    from cardcheck.survey.request import Progress
    from cardcheck.transports.record import Recorder

HOST_LIMIT: Final = 5.0
"""Seconds that the facts of the host may take."""
PATIENCE: Final = 1.5
"""Seconds that a card which was lost gets to come back, where nobody is told of it."""
_PATIENCE_OF_A_REPLAY: Final = 0.1  # a trace knows at once whether the card came back
_FALLBACK_PROFILE: Final = "valid"


class Company(Struct, frozen=True, kw_only=True):
    """What goes on beside a look.

    Attributes:
        progress: gives who is told how the look gets on; called when everything is prepared.
        wait: seconds to wait for a card in a real reader, where the options do not say.
        patience: seconds that a card which was lost gets to come back.
        meanwhile: called once while cards are being read; returns at once.
        survey: makes the survey; None: the usual one.
    """

    progress: Callable[[], Progress]
    wait: float = 0.0
    patience: float = PATIENCE
    meanwhile: Callable[[], None] = lambda: None
    survey: Callable[[SurveyRequest, Progress], Survey] | None = None


class Look:
    """One look of a diagnosing command, or of a program.

    Attributes:
        command: what a report says that was asked for.
        options: what was asked for.
        sources: the way to the readers.
        began: when it was made, in monotonic seconds.
        now: when it was made.
    """

    def __init__(self, command: str, options: LookOptions, *, recording: bool = False) -> None:
        """Prepares a look; nothing is looked at yet.

        Args:
            command: what a report says that was asked for.
            options: what is asked for.
            recording: whether exchanges are taken down, for ``trace``.

        Raises:
            InputError: options that exclude each other.
        """
        self.command = command
        self._recording = recording
        self._recorder: Recorder | None = None
        self.began = time.monotonic()
        self.now = datetime.now(UTC)
        self._aim(options)

    def _aim(self, options: LookOptions) -> None:
        self.options = options
        self.sources = Sources(options)
        self.trust = Trust(options, self.sources.kind)

    def diagnose(
        self, company: Company, *, read_cards: bool = True, or_simulate: bool = False
    ) -> Report:
        """Looks at everything and returns the report.

        Args:
            company: who is told, and what is done beside it.
            read_cards: False for a mere list of readers.
            or_simulate: without any reader, show the simulated card beside the real host.

        Raises:
            InputError: a reader, profile or trace that cannot be used.
        """
        survey, report = self._look(company, read_cards=read_cards)
        hardware = self.sources.kind is Source.HARDWARE
        if or_simulate and hardware and not survey.readers and not survey.interrupted:
            self._aim(replace(self.options, simulate=_FALLBACK_PROFILE, reader=None))
            report = _beside_real_host(self._look(company, read_cards=True)[1], report)
        return report

    def trace(self) -> str | None:
        """What was recorded, redacted, as a trace; None where nothing was."""
        if self._recorder is None:
            return None
        from cardcheck.transports.dump import format_trace

        return format_trace(self._recorder.finish())

    def _look(self, company: Company, *, read_cards: bool) -> tuple[SurveyFacts, Report]:
        """One survey, and the host beside it, and what they come to."""
        _ = self._recorded_host  # a file that cannot be used is said before anything is asked
        host = Background(self._observe, "host", start=False)
        recorder = self.sources.recorder(self._instant) if self._recording else None
        openers = self.sources.openers(self._instant, recorder)
        progress = company.progress()

        def meanwhile() -> None:
            host.start()
            company.meanwhile()

        remembered = self.trust.remembered() if read_cards else ()
        request = self._request(openers, remembered, read_cards=read_cards)
        request = replace(
            request,
            wait=self._wait(company) if read_cards else 0.0,
            patience=self.patience(company),
            meanwhile=meanwhile,
        )
        with self._beside(request, host, recorder) as request:
            facts = _survey(request, progress, company).run()
        progress.done()
        self._name_holders(facts)
        self.trust.remember(facts)
        left = self.options.timeout - (time.monotonic() - self.began)
        here = host.found(HOST_LIMIT) or bare(self.now)
        observation = observation_of(here, facts, self.snapshot, left)
        report = self._report(observation, remembered, read_cards=read_cards)
        self._recorder = recorder
        self.sources.finish()
        return facts, report

    @contextmanager
    def _beside(
        self, request: SurveyRequest, host: Background[HostFacts], recorder: Recorder | None
    ) -> Iterator[SurveyRequest]:
        """The request with the NFC devices beside PC/SC; at the end nothing of theirs is left."""
        nfc = self.sources.nfc(lambda: host.found(HOST_LIMIT))
        if nfc is None:
            yield request
            return
        with closing(nfc):
            yield replace(
                request, open_nfc=self.sources.nfc_opener(nfc, recorder), unlisted=_unlisted
            )

    def _request(
        self, openers: Sequence[Opener], remembered: tuple[bytes, ...], *, read_cards: bool
    ) -> SurveyRequest:
        options = self.options
        return SurveyRequest(
            open_backends=openers,
            read=self.trust.read_request(remembered) if read_cards else None,
            select=None if options.reader is None else self._select,
            timeout=options.timeout,
            even_if_in_use=options.even_if_in_use,
            excluded=never_counts,
            source=self.sources.kind.value,
            read_cards=read_cards,
        )

    def _wait(self, company: Company) -> float:
        """How many seconds to wait for a card."""
        if self.options.wait is not None:
            return self.options.wait
        return company.wait if self.sources.kind is Source.HARDWARE else 0.0

    def patience(self, company: Company) -> float:
        """How many seconds a card that was lost gets to come back."""
        replayed = self.sources.kind is Source.REPLAY
        return _PATIENCE_OF_A_REPLAY if replayed else company.patience

    def _select(self, readers: Sequence[ReaderIdentity]) -> Sequence[ReaderIdentity]:
        """The readers that are meant.

        Raises:
            InputError: none of those that are there.
        """
        return chosen(readers, self.options.reader, lambda reader: reader.name)

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

    def _observe(self) -> HostFacts:
        if self._recorded_host is not None:
            return self._recorded_host
        return observe(self.now)

    @cached_property
    def snapshot(self) -> DoctorFacts | None:
        """The computer of ``host_snapshot``, or None for this one.

        Raises:
            InputError: the file cannot be used.
        """
        if self.options.host_snapshot is None:
            return None
        from cardcheck.composition.snapshots import read_snapshot

        return read_snapshot(self.options.host_snapshot, self.options.timeout)

    @property
    def _recorded_host(self) -> HostFacts | None:
        """The same, seen by the clock of this one."""
        return None if self.snapshot is None else replace(self.snapshot.host, now=self.now)

    def _name_holders(self, facts: SurveyFacts) -> None:
        """Names the programs that use a reader, where the system tells."""
        taken = [reader for reader in facts.readers if reader.slot.value == "in-use"]
        if taken and self.sources.kind is Source.HARDWARE:
            from cardcheck.host.holders import pcsc_clients
            from cardcheck.host.nfc_devices import clients_of

            for reader in taken:
                nfc = reader.identity.backend.value == "nfc"
                reader.holder = clients_of(reader.identity) if nfc else pcsc_clients()


def _survey(request: SurveyRequest, progress: Progress, company: Company) -> Survey:
    if company.survey is not None:
        return company.survey(request, progress)
    return Survey(request, progress)


def _backends_of(facts: SurveyFacts) -> tuple[str, ...]:
    """The ways to readers that were gone: PC/SC where it was asked, NFC where a device is there."""
    nfc = any(reader.identity.backend.value == "nfc" for reader in facts.readers)
    asked = (("pcsc", facts.service.asked), ("nfc", nfc or not facts.service.asked))
    return tuple(name for name, used in asked if used)


def _unlisted(device: ReaderIdentity, listed: Sequence[ReaderIdentity]) -> bool:
    from cardcheck.host.nfc_devices import unlisted

    return unlisted(device, listed)


def _beside_real_host(simulated: Report, real: Report) -> Report:
    """The simulated card with the real findings about this computer, which decide nothing."""
    host = tuple(finding.demoted() for finding in real.findings if finding.subject == HOST)
    cards = tuple(finding for finding in simulated.findings if finding.subject != HOST)
    return replace(simulated, findings=host + cards, notes=("host-real",))
