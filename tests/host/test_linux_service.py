# SPDX-License-Identifier: Apache-2.0
"""How pcscd is set up, read from trees of files."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

if sys.platform == "win32":
    pytest.skip("Windows has no /proc, systemd and groups", allow_module_level=True)

from cardcheck.host import linux_service

if TYPE_CHECKING:
    from pathlib import Path

UNIT = "usr/lib/systemd/system/pcscd.socket"


def write(root: Path, name: str, text: str = "") -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def link(root: Path, name: str, target: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)


def test_units(tmp_path: Path) -> None:
    def state() -> str:
        return linux_service.unit_state("pcscd.socket", tmp_path)

    assert state() == "absent"
    write(tmp_path, UNIT, "[Socket]\n")
    assert state() == "disabled"
    link(tmp_path, "etc/systemd/system/sockets.target.wants/pcscd.socket", f"/{UNIT}")
    assert state() == "enabled"
    link(tmp_path, "etc/systemd/system/pcscd.socket", "/dev/null")
    assert state() == "masked"


def test_a_mask_until_the_next_start(tmp_path: Path) -> None:
    write(tmp_path, UNIT, "[Socket]\n")
    link(tmp_path, "run/systemd/system/pcscd.socket", "/dev/null")
    assert linux_service.unit_state("pcscd.socket", tmp_path) == "masked"


def test_the_daemon(tmp_path: Path) -> None:
    write(tmp_path, "usr/lib/systemd/system/pcscd.service", "[Service]\nUser=pcscd\n")
    write(
        tmp_path,
        "etc/default/pcscd",
        "# x\nPCSCLITE_FILTER_IGNORE_READER_NAMES=ACS\nPCSCLITE_HP_DROPDIR=\n",
    )
    write(tmp_path, "usr/share/polkit-1/actions/org.debian.pcsc-lite.policy")
    write(tmp_path, "proc/17/comm", "pcscd\n")
    write(tmp_path, "proc/18/comm", "pcsc_scan\n")
    link(tmp_path, "proc/self/ns/mnt", "mnt:[1]")
    link(tmp_path, "proc/17/ns/mnt", "mnt:[2]")
    found = linux_service.pcscd(tmp_path)
    assert (found.service_user, found.polkit, found.systemd) == ("pcscd", True, False)
    assert found.filters == ("PCSCLITE_FILTER_IGNORE_READER_NAMES",)
    assert not found.dropdir
    assert [process.same_namespace for process in found.processes] == [False]


def test_two_libraries_and_one_with_two_names(tmp_path: Path) -> None:
    write(tmp_path, "usr/lib/x86_64-linux-gnu/libpcsclite.so.1")
    link(tmp_path, "usr/lib64", "lib/x86_64-linux-gnu")
    assert linux_service.pcscd(tmp_path).libraries == ("/usr/lib64/libpcsclite.so.1",)
    write(tmp_path, "usr/local/lib/libpcsclite.so.1")
    assert len(linux_service.pcscd(tmp_path).libraries) == 2


@pytest.mark.parametrize(
    ("text", "environment", "expected"),
    [
        ("ACTIVE=1\nREMOTE=0\n", {"XDG_SESSION_ID": "3"}, (True, True, False)),
        ("ACTIVE=0\nREMOTE=1\n", {"XDG_SESSION_ID": "3"}, (True, False, True)),
        ("ACTIVE=1\n", {}, (False, None, None)),
        ("ACTIVE=1\n", {"XDG_SESSION_ID": "../3"}, (False, None, None)),
    ],
)
def test_sessions(
    text: str, environment: dict[str, str], expected: tuple[bool | None, ...], tmp_path: Path
) -> None:
    write(tmp_path, "run/systemd/sessions/3", text)
    found = linux_service.session(tmp_path, environment)
    assert (found.session, found.active, found.remote) == expected
    assert not found.ssh


def test_without_logind_nothing_is_known_of_sessions(tmp_path: Path) -> None:
    found = linux_service.session(tmp_path, {"SSH_CONNECTION": "x"})
    assert (found.session, found.active, found.ssh) == (None, None, True)


def test_hidden_processes(tmp_path: Path) -> None:
    write(tmp_path, "proc/self/mounts", "proc /proc proc rw,hidepid=invisible 0 0\n")
    assert linux_service.session(tmp_path, {}).hidepid


def test_settings_are_named_and_not_quoted() -> None:
    environment = {
        "PCSCLITE_CSOCK_NAME": "/secret",
        "LIBPCSCLITE_DELEGATE": "x",
        "PATH": "y",
        "PCSCLITE_X": "",
    }
    assert linux_service.settings(environment) == ("LIBPCSCLITE_DELEGATE", "PCSCLITE_CSOCK_NAME")


def test_an_empty_root_is_no_crash(tmp_path: Path) -> None:
    found = linux_service.pcscd(tmp_path)
    assert (found.socket_unit, found.processes, found.libraries) == ("absent", (), ())
