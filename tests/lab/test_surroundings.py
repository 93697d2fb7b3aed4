# SPDX-License-Identifier: Apache-2.0
"""A closed pipe, a full disk, an odd console, a wrong clock, files from other systems.

What belongs here: what surrounds the program. What does not: services and cards.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from lab.patience import overtime
from lab.program import Completed
from lab.reports import card_of, report_of, sound_report_of, state_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from lab.conftest import InsertCard
    from lab.daemon import PcscDaemon

    Run = Callable[..., Completed]

ROOT = Path(__file__).parents[2]
TRACE = ROOT / "fixtures" / "apdu" / "jukicard.apdu"
SCAN = f"{sys.executable} -m cardcheck scan --simulate valid"


def shell(command: str, tmp_path: Path, **env: str) -> subprocess.CompletedProcess[bytes]:
    """What a command line ends with; the status is that of cardcheck, not of the pipe's end."""
    home = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    return subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), **home, **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=overtime(30),
        check=False,
    )


_FULL = (b"No space left", "空きがありません".encode())


@pytest.mark.parametrize("options", ["--json", "--lang ja", "--lang en --json --with-text"])
@pytest.mark.parametrize(
    ("where", "code"),
    [
        ("| head -c 0", 0),
        ("| head -c 10", 0),
        (">&-", 0),
        ("2>&-", 0),
        (">&- 2>&- <&-", 0),
        ("> /dev/full", 2),
        ("2> /dev/full", 0),
    ],
)
def test_a_stdout_that_takes_nothing(options: str, where: str, code: int, tmp_path: Path) -> None:
    """Nobody reads, no stream, a full disk: no traceback, and the code of the contract."""
    done = shell(f"{SCAN} {options} {where}", tmp_path)
    assert done.returncode == code, done.stderr
    assert b"Traceback" not in done.stderr
    assert b"Exception ignored" not in done.stderr
    assert any(said in done.stderr for said in _FULL) is (code == 2)


