# SPDX-License-Identifier: Apache-2.0
"""cardcheck on Windows, with the real pcscd behind the Windows smart card API: every promise.

What belongs here: what a person, a reader or the system does. What does not: the unit suite, which
``scripts/lab-windows`` runs itself, and installing (``installing``).
"""

from __future__ import annotations

import base64
import json
import os
import pty
import shutil
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from cardcheck.simulation.faults import FaultyCard, parse_fault
from lab.daemon import wait_until
from lab.program import Completed
from lab.reports import card_of, problems_in, report_of, sound_report_of, state_of
from lab.test_scan import IN_PROCESS_ONLY, ONE_CARD, comparable
from windows.lab import PYTHON

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from windows.conftest import Insert, Run
    from windows.lab import LabDaemon, WindowsLab

SLOW = 40.0  # milliseconds an APDU
CARD = ("-m", "cardcheck")


# Cards


@pytest.mark.parametrize("name", [name for name in ONE_CARD if name not in IN_PROCESS_ONLY])
def test_a_card_is_judged_as_in_process(
    name: str, pcscd: LabDaemon, vcard: Insert, cardcheck: Run
) -> None:
    card = card_of(name)
    vcard(card)
    real = report_of(cardcheck("scan", "--json", env=pcscd.env()))
    simulated = report_of(cardcheck("scan", "--json", "--simulate", name))
    assert real["source"] == "hardware"
    assert real["platform"]["system"] == "Windows"
    assert [comparable(card) for card in real["cards"]] == [
        comparable(card) for card in simulated["cards"]
    ]
    assert (real["verdict"], real["exit_code"]) == (simulated["verdict"], simulated["exit_code"])
    assert problems_in(real) == problems_in(simulated)
    assert card.pin_attempts == 0


def test_two_readers_with_a_card_each(pcscd: LabDaemon, vcard: Insert, cardcheck: Run) -> None:
    first, second = card_of("valid"), card_of("expired")
    vcard(first)
    vcard(second, 1)
    report = sound_report_of(cardcheck("scan", "--json", env=pcscd.env()), first, second)
    statuses = [card["certificates"][0]["status"] for card in report["cards"]]
    assert statuses == ["valid", "expired"]


def test_no_card(pcscd: LabDaemon, cardcheck: Run) -> None:
    report = sound_report_of(cardcheck("scan", "--json", env=pcscd.env()))
    assert report["exit_code"] == 4
    assert [reader["slot"] for reader in report["readers"]] == ["empty", "empty"]


@pytest.mark.parametrize("at", [1, 2, 3, 5, 8, 11, 14, 17, 20, 24, 28, 31])
def test_a_card_is_pulled(at: int, pcscd: LabDaemon, vcard: Insert, cardcheck: Run) -> None:
    card = FaultyCard(card_of("valid"), parse_fault(f"removed@{at}"))
    vcard(card)
    done = cardcheck("scan", "--json", "--timeout", "20", env=pcscd.env())
    report = sound_report_of(done, card)
    assert state_of(report, "placement.contact.kept") in {"lost", "recovered", "unstable", "never"}


def test_a_virtual_card_served_by_windows(
    windows: WindowsLab, pcscd: LabDaemon, cardcheck: Run
) -> None:
    address = f"127.0.0.1:{pcscd.ports[0]}"
    server = windows.start("wine", PYTHON, *CARD, "simulate", "expiring", "--vpcd", address)
    try:
        pcscd.await_card(0, present=True, seconds=30)
        report = report_of(cardcheck("scan", "--json", env=pcscd.env()))
        assert report["cards"][0]["certificates"][0]["status"] == "expiring"
    finally:
        server.kill()
        server.communicate()


# The service


def test_no_service(cardcheck: Run) -> None:
    done = cardcheck("scan", "--json", env={"PCSCLITE_CSOCK_NAME": "/nowhere/pcscd.comm"})
    report = sound_report_of(done)
    assert report["exit_code"] == 3
    assert state_of(report, "pcsc.service.running") == "windows-no-reader"


