# SPDX-License-Identifier: Apache-2.0
"""The main job on real pcscd: every state of the contract, its JSON and its exit code."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sysconfig
import time
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import cardcheck.errors
from cardcheck.simulation.profiles import PROFILES, profile
from lab.reports import card_of, problems_in, report_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from lab.conftest import InsertCard, MakePcscd
    from lab.daemon import PcscDaemon
    from lab.program import Completed

SYSTEM_PYSCARD = Path("/usr/lib/python3/dist-packages/smartcard")
ONE_CARD = [name for name, p in PROFILES.items() if sum(bool(r.make_card) for r in p.readers) == 1]
IN_PROCESS_ONLY = {"in-use", "exclusive", "mute"}  # a vpcd card cannot be any of these by itself


@pytest.mark.parametrize("name", [name for name in ONE_CARD if name not in IN_PROCESS_ONLY])
def test_real_pcscd_and_simulation_agree(
    name: str, pcscd: PcscDaemon, vcard: InsertCard, run_cardcheck: Callable[..., Completed]
) -> None:
    """The same card gives the same ``cards`` through pcscd as in process, and no PIN is tried."""
    card = card_of(name)
    vcard(card)
    real = report_of(run_cardcheck("scan", "--json", env=pcscd.env()))
    simulated = report_of(run_cardcheck("scan", "--json", "--simulate", name))

    assert real["source"] == "hardware"
    assert simulated["source"] == "simulation"
    assert [comparable(card) for card in real["cards"]] == [
        comparable(card) for card in simulated["cards"]
    ]
    assert (real["verdict"], real["exit_code"]) == (simulated["verdict"], simulated["exit_code"])
    assert problems_in(real) == problems_in(simulated)
    assert card.pin_attempts == 0


def comparable(card: dict[str, Any]) -> dict[str, Any]:
    """A card's report without what depends on the way to it."""
    exchange = {k: v for k, v in card["exchange"].items() if k != "milliseconds"}
    return {**card, "reader": None, "exchange": exchange}


def test_the_contracts_example(
    pcscd: PcscDaemon, vcard: InsertCard, run_cardcheck: Callable[..., Completed]
) -> None:
    """A good card in the first of two readers: ready, 32 commands, nothing personal."""
    vcard(card_of("valid"))
    report = report_of(run_cardcheck("scan", "--json", env=pcscd.env()))

    assert (report["schema"], report["verdict"]) == ("cardcheck.report/1", "ready")
    assert [reader["slot"] for reader in report["readers"]] == ["card", "empty"]
    assert all(reader["virtual"] for reader in report["readers"])
    card = report["cards"][0]
    assert card["kind"] == "my-number-card"
    assert card["applications"] == ["jpki", "common", "text-input"]
    assert card["validity"] == {"status": "valid"}
    assert card["certificates"][0]["status"] == "valid"
    assert card["certificates"][1]["status"] == "needs-pin"
    assert [pin["tries_left"] for pin in card["pins"]] == [3, 5, 3, 3]
    assert card["safety"] == {"pin_attempts": 0, "counters_after": None}
    assert card["exchange"]["commands"] == 32


def test_the_reader_that_was_chosen(
    pcscd: PcscDaemon, vcard: InsertCard, run_cardcheck: Callable[..., Completed]
) -> None:
    """``--reader`` by index and by part of the name; the other reader is listed, not read."""
    vcard(card_of("expired"), 0)
    vcard(card_of("valid"), 1)
    for wish in ("1", "pcd 00 01"):
        report = report_of(run_cardcheck("scan", "--json", "--reader", wish, env=pcscd.env()))
        assert [card["reader"] for card in report["cards"]] == ["r1"]
        assert report["verdict"] == "ready"
    missing = run_cardcheck("scan", "--json", "--reader", "pasori", env=pcscd.env())
    assert missing.rc == 2
    assert "Virtual PCD 00 00" in missing.stderr
    assert not missing.stdout


