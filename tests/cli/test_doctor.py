# SPDX-License-Identifier: Apache-2.0
"""``cardcheck doctor`` as a user runs it, on recorded hosts and on this one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import cardcheck.errors
from cardcheck.catalog.udev import udev_rules
from checks.doctor_hosts import HOSTS

SOURCE = str(Path(cardcheck.errors.__file__).parents[1])
SECONDS = 0.4


def run(*arguments: str, home: Path, **env: str) -> subprocess.CompletedProcess[bytes]:
    """One run that finds no PC/SC service: the machine's own is never asked."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("CARDCHECK_", "LC_", "PCSCLITE_"))
    }
    base = {
        "PYTHONPATH": SOURCE,
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "CARDCHECK_LANG": "en",
        "PCSCLITE_CSOCK_NAME": str(home / "none"),
    }
    return subprocess.run(
        [sys.executable, "-m", "cardcheck", "doctor", *arguments],
        env={**kept, **base, **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=30,
        check=False,
    )


def test_a_recorded_host_is_diagnosed(tmp_path: Path) -> None:
    name = str(HOSTS / "driver.kernel.free.hit.json")
    done = run("--host-snapshot", name, "--json", "--with-text", home=tmp_path)
    report = json.loads(done.stdout)
    assert (done.returncode, report["exit_code"]) == (1, 1)
    assert (report["schema"], report["command"]) == ("cardcheck.doctor/1", "doctor")
    assert (report["verdict"], report["source"]) == ("problem", "snapshot")
    assert "cards" not in report
    (finding,) = [f for f in report["findings"] if f["check"] == "driver.kernel.free"]
    assert (finding["state"], finding["actor"]) == ("taken", "administrator")
    assert finding["evidence"]["driver"] == "port100"
    assert "port100" in finding["text"]["technical"]
    remedy = report["remedies"][0]
    assert remedy["commands"][0] == "sudo modprobe -r port100"
    assert remedy["undo"][-1] == "sudo modprobe port100"


@pytest.mark.posix("UTF-8 in a pipe")
def test_the_screen_shows_commands_whole_and_how_to_undo_them(tmp_path: Path) -> None:
    name = str(HOSTS / "service.polkit.session.hit.json")
    text = run("--host-snapshot", name, "--plain", home=tmp_path).stdout.decode()
    assert "not this computer" in text
    assert "\nEOF\n" in text
    assert 'subject.user == "$(id -un)"' in text
    assert text.index("Commands that undo that") > text.index("Commands to run")
    japanese = run("--host-snapshot", name, "--lang", "ja", home=tmp_path).stdout.decode()
    assert "元に戻すコマンド" in japanese


@pytest.mark.parametrize("check", ["login.app.installed", "service.pcscd.unmasked"])
@pytest.mark.parametrize("encoding", ["cp932", "ascii"])
def test_any_console_is_survived(check: str, encoding: str, tmp_path: Path) -> None:
    name = str(HOSTS / f"{check}.hit.json")
    done = run("--host-snapshot", name, "--lang", "ja", home=tmp_path, PYTHONIOENCODING=encoding)
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr
    done.stdout.decode(encoding)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"{}", "not a host snapshot"),
        (b"\xff\xfe{", "neither UTF-8 nor UTF-16"),
        (None, "cannot be read"),
    ],
)
def test_a_bad_snapshot_is_wrong_usage(content: bytes | None, says: str, tmp_path: Path) -> None:
    path = tmp_path / "host.json"
    if content is not None:
        path.write_bytes(content)
    done = run("--host-snapshot", str(path), home=tmp_path)
    assert (done.returncode, done.stdout) == (2, b"")
    assert says in done.stderr.decode()
    assert "host.json" in done.stderr.decode()


def test_an_unknown_check_is_wrong_usage(tmp_path: Path) -> None:
    done = run("--only", "no.such.check", home=tmp_path)
    assert (done.returncode, done.stdout) == (2, b"")


def test_only_some_checks(tmp_path: Path) -> None:
    name = str(HOSTS / "windows.json")
    done = run(
        "--host-snapshot",
        name,
        "--json",
        "--only",
        "login",
        "--skip",
        "login.browser",
        home=tmp_path,
    )
    checks = {finding["check"] for finding in json.loads(done.stdout)["findings"]}
    assert checks
    assert all(c.startswith("login.") and not c.startswith("login.browser") for c in checks)


def test_the_udev_rules_are_printed(tmp_path: Path) -> None:
    done = run("--udev-rules", home=tmp_path)
    assert (done.returncode, done.stdout.decode().splitlines()) == (0, udev_rules().splitlines())


@pytest.mark.posix("os.uname")
def test_a_snapshot_of_this_computer_gives_the_same_diagnosis(tmp_path: Path) -> None:
    first, snapshot = tmp_path / "first.json", tmp_path / "host.json"
    done = run("--json", "--output", str(first), "--snapshot", str(snapshot), home=tmp_path)
    again = run("--json", "--host-snapshot", str(snapshot), home=tmp_path)
    assert (done.returncode, done.stdout) == (again.returncode, b"")
    here, there = json.loads(first.read_text(encoding="utf-8")), json.loads(again.stdout)
    assert here["source"] == "hardware"
    assert [f["state"] for f in here["findings"]] == [f["state"] for f in there["findings"]]
    text = snapshot.read_text(encoding="utf-8")
    assert os.uname().nodename not in text.replace(os.uname().release, "")
    assert str(tmp_path) not in text


def _files(root: Path) -> dict[str, tuple[int, int]]:
    return {str(p): (p.lstat().st_size, p.lstat().st_mtime_ns) for p in root.rglob("*")}


def _started_with(home: Path) -> list[str]:
    """The processes that run with ``home`` in their environment."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                if os.fsencode(home) in (entry / "environ").read_bytes():
                    found.append(entry.name)
            except OSError:
                continue
    return found


@pytest.mark.posix("/proc")
def test_nothing_is_changed_on_this_computer(tmp_path: Path) -> None:
    """No file, no process. Others may change /etc meanwhile, hardly three times running."""
    system = ("udev", "polkit-1", "modprobe.d", "default", "systemd")
    roots = [tmp_path, *(Path("/etc", name) for name in system)]
    changed = []
    for _ in range(3):
        before = [_files(root) for root in roots]
        run("--json", home=tmp_path, PYTHONDONTWRITEBYTECODE="1")
        changed.append([_files(root) for root in roots] != before)
    assert not all(changed)
    assert not _started_with(tmp_path)
