# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the tests on real pcscd: daemons, cards, other clients, cardcheck itself.

What belongs here: fixtures and the rule when the parts are missing, which is to fail and say what
to install. ``CARDCHECK_LAB=off`` skips these tests, and says so. What does not: how a daemon or a
client works.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

from lab.client import PcscClient
from lab.daemon import INSTALL, NO_NAMESPACES, PcscDaemon, missing_parts
from lab.program import Completed, Program

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping

    from cardcheck.simulation.card import SimulatedCard
    from cardcheck.simulation.vpcd import VpcdCard
    from lab.audit import Audit

HERE = Path(__file__).parent
REFUSED = f"NOTHING WAS TRIED ON REAL DRIVERS: this machine refuses {NO_NAMESPACES}"
OFF = "CARDCHECK_LAB=off: nothing was tried on real pcscd"


class MakePcscd(Protocol):
    """Starts a daemon that lives as long as the test."""

    def __call__(
        self, *, readers: int = 2, name: str | bytes = "Virtual PCD", debug: bool = False
    ) -> PcscDaemon: ...


class InsertedCard:
    """A card in a virtual reader.

    Attributes:
        card: the model, with its log and counters.
        served: what carries it to the reader; it comes back by itself when the daemon restarts.
    """

    def __init__(self, served: VpcdCard, daemon: PcscDaemon, slot: int) -> None:
        self.card, self.served = served.card, served
        self._daemon, self._slot = daemon, slot

    def remove(self, *, wait: bool = True) -> None:
        """Pulls the card and, with ``wait``, comes back when pcscd has noticed."""
        self.served.remove()
        if wait:
            self._daemon.await_card(self._slot, present=False)

    def put_back(self, *, wait: bool = True) -> None:
        """Puts it on the reader again and, with ``wait``, comes back when pcscd has noticed."""
        self.served.insert()
        if wait:
            self._daemon.await_card(self._slot, present=True)


