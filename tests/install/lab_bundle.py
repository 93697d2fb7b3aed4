# SPDX-License-Identifier: Apache-2.0
"""The offline bundle, at a computer without a network. Run by ``scripts/packages`` alone."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from cardcheck import __version__
from install.conftest import OFFLINE, ROOT, Program, install

LARGEST = 60_000_000  # bytes on disk


def files_of(folder: Path) -> list[Path]:
    """Everything below ``folder`` that is no folder."""
    return [path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()]


def test_it_installs_small_without_a_network(installed: Program) -> None:
    size = sum(path.lstat().st_blocks * 512 for path in files_of(installed.home))
    print(f"installed: {size / 1e6:.1f} MB")
    assert size <= LARGEST


def test_it_says_its_version(installed: Program) -> None:
    assert installed.run("--version").stdout.decode() == f"cardcheck, version {__version__}\n"


def test_it_scans(installed: Program) -> None:
    done = installed.run("scan", "--simulate", "valid", "--json")
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["source"] == "simulation"


def test_its_doctor_answers(installed: Program) -> None:
    """Nobody listens, and it says so."""
    done = installed.run("doctor", "--json")
    assert done.returncode == 1, done.stderr
    assert json.loads(done.stdout)["verdict"] == "problem"


def test_a_changed_wheel_is_refused(bundle: Path, tmp_path: Path) -> None:
    """One more byte; nothing is installed then."""
    copy = tmp_path / "copy"
    shutil.copytree(bundle, copy)
    wheel = next((copy / "wheels").glob("click-*.whl"))
    wheel.write_bytes(wheel.read_bytes() + b"\0")
    home = tmp_path / "home"
    home.mkdir()
    done = install(copy, home)
    assert done.returncode == 2
    assert wheel.name in done.stdout
    assert "was changed" in done.stderr
    assert not list(home.iterdir())


def test_pipx_installs_it_and_links_its_manual(bundle: Path, tmp_path: Path) -> None:
    """As README.txt in the bundle says; the time is printed."""
    pipx = Path(os.environ.get("CARDCHECK_PIPX", "pipx-is-not-there"))
    if not pipx.exists():
        pytest.skip("pipx is missing: see what scripts/packages said first")
    readme = (bundle / "README.txt").read_text("utf-8")
    (line,) = re.findall(r"^  (PIP_NO_INDEX=1 .*)$", readme, re.MULTILINE)
    start = time.monotonic()
    done = subprocess.run(
        [*OFFLINE, "sh", "-c", line],
        cwd=bundle,
        env={
            "HOME": str(tmp_path),
            "PATH": f"{pipx.parent}:{os.defpath}",
            "PIPX_DEFAULT_PYTHON": str(Path(sys.executable).resolve()),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    print(f"\npipx: {time.monotonic() - start:.1f} s")
    local = tmp_path / ".local"
    program = Program(local / "bin/cardcheck", tmp_path)
    assert program.run("scan", "--simulate", "valid").returncode == 0
    manual = local / "share/man/man1/cardcheck.1"
    assert manual.is_symlink()
    assert manual.read_bytes() == (ROOT / "docs/cardcheck.1").read_bytes()


def test_removed_it_leaves_nothing(bundle: Path, tmp_path: Path) -> None:
    """Also of what a scan writes."""
    assert install(bundle, tmp_path).returncode == 0
    program = Program(tmp_path / ".local/bin/cardcheck", tmp_path)
    assert program.run("scan", "--simulate", "valid").returncode == 0
    assert files_of(tmp_path)
    done = install(bundle, tmp_path, "--remove")
    assert done.returncode == 0, done.stderr
    assert files_of(tmp_path) == []


def test_the_inventory_names_every_locked_package(bundle: Path) -> None:
    """And nothing else: neither pip nor what only builds."""
    lines = (ROOT / "requirements/run.txt").read_text("utf-8").splitlines()
    locked = [Requirement(line.rstrip(" \\")) for line in lines if "==" in line]
    inventory = json.loads((bundle / "sbom.cdx.json").read_text("utf-8"))
    named = {f"{part['name']}=={part['version']}" for part in inventory["components"]}
    wanted = {
        f"{each.name}{each.specifier}"
        for each in locked
        if each.marker is None or each.marker.evaluate()
    }
    assert len(wanted) > 10
    assert {name.lower().replace("_", "-") for name in named} == wanted
