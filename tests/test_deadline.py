# SPDX-License-Identifier: Apache-2.0
"""Whatever may hang costs its own answer and its own time, and nothing else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from cardcheck.deadline import Background, all_within, call
from cardcheck.errors import LinkTimeoutError, NoCardError


def hang() -> None:
    threading.Event().wait(30)


def crash() -> None:
    raise SystemError


def test_answers_arrive_in_order() -> None:
    found = all_within({"a": lambda: 1, "b": lambda: None}, 5)
    assert (list(found.values.items()), found.unread, found.hung) == (
        [("a", 1), ("b", None)],
        (),
        (),
    )


def test_a_crash_costs_one_answer() -> None:
    found = all_within({"a": crash, "b": lambda: 2}, 5)
    assert (found.values, found.unread, found.hung) == ({"b": 2}, ("a",), ())


def test_a_hang_costs_one_answer_and_the_deadline() -> None:
    began = time.monotonic()
    found = all_within({"a": hang, "b": lambda: 2, "c": hang}, 0.3)
    assert time.monotonic() - began < 2
    assert (found.values, found.unread, found.hung) == ({"b": 2}, ("a", "c"), ("a", "c"))


def test_probes_run_at_the_same_time() -> None:
    barrier = threading.Barrier(2, timeout=5)
    found = all_within({"a": barrier.wait, "b": barrier.wait}, 10)
    assert set(found.values) == {"a", "b"}


def test_a_gathering_that_is_broken_off_hangs_nowhere() -> None:
    found = all_within({"a": hang, "b": lambda: 2}, 30, lambda: True)
    assert found.hung == ()
    assert "a" in found.unread


def test_results_and_errors_come_through() -> None:
    assert call(lambda: 7, 1.0) == 7

    def fail() -> None:
        raise NoCardError("none")

    with pytest.raises(NoCardError):
        call(fail, 1.0)


def test_what_hangs_is_left_behind() -> None:
    release = threading.Event()
    began = time.monotonic()
    with pytest.raises(LinkTimeoutError):
        call(lambda: release.wait(10), 0.1)
    release.set()
    assert time.monotonic() - began < 2


def test_what_a_test_forbids_is_not_swallowed() -> None:
    def forbidden() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        all_within({"a": forbidden}, 5)
    with pytest.raises(KeyboardInterrupt):
        Background(forbidden, "x").found(5)


def test_a_background_call_begins_when_it_is_told_and_once() -> None:
    runs: list[int] = []
    job = Background(lambda: runs.append(1), "x", start=False)
    assert (runs, job.running) == ([], False)
    job.start()
    job.start()
    assert job.wait(5)
    assert runs == [1]


def test_what_is_found_later() -> None:
    assert Background(lambda: 3, "x", start=False).found(5) == 3
    assert Background(crash, "x").found(5) is None
    began = time.monotonic()
    assert Background(hang, "x").found(0.1) is None
    assert time.monotonic() - began < 2


SIGNALLED = """
import time
from cardcheck import signals
from cardcheck.deadline import Background, call
signals.install()
try:
    with signals.raising():
        print("ready", flush=True)
        call(lambda: time.sleep(60), 50)
except signals.Interruption:
    Background(lambda: time.sleep(60), "x").found(50)
raise SystemExit(signals.end(0))
"""


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_a_signal_ends_the_process_within_a_second_while_all_hangs() -> None:
    with subprocess.Popen([sys.executable, "-c", SIGNALLED], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 143
        assert time.monotonic() - began < 1.5  # a second, and what a busy machine adds