@pytest.mark.parametrize("arguments", ["--version", "--help", "scan --help"])
def test_what_click_prints_survives_a_full_disk(arguments: str, tmp_path: Path) -> None:
    assert shell(f"{sys.executable} -m cardcheck {arguments}", tmp_path).stdout
    done = shell(f"{sys.executable} -m cardcheck {arguments} > /dev/full", tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith(b"cardcheck: cannot write standard output: No space left")
    assert done.stderr.count(b"\n") == 1
    assert shell(f"{sys.executable} -m cardcheck {arguments} >&-", tmp_path).stderr == b""


@pytest.mark.parametrize("arguments", ["scan --nonsense", "scan --simulate nope", "scan --wait 1"])
def test_a_stderr_that_takes_nothing(arguments: str, tmp_path: Path) -> None:
    """A complaint or progress that nobody can be told does not change the exit code."""
    env = {"PCSCLITE_CSOCK_NAME": str(tmp_path / "no-service")}
    for where in ("2> /dev/full", "2>&-"):
        done = shell(f"{sys.executable} -m cardcheck {arguments} {where}", tmp_path, **env)
        assert done.returncode == (3 if "wait" in arguments else 2)


@pytest.mark.parametrize("option", ["--output", "--record"])
def test_a_file_that_cannot_be_written(option: str, tmp_path: Path) -> None:
    """A full disk, a missing or forbidden folder: 2, one line that says what to do."""
    (tmp_path / "folder").mkdir()
    for name in ("/dev/full", "/nowhere/x", str(tmp_path / "folder"), "/proc/x"):
        done = shell(f"{SCAN} --json {option} {name}", tmp_path)
        assert done.returncode == 2, (name, done.stderr)
        assert b"Traceback" not in done.stderr
        assert done.stderr.count(b"\ncardcheck: ") + done.stderr.startswith(b"cardcheck: ") == 1
        assert done.stderr.splitlines()[-1].startswith(b"cardcheck: ")  # progress may stand above


def test_a_home_that_cannot_be_written(
    pcscd: PcscDaemon, vcard: InsertCard, run_cardcheck: Run, tmp_path: Path
) -> None:
    """No home, no cache: a scan as usual, and nothing is said about it."""
    card = card_of("valid")
    vcard(card)
    blocked = tmp_path / "blocked"
    blocked.write_text("a file, so that no folder can be made below it")
    for home in (str(blocked), "/proc/nowhere", ""):
        env = {**pcscd.env(), "HOME": home, "XDG_CACHE_HOME": home and f"{home}/cache"}
        done = run_cardcheck("scan", "--json", env=env)
        assert sound_report_of(done, card)["verdict"] == "ready"
        assert "cardcheck:" not in done.stderr


@pytest.mark.parametrize("encoding", ["cp932", "ascii", "euc_jp", "utf-16"])
@pytest.mark.parametrize("language", ["ja", "en"])
def test_any_console(
    language: str, encoding: str, pcscd: PcscDaemon, vcard: InsertCard, run_cardcheck: Run
) -> None:
    """Text is written in what the console has; JSON stays JSON."""
    vcard(card_of("pin-locked"))
    env = {**pcscd.env(), "PYTHONIOENCODING": encoding}
    text = run_cardcheck("scan", "--lang", language, env=env, encoding=encoding)
    assert text.rc == 1
    assert "Virtual PCD" in text.stdout
    if encoding in {"cp932", "euc_jp", "utf-16"} and language == "ja":
        assert "\u30ed\u30c3\u30af" in text.stdout
    report = run_cardcheck(
        "scan", "--json", "--with-text", "--lang", language, env=env, encoding=encoding
    )
    assert report_of(report)["exit_code"] == 1


def test_a_c_locale(pcscd: PcscDaemon, run_cardcheck: Run) -> None:
    """Without a UTF-8 mode, in the locale C, with Japanese asked for."""
    env = {**pcscd.env(), "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = run_cardcheck("scan", "--lang", "ja", env=env, encoding="ascii")
    assert done.rc == 4
    assert done.stdout.isascii()


# cardcheck with another clock; one for the whole machine would need libfaketime.
AT_ANOTHER_TIME = """
import sys
from datetime import datetime

import cardcheck.composition.look as look
from cardcheck.__main__ import main

clock = datetime.fromisoformat(sys.argv.pop(1))

class Clock(datetime):
    @classmethod
    def now(cls, tz=None):
        return clock.astimezone(tz)

look.datetime = Clock
sys.exit(main())
"""


@pytest.mark.parametrize(
    ("clock", "state"), [("2020-01-01T12:00", "past"), ("2045-06-01T12:00", "future")]
)
def test_a_wrong_clock(
    clock: str, state: str, pcscd: PcscDaemon, vcard: InsertCard, tmp_path: Path
) -> None:
    """Nothing can be judged by such a clock: undetermined, and said; ``--at`` helps."""
    card = card_of("valid")
    vcard(card)
    script = tmp_path / "clock.py"
    script.write_text(AT_ANOTHER_TIME)

    def scan(*options: str) -> dict[str, Any]:
        command = f"{sys.executable} {script} {clock} scan --json {' '.join(options)}"
        done = shell(command, tmp_path, **pcscd.env())
        out, err = done.stdout.decode(), done.stderr.decode()
        return sound_report_of(Completed(rc=done.returncode, stdout=out, stderr=err, seconds=0))

    report = scan()
    assert (report["verdict"], report["generated_at"][:4]) == ("undetermined", clock[:4])
    assert state_of(report, "computer.clock.right") == state
    assert all(reading["state"] != "ready" for reading in report["readiness"])
    assert scan("--at", datetime.now(UTC).isoformat())["verdict"] == "ready"


ENCODINGS = {
    "BOM": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "CRLF": lambda text: text.replace("\n", "\r\n").encode(),
    "BOM and CRLF": lambda text: b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode(),
    "UTF-16 of PowerShell": lambda text: text.replace("\n", "\r\n").encode("utf-16"),
    "UTF-16 BE": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
}


@pytest.mark.parametrize("encode", ENCODINGS.values(), ids=ENCODINGS)
def test_input_files_of_other_systems(
    encode: Callable[[str], bytes], run_cardcheck: Run, tmp_path: Path
) -> None:
    """A trace and a certificate that went through Windows are read all the same."""
    trace, anchor = tmp_path / "trace.apdu", tmp_path / "anchor.pem"
    trace.write_bytes(encode(TRACE.read_text("utf-8")))
    anchor.write_bytes(encode(a_certificate()))
    plain = report_of(run_cardcheck("scan", "--json", "--replay", str(TRACE)))
    done = run_cardcheck("scan", "--json", "--replay", str(trace), "--trust-anchor", str(anchor))
    read = report_of(done)
    assert (read["verdict"], read["cards"]) == (plain["verdict"], plain["cards"])


def a_certificate() -> str:
    """A certificate of some authority, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "some authority")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1)
    builder = builder.not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
    builder = builder.not_valid_after(datetime(2036, 1, 1, tzinfo=UTC))
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()


@pytest.mark.parametrize(
    "content",
    [b"", b"\0" * 64, b"\xff\xfea", os.urandom(4096), b"cardcheck-apdu 2\n", b"x" * 3_000_000],
    ids=["empty", "zeros", "half a sign", "random", "newer", "large"],
)
@pytest.mark.parametrize("option", ["--replay", "--trust-anchor"])
def test_input_files_that_are_none(
    option: str, content: bytes, run_cardcheck: Run, tmp_path: Path
) -> None:
    """2 and one line that names the file, whatever is in it."""
    path = tmp_path / "input"
    path.write_bytes(content)
    rest = () if option == "--replay" else ("--simulate", "valid")
    done = run_cardcheck("scan", "--json", option, str(path), *rest)
    assert done.rc == 2, done
    assert str(path) in done.stderr
    assert done.stderr.count("\n") == 1
    assert not done.stdout


def test_output_is_utf8_and_whole(run_cardcheck: Run, tmp_path: Path) -> None:
    """``--output``: UTF-8 whatever the console, a link stays one, no other file is left."""
    target, link = tmp_path / "out" / "report", tmp_path / "out" / "link"
    target.parent.mkdir()
    link.symlink_to(target)
    done = run_cardcheck(
        "scan", "--simulate", "pin-locked", "--lang", "ja", "--output", str(link),
        env={"PYTHONIOENCODING": "cp932"}, encoding="cp932",
    )  # fmt: skip
    assert (done.rc, done.stdout) == (1, "")
    assert "\u30ed\u30c3\u30af" in target.read_text("utf-8")
    assert link.is_symlink()
    assert sorted(path.name for path in target.parent.iterdir()) == ["link", "report"]
    done = run_cardcheck("scan", "--simulate", "valid", "--json", "--output", str(target))
    assert json.loads(target.read_text("utf-8"))["verdict"] == "ready"
