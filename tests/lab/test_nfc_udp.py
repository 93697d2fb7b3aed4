# SPDX-License-Identifier: Apache-2.0
"""The NFC path end to end, over nfcpy's ``udp`` between processes."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from msgspec import to_builtins

from cardcheck.checks.diagnosis import Request, diagnose
from cardcheck.checks.found import Judging
from cardcheck.facts.observation import Observation
from cardcheck.facts.reader import Backend, ReaderIdentity, SurveyFacts
from cardcheck.host.probe import bare
from cardcheck.render.json_report import document
from cardcheck.simulation.nfc_udp import NfcUdpCard
from cardcheck.simulation.picc import picc_of
from cardcheck.simulation.profiles import PROFILES, Profile, SimulatedReader
from cardcheck.survey.engine import Survey
from cardcheck.survey.request import Silence, SurveyRequest
from cardcheck.transports.nfc.backend import NfcWorld
from cardcheck.transports.simulated import SimulatedWorld
from lab.daemon import PcscDaemon, wait_until
from lab.patience import overtime

if TYPE_CHECKING:
    from collections.abc import Callable

    from cardcheck.simulation.profiles import CardMaker
    from lab.program import Completed, Program

NOW = datetime.now(UTC)
# Contacts only, and profiles without a card of their own.
NOT_IN_A_FIELD = {"bank-card", "bcas", "etc-card"}
WITH_A_CARD = [
    name
    for name, profile in PROFILES.items()
    if name not in NOT_IN_A_FIELD and any(reader.make_card for reader in profile.readers)
]
SAMPLES = ("already-verified", "expired", "valid")


def cards_of(facts: SurveyFacts) -> list[dict[str, Any]]:
    """``cards`` of the report, without what the way to the card decides."""
    report = diagnose(
        Observation(host=bare(NOW), survey=facts), Judging(at=NOW, build=NOW), Request(), 0
    )
    cards: list[dict[str, Any]] = to_builtins(document(report).cards)
    own = {"reader", "atr", "exchange"}
    return [{key: card[key] for key in card if key not in own} for card in cards]


def maker_of(name: str) -> CardMaker:
    return next(reader.make_card for reader in PROFILES[name].readers if reader.make_card)


def over_udp(name: str) -> SurveyFacts:
    card = maker_of(name)(NOW)
    with NfcUdpCard(picc_of(name, card), 0) as served:
        device = ReaderIdentity(
            name="nfcpy udp", backend=Backend.NFC, path=f"udp:127.0.0.1:{served.port}", virtual=True
        )
        world = NfcWorld(lambda: (device,))
        try:
            request = SurveyRequest(open_backends=(), open_nfc=world.open)
            return Survey(request, Silence()).run()
        finally:
            world.close()
            assert card.pin_attempts == 0


def in_process(name: str) -> SurveyFacts:
    mute = name == "mute"
    reader = SimulatedReader(make_card=maker_of(name), mute=mute)
    world = SimulatedWorld(Profile(name=name, summary="", readers=(reader,)), NOW)
    return Survey(SurveyRequest(open_backends=(world.open,)), Silence()).run()


@pytest.mark.parametrize("name", WITH_A_CARD)
def test_a_card_is_the_same_over_both_ways(name: str) -> None:
    through_nfc, direct = over_udp(name), in_process(name)
    assert cards_of(through_nfc) == cards_of(direct)
    assert [reader.slot for reader in through_nfc.readers] == [r.slot for r in direct.readers]


@pytest.fixture
def port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


@pytest.fixture
def simulate(start_cardcheck: Callable[..., Program], port: int) -> Callable[..., Program]:
    """Serves a profile on ``port`` from a process of its own; comes back when it answers."""

    def start(*arguments: str) -> Program:
        program = start_cardcheck("simulate", *arguments, "--nfc-udp", str(port))
        assert wait_until(lambda: _taken(port), 10)
        return program

    return start


def _taken(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def nfc(port: int) -> tuple[str, ...]:
    return "--backend", "nfc", "--nfc-path", f"udp:localhost:{port}"


@pytest.mark.parametrize("name", SAMPLES)
def test_two_processes(
    name: str,
    simulate: Callable[..., Program],
    run_cardcheck: Callable[..., Completed],
    port: int,
) -> None:
    program = simulate(name)
    done = run_cardcheck("scan", "--json", *nfc(port))
    report = json.loads(done.stdout)
    assert (report["source"], report["scope"]["backends"]) == ("hardware", ["nfc"])
    (reader,) = report["readers"]
    assert reader == {
        "id": "r0",
        "name": f"nfcpy udp:localhost:{port}",
        "backend": "nfc",
        "interface": "contactless",
        "virtual": True,
        "usb": None,
        "model": None,
        "compatibility": "virtual",
        "slot": "card",
        "backends": ["nfc"],
        "why": "pcsc-not-asked",
    }
    assert report["cards"][0]["atr"] is None
    assert report["cards"][0]["kind"] == "my-number-card"
    assert not {f["check"] for f in report["findings"] if f["outcome"] == "crashed"}
    problems = [f for f in report["findings"] if f["outcome"] == "problem"]
    assert not [f for f in problems if f["layer"] == "service"]
    program.signal(signal.SIGINT)
    served = program.finish(3)
    assert served.rc == 130
    assert "commands reached the card, 0 of them with a PIN" in served.stderr


def test_both_worlds_side_by_side(
    pcscd: PcscDaemon,
    start_cardcheck: Callable[..., Program],
    run_cardcheck: Callable[..., Completed],
    port: int,
) -> None:
    served = start_cardcheck(
        "simulate", "valid", "--vpcd", f"127.0.0.1:{pcscd.ports[0]}", "--nfc-udp", str(port)
    )
    pcscd.await_card(0, present=True, seconds=15)
    done = run_cardcheck(
        *("scan", "--json", "--nfc-path", f"udp:localhost:{port}"), env=pcscd.env(), timeout=40
    )
    report = json.loads(done.stdout)
    assert report["scope"]["backends"] == ["pcsc", "nfc"]
    assert [(r["backend"], r["slot"]) for r in report["readers"]] == [
        ("pcsc", "card"),
        ("pcsc", "empty"),
        ("nfc", "card"),
    ]
    own = {"id", "reader", "atr", "exchange"}
    first, second = ({key: card[key] for key in card if key not in own} for card in report["cards"])
    assert first == second
    assert report["cards"][0]["exchange"]["commands"] == report["cards"][1]["exchange"]["commands"]
    served.signal(signal.SIGTERM)
    done = served.finish(3)
    assert done.rc == 143
    assert done.stderr.count("0 of them with a PIN") == 2


def test_nobody_answers(run_cardcheck: Callable[..., Completed], port: int) -> None:
    done = run_cardcheck("scan", "--json", *nfc(port))
    report = json.loads(done.stdout)
    assert (done.rc, report["readers"][0]["slot"]) == (4, "empty")


def test_a_card_that_comes_while_we_wait(
    start_cardcheck: Callable[..., Program], simulate: Callable[..., Program], port: int
) -> None:
    waiting = start_cardcheck("scan", "--json", "--wait", "30", *nfc(port))
    time.sleep(5.5)  # the first look at the field of four silent technologies takes 4 s
    simulate("valid")
    done = waiting.finish(40)
    assert json.loads(done.stdout)["verdict"] == "ready", done.stdout


def test_an_interrupted_scan_leaves_no_child(
    start_cardcheck: Callable[..., Program], port: int
) -> None:
    scan = start_cardcheck("scan", "--json", *nfc(port))
    time.sleep(2)  # in the middle of polling
    began = time.monotonic()
    scan.signal(signal.SIGINT)
    done = scan.finish(5)  # fails where a process is left
    assert (done.rc, time.monotonic() - began < overtime(1.3)) == (130, True)


def test_a_killed_scan_leaves_no_child(start_cardcheck: Callable[..., Program], port: int) -> None:
    scan = start_cardcheck("scan", "--json", *nfc(port))
    assert wait_until(lambda: children_of(scan.pid), 10)
    (child,) = children_of(scan.pid)
    scan.signal(signal.SIGKILL)
    assert wait_until(lambda: has_ended(child), 2)


def has_ended(pid: int) -> bool:
    """Whether a process is gone, or a zombie that the first process has not taken away yet."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return True
    return stat.rpartition(")")[2].split()[0] == "Z"