def test_the_service_is_killed_in_mid_scan(
    windows: WindowsLab, pcscd: LabDaemon, vcard: Insert
) -> None:
    card = card_of("valid")
    vcard(card, latency_ms=SLOW)
    scan = windows.start("wine", PYTHON, *CARD, "scan", "--json", env=pcscd.env())
    assert wait_until(lambda: len(card.log) >= 8, 30)
    pcscd.kill()
    out, err = scan.communicate(timeout=60)
    done = Completed(rc=scan.returncode, stdout=out.decode(), stderr=err.decode("cp932"), seconds=0)
    report = sound_report_of(done, card)
    assert report["exit_code"] == 3
    assert report["cards"][0]["kind"] == "my-number-card"


def test_a_reader_that_hangs(pcscd: LabDaemon, vcard: Insert, cardcheck: Run) -> None:
    card = FaultyCard(card_of("valid"), parse_fault("mute@7"))
    vcard(card)
    done = cardcheck("scan", "--json", "--timeout", "5", env=pcscd.env())
    report = sound_report_of(done)
    assert report["exit_code"] == 3
    assert done.seconds < 15


# Breaking off


@pytest.mark.parametrize("how", ["break", "close"])
def test_a_person_ends_it_otherwise(
    how: str, windows: WindowsLab, display: str, pcscd: LabDaemon, vcard: Insert, cardcheck: Run
) -> None:
    """Wine ends the process itself and tells it nothing; what it would do then: test_signals."""
    vcard(card_of("valid"), latency_ms=SLOW * 10)
    scan = (PYTHON, *CARD, "scan", "--json", "--timeout", "60")
    env = {**pcscd.env(), "DISPLAY": display}
    done = windows.python(r"C:\press.py", how, "4", *scan, env=env, encoding="utf-8")
    told = json.loads(done.stdout)
    assert told["alive"]
    assert told["seconds"] < 3.5, told
    again = cardcheck("scan", "--json", "--timeout", "60", env=pcscd.env())
    assert report_of(again)["verdict"] == "ready"


def test_a_person_breaks_off_while_a_reader_hangs(
    windows: WindowsLab, display: str, pcscd: LabDaemon, vcard: Insert, cardcheck: Run
) -> None:
    card = FaultyCard(card_of("valid"), parse_fault("mute@7"))
    served = vcard(card)
    scan = (PYTHON, *CARD, "scan", "--json", "--timeout", "60")
    env = {**pcscd.env(), "DISPLAY": display}
    done = windows.python(r"C:\press.py", "c", "5", *scan, env=env, encoding="utf-8")
    told = json.loads(done.stdout)
    assert told["alive"]
    assert told["seconds"] < 3.5, told  # one, and overtime on a machine that is busy
    report = json.loads(base64.b64decode(told["stdout"]))
    assert (told["rc"], report["exit_code"]) == (130, 130)
    assert state_of(report, "scan.run.finished") == "interrupted"
    served.remove()
    pcscd.await_card(0, present=False)
    served.card = card_of("valid")
    served.insert()
    pcscd.await_card(0, present=True)
    assert report_of(cardcheck("scan", "--json", env=pcscd.env()))["verdict"] == "ready"


# Consoles and encodings


@pytest.mark.parametrize(
    ("locale", "encoding"), [("ja_JP.UTF-8", "cp932"), ("en_US.UTF-8", "cp1252")]
)
@pytest.mark.parametrize("lang", ["ja", "en"])
def test_redirected_output_is_in_the_code_page(
    locale: str, encoding: str, lang: str, cardcheck: Run
) -> None:
    arguments = ("scan", "--simulate", "expired", "--lang", lang)
    done = cardcheck(*arguments, env={"LC_ALL": locale}, encoding=encoding)
    assert done.rc == 1, done
    assert "Traceback" not in done.stderr
    assert "\ufffd" not in done.stdout
    if encoding == "cp932" and lang == "ja":
        assert "マイナンバーカード" in done.stdout
        assert "?" not in done.stdout.replace("？", "")