def test_the_best_card_decides(
    pcscd: PcscDaemon, vcard: InsertCard, run_cardcheck: Callable[..., Completed]
) -> None:
    """A good card beside an expired one and beside a wrong one: ready."""
    vcard(card_of("valid"), 1)
    expired = vcard(card_of("expired"), 0)
    report = report_of(run_cardcheck("scan", "--json", env=pcscd.env()))
    assert (report["verdict"], report["exit_code"]) == ("ready", 0)
    assert len(report["cards"]) == 2
    expired.remove()
    vcard(card_of("drivers-licence"), 0)
    report = report_of(run_cardcheck("scan", "--json", env=pcscd.env()))
    assert (report["verdict"], report["exit_code"]) == ("ready", 0)


DEAD = {"service.pcscd.listening:dead-socket", "service.variable.socket:moved"}
"""A daemon of the lab lies behind a variable, which ``doctor`` doubts first."""


def silence_in(report: dict[str, Any]) -> list[dict[str, Any]]:
    """The causes for which the service does not answer."""
    service = [f for f in report["findings"] if f["layer"] == "service"]
    return [f for f in service if f["outcome"] == "problem" and f["severity"] == "error"]


def test_no_daemon(run_cardcheck: Callable[..., Completed]) -> None:
    """No service: 3, and who must act."""
    report = report_of(run_cardcheck("scan", "--json"))
    assert report["exit_code"] == 3
    (finding,) = silence_in(report)
    assert finding["severity"] == "error"
    assert finding["advice"]
    # In a bare Debian too little is told to name the cause: then the person is asked to see.
    assert finding["actor"] in {"administrator", "you"}
    assert finding["actor"] == "you" or report["remedies"][0]["commands"]


def test_dead_daemon(pcscd: PcscDaemon, run_cardcheck: Callable[..., Completed]) -> None:
    """The socket is left, the daemon is dead: 3, and told apart from a service never started."""
    pcscd.kill()
    report = report_of(run_cardcheck("scan", "--json", env=pcscd.env()))
    assert report["exit_code"] == 3
    (finding,) = silence_in(report)
    assert f"{finding['check']}:{finding['state']}" in DEAD


def test_no_reader(
    pcscd_without_readers: PcscDaemon, run_cardcheck: Callable[..., Completed]
) -> None:
    """The service runs, no reader is attached: 3."""
    report = report_of(run_cardcheck("scan", "--json", env=pcscd_without_readers.env()))
    assert (report["exit_code"], report["readers"], report["cards"]) == (3, [], [])
    assert problems_in(report) == {"reader.usb.attached": "error"}


def test_no_card(pcscd: PcscDaemon, run_cardcheck: Callable[..., Completed]) -> None:
    """Readers work, no card: 4, at once when piped."""
    done = run_cardcheck("scan", "--json", env=pcscd.env())
    report = report_of(done)
    assert (report["exit_code"], report["verdict"]) == (4, "undetermined")
    assert [reader["slot"] for reader in report["readers"]] == ["empty", "empty"]


def test_a_card_that_comes_while_waiting(
    pcscd: PcscDaemon, vcard: InsertCard, start_cardcheck: Callable[..., Any]
) -> None:
    """``--wait`` sees a card that is put down after the start."""
    program = start_cardcheck("scan", "--json", "--wait", "20", env=pcscd.env())
    time.sleep(1.5)
    vcard(card_of("valid"))
    done = program.finish(timeout=25)
    assert report_of(done)["verdict"] == "ready"


def test_a_person_is_asked_for_the_card(
    pcscd: PcscDaemon, run_cardcheck: Callable[..., Completed]
) -> None:
    """Every reader empty: what to do is said while waiting, and on stderr alone."""
    done = run_cardcheck("scan", "--json", "--wait", "1", env=pcscd.env())
    assert report_of(done)["exit_code"] == 4
    assert "place" in done.stderr.lower()


