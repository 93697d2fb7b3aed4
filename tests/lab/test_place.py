# SPDX-License-Identifier: Apache-2.0
"""The placement coach on real pcscd: lifted cards, silent cards, signals, and no try spent."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

from cardcheck.simulation.faults import FaultyCard, parse_fault
from lab.daemon import wait_until
from lab.patience import overtime
from lab.reports import card_of, report_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from lab.conftest import InsertCard
    from lab.daemon import PcscDaemon
    from lab.program import Completed, Program


def test_a_good_spot_and_counters_that_stay(
    pcscd: PcscDaemon, vcard: InsertCard, run_cardcheck: Callable[..., Completed]
) -> None:
    card = card_of("valid")
    vcard(card)
    done = run_cardcheck("place", "--json", env=pcscd.env())
    report = report_of(done)
    assert done.rc == 0
    assert report["source"] == "hardware"
    [spot] = report["placement"]["spots"]
    assert (spot["state"], spot["reads"], spot["answered"]) == ("good", 30, 30)
    assert report["placement"]["counters"] == {"compared": True, "same": True}
    assert report["cards"][0]["safety"]["counters_after"] == {"authentication": 3, "signature": 5}
    assert card.pin_attempts == 0
    assert done.seconds < overtime(12)


def test_a_card_that_was_lifted_lies_in_another_spot(
    pcscd: PcscDaemon, vcard: InsertCard, start_cardcheck: Callable[..., Program]
) -> None:
    card = card_of("valid")
    inserted = vcard(card)
    program = start_cardcheck("place", "--json", env=pcscd.env())
    assert wait_until(lambda: len(card.log) > 30, 10)
    inserted.remove()
    time.sleep(1.5)
    inserted.put_back()
    report = report_of(program.finish())
    first, second = report["placement"]["spots"]
    assert 3 < first["answered"] < 30
    assert (second["state"], second["answered"]) == ("good", 30)
    assert card.pin_attempts == 0


def test_a_card_that_stays_away_ends_at_the_deadline(
    pcscd: PcscDaemon, vcard: InsertCard, start_cardcheck: Callable[..., Program]
) -> None:
    card = card_of("valid")
    inserted = vcard(card)
    program = start_cardcheck("place", "--json", "--timeout", "4", env=pcscd.env())
    assert wait_until(lambda: len(card.log) > 30, 10)
    inserted.remove()
    done = program.finish(timeout=10)
    report = report_of(done)
    assert (done.rc, report["placement"]["ended"]) == (3, "deadline")
    assert report["placement"]["counters"] == {"compared": False, "same": None}


def test_a_silent_card_is_left_behind(
    pcscd: PcscDaemon, vcard: InsertCard, run_cardcheck: Callable[..., Completed]
) -> None:
    vcard(FaultyCard(card_of("valid"), parse_fault("mute@40")))
    done = run_cardcheck("place", "--json", "--timeout", "4", env=pcscd.env())
    report = report_of(done)
    assert done.rc in {1, 3}
    assert report["placement"]["state"] != "good"
    assert done.seconds < overtime(8)


def test_a_signal_ends_it_within_a_second(
    pcscd: PcscDaemon, vcard: InsertCard, start_cardcheck: Callable[..., Program]
) -> None:
    card = card_of("valid")
    vcard(card)
    program = start_cardcheck("place", "--json", env=pcscd.env())
    assert wait_until(lambda: len(card.log) > 20, 10)
    sent = time.monotonic()
    program.signal(signal.SIGTERM)
    done = program.finish(timeout=10)
    assert time.monotonic() - sent < overtime(1.3)
    assert report_of(done)["placement"]["ended"] == "interrupted"
    assert done.rc == 143
    assert card.pin_attempts == 0


def test_an_empty_reader_and_another_slot(
    pcscd: PcscDaemon, vcard: InsertCard, run_cardcheck: Callable[..., Completed]
) -> None:
    assert run_cardcheck("place", "--json", env=pcscd.env()).rc == 4
    vcard(card_of("valid"), reader=1)
    report = report_of(run_cardcheck("place", "--json", env=pcscd.env()))
    assert report["placement"]["reader"] == "r1"
