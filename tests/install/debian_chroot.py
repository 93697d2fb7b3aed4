# SPDX-License-Identifier: Apache-2.0
"""A Debian in a folder, of which every test has a copy that is thrown away.

What belongs here: making one, and running commands in it. What does not: what is tried in it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from install.conftest import ROOT, needed

READERS: Final = "ca-certificates,libccid,pcscd,python3,vsmartcard-vpcd"
TOOLS: Final = "build-essential,ca-certificates,lintian"

# $1: the Debian, $2: where the copy's changes go, $3: the command. The copy is an overlay.
_INSIDE: Final = """
mkdir -p "$2/changes" "$2/work" "$2/root"
mount -t overlay overlay -o "lowerdir=$1,upperdir=$2/changes,workdir=$2/work" "$2/root" || exit 97
mount -t proc proc "$2/root/proc" && mount --rbind /dev "$2/root/dev" || exit 97
ip link set lo up
exec chroot "$2/root" /bin/sh -euc "$3"
"""


def mirror() -> str:
    """The archive that packages come from: the first of this machine, unless said otherwise."""
    if named := os.environ.get("CARDCHECK_VM_MIRROR"):
        return named
    command = ["apt-get", "indextargets", "--format", "$(REPO_URI)"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[0]


def debian(name: str) -> Path:
    """The folder ``name`` of ``CARDCHECK_CHROOTS``, made once; ``-build`` has what builds us."""
    if os.geteuid() != 0:
        pytest.skip("be root: it mounts and changes its root directory")
    folder = Path(os.environ["CARDCHECK_CHROOTS"]) / name
    if folder.exists():
        return folder
    release, _, building = name.partition("-")
    command = [needed("mmdebstrap", "mmdebstrap"), "--quiet", "--variant=minbase"]
    command += ["--include", TOOLS if building else READERS]
    if building:
        command += [
            f'--customize-hook=mkdir -p "$1/tmp/c" && cp -r {ROOT / "debian"} "$1/tmp/c"',
            "--chrooted-customize-hook=apt-get --yes --no-install-recommends build-dep /tmp/c",
        ]
    partial = folder.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.parent.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [*command, release, partial, mirror()], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return partial.rename(folder)


@dataclass(frozen=True)
class Copy:
    """A copy of a Debian, changed by what runs in it.

    Attributes:
        original: the Debian that stays as it is.
        folder: where the changes are.
    """

    original: Path
    folder: Path

    @property
    def changes(self) -> Path:
        """What differs from the original, as a tree; also the way to put files in."""
        path = self.folder / "changes"
        path.mkdir(exist_ok=True)
        return path

    def run(self, command: str, *, network: bool = False) -> subprocess.CompletedProcess[str]:
        """Runs ``command`` in a shell, with processes and a network of its own.

        With ``network`` it has this machine's instead, and the certificates that go with it.
        """
        needed("ip", "iproute2")
        space = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]
        if network:
            for lent in ("etc/resolv.conf", "etc/ssl/certs/ca-certificates.crt"):
                (self.changes / lent).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(Path("/", lent), self.changes / lent)
        else:
            space.append("--net")
        places = [str(self.original), str(self.folder)]
        return subprocess.run(
            [*space, "sh", "-c", _INSIDE, "sh", *places, command],
            env={
                **{key: value for key, value in os.environ.items() if key.startswith("PIP_")},
                "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                "HOME": "/root",
                "LC_ALL": "C.UTF-8",
                "DEBIAN_FRONTEND": "noninteractive",
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=800,
        )