@pytest.mark.skipif(
    not list(SYSTEM_PYSCARD.glob(f"scard/_scard*{sysconfig.get_config_var('SOABI')}*")),
    reason="Debian's python3-pyscard is not there, or is for another Python",
)
@pytest.mark.parametrize("name", ["valid", "expired", "pin-locked", "no-card", "text-pin-locked"])
def test_debians_own_pyscard_serves(
    name: str,
    make_pcscd: MakePcscd,
    vcard: InsertCard,
    run_cardcheck: Callable[..., Completed],
    tmp_path: Path,
) -> None:
    """``scripts/scan`` takes it instead of compiling the locked one: the same report."""
    (tmp_path / "smartcard").symlink_to(SYSTEM_PYSCARD)
    here = Path(cardcheck.errors.__file__).parents[1]
    env = {"PYTHONPATH": f"{tmp_path}{os.pathsep}{here}"}
    daemon = make_pcscd(name="カード")  # a name that takes the other way, by bytes
    if name != "no-card":
        vcard(card_of(name), daemon=daemon)
    theirs = report_of(run_cardcheck("scan", "--json", env={**daemon.env(), **env}))
    ours = report_of(run_cardcheck("scan", "--json", env=daemon.env()))
    assert theirs["source"] == "hardware"
    assert list(map(comparable, theirs["cards"])) == list(map(comparable, ours["cards"]))
    assert (theirs["verdict"], problems_in(theirs)) == (ours["verdict"], problems_in(ours))


def test_wrong_usage(run_cardcheck: Callable[..., Completed]) -> None:
    """Bad options and bad files: 2, one clear line, nothing on stdout."""
    for arguments in (
        ("scan", "--nonsense"),
        ("scan", "--simulate", "valdi"),
        ("scan", "--replay", "missing.apdu"),
        ("scan", "--simulate", "valid", "--trust-anchor", "missing.pem"),
        ("scan", "--at", "tomorrow"),
        ("scan", "--fault", "removed@3"),
        ("nonsense",),
    ):
        done = run_cardcheck(*arguments)
        assert done.rc == 2, arguments
        assert not done.stdout
        assert done.stderr.strip()


def test_a_report_that_cannot_be_written_is_not_lost(
    run_cardcheck: Callable[..., Completed],
) -> None:
    nowhere = ("--output", "/nonexistent/report.json")
    done = run_cardcheck("scan", "--simulate", "valid", "--json", *nowhere)
    assert done.rc == 2
    assert json.loads(done.stdout)["verdict"] == "ready"
    assert "/nonexistent/report.json" in done.stderr


def test_every_language_and_format(
    pcscd: PcscDaemon, vcard: InsertCard, run_cardcheck: Callable[..., Completed], tmp_path: Path
) -> None:
    """Japanese and English text; ``--output`` is always UTF-8; JSON with sentences."""
    vcard(card_of("pin-locked"))
    japanese = run_cardcheck("scan", "--lang", "ja", env=pcscd.env())
    assert "ロック" in japanese.stdout
    assert "Virtual PCD" in japanese.stdout
    assert "仮想" in japanese.stdout
    english = run_cardcheck("scan", "--lang", "en", env=pcscd.env())
    assert "locked" in english.stdout
    target = tmp_path / "report.txt"
    done = run_cardcheck(
        "scan", "--lang", "ja", "--output", str(target),
        env={**pcscd.env(), "PYTHONIOENCODING": "ascii"},
    )  # fmt: skip
    assert (done.rc, done.stdout) == (1, "")
    assert "ロック" in target.read_text("utf-8")
    texts = report_of(run_cardcheck("scan", "--json", "--with-text", env=pcscd.env()))
    assert all(finding["text"]["first"] for finding in texts["findings"])


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="needs ssh-keygen")
def test_a_sealed_scan(
    pcscd: PcscDaemon, vcard: InsertCard, run_cardcheck: Callable[..., Completed], tmp_path: Path
) -> None:
    """Report and trace of a real scan, signed; verified; replayed to the same cards."""
    card = card_of("pin-locked")
    vcard(card)
    key, archive, signers = tmp_path / "key", tmp_path / "run.zip", tmp_path / "signers"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    signers.write_text(f"city@example.jp {key.with_suffix('.pub').read_text()}")
    sealing = ("--seal", str(archive), "--seal-key", str(key))
    real = report_of(run_cardcheck("scan", "--json", *sealing, env=pcscd.env()))
    data = archive.read_bytes()
    assert not [name for name, secret in card.secrets.items() if secret in data]
    assert not [name for name, each in card.secrets.items() if each.hex().upper().encode() in data]
    said = run_cardcheck("fleet", "verify", str(archive), "--allowed-signers", str(signers))
    assert (said.rc, "city@example.jp" in said.stdout, "a simulation" in said.stdout) == (
        0,
        True,
        False,
    )
    with zipfile.ZipFile(archive) as packed:
        assert json.loads(packed.read("report.json")) == real
        trace = packed.extract("trace.apdu", tmp_path)
    assert "origin: recorded-redacted" in Path(trace).read_text("utf-8")
    again = report_of(run_cardcheck("scan", "--json", "--replay", trace))
    assert (again["source"], problems_in(again)) == ("replay", problems_in(real))
    assert card.pin_attempts == 0


