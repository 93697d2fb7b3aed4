# SPDX-License-Identifier: Apache-2.0
"""The pytest plugin: recorded and virtual cards in the tests of any project.

What belongs here: two fixtures and an option. What does not: what they are made of (``testing``).
pytest loads this by itself wherever cardcheck is installed, so nothing heavy is imported before a
fixture is used.

``apdu_trace(FILE)`` gives a link (``transmit``, ``transaction``, ``close``) that answers what was
recorded, strictly in order; when the test ends, all of it must have been asked for. FILE is looked
for beside the test. With ``--cardcheck-record SOURCE`` the link leads to a card instead, and FILE
is written anew, redacted, where the test passes: SOURCE is ``simulate:PROFILE``, or a reader as
``--reader`` takes it.
Only what cardcheck itself may send passes to a card: its files are read, no PIN is ever sent.

``virtual_card(PROFILE, *FAULTS)`` gives a card that lives in the test.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from cardcheck.facts.reader import ReaderIdentity
    from cardcheck.simulation.card import SimulatedCard
    from cardcheck.transports.link import CardLink

OPTION: Final = "--cardcheck-record"
_SIMULATE: Final = "simulate:"
_FAILED: Final = pytest.StashKey[bool]()


class ApduTrace(Protocol):
    """Opens the trace in a file beside the test."""

    def __call__(self, file: str, *, skip_unknown: bool = False) -> CardLink:
        """A link to what is recorded in ``file``."""


class MakeCard(Protocol):
    """Makes the card of a profile, with faults laid over it."""

    def __call__(
        self, profile: str = "valid", *faults: str, now: datetime | None = None
    ) -> SimulatedCard:
        """The card, with power; see ``testing.virtual_card``."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds ``--cardcheck-record``."""
    parser.getgroup("cardcheck").addoption(
        OPTION,
        metavar="SOURCE",
        help="record the traces of apdu_trace anew, from simulate:PROFILE or a reader",
    )


@pytest.fixture
def virtual_card() -> MakeCard:
    """Makes virtual cards: ``virtual_card("pin-low", "removed@7")``."""
    from cardcheck import testing

    return testing.virtual_card


@pytest.fixture
def apdu_trace(request: pytest.FixtureRequest) -> Iterator[ApduTrace]:
    """Opens traces: ``apdu_trace("token.apdu").transmit(command)``."""
    source: str | None = request.config.getoption(OPTION)
    folder = request.path.parent
    endings: list[Callable[[], None]] = []

    def opened(file: str, *, skip_unknown: bool = False) -> CardLink:
        if source is not None:
            return _recorded(source, folder / file, endings)
        return _replayed(folder / file, endings, skip_unknown=skip_unknown)

    yield opened
    if request.node.stash.get(_FAILED, False):
        return  # what a failed test has asked for is no record, and no second failure
    for end in endings:
        end()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """Notes on the test itself whether it failed, for its fixtures."""
    report = yield
    if report.failed:
        item.stash[_FAILED] = True
    return report


def _replayed(file: Path, endings: list[Callable[[], None]], *, skip_unknown: bool) -> CardLink:
    from cardcheck.testing import load_fixture
    from cardcheck.transports.replay import ReplayLink

    link = ReplayLink(load_fixture(file), skip_unknown=skip_unknown)
    endings.append(link.finish)
    return link


def _recorded(source: str, file: Path, endings: list[Callable[[], None]]) -> CardLink:
    """A link to a card, whose dialogue is written into ``file`` when the test is over."""
    from datetime import UTC, datetime

    from cardcheck.cli.options import Options
    from cardcheck.cli.sources import Sources
    from cardcheck.output.streams import write_file_atomically
    from cardcheck.traces.importing.conversion import with_extent
    from cardcheck.transports.dump import format_trace

    _refuse_typo(source)
    profile = source.removeprefix(_SIMULATE) if source.startswith(_SIMULATE) else None
    sources, now = Sources(Options(simulate=profile, record=str(file))), datetime.now(UTC)
    recorder = sources.recorder(now)
    assert recorder is not None  # for a file to record into was given
    backend = sources.openers(now, recorder)[0]()
    link = backend.connect(_chosen(backend.readers(), None if profile else source))

    def end() -> None:
        link.close()
        backend.close()
        write_file_atomically(file, format_trace(with_extent(recorder.finish())))

    endings.append(end)
    return link


def _refuse_typo(source: str) -> None:
    """Refuses what is nearly ``simulate:``; it would be looked for among the readers.

    Raises:
        pytest.UsageError: it is.
    """
    from difflib import get_close_matches

    word, colon, profile = source.partition(":")
    if colon and f"{word}:" != _SIMULATE and get_close_matches(word.lower(), ["simulate"]):
        raise pytest.UsageError(
            f"{OPTION}: no such source: {source}; did you mean {_SIMULATE}{profile}?"
        )


def _chosen(readers: Sequence[ReaderIdentity], wish: str | None) -> ReaderIdentity:
    """The reader with a number or name, as ``--reader`` takes it; the first for None."""
    from cardcheck.catalog.readers import goes_by

    if wish is None or (wish.isascii() and wish.isdigit()):
        fitting = readers[int(wish or 0) : int(wish or 0) + 1]
    else:
        fitting = [each for each in readers if goes_by(each.name, wish)]
    if not fitting:
        raise pytest.UsageError(f"{OPTION}: no such reader")
    return fitting[0]
