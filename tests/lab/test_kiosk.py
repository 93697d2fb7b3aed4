# SPDX-License-Identifier: Apache-2.0
"""``kiosk`` on real pcscd: cards come and go, services too, and a watched card is never touched."""

from __future__ import annotations

import json
import signal
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cardcheck.simulation.profiles import profile
from lab.daemon import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from cardcheck.simulation.card import SimulatedCard
    from lab.conftest import InsertCard
    from lab.daemon import PcscDaemon
    from lab.program import Completed, Program

SELECT = "00A4040C0AD392F000260100000001"
LABEL = {SELECT, "00A4020C020006", "00B0000020"}


def card_of(name: str) -> SimulatedCard:
    """The card of a profile, made for now."""
    maker = profile(name).readers[0].make_card
    assert maker is not None
    return maker(datetime.now(UTC))


def handles_of(run: Program) -> int:
    return len(list(Path(f"/proc/{run.pid}/fd").iterdir()))


def commands_to(card: SimulatedCard) -> set[str]:
    return {command.hex().upper() for command in card.log}


def test_check_reads_the_label_of_every_card_and_no_more(
    pcscd: PcscDaemon, vcard: InsertCard, run_cardcheck: Callable[..., Completed], tmp_path: Path
) -> None:
    cards = [card_of("valid"), card_of("payment-card")]
    for slot, card in enumerate(cards):
        vcard(card, slot)
    log = tmp_path / "log"
    arguments = (
        "kiosk",
        "check",
        "--json",
        "--operator",
        "ab",
        "--station",
        "a/b",
        "--log",
        str(log),
    )
    done = run_cardcheck(*arguments, env=pcscd.env())
    document = json.loads(done.stdout)
    assert (done.rc, document["passed"], document["source"]) == (0, True, "hardware")
    assert [each["depth"] for each in document["readers"]] == ["label", "answer"]
    assert [commands_to(card) for card in cards] == [LABEL, {SELECT}]
    assert log.read_text("utf-8").split("\t")[1:6] == ["a/b", "ab", "hardware", "passed", "2/2"]
    shown = done.stdout + done.stderr + log.read_text("utf-8")
    for card in cards:
        assert not any(secret.hex() in shown.lower() for secret in card.secrets.values())
        assert "JPKIAPICC" not in shown


def test_an_empty_reader_fails_the_check(
    pcscd: PcscDaemon, vcard: InsertCard, run_cardcheck: Callable[..., Completed]
) -> None:
    arguments = ("kiosk", "check", "--seconds", "1")
    assert run_cardcheck(*arguments, env=pcscd.env()).rc == 4
    vcard(card_of("valid"))
    assert run_cardcheck(*arguments, env=pcscd.env()).rc == 1
    assert run_cardcheck(*arguments).rc == 3


def test_accept_is_hands_free(
    pcscd: PcscDaemon, vcard: InsertCard, start_cardcheck: Callable[..., Program], tmp_path: Path
) -> None:
    """A card that is placed and removed three times makes three presentations."""
    output = tmp_path / "run.json"
    card = card_of("valid")
    inserted = vcard(card)
    inserted.remove()
    run = start_cardcheck(
        "kiosk", "accept", "--reader", "0", "--json", "--output", str(output), env=pcscd.env()
    )
    time.sleep(2)
    for _ in range(3):
        inserted.put_back()
        time.sleep(1)
        inserted.remove()
        time.sleep(0.5)
    run.signal(signal.SIGINT)
    done = run.finish(5)
    document: dict[str, Any] = json.loads(output.read_text("utf-8"))
    assert (done.rc, document["stop"], document["passed"]) == (130, "interrupted", False)
    assert [each["outcome"] for each in document["presentations"]] == ["answered"] * 3
    assert all(each["read_milliseconds"] < 1000 for each in document["presentations"])
    assert commands_to(card) == LABEL


