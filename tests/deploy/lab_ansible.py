# SPDX-License-Identifier: Apache-2.0
"""The playbook, run for real by Ansible over SSH, on hosts in namespaces of this machine.

Each host has its own network, its own /opt, /usr/local/bin and /run; the rest of the file system is
shared. Run by ``scripts/lab``, not by default: it needs root and takes minutes.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lab.daemon import PcscDaemon

if TYPE_CHECKING:
    from collections.abc import Iterator

PLAYBOOKS = Path(__file__).parents[2] / "deploy/ansible"
ROOT = Path(__file__).parents[2]
SSHD = """
for place in /opt /usr/local/bin /run; do mount -t tmpfs none "$place" || exit 97; done
mount -t proc proc /proc && mkdir /run/sshd && exec /usr/sbin/sshd -D -E "$1.log" -f "$1"
"""
OPTIONS = "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o ConnectTimeout=3"


class Host:
    """An SSH server in a network and mount namespace of its own."""

    def __init__(self, number: int, folder: Path) -> None:
        self.name = f"window-{number}"
        self.address = f"10.231.{number}.2"
        self._space, self._link = f"cardcheck-{number}", f"cclab{number}"
        self._folder = folder
        self._server: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        space, link, gateway = self._space, self._link, self.address[:-1] + "1"
        inside = ["ip", "-n", space]
        for command in (
            ["ip", "netns", "add", space],
            ["ip", "link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", space],
            ["ip", "address", "add", f"{gateway}/24", "dev", link],
            ["ip", "link", "set", link, "up"],
            [*inside, "address", "add", f"{self.address}/24", "dev", "eth0"],
            [*inside, "link", "set", "eth0", "up"],
        ):
            subprocess.run(command, check=True)
        config = self._folder / f"{self.name}.conf"
        config.write_text(
            f"ListenAddress {self.address}\nHostKey {self._folder}/host\nPidFile none\nUsePAM no\n"
            f"AuthorizedKeysFile {self._folder}/user.pub\nStrictModes no\nPermitRootLogin yes\n"
            "Subsystem sftp internal-sftp\n"
        )
        alone = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]  # sessions end with it
        shell = [*alone, "sh", "-c", SSHD, "sh", str(config)]
        self._server = subprocess.Popen(["ip", "netns", "exec", space, *shell])

    def stop(self) -> None:
        if self._server is not None:
            self._server.kill()  # unshare itself ignores SIGTERM
            self._server.wait(10)
        subprocess.run(["ip", "netns", "del", self._space], check=False)
        subprocess.run(["ip", "link", "del", self._link], check=False, capture_output=True)


@pytest.fixture
def hosts(tmp_path: Path) -> Iterator[list[Host]]:
    """Three hosts; the third one is switched off."""
    assert os.geteuid() == 0, "needs root, for network namespaces"
    for name in ("host", "user"):
        key = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / name)]
        subprocess.run(key, check=True)
    with ExitStack() as stack:
        found = [Host(number, tmp_path) for number in (1, 2, 3)]
        for host in found[:2]:
            stack.callback(host.stop)
            host.start()
        time.sleep(1)
        yield found


def play(tmp_path: Path, *arguments: str) -> tuple[int, dict[str, dict[str, int]]]:
    """Runs the playbook; gives the exit code and the recap by host."""
    command = [os.environ["CARDCHECK_ANSIBLE"], "-i", str(tmp_path / "inventory.ini"), "site.yml"]
    done = subprocess.run(
        [*command, *arguments],
        cwd=PLAYBOOKS,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LC_ALL": "C.UTF-8", "ANSIBLE_HOME": str(tmp_path / "ansible")},
    )
    print(done.stdout[-6000:], done.stderr[-2000:])
    recap = {
        line.split(":")[0].strip(): {key: int(n) for key, n in re.findall(r"(\w+)=(\d+)", line)}
        for line in done.stdout.partition("PLAY RECAP")[2].splitlines()
        if "ok=" in line
    }
    return done.returncode, recap


@pytest.mark.slow
def test_the_playbook_installs_asks_and_collects(hosts: list[Host], tmp_path: Path) -> None:
    with PcscDaemon(readers=2) as daemon:
        sockets = {"window-1": daemon.env()["PCSCLITE_CSOCK_NAME"]}
        lines = [
            f"{host.name} ansible_host={host.address} cardcheck_station=city/{host.name} "
            f"socket={sockets.get(host.name, '/nowhere')}"
            for host in hosts
        ]
        common = {
            "ansible_user": "root",
            "ansible_become": "false",
            "ansible_ssh_private_key_file": str(tmp_path / "user"),
            "ansible_ssh_common_args": f"'{OPTIONS}'",
            "ansible_python_interpreter": getattr(sys, "_base_executable", sys.executable),
            "cardcheck_wheelhouse": os.environ["CARDCHECK_WHEELHOUSE"],
            "cardcheck_python": getattr(sys, "_base_executable", sys.executable),
            "cardcheck_reports": str(tmp_path / "reports"),
        }
        variables = [f"{key}={value}" for key, value in common.items()]
        inventory = ["[stations]", *lines, "[stations:vars]", *variables]
        (tmp_path / "inventory.ini").write_text("\n".join(inventory) + "\n")
        extra = tmp_path / "extra.json"
        environment = {"PCSCLITE_CSOCK_NAME": "{{ socket }}"}
        extra.write_text(json.dumps({"cardcheck_environment": environment}))

        code, recap = play(tmp_path, "-e", f"@{extra}")
        assert (code, recap["window-3"]["unreachable"]) == (4, 1)
        assert {recap[name]["failed"] for name in recap} == {0}
        assert recap["window-1"]["changed"] > 0
        time.sleep(1)  # the names of reports go by the second
        _, recap = play(tmp_path, "-e", f"@{extra}")
        assert {recap[name]["changed"] for name in ("window-1", "window-2")} == {0}

    records = (tmp_path / "reports/window-3").glob("*-unreachable.txt")
    assert all(re.fullmatch(r"[0-9TZ-]+-unreachable\.txt", each.name) for each in records)
    assert any((tmp_path / "reports/window-3").iterdir())
    reports = sorted(path.parent.name for path in (tmp_path / "reports").rglob("*.json"))
    assert reports == ["window-1"] * 4 + ["window-2"] * 4
    assert not Path("/opt/cardcheck").exists()
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "cardcheck",
            "fleet",
            "summary",
            str(tmp_path / "reports"),
            "--json",
        ],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        check=False,
    )
    summary = json.loads(done.stdout)
    states = [(each["station"], each["state"]) for each in summary["stations"]]
    assert states == [("city/window-2", "critical"), ("city/window-1", "ok")]
    assert summary["refused"] == []
