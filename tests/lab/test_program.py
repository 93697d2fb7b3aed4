# SPDX-License-Identifier: Apache-2.0
"""The runner of cardcheck, proved on a stand-in that misbehaves as told."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from lab.patience import overtime

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lab.program import Completed, Program


@pytest.fixture
def stand_in(tmp_path: Path) -> Callable[[str], dict[str, str]]:
    """Gives the environment in which ``python -m cardcheck`` runs the code given."""

    def write(code: str) -> dict[str, str]:
        package = tmp_path / "stand-in" / "cardcheck"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text("")
        (package / "__main__.py").write_text(code)
        return {"PYTHONPATH": str(package.parent)}

    return write


def test_a_run_is_reported(
    run_cardcheck: Callable[..., Completed],
    stand_in: Callable[[str], dict[str, str]],
    tmp_path: Path,
) -> None:
    code = """
import sys
from os import environ
print(sys.argv[1:], environ["CARDCHECK_LANG"], environ["HOME"], environ["PCSCLITE_CSOCK_NAME"])
print("progress", file=sys.stderr)
sys.exit(4)
"""
    done = run_cardcheck("scan", "--json", env=stand_in(code))
    assert done.rc == 4
    assert done.stdout == f"['scan', '--json'] en {tmp_path}/home {tmp_path}/no-service\n"
    assert done.stderr == "progress\n"
    assert 0 < done.seconds < overtime(30)


@pytest.mark.parametrize(
    ("code", "complaint"),
    [
        ("raise ValueError", "ValueError"),
        ("import time; time.sleep(60)", "still ran"),
        ("import os, time; os.fork() or (os.closerange(0, 3), time.sleep(60))", "left a process"),
    ],
    ids=["traceback", "late", "process-left"],
)
def test_what_no_run_may_do_fails_the_test(
    run_cardcheck: Callable[..., Completed],
    stand_in: Callable[[str], dict[str, str]],
    code: str,
    complaint: str,
) -> None:
    with pytest.raises(AssertionError, match=complaint):
        run_cardcheck(env=stand_in(code), timeout=1.5)


def test_a_run_can_be_interrupted(
    start_cardcheck: Callable[..., Program], stand_in: Callable[[str], dict[str, str]]
) -> None:
    program = start_cardcheck(env=stand_in("import time; time.sleep(60)"))
    program.signal(signal.SIGTERM)
    assert program.finish(5).rc == -signal.SIGTERM