@pytest.mark.parametrize("page", ["932", "65001", "437"])
def test_a_console_shows_japanese_whatever_its_code_page(page: str, windows: WindowsLab) -> None:
    """Python writes to a console in UTF-16; Wine's shows that on the terminal."""
    line = f"chcp {page} >nul & {PYTHON} -m cardcheck scan --simulate expired --lang ja"
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        windows.command("wine", "cmd", "/c", line, env={"TERM": "xterm"}),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    ) as process:
        os.close(theirs)
        shown = bytearray()
        while True:
            try:
                data = os.read(ours, 65536)
            except OSError:
                break
            if not data:
                break
            shown += data
        assert process.wait(60) == 1
    os.close(ours)
    assert "電子証明書" in shown.decode("utf-8", "replace")
    assert b"Traceback" not in shown


def test_a_closed_pipe(windows: WindowsLab) -> None:
    code = (
        "import subprocess, sys; command = [sys.executable, '-m', 'cardcheck', 'checks'];"
        "p = subprocess.Popen(command, stdout=subprocess.PIPE); p.stdout.readline();"
        "p.stdout.close(); sys.exit(p.wait())"
    )
    done = windows.python("-c", code)
    assert (done.rc, done.stderr) == (0, "")


# Folders, names, no environment


@pytest.mark.parametrize(
    "folder", ["税 務 課　窓口", "a" * 100 + "\\" + "b" * 100 + "\\" + "c" * 90]
)
def test_files_in_folders_with_odd_names(folder: str, windows: WindowsLab, cardcheck: Run) -> None:
    place = windows.path("cases") / folder.replace("\\", "/")
    place.mkdir(parents=True, exist_ok=True)
    inside = f"C:\\cases\\{folder}"
    names = [f"{inside}\\結果 {kind}" for kind in ("1.html", "1.json")]
    done = cardcheck("scan", "--simulate", "valid", "--html", names[0], "--output", names[1])
    assert "Traceback" not in done.stderr
    if len(folder) < 200:
        assert done.rc == 0, done
        assert {path.name for path in place.iterdir()} == {"結果 1.html", "結果 1.json"}
    else:  # Wine, like Windows before long paths were allowed, refuses the name
        assert done.rc in {0, 2}
    shutil.rmtree(windows.path("cases"))


@pytest.fixture
def share(windows: WindowsLab) -> Iterator[Path]:
    r"""``\\server\share``, as Wine has them: a link beside its drives."""
    place = windows.path("share")
    place.mkdir(exist_ok=True)
    server = windows.root / "w/prefix/dosdevices/unc/server"
    server.mkdir(parents=True, exist_ok=True)
    link = server / "share"
    link.unlink(missing_ok=True)
    link.symlink_to("../../../drive_c/share")
    yield place
    shutil.rmtree(server.parent)
    shutil.rmtree(place)


def test_files_on_a_share(share: Path, cardcheck: Run) -> None:
    for station in ("1", "2"):
        log = ("--log", r"\\server\share\朝.log", "--station", f"madoguchi-{station}")
        done = cardcheck("kiosk", "check", "--simulate", "valid", *log)
        assert done.rc == 0, done
    assert len((share / "朝.log").read_text("utf-8").splitlines()) == 2


def test_no_line_of_a_log_is_lost_or_mixed(windows: WindowsLab, share: Path) -> None:
    """20 programs at once, 500 lines each, one half of them by the share."""
    code = (
        "import sys; from cardcheck.kiosk.journal import append_line\n"
        "for number in range(500):\n"
        " append_line(sys.argv[1], f'{sys.argv[2]} {number} ' + 'x' * 200 + '\\n')"
    )
    paths = [r"C:\share\log", r"\\server\share\log"]
    runs = [windows.start("wine", PYTHON, "-c", code, paths[i % 2], f"p{i}") for i in range(20)]
    assert [(run.communicate(timeout=500)[1], run.returncode) for run in runs] == [(b"", 0)] * 20
    lines = (share / "log").read_text("utf-8").splitlines()
    wanted = {f"p{i} {number} " + "x" * 200 for i in range(20) for number in range(500)}
    assert len(lines) == 10_000
    assert set(lines) == wanted


