# SPDX-License-Identifier: Apache-2.0
"""Probes are independent: a hanging or crashing one costs its own answer and nothing else."""

from __future__ import annotations

import threading
import time

from cardcheck.host.gather import gather
from lab.patience import overtime


def hang() -> None:
    threading.Event().wait(30)


def crash() -> None:
    raise SystemError


def test_answers_arrive_in_order() -> None:
    found = gather({"a": lambda: 1, "b": lambda: None}, 5)
    assert (list(found.values.items()), found.unread, found.hung) == (
        [("a", 1), ("b", None)],
        (),
        (),
    )


def test_a_crash_costs_one_answer() -> None:
    found = gather({"a": crash, "b": lambda: 2}, 5)
    assert (found.values, found.unread, found.hung) == ({"b": 2}, ("a",), ())


def test_a_hang_costs_one_answer_and_the_deadline() -> None:
    began = time.monotonic()
    found = gather({"a": hang, "b": lambda: 2, "c": hang}, 0.3)
    assert time.monotonic() - began < overtime(2)
    assert (found.values, found.unread, found.hung) == ({"b": 2}, ("a", "c"), ("a", "c"))


def test_probes_run_at_the_same_time() -> None:
    barrier = threading.Barrier(2, timeout=5)
    found = gather({"a": barrier.wait, "b": barrier.wait}, 10)
    assert set(found.values) == {"a", "b"}