def children_of(pid: int) -> list[int]:
    """The processes whose parent ``pid`` is (proc(5): the fourth field of stat)."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text(errors="replace")
            except OSError:
                continue
            if int(stat.rpartition(")")[2].split()[1]) == pid:
                found.append(int(entry.name))
    return found


def test_the_way_through_pcsc_starts_no_child_and_loads_no_nfcpy(
    run_cardcheck: Callable[..., Completed], pcscd_without_readers: PcscDaemon, tmp_path: Path
) -> None:
    hook = tmp_path / "hook"
    hook.mkdir()
    (hook / "sitecustomize.py").write_text(
        "import sys\n"
        "def watch(event, arguments):\n"
        "    if event in {'subprocess.Popen', 'os.posix_spawn', 'os.fork'}:\n"
        "        print('starts', arguments, file=sys.stderr)\n"
        "    if event == 'import' and arguments[0] in {'nfc', 'usb1', 'serial', 'smartcard'}:\n"
        "        print('loads', arguments[0], file=sys.stderr)\n"
        "sys.addaudithook(watch)\n"
    )
    env = pcscd_without_readers.env()
    path = os.pathsep.join([str(hook), str(Path(document.__code__.co_filename).parents[2])])
    done = run_cardcheck("scan", "--json", env={**env, "PYTHONPATH": path})
    assert done.rc == 3
    assert "starts" not in done.stderr
    assert set(done.stderr.split()) == {"loads", "smartcard"}


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("runs", [10, pytest.param(100, marks=pytest.mark.slow)])
def test_scans_in_a_row_leave_nothing_behind(runs: int, tmp_path: Path) -> None:
    """No process, no socket, no file, no thread."""
    before = footprint()
    for _ in range(runs):
        assert over_udp("valid").readers[0].card.complete  # type: ignore[union-attr]
    assert wait_until(lambda: not grown(before, footprint()), 2), (before, footprint())


def grown(before: tuple[int, ...], now: tuple[int, ...]) -> bool:
    """Whether something is left; a thread of an earlier test may end in between."""
    return any(later > earlier for earlier, later in zip(before, now, strict=True))


def footprint() -> tuple[int, int, int]:
    """Open descriptors, children (zombies too) and threads of this process."""
    import threading

    descriptors = len(list(Path("/proc/self/fd").iterdir()))
    return descriptors, len(children_of(os.getpid())), threading.active_count()


def test_another_computer_is_never_asked(run_cardcheck: Callable[..., Completed]) -> None:
    for host in ("192.0.2.1", "example.org", "0.0.0.0"):
        done = run_cardcheck("scan", "--json", "--backend", "nfc", "--nfc-path", f"udp:{host}:1")
        assert (done.rc, done.stdout) == (2, "")
        assert "only this computer" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("simulate",),
        ("simulate", "no-reader"),
        ("simulate", "bcas", "--nfc-udp", "5"),
        ("simulate", "valid", "--vpcd", "192.0.2.1:35963"),
        ("simulate", "valid", "--vpcd", "localhost"),
        ("simulate", "valid", "--nfc-udp", "0"),
        ("simulate", "valid", "--fault", "nonsense"),
        ("scan", "--backend", "pcsc", "--nfc-path", "udp"),
        ("scan", "--nfc-path", "/dev/ttyUSB0"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    run_cardcheck: Callable[..., Completed], arguments: tuple[str, ...]
) -> None:
    done = run_cardcheck(*arguments)
    assert (done.rc, done.stdout) == (2, "")
    assert done.stderr


def test_the_profiles_are_listed(run_cardcheck: Callable[..., Completed]) -> None:
    done = run_cardcheck("simulate", "--list")
    assert [line.split()[0] for line in done.stdout.splitlines()] == list(PROFILES)