class InsertCard(Protocol):
    """Puts ``card`` into a slot of ``daemon`` (default: ``pcscd``) until the test ends."""

    def __call__(
        self,
        card: SimulatedCard,
        reader: int = 0,
        *,
        daemon: PcscDaemon | None = None,
        wait: bool = True,
        **link_model: float,
    ) -> InsertedCard: ...


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks every test of this directory."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker("lab")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Gives all skips for want of namespaces one place, so that pytest shows one line for all."""
    report = yield
    if report.skipped and isinstance(report.longrepr, tuple) and REFUSED in report.longrepr[2]:
        report.longrepr = (__file__, 0, report.longrepr[2])
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says that these tests were switched off, whatever the verbosity."""
    if os.environ.get("CARDCHECK_LAB") == "off":
        terminalreporter.write_line(OFF, yellow=True)


def require(missing: list[str], install: str) -> None:
    """Passes silently when nothing is missing.

    What can be installed fails the test, and says how. A right that this machine does not give
    skips it: pytest shows all of these as one line.
    """
    if missing == [NO_NAMESPACES]:
        pytest.skip(REFUSED)
    if missing:
        pytest.fail(f"missing: {', '.join(missing)}; {install}", pytrace=False)


@pytest.fixture(scope="session")
def lab_parts() -> None:
    """Nothing, where a private pcscd can run; else the test fails with what to install."""
    if os.environ.get("CARDCHECK_LAB") == "off":
        pytest.skip(OFF)
    require(missing_parts(), INSTALL)


@pytest.fixture
def make_pcscd(lab_parts: None) -> Iterator[MakePcscd]:
    """Starts private daemons; all are gone when the test ends."""
    with ExitStack() as stack:

        def make(
            *, readers: int = 2, name: str | bytes = "Virtual PCD", debug: bool = False
        ) -> PcscDaemon:
            return stack.enter_context(PcscDaemon(readers=readers, name=name, debug=debug))

        yield make


@pytest.fixture
def pcscd(make_pcscd: MakePcscd) -> PcscDaemon:
    """A daemon with two empty readers, ``Virtual PCD 00 00`` and ``Virtual PCD 00 01``."""
    return make_pcscd()


@pytest.fixture
def pcscd_without_readers(make_pcscd: MakePcscd) -> PcscDaemon:
    """A daemon without a reader."""
    return make_pcscd(readers=0)


@pytest.fixture
def vcard(request: pytest.FixtureRequest, lab_parts: None) -> Iterator[InsertCard]:
    """Puts cards into virtual readers; all are pulled when the test ends."""
    from cardcheck.simulation.vpcd import VpcdCard

    with ExitStack() as cards:

        def insert(
            card: SimulatedCard,
            reader: int = 0,
            *,
            daemon: PcscDaemon | None = None,
            wait: bool = True,
            **link_model: float,
        ) -> InsertedCard:
            daemon = daemon or request.getfixturevalue("pcscd")
            served = cards.enter_context(
                VpcdCard(card, "127.0.0.1", daemon.ports[reader], **link_model)
            )
            if wait:
                daemon.await_card(reader, present=True)
            return InsertedCard(served, daemon, reader)

        yield insert


@pytest.fixture
def pcsc_client() -> Iterator[Callable[[PcscDaemon], PcscClient]]:
    """Starts other PC/SC programs on a daemon; all are killed when the test ends."""
    with ExitStack() as stack:
        yield lambda daemon: stack.enter_context(PcscClient(daemon.env()))


@pytest.fixture
def start_cardcheck(tmp_path: Path) -> Iterator[Callable[..., Program]]:
    """Starts cardcheck in a home of its own and comes back: ``(*args, env=…, encoding=…)``.

    Without ``env`` no PC/SC service is found: the machine's own is never asked.
    """
    import cardcheck.errors

    home = tmp_path / "home"
    home.mkdir()
    kept = {name: value for name, value in os.environ.items() if not _is_setting(name)}
    base = kept | {
        # The tree under test, installed or not.
        "PYTHONPATH": str(Path(cardcheck.errors.__file__).parents[1]),
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "LANG": "C.UTF-8",
        "CARDCHECK_LANG": "en",
        "PCSCLITE_CSOCK_NAME": str(tmp_path / "no-service"),
    }
    with ExitStack() as stack:

        def start(
            *arguments: str, env: Mapping[str, str] | None = None, encoding: str = "utf-8"
        ) -> Program:
            return stack.enter_context(Program(arguments, {**base, **(env or {})}, encoding))

        yield start


def _is_setting(name: str) -> bool:
    return name.startswith(("CARDCHECK_", "LC_", "XDG_", "PCSCLITE_")) or name in {
        "LANGUAGE",
        "COLUMNS",
    }


@pytest.fixture
def run_cardcheck(start_cardcheck: Callable[..., Program]) -> Callable[..., Completed]:
    """Runs cardcheck to its end (``Program.finish``): ``(*args, env=…, timeout=…, encoding=…)``."""

    def run(
        *arguments: str,
        timeout: float = 30.0,
        env: Mapping[str, str] | None = None,
        encoding: str = "utf-8",
    ) -> Completed:
        return start_cardcheck(*arguments, env=env, encoding=encoding).finish(timeout)

    return run


@pytest.fixture
def audit(tmp_path: Path) -> Audit:
    """A spy in every Python process that gets its environment."""
    from lab.audit import Audit

    directory = tmp_path / "audit"
    directory.mkdir()
    return Audit(directory)


@pytest.fixture
def run_tool(lab_parts: None, tmp_path: Path) -> Callable[..., str]:
    """Gives what somebody else's PC/SC client prints: ``(daemon, *command)``."""

    def run(daemon: PcscDaemon, *command: str) -> str:
        if shutil.which(command[0]) is None:
            pytest.fail(f"missing: {command[0]}; {INSTALL}", pytrace=False)
        done = subprocess.run(
            command,
            env={**os.environ, **daemon.env(), "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=30,
            check=False,
        )
        return done.stdout.decode(errors="replace")

    return run
