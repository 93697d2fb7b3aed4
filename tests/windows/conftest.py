# SPDX-License-Identifier: Apache-2.0
"""The lab for all scenarios, and a service and cards for each."""

from __future__ import annotations

import os
import shutil
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cardcheck.simulation.vpcd import VpcdCard
from windows.lab import LabDaemon, WindowsLab

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cardcheck.simulation.card import SimulatedCard
    from lab.program import Completed

    Insert = Callable[..., VpcdCard]
    Run = Callable[..., Completed]


@pytest.fixture(scope="session")
def windows() -> Iterator[WindowsLab]:
    """The lab. ``CARDCHECK_WINDOWS`` names the directory that ``build-lab`` filled."""
    lab = WindowsLab(Path(os.environ["CARDCHECK_WINDOWS"], "root").resolve())
    shutil.copy(Path(__file__).with_name("press.py"), lab.path("press.py"))
    yield lab
    lab.close()


@pytest.fixture(scope="session")
def display(windows: WindowsLab) -> Iterator[str]:
    """A screen, for windows."""
    with windows.start("Xvfb", ":77", "-screen", "0", "1100x800x24") as server:
        yield ":77"
        server.kill()


@pytest.fixture
def pcscd(windows: WindowsLab) -> Iterator[LabDaemon]:
    """The real pcscd with two empty readers."""
    daemon = LabDaemon()
    daemon.lab = windows
    with daemon:
        yield daemon


@pytest.fixture
def vcard(pcscd: LabDaemon) -> Iterator[Insert]:
    """Puts cards into its readers."""
    with ExitStack() as cards:

        def insert(card: SimulatedCard, reader: int = 0, **link_model: float) -> VpcdCard:
            port = pcscd.ports[reader]
            served = cards.enter_context(VpcdCard(card, "127.0.0.1", port, **link_model))
            pcscd.await_card(reader, present=True)
            return served

        yield insert


@pytest.fixture
def cardcheck(windows: WindowsLab) -> Run:
    """Runs ``python -m cardcheck`` on Windows: ``(*arguments, env=…, seconds=…, encoding=…)``."""
    return partial(windows.python, "-m", "cardcheck")
