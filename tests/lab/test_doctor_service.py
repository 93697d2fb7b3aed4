# SPDX-License-Identifier: Apache-2.0
"""``doctor`` against a real pcscd that hangs, died, or is not there."""

from __future__ import annotations

import json
import signal
import time
from typing import TYPE_CHECKING, Any

import pytest

from lab.patience import overtime

if TYPE_CHECKING:
    from collections.abc import Callable

    from lab.daemon import PcscDaemon
    from lab.program import Completed, Program

ONLY = ("--only", "service", "--only", "wall")


def states(done: Completed) -> set[str]:
    report: dict[str, Any] = json.loads(done.stdout)
    assert report["exit_code"] == done.rc
    found = [f for f in report["findings"] if f["outcome"] == "problem"]
    return {f"{finding['check']}.{finding['state']}" for finding in found}


def test_a_service_that_hangs_is_named_in_time(
    pcscd: PcscDaemon, run_cardcheck: Callable[..., Completed]
) -> None:
    pcscd.freeze()
    done = run_cardcheck("doctor", "--json", *ONLY, "--timeout", "1", env=pcscd.env())
    assert states(done) == {"service.pcscd.listening.no-answer"}
    assert done.rc == 1
    assert done.seconds < overtime(5)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_it_while_the_service_hangs(
    number: signal.Signals,
    code: int,
    pcscd: PcscDaemon,
    start_cardcheck: Callable[..., Program],
) -> None:
    pcscd.freeze()
    program = start_cardcheck("doctor", "--json", "--timeout", "20", env=pcscd.env())
    time.sleep(2)
    began = time.monotonic()
    program.signal(number)
    done = program.finish(5)
    assert time.monotonic() - began < overtime(
        2
    )  # the second also waits for the process to be gone
    report = json.loads(done.stdout)
    assert (done.rc, report["exit_code"]) == (code, code)
    silent = [f for f in report["findings"] if f["check"] == "computer.probes.answered"]
    assert [(f["outcome"], f["evidence"]) for f in silent] == [("unknown", {"names": "pcsc"})]
    assert not [f for f in report["findings"] if f["check"] == "service.pcscd.listening"]


def test_a_killed_service_leaves_a_dead_socket(
    pcscd: PcscDaemon, run_cardcheck: Callable[..., Completed]
) -> None:
    pcscd.kill()
    done = run_cardcheck("doctor", "--json", *ONLY, env=pcscd.env())
    # The lab moves the socket by this variable, so that is what stands out.
    assert states(done) == {"service.variable.socket.moved"}


def test_a_service_that_answers_has_no_problem(
    pcscd: PcscDaemon, run_cardcheck: Callable[..., Completed]
) -> None:
    done = run_cardcheck("doctor", "--json", *ONLY, env=pcscd.env())
    assert (states(done), done.rc) == (set(), 0)