def test_a_state_that_somebody_reads_is_replaced_all_the_same(
    windows: WindowsLab, share: Path
) -> None:
    """Windows lets no open file be replaced; a monitoring agent opens it again and again."""
    (share / "state").write_text("0")
    code = (
        "import sys, threading, time; from cardcheck.output.streams import write_file_atomically\n"
        "def read():\n"
        " while True:\n"
        "  try:\n"
        "   with open(sys.argv[1]) as file: file.read(); time.sleep(0.05)\n"
        "   time.sleep(0.05)\n"
        "  except PermissionError: time.sleep(0.01)\n"  # it is being replaced
        "threading.Thread(target=read, daemon=True).start()\n"
        "for number in range(50): write_file_atomically(sys.argv[1], str(number))"
    )
    done = windows.python("-c", code, r"C:\share\state")
    assert (done.rc, done.stderr) == (0, "")
    assert (share / "state").read_text() == "49"


def test_no_environment_at_all(windows: WindowsLab) -> None:
    code = (
        "import subprocess, sys; sys.exit(subprocess.run([sys.executable, '-m', 'cardcheck', "
        "'scan', '--simulate', 'valid', '--json'], env={}).returncode)"
    )
    done = windows.python("-c", code)
    assert report_of(done)["verdict"] == "ready", done


# Another person

YAMADA = "山田 太郎"
YAMADA_ID = "1000"


@pytest.fixture(scope="module")
def yamada(windows: WindowsLab) -> dict[str, str]:
    """A user without rights, with a Japanese name and a blank in it; his environment."""
    passwd = windows.root / "etc/passwd"
    line = f"{YAMADA}:x:{YAMADA_ID}:{YAMADA_ID}::/w/yamada:/bin/sh\n"
    if line not in passwd.read_text():
        passwd.write_text(passwd.read_text() + line)
    home = windows.root / "w/yamada"
    home.mkdir(exist_ok=True)
    os.chown(home, int(YAMADA_ID), int(YAMADA_ID))
    env = {
        "HOME": "/w/yamada",
        "WINEPREFIX": "/w/yamada/prefix",
        "USER": YAMADA,
        "PYTHONPATH": r"Z:\w\repo\src",
    }
    if not (home / "prefix/system.reg").exists():
        windows.run(*AS_YAMADA, "sh", "-c", "wineboot -i; wineserver -w", env=env, seconds=300)
    return env


AS_YAMADA = ("setpriv", "--reuid", YAMADA_ID, "--regid", YAMADA_ID, "--clear-groups")


def test_a_japanese_user_name_stays_where_it_is(
    yamada: dict[str, str], windows: WindowsLab
) -> None:
    """It works, and no output holds the name."""
    assert (windows.root / "w/yamada/prefix/drive_c/users" / YAMADA).is_dir()
    page = windows.root / "w/yamada/page.html"
    command = ("wine", PYTHON, *CARD, "scan", "--simulate", "expired", "--json")
    done = windows.run(*AS_YAMADA, *command, "--html", r"Z:\w\yamada\page.html", env=yamada)
    assert report_of(done)["exit_code"] == 1
    for text in (done.stdout, done.stderr, page.read_text("utf-8")):
        assert YAMADA not in text
        assert "山田" not in text


def test_a_folder_that_may_not_be_written(yamada: dict[str, str], windows: WindowsLab) -> None:
    command = ("wine", PYTHON, *CARD, "scan", "--simulate", "valid", "--html", r"Z:\usr\page.html")
    done = windows.run(*AS_YAMADA, *command, env=yamada)
    assert done.rc == 2
    assert r"Z:\usr\page.html" in done.stderr
    assert "Traceback" not in done.stderr


# Time


def test_how_long_it_takes(
    windows: WindowsLab, cardcheck: Run, record_property: Callable[[str, object], None]
) -> None:
    """Measured and written down; only what a person would call a hang fails."""
    for name, arguments in {
        "start": ("--version",),
        "doctor": ("doctor", "--json"),
        "scan": ("scan", "--simulate", "valid", "--json"),
    }.items():
        best = min(cardcheck(*arguments).seconds for _ in range(3))
        record_property(name, round(best, 2))
        print(f"{name}: {best:.2f} s")
        assert best < 10
    began = time.monotonic()
    windows.run("wine", "cmd", "/c", "ver")
    print(f"Wine's own start: {time.monotonic() - began:.2f} s")
