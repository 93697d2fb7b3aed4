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

from cardcheck.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from datetime import datetime
    from pathlib import Path

    from cardcheck.simulation.card import SimulatedCard
    from cardcheck.transports.link import CardLink

OPTION: Final = "--cardcheck-record"
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
            from cardcheck.composition.recording import recorded_link

            try:
                link, end = recorded_link(source, folder / file, OPTION)
            except InputError as error:
                raise pytest.UsageError(str(error)) from None
            endings.append(end)
            return link
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
