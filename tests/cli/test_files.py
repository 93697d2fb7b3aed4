# SPDX-License-Identifier: Apache-2.0
"""Files that commands are given: none of them hangs a command, and none is named in vain."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TRACE = ROOT / "fixtures/apdu/mynumber-valid.apdu"
NAME = "x" * 300

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="folders there hold no pipes")


def cardcheck(
    *arguments: str, cwd: Path | None = None, stdin: int = subprocess.DEVNULL, limit: float = 40
) -> subprocess.CompletedProcess[str]:
    """One command, in English."""
    return subprocess.run(
        [sys.executable, "-m", "cardcheck", *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "CARDCHECK_LANG": "en"},
        cwd=cwd,
        stdin=stdin,
        capture_output=True,
        text=True,
        timeout=limit,
        check=False,
    )


READING = {
    "replay": ("replay", "{}"),
    "scan": ("scan", "--timeout", "2", "--replay", "{}"),
    "lint": ("trace", "lint", "{}"),
    "show": ("trace", "show", "{}"),
    "redact": ("trace", "redact", "{}", "-o", "out.apdu"),
    "import": ("trace", "import", "{}", "-o", "out.apdu"),
    "diff": ("trace", "diff", "{}", "{}"),
    "compare": ("compare", "{}", "{}"),
    "snapshot": ("doctor", "--timeout", "2", "--host-snapshot", "{}"),
    "host": ("scan", "--simulate", "valid", "--timeout", "2", "--host-snapshot", "{}"),
    "anchor": ("scan", "--simulate", "valid", "--timeout", "2", "--trust-anchor", "{}"),
    "verify": ("fleet", "verify", "{}", "--allowed-signers", "signers"),
    "signers": ("fleet", "verify", "sealed.zip", "--allowed-signers", "{}"),
    "fleet": ("fleet", "summary", "{}"),
    "watch": ("kiosk", "watch", "--from", "{}"),
    "key": ("scan", "--simulate", "valid", "--seal", "s.zip", "--seal-key", "{}"),
}
"""Every command that reads a file which its user names."""


def filled(name: str, file: str) -> list[str]:
    """The command line with ``file`` in its place."""
    return [part.format(file) for part in READING[name]]


@pytest.mark.parametrize("name", READING)
def test_a_pipe_that_nobody_serves_ends_in_time(name: str, tmp_path: Path) -> None:
    """With 2 where it is the input; never later than the deadline and what Python needs."""
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "sealed.zip").write_bytes(b"PK")
    (tmp_path / "signers").write_text("")
    began = time.monotonic()
    done = cardcheck(*filled(name, "pipe.json"), cwd=tmp_path)
    assert done.returncode in ({1} if name == "signers" else {2}), done.stderr
    assert "Traceback" not in done.stderr
    assert time.monotonic() - began < 20
    if "--timeout" in READING[name]:
        assert time.monotonic() - began < 8
    if name != "signers":
        assert "pipe.json" in done.stderr + done.stdout


@pytest.mark.parametrize("name", READING)
def test_a_name_that_is_too_long_is_said(name: str, tmp_path: Path) -> None:
    """ENAMETOOLONG is a wrong name (2), not a bug of ours (70)."""
    (tmp_path / "sealed.zip").write_bytes(b"PK")
    (tmp_path / "signers").write_text("")
    done = cardcheck(*filled(name, NAME), cwd=tmp_path)
    assert done.returncode in ({1} if name == "signers" else {2}), done.stderr
    assert "a bug of ours" not in done.stderr
    if name != "signers":
        assert NAME in done.stderr + done.stdout


@pytest.mark.parametrize("command", [("replay",), ("trace", "lint")])
def test_pipes_in_folders_are_passed_over_and_said(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    """The rest goes on."""
    shutil.copy(TRACE, tmp_path / "good.apdu")
    os.mkfifo(tmp_path / "pipe.apdu")
    (tmp_path / "device.apdu").symlink_to("/dev/zero")
    done = cardcheck(*command, str(tmp_path), limit=10)
    assert done.returncode == 0, done.stderr
    said = [line for line in done.stderr.splitlines() if "passed over" in line]
    assert len(said) == 2
    assert any("pipe.apdu" in line for line in said)


@pytest.mark.parametrize("command", [("replay",), ("trace", "lint")])
def test_what_cannot_be_read_is_named_and_the_rest_goes_on(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    """A link that leads nowhere, one that leads to itself: 2, and the good file is done."""
    shutil.copy(TRACE, tmp_path / "good.apdu")
    (tmp_path / "loop.apdu").symlink_to("loop.apdu")
    (tmp_path / "nowhere.apdu").symlink_to("missing")
    done = cardcheck(*command, str(tmp_path), limit=20)
    assert done.returncode == 2
    assert "loop.apdu" in done.stdout
    assert "nowhere.apdu" in done.stdout
    assert "3" in done.stdout.splitlines()[-1]


@pytest.mark.skipif(os.name == "posix" and os.geteuid() == 0, reason="root reads every folder")
def test_a_folder_that_may_not_be_looked_into_is_named(tmp_path: Path) -> None:
    """Its name, 2, and the rest goes on."""
    shutil.copy(TRACE, tmp_path / "good.apdu")
    (tmp_path / "closed").mkdir(mode=0)
    done = cardcheck("replay", str(tmp_path))
    assert done.returncode == 2
    assert "closed" in done.stdout


def test_a_pipe_that_is_served_is_read(tmp_path: Path) -> None:
    """``<(zcat …)`` is a file like any other, however slowly it comes."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["sh", "-c", f"exec > {pipe}; sleep 1; cat {TRACE}"]):
        done = cardcheck("trace", "show", str(pipe))
    assert done.returncode == 0, done.stderr
    assert done.stdout == cardcheck("trace", "show", str(TRACE)).stdout


def test_standard_input_is_read(tmp_path: Path) -> None:
    """By its name of a device, from a pipe and from a file."""
    with TRACE.open() as file:
        assert cardcheck("trace", "show", "/dev/stdin", stdin=file.fileno()).returncode == 0
    with subprocess.Popen(["cat", str(TRACE)], stdout=subprocess.PIPE) as cat:
        assert cat.stdout is not None
        assert cardcheck("trace", "show", "/dev/stdin", stdin=cat.stdout.fileno()).returncode == 0


def test_a_device_without_end_is_too_large() -> None:
    """At once, and without more memory than the limit."""
    done = cardcheck("trace", "show", "/dev/zero", limit=20)
    assert done.returncode == 2
    assert "larger" in done.stderr


@pytest.mark.parametrize("command", [("doctor",), ("scan", "--simulate", "valid")])
def test_a_snapshot_that_cannot_be_written_keeps_no_report_back(command: tuple[str, ...]) -> None:
    """The report is on stdout, the failure on stderr, and 2 is the exit code."""
    done = cardcheck(*command, "--json", "--snapshot", "/nowhere/s.json")
    assert done.returncode == 2
    assert json.loads(done.stdout)["schema"].startswith("cardcheck.")
    assert "/nowhere/s.json" in done.stderr


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="no file here opens and fails")
@pytest.mark.parametrize("name", ["replay", "show", "compare", "snapshot", "anchor"])
def test_a_file_that_opens_and_cannot_be_read_is_named(name: str, tmp_path: Path) -> None:
    """A bad sector: the input is at fault, and not our standard output."""
    done = cardcheck(*filled(name, "/proc/self/mem"), cwd=tmp_path)
    assert done.returncode == 2
    said = done.stdout + done.stderr
    assert "/proc/self/mem" in said
    assert "standard output" not in said