def test_monitoring(
    pcscd: PcscDaemon, vcard: InsertCard, run_cardcheck: Callable[..., Completed]
) -> None:
    """``--format nagios``: an empty reader, a good card, a locked one, no service."""
    nagios = ("scan", "--format", "nagios")
    assert run_cardcheck(*nagios, env=pcscd.env()).rc == 3
    inserted = vcard(card_of("valid"))
    done = run_cardcheck(*nagios, env=pcscd.env())
    assert (done.rc, done.stdout.partition(" |")[0]) == (0, "CARDCHECK OK - scan: ready")
    inserted.remove()
    vcard(card_of("pin-locked"))
    done = run_cardcheck(*nagios, env=pcscd.env())
    assert (done.rc, done.stdout.partition(" |")[0]) == (
        2,
        "CARDCHECK CRITICAL - scan: problem; card",
    )
    done = run_cardcheck(*nagios)
    assert (done.rc, "CRITICAL - scan: problem; " in done.stdout) == (2, True)


def test_trust_anchor(
    pcscd: PcscDaemon, vcard: InsertCard, run_cardcheck: Callable[..., Completed], tmp_path: Path
) -> None:
    """A CA given by option is said to be such."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    from cardcheck.facts.card import ReadState
    from cardcheck.transports.link import execute
    from cardcheck.transports.simulated import SimulatedWorld

    card = card_of("valid")
    vcard(card)
    world = SimulatedWorld(profile("valid"), datetime.now(UTC))
    backend = world.open()
    reader = backend.readers()[0]
    world.cards[reader.path] = card
    from cardcheck.cards import mynumber, steps

    link = backend.connect(reader)
    with link.transaction():
        link.transmit(mynumber.JPKI.select.encode())
        ca = execute(link, steps.read_certificate(mynumber.AUTHENTICATION_CA))
    assert ca.state is ReadState.READ
    pem = tmp_path / "ca.pem"
    pem.write_bytes(x509.load_der_x509_certificate(ca.data).public_bytes(Encoding.PEM))
    report = report_of(run_cardcheck("scan", "--json", "--trust-anchor", str(pem), env=pcscd.env()))
    assert report["cards"][0]["certificates"][0]["issuer"] == "trust-anchor"


def test_two_daemons_do_not_meet(
    make_pcscd: MakePcscd, vcard: InsertCard, run_cardcheck: Callable[..., Completed]
) -> None:
    """A scan asks the daemon that its environment names."""
    first, second = make_pcscd(), make_pcscd()
    vcard(card_of("valid"), daemon=first)
    assert report_of(run_cardcheck("scan", "--json", env=first.env()))["exit_code"] == 0
    assert report_of(run_cardcheck("scan", "--json", env=second.env()))["exit_code"] == 4
