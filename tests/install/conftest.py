# SPDX-License-Identifier: Apache-2.0
"""What ``scripts/packages`` makes once for all its tests: bundle, installation, program.

What belongs here: making and installing, and the rule when a tool is missing, which is to skip and
say what to install. What does not: what is expected of them, which the tests beside say.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OFFLINE = ("unshare", "-rn")  # a network namespace has no way out, not even to this machine


def needed(program: str, package: str) -> str:
    """Where ``program`` is; the test is skipped where it is not, and says what to install."""
    path = shutil.which(program)
    if path is None:
        pytest.skip(f"{program} is missing: apt-get install {package}")
    return path


def made_by(script: str, *arguments: str | Path) -> Path:
    """What ``script`` made, as it prints it; how long it took is printed."""
    start = time.monotonic()
    done = subprocess.run(
        [ROOT / "scripts" / script, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    print(f"\n{script}: {time.monotonic() - start:.1f} s")
    return Path(done.stdout.strip())


@dataclass(frozen=True)
class Program:
    """A program, run from an empty folder with an environment of its own.

    Attributes:
        path: what is started.
        home: where the person's files would be.
    """

    path: Path
    home: Path

    def run(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[bytes]:
        """Runs it without a network and without a service for readers; prints nothing."""
        empty = self.home / "empty"
        empty.mkdir(exist_ok=True)
        done = subprocess.run(
            [*OFFLINE, self.path, *arguments],
            cwd=empty,
            env={
                "HOME": str(self.home),
                "PATH": os.defpath,
                "PCSCLITE_CSOCK_NAME": str(empty / "nobody-listens"),
                **env,
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=60,
        )
        assert not list(empty.iterdir())
        assert b"Traceback" not in done.stderr
        return done


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The offline bundle of this tree."""
    return made_by("bundle", tmp_path_factory.mktemp("bundle") / "cardcheck")


def install(bundle: Path, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the bundle's install script for the person at ``home``, without a network."""
    needed(OFFLINE[0], "util-linux")
    if subprocess.run([*OFFLINE, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no network namespaces: be root, or allow user namespaces")
    return subprocess.run(
        [*OFFLINE, "sh", bundle / "install.sh", *arguments],
        env={"HOME": str(home), "PATH": os.defpath, "PYTHON": str(Path(sys.executable).resolve())},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="session")
def installed(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Program:
    """cardcheck, installed from the bundle."""
    home = tmp_path_factory.mktemp("home")
    start = time.monotonic()
    done = install(bundle, home)
    assert done.returncode == 0, done.stderr
    print(f"\ninstall.sh: {time.monotonic() - start:.1f} s")
    return Program(home / ".local/bin/cardcheck", home)


@pytest.fixture(scope="session")
def frozen(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """The frozen program, at another place than where it was made."""
    needed("strip", "binutils")
    folder = tmp_path_factory.mktemp("frozen")
    shutil.copytree(made_by("freeze").parent, folder / "cardcheck", symlinks=True)
    return Program(folder / "cardcheck" / "cardcheck", folder)
