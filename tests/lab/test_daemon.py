# SPDX-License-Identifier: Apache-2.0
"""The lab itself: what real pcscd and other people's clients say in each state.

The numeric codes are those of pcsc-lite; what is written here about a state was first seen, then
asserted.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lab import client as pcsc
from lab.client import ClientError, PcscClient, PcscError
from lab.daemon import LabError, PcscDaemon, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from cardcheck.simulation.card import VirtualCard
    from lab.conftest import InsertCard, MakePcscd

    StartClient = Callable[[PcscDaemon], PcscClient]
    RunTool = Callable[..., str]

FIRST, SECOND = "Virtual PCD 00 00", "Virtual PCD 00 01"
SELECT_JPKI = bytes.fromhex("00A4040C0AD392F000260100000001")

NO_SERVICE, NO_READERS, UNKNOWN_READER = 0x8010001D, 0x8010002E, 0x80100009
NO_CARD, SHARING, REMOVED, RESET = 0x8010000C, 0x8010000B, 0x80100069, 0x80100068
NOT_TRANSACTED = 0x80100016


@pytest.fixture
def card() -> VirtualCard:
    """A valid My Number card."""
    from cardcheck.simulation.profiles import profile

    make_card = profile("valid").readers[0].make_card
    assert make_card is not None
    return make_card(datetime.now(UTC))


def code_of(client: PcscClient, function: str, *arguments: object) -> int:
    return int(client.call(function, *arguments)[0])


def test_no_daemon_is_no_service(pcsc_client: StartClient, lab_parts: None) -> None:
    daemon = PcscDaemon()
    try:
        assert code_of(pcsc_client(daemon), "SCardEstablishContext", 0) == NO_SERVICE
    finally:
        daemon.close()


def test_a_killed_daemon_leaves_a_socket_that_is_no_service(
    pcscd: PcscDaemon, pcsc_client: StartClient
) -> None:
    pcscd.kill()
    assert pcscd.socket_path.is_socket()
    assert code_of(pcsc_client(pcscd), "SCardEstablishContext", 0) == NO_SERVICE


def test_a_stopped_daemon_takes_its_socket_away(pcscd: PcscDaemon) -> None:
    pcscd.stop()
    assert not pcscd.socket_path.exists()


def test_without_readers(pcscd_without_readers: PcscDaemon, pcsc_client: StartClient) -> None:
    client = pcsc_client(pcscd_without_readers)
    assert code_of(client, "SCardListReaders", client.context(), []) == NO_READERS
    with pytest.raises(PcscError) as refused:
        client.connect(FIRST)
    assert refused.value.code == UNKNOWN_READER


def test_empty_readers(pcscd: PcscDaemon, pcsc_client: StartClient) -> None:
    client = pcsc_client(pcscd)
    assert client.readers() == [FIRST, SECOND]
    assert [os.fsencode(name) for name in client.readers()] == pcscd.reader_names
    assert client.state(FIRST)[0] & pcsc.STATE_EMPTY
    with pytest.raises(PcscError) as refused:
        client.connect(FIRST)
    assert refused.value.code == NO_CARD


def test_a_card_comes_and_goes_and_comes_back(
    pcscd: PcscDaemon, pcsc_client: StartClient, vcard: InsertCard, card: VirtualCard
) -> None:
    inserted = vcard(card, 1)
    client = pcsc_client(pcscd)
    flags, atr = client.state(SECOND)
    assert flags & pcsc.STATE_PRESENT
    assert atr == card.atr
    assert client.state(FIRST)[0] & pcsc.STATE_EMPTY
    handle = client.connect(SECOND)
    assert client.transmit(handle, SELECT_JPKI) == b"\x90\x00"
    assert card.log == [SELECT_JPKI]

    inserted.remove()
    assert client.state(SECOND)[0] & pcsc.STATE_EMPTY
    with pytest.raises(PcscError) as gone:
        client.transmit(handle, SELECT_JPKI)
    assert gone.value.code == REMOVED

    inserted.put_back()
    assert client.state(SECOND)[0] & pcsc.STATE_PRESENT
    with pytest.raises(PcscError) as still_gone:
        client.transmit(handle, SELECT_JPKI)
    assert still_gone.value.code == REMOVED
    assert client.transmit(client.connect(SECOND), SELECT_JPKI) == b"\x90\x00"


def test_a_card_pulled_inside_an_exchange_answers_nothing(
    pcscd: PcscDaemon, pcsc_client: StartClient, vcard: InsertCard, card: VirtualCard
) -> None:
    inserted = vcard(card, latency_ms=1000)
    client = pcsc_client(pcscd)
    handle = client.connect(FIRST)
    client.send("SCardTransmit", handle, pcsc.PROTOCOL_T1, list(SELECT_JPKI))
    assert wait_until(lambda: card.log)
    inserted.remove(wait=False)
    assert client.answer() == [0, []]
    again = code_of(client, "SCardTransmit", handle, pcsc.PROTOCOL_T1, list(SELECT_JPKI))
    assert again in {NOT_TRANSACTED, REMOVED}


def test_two_readers_hold_two_cards(
    pcscd: PcscDaemon, pcsc_client: StartClient, vcard: InsertCard, card: VirtualCard
) -> None:
    from cardcheck.simulation.profiles import profile

    other = profile("bcas").readers[0].make_card
    assert other is not None
    second = other(datetime.now(UTC))
    vcard(card, 0)
    vcard(second, 1)
    client = pcsc_client(pcscd)
    assert [client.state(name)[1] for name in (FIRST, SECOND)] == [card.atr, second.atr]


def test_daemons_run_beside_each_other(
    make_pcscd: MakePcscd, pcsc_client: StartClient, vcard: InsertCard, card: VirtualCard
) -> None:
    left, right = make_pcscd(), make_pcscd(name="Other")
    assert not set(left.ports) & set(right.ports)
    vcard(card, daemon=left)
    left_client, right_client = pcsc_client(left), pcsc_client(right)
    assert right_client.readers() == ["Other 00 00", "Other 00 01"]
    assert left_client.state(FIRST)[0] & pcsc.STATE_PRESENT
    assert right_client.state("Other 00 00")[0] & pcsc.STATE_EMPTY
    left.kill()
    assert right.running
    assert right_client.readers()


def test_a_restart_ends_every_context_and_brings_the_card_back(
    pcscd: PcscDaemon, pcsc_client: StartClient, vcard: InsertCard, card: VirtualCard
) -> None:
    vcard(card)
    client = pcsc_client(pcscd)
    handle = client.connect(FIRST)
    before = pcscd.pid
    pcscd.restart()
    assert pcscd.pid != before
    assert code_of(client, "SCardBeginTransaction", handle) == NO_SERVICE
    assert code_of(client, "SCardListReaders", client.context(), []) == NO_SERVICE
    client.forget_context()
    pcscd.await_card(0, present=True)
    assert client.transmit(client.connect(FIRST), SELECT_JPKI) == b"\x90\x00"


def test_a_daemon_restarted_from_a_thread_outlives_the_thread(pcscd: PcscDaemon) -> None:
    thread = threading.Thread(target=pcscd.restart)
    thread.start()
    thread.join(10)
    assert not wait_until(lambda: not pcscd.running, 0.2)


def test_a_frozen_daemon_hangs_its_clients(pcscd: PcscDaemon, pcsc_client: StartClient) -> None:
    client = pcsc_client(pcscd)
    pcscd.freeze()
    client.send("SCardEstablishContext", 0)
    with pytest.raises(ClientError, match="no answer"):
        client.answer(timeout=0.5)
    pcscd.thaw()
    assert client.answer()[0] == 0


@pytest.mark.parametrize(
    ("share", "flag"),
    [(pcsc.SHARE_SHARED, pcsc.STATE_IN_USE), (pcsc.SHARE_EXCLUSIVE, pcsc.STATE_EXCLUSIVE)],
)
def test_what_another_program_holds_is_seen(
    pcscd: PcscDaemon,
    pcsc_client: StartClient,
    vcard: InsertCard,
    card: VirtualCard,
    share: int,
    flag: int,
) -> None:
    vcard(card)
    holder, client = pcsc_client(pcscd), pcsc_client(pcscd)
    holder.connect(FIRST, share)
    both = pcsc.STATE_IN_USE | pcsc.STATE_EXCLUSIVE
    assert client.state(FIRST)[0] & both == flag
    with pytest.raises(PcscError) as refused:
        client.connect(FIRST, pcsc.SHARE_EXCLUSIVE)
    assert refused.value.code == SHARING
    holder.kill()
    assert wait_until(lambda: not client.state(FIRST)[0] & both)


def test_a_program_that_dies_in_a_transaction_has_the_card_reset(
    pcscd: PcscDaemon, pcsc_client: StartClient, vcard: InsertCard, card: VirtualCard
) -> None:
    vcard(card)
    holder, client = pcsc_client(pcscd), pcsc_client(pcscd)
    handle = client.connect(FIRST)
    holder.checked("SCardBeginTransaction", holder.connect(FIRST))
    client.send("SCardBeginTransaction", handle)
    with pytest.raises(ClientError, match="no answer"):
        client.answer(timeout=0.3)
    holder.kill()
    assert client.answer()[0] == RESET


@pytest.mark.parametrize(
    "name",
    ["\x1b[31mRed[bold]<b>&\x1b[0m", "x" * 300, "カード"],
    ids=["markup", "long", "japanese"],
)
def test_names_of_readers_arrive(
    make_pcscd: MakePcscd, pcsc_client: StartClient, name: str
) -> None:
    daemon = make_pcscd(name=name)
    listed = [reader.encode() for reader in pcsc_client(daemon).readers()]
    assert listed == daemon.reader_names
    assert all(len(reader) <= 127 for reader in listed)


def test_pyscard_gives_no_reader_when_one_name_is_not_utf8(
    make_pcscd: MakePcscd, pcsc_client: StartClient, run_tool: RunTool
) -> None:
    daemon = make_pcscd(name=b"bad\xff\xfename")
    client = pcsc_client(daemon)
    with pytest.raises(ClientError, match="SystemError"):
        client.readers()
    assert "name 00 00" in run_tool(daemon, "pcsc_scan", "-r")


def test_where_namespaces_are_refused_one_line_says_so(lab_parts: None, tmp_path: Path) -> None:
    """Every test on a private pcscd is skipped; none fails, and none is said to have run."""
    refusing = tmp_path / "unshare"
    refusing.write_text("#!/bin/sh\nexit 1\n")
    refusing.chmod(0o755)
    command = [sys.executable, "-m", "pytest", "-p", "no:randomly", "-k", "readers", __file__]
    env = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        command, env=env, capture_output=True, text=True, timeout=120, check=False
    )
    said = [line for line in done.stdout.splitlines() if line.startswith("SKIPPED")]
    assert done.returncode == 0, done.stdout
    assert len(said) == 1
    assert "NOTHING WAS TRIED ON REAL DRIVERS" in said[0]
    assert "passed" not in done.stdout
    assert "failed" not in done.stdout


def test_vpcd_has_no_single_reader() -> None:
    with pytest.raises(ValueError, match="not 1"):
        PcscDaemon(readers=1)


def test_a_daemon_that_cannot_start_says_why(lab_parts: None) -> None:
    daemon = PcscDaemon()
    try:
        (daemon.directory / "conf" / "vpcd").write_bytes(b"no such keyword\n")
        with pytest.raises(LabError, match="did not start"):
            daemon.start()
    finally:
        daemon.close()


def test_nothing_is_left_when_the_test_run_is_killed(lab_parts: None) -> None:
    script = (
        "import sys, time; sys.path.insert(0, sys.argv[1])\n"
        "from lab.daemon import PcscDaemon\n"
        "daemon = PcscDaemon(); daemon.start(); print(daemon.pid, daemon.directory, flush=True)\n"
        "time.sleep(60)\n"
    )
    run = subprocess.Popen(
        [sys.executable, "-c", script, str(Path(__file__).parent.parent)], stdout=subprocess.PIPE
    )
    assert run.stdout is not None
    with run.stdout:
        pid, directory = run.stdout.readline().split()
    run.send_signal(signal.SIGKILL)
    run.wait(5)
    try:
        assert wait_until(lambda: not Path(f"/proc/{int(pid)}").exists())
        with socket.socket(socket.AF_UNIX) as client, pytest.raises(ConnectionRefusedError):
            client.connect(os.fsdecode(directory) + "/run/pcscd.comm")
    finally:
        subprocess.run(["rm", "-r", os.fsdecode(directory)], check=True)


def test_opensc_reads_the_card(
    pcscd: PcscDaemon, vcard: InsertCard, card: VirtualCard, run_tool: RunTool
) -> None:
    vcard(card)
    assert run_tool(pcscd, "opensc-tool", "-n").strip().endswith("jpki")
    pins = run_tool(pcscd, "pkcs15-tool", "--list-pins")
    assert [line.split(":")[1].strip() for line in pins.splitlines() if "Tries left" in line] == [
        "3",
        "5",
    ]
    certificates = run_tool(pcscd, "pkcs15-tool", "-c")
    assert certificates.count("X.509 Certificate [") >= 3
    assert card.pin_attempts == 0
