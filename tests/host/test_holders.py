# SPDX-License-Identifier: Apache-2.0
"""Who talks to pcscd, shown on a real socket between real processes."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from cardcheck.host.holders import pcsc_clients

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="netlink is Linux")

CLIENT = (
    "import socket, sys\n"
    "s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])\n"
    "print(flush=True); sys.stdin.read()"
)


def test_a_client_is_named_and_we_are_not(tmp_path: Path) -> None:
    path = str(tmp_path / "comm")
    with (
        socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server,
        socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as ours,
    ):
        server.bind(path)
        server.listen(5)
        ours.connect(path)
        accepted = [server.accept()[0]]
        assert pcsc_clients({"PCSCLITE_CSOCK_NAME": path}) == ()
        command = [sys.executable, "-c", CLIENT, path]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as client:
            assert client.stdout is not None
            client.stdout.readline()
            accepted.append(server.accept()[0])
            name = Path(f"/proc/{client.pid}/comm").read_text().strip()
            assert pcsc_clients({"PCSCLITE_CSOCK_NAME": path}) == ((name, client.pid),)
            client.communicate()
        for connection in accepted:
            connection.close()
        assert pcsc_clients({"PCSCLITE_CSOCK_NAME": path}) == ()


def test_no_daemon_has_no_clients(tmp_path: Path) -> None:
    assert pcsc_clients({"PCSCLITE_CSOCK_NAME": str(tmp_path / "none")}) == ()


def test_without_netlink_nobody_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError

    monkeypatch.setattr("cardcheck.host.holders.socket.socket", refused)
    assert pcsc_clients() == ()