@pytest.fixture
def watched(
    pcscd: PcscDaemon, start_cardcheck: Callable[..., Program], tmp_path: Path
) -> tuple[Program, Callable[[], dict[str, Any]]]:
    """A running watch and what its state file says."""
    state = tmp_path / "state.json"
    arguments = ("kiosk", "watch", "--interval", "0.1", "--state", str(state))
    run = start_cardcheck(*arguments, env=pcscd.env())
    assert wait_until(state.exists, 10)
    return run, lambda: json.loads(state.read_text("utf-8"))


def test_watch_survives_whatever_happens_and_touches_no_card(
    pcscd: PcscDaemon,
    vcard: InsertCard,
    watched: tuple[Program, Callable[[], dict[str, Any]]],
) -> None:
    run, state = watched
    card = card_of("valid")
    inserted = vcard(card)
    assert wait_until(lambda: state()["readers"][0]["slot"] == "card")
    inserted.remove()
    assert wait_until(lambda: state()["readers"][0]["slot"] == "empty")
    inserted.put_back()
    for _ in range(2):
        pcscd.kill()
        assert wait_until(lambda: state()["reason"] == "service-down")
        pcscd.start()
        assert wait_until(lambda: state()["state"] == "ok", 10)
    handles = handles_of(run)
    pcscd.restart()
    assert wait_until(lambda: state()["state"] == "ok", 10)
    pcscd.freeze()
    assert wait_until(lambda: state()["reason"] == "service-stalled", 15)
    pcscd.thaw()
    assert wait_until(lambda: state()["state"] == "ok", 10)
    assert handles_of(run) <= handles
    run.signal(signal.SIGTERM)
    done = run.finish(2)
    assert (done.rc, done.stderr) == (143, "")
    assert card.log == []


def test_a_reader_that_goes_away_is_missing(
    make_pcscd: Callable[..., PcscDaemon], run_cardcheck: Callable[..., Completed], tmp_path: Path
) -> None:
    state = str(tmp_path / "state.json")
    once = ("kiosk", "watch", "--cycles", "1", "--state", state)
    assert run_cardcheck(*once, env=make_pcscd(readers=2).env()).rc == 0
    assert run_cardcheck(*once, env=make_pcscd(readers=0).env()).rc == 1
    said = run_cardcheck("kiosk", "watch", "--from", state, "--format", "nagios")
    assert said.rc == 2
    line = "CARDCHECK CRITICAL - critical: missing; 0 of 2 readers ready (learned, not declared) | "
    assert said.stdout.startswith(line)


def test_a_declared_reader_is_missed_at_the_first_look_and_after_a_boot(
    make_pcscd: Callable[..., PcscDaemon], run_cardcheck: Callable[..., Completed], tmp_path: Path
) -> None:
    state, memory = tmp_path / "state.json", tmp_path / "memory.json"
    once = ("kiosk", "watch", "--cycles", "1", "--state", str(state), "--memory", str(memory))
    said = ("kiosk", "watch", "--from", str(state), "--format", "nagios")
    daemon = make_pcscd(readers=2)
    assert run_cardcheck(*once, "--expect", "Virtual=3", env=daemon.env()).rc == 1
    line = "CARDCHECK CRITICAL - critical: missing; 2 of 3 readers ready | "
    assert run_cardcheck(*said).stdout.startswith(line)
    state.unlink()
    nowhere = {**daemon.env(), "PCSCLITE_CSOCK_NAME": str(tmp_path / "none")}
    assert run_cardcheck(*once, "--expect", "Virtual=3", env=nowhere).rc == 1
    line = "CARDCHECK CRITICAL - critical: service-down; 0 of 3 readers ready | "
    assert run_cardcheck(*said).stdout.startswith(line)
    assert b'"looks": 2' in state.read_bytes()


def test_what_is_no_declaration_is_wrong_usage(run_cardcheck: Callable[..., Completed]) -> None:
    for text in ("Sony", "=1", "Sony=0", "Sony=x", "Sony=65"):
        assert run_cardcheck("kiosk", "watch", "--cycles", "1", "--expect", text).rc == 2
