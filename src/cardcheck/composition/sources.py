# SPDX-License-Identifier: Apache-2.0
"""Where the bytes come from: what opens a backend for hardware, a simulation or a replay.

What belongs here: the choice of a driver; nothing else in the program makes it. What does not: what
is asked of it (``survey``).
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from cardcheck import __version__
from cardcheck.errors import InputError, LinkError
from cardcheck.inputs import read_input
from cardcheck.report.model import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from cardcheck.composition.options import LookOptions
    from cardcheck.facts.host import HostFacts
    from cardcheck.facts.reader import ReaderIdentity
    from cardcheck.host.nfc_devices import NfcPath
    from cardcheck.simulation.card import SimulatedCard
    from cardcheck.simulation.profiles import Profile
    from cardcheck.transports.link import ReaderBackend
    from cardcheck.transports.nfc.backend import NfcWorld
    from cardcheck.transports.record import Recorder
    from cardcheck.transports.replay import ReplayWorld
    from cardcheck.transports.trace import Trace

    Opener = Callable[[], ReaderBackend]


class Sources:
    """The way to the readers that the options ask for."""

    def __init__(self, options: LookOptions) -> None:
        """Checks the options against each other.

        Raises:
            InputError: options that exclude each other.
        """
        if options.simulate and options.replay:
            raise InputError("--simulate and --replay exclude each other; give one of them")
        if options.fault and not (options.simulate or options.replay):
            raise InputError(
                "--fault needs --simulate or --replay: no fault can be put into a real card"
            )
        if options.nfc_path is not None and options.backend == "pcsc":
            raise InputError(
                "--nfc-path and --backend pcsc exclude each other; leave one of them out"
            )
        self.options = options
        self.nfc_path = None if options.nfc_path is None else _parsed(options.nfc_path)
        self._replay: ReplayWorld | None = None

    @property
    def kind(self) -> Source:
        """Hardware, simulation or replay."""
        if self.options.simulate:
            return Source.SIMULATION
        return Source.REPLAY if self.options.replay else Source.HARDWARE

    @cached_property
    def trace(self) -> Trace:
        """The trace that is replayed.

        Raises:
            InputError: it cannot be read, or is no trace.
        """
        from cardcheck.transports.dump import MAX_BYTES, parse_bytes

        name = self.options.replay or ""
        data = read_input(name, MAX_BYTES, self.options.timeout)
        try:
            return parse_bytes(data)
        except InputError as error:
            raise InputError(f"{name}: {error}") from None

    def recorder(self, instant: datetime) -> Recorder:
        """What takes the exchanges down."""
        from cardcheck.transports.record import Recorder

        options = self.options
        replayed = self.trace.header if options.replay else None
        return Recorder(instant, f"cardcheck {__version__}", options.simulate, replayed)

    def openers(self, instant: datetime, recorder: Recorder | None) -> tuple[Opener, ...]:
        """One function a backend, each of which opens a fresh instance.

        Raises:
            InputError: a profile, fault or trace that does not exist or cannot be read.
        """
        choose = {
            Source.SIMULATION: self._simulated,
            Source.REPLAY: self._replayed,
            Source.HARDWARE: self._hardware,
        }[self.kind]
        if self.kind is Source.HARDWARE and self.options.backend == "nfc":
            return ()
        opener = choose(instant, recorder)
        return (opener if recorder is None else _recording(opener, recorder),)

    def nfc(self, host: Callable[[], HostFacts | None]) -> NfcWorld | None:
        """The NFC devices that PC/SC may not list, or None where none is asked for.

        Args:
            host: gives the facts of this computer; asked only when devices are listed.
        """
        if self.kind is not Source.HARDWARE or self.options.backend == "pcsc":
            return None
        from cardcheck.transports.nfc.backend import NfcWorld

        path, asked = self.nfc_path, self.options.backend == "nfc"

        def devices() -> Sequence[ReaderIdentity]:
            from cardcheck.host.nfc_devices import nfc_readers

            return nfc_readers(host(), path, asked=asked)

        return NfcWorld(devices)

    def nfc_opener(self, world: NfcWorld, recorder: Recorder | None) -> Opener:
        """A function that opens a fresh backend over the NFC devices."""

        def open_nfc() -> ReaderBackend:
            return world.open(recorder)

        return open_nfc if recorder is None else _recording(open_nfc, recorder)

    def finish(self) -> None:
        """Passes silently where a replay, if there was one, came to the end of its trace.

        Raises:
            ReplayUnfinishedError: exchanges of the trace are left over.
        """
        if self._replay is not None:
            self._replay.finish()

    def _hardware(self, _instant: datetime, recorder: Recorder | None) -> Opener:
        def open_pcsc() -> ReaderBackend:
            from cardcheck.transports.pcsc import PcscBackend

            return PcscBackend(recorder)

        return open_pcsc

    def _replayed(self, instant: datetime, recorder: Recorder | None) -> Opener:
        if self.options.fault:
            from cardcheck.traces.card import profile_of

            return self._alive(profile_of(self.trace), instant, recorder)
        from cardcheck.transports.replay import ReplayWorld

        # beside a station's label less is asked than was recorded
        labelled = self.options.station is not None
        self._replay = world = ReplayWorld(self.trace, skip_unknown=labelled)
        return lambda: world.open(recorder)

    def _simulated(self, instant: datetime, recorder: Recorder | None) -> Opener:
        from cardcheck.simulation.profiles import profile

        return self._alive(profile(self.options.simulate or ""), instant, recorder)

    def _alive(self, profile: Profile, instant: datetime, recorder: Recorder | None) -> Opener:
        """The cards of a profile, with the faults that were asked for."""
        from cardcheck.simulation.faults import FaultyCard, parse_fault
        from cardcheck.transports.simulated import SimulatedWorld

        faults = [parse_fault(text) for text in self.options.fault]

        def overlay(card: SimulatedCard) -> SimulatedCard:
            for fault in faults:
                card = FaultyCard(card, fault)
            return card

        world = SimulatedWorld(profile, instant, overlay=overlay)
        return lambda: world.open(recorder)


def _parsed(path: str) -> NfcPath:
    from cardcheck.host.nfc_devices import parse_path

    return parse_path(path)


def _recording(opener: Opener, recorder: Recorder) -> Opener:
    """The same opener, with what it opens, and why it does not, taken down."""
    from cardcheck.transports.record import RecordingBackend

    def open_recorded() -> ReaderBackend:
        try:
            backend = opener()
        except LinkError as error:
            recorder.note_service(error)
            raise
        return RecordingBackend(backend, recorder)

    return open_recorded
