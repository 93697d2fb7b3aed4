# SPDX-License-Identifier: Apache-2.0
"""The machine is as before: no file but those asked for, no process, no setting, no secret left.

What belongs here: what a run leaves behind. What does not: the network (``test_offline``).
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from lab.reports import card_of, report_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lab.audit import Audit
    from lab.conftest import InsertCard
    from lab.daemon import PcscDaemon
    from lab.program import Completed

    Run = Callable[..., Completed]

TEMPORARY = ".cardcheck-"  # a file is written beside its place, then renamed


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder for temporary files and for what is asked for."""
    folder = tmp_path / "place"
    folder.mkdir()
    return folder


def files_under(*folders: Path) -> dict[Path, bytes]:
    """Every file and its content."""
    paths = (path for folder in folders for path in folder.rglob("*"))
    return {path: path.read_bytes() for path in paths if path.is_file()}


def test_a_scan_writes_nothing(
    audit: Audit, pcscd: PcscDaemon, vcard: InsertCard, run_cardcheck: Run, place: Path
) -> None:
    """On Linux: no file, no process; the daemon is neither started nor ended."""
    card = card_of("valid")
    vcard(card)
    daemon, home = pcscd.pid, place.parent / "home"
    env = {**pcscd.env(), **audit.env, "TMPDIR": str(place)}
    for command in (("scan", "--json"), ("scan",), ("readers", "--json"), ("scan", "--quick")):
        done = run_cardcheck(*command, env=env)
        assert done.rc == 0
    assert audit.changed() == set()
    assert audit.processes() == []
    assert files_under(home, place) == {}
    assert (pcscd.running, pcscd.pid) == (True, daemon)
    assert card.pin_attempts == 0


def test_only_what_was_asked_for_is_written(
    audit: Audit, pcscd: PcscDaemon, vcard: InsertCard, run_cardcheck: Run, place: Path
) -> None:
    """``--output``, ``--record`` and ``--html`` write these three files and no other."""
    card = card_of("valid")
    vcard(card)
    wanted = {place / name for name in ("report.json", "trace.apdu", "page.html")}
    done = run_cardcheck(
        "scan", "--json",
        "--output", str(place / "report.json"),
        "--record", str(place / "trace.apdu"),
        "--html", str(place / "page.html"),
        env={**pcscd.env(), **audit.env, "TMPDIR": str(place)},
    )  # fmt: skip
    assert done.rc == 0
    assert set(files_under(place.parent / "home", place)) == wanted
    left = {path for path in audit.changed() if not path.name.startswith(TEMPORARY)}
    assert left <= wanted
    assert audit.processes() == []


def test_no_program_is_started_but_our_own_child(
    audit: Audit, pcscd: PcscDaemon, run_cardcheck: Run
) -> None:
    """``--backend nfc`` on a machine without such a device starts nothing but Python, if that."""
    done = run_cardcheck("scan", "--json", "--backend", "nfc", env={**pcscd.env(), **audit.env})
    assert report_of(done)["exit_code"] == 3
    assert all(sys.executable in process for process in audit.processes())
    assert audit.changed() == set()
