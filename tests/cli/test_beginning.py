# SPDX-License-Identifier: Apache-2.0
"""The first moments of a process: nothing foreign is imported, nothing shows a traceback."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TRACE = ROOT / "fixtures/apdu/mynumber-valid.apdu"
_OTHERS = sorted(Path("/usr/bin").glob("python3.1[1-9]"))
_SIGNAL_AT_IMPORT = """
import os, signal, sys, time
class Finder:
    def find_spec(self, name, *_):
        if name == {name!r}:
            signal.raise_signal(signal.SIGINT)
            time.sleep(0.01)
sys.meta_path.insert(0, Finder())
sys.argv = ["cardcheck", "checks"]
from cardcheck.__main__ import main
sys.exit(main())
"""


def environment() -> dict[str, str]:
    """That of the tests, with the sources."""
    dropped = {"PYTHONSAFEPATH"}
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return {**kept, "PYTHONPATH": str(ROOT / "src"), "CARDCHECK_LANG": "en"}


@pytest.fixture
def trap(tmp_path: Path) -> Path:
    """A folder with modules that say so when they are run."""
    for name in ("nfc", "click", "msgspec", "json", "rich", "multiprocessing", "smartcard"):
        (tmp_path / f"{name}.py").write_text("import os\nos.write(2, b'RAN')\n")
    folder = tmp_path / "traces"
    folder.mkdir()
    for number in range(40):  # more than one process takes at once
        shutil.copy(TRACE, folder / f"{number}.apdu")
    return tmp_path


@pytest.mark.parametrize(
    "arguments",
    [
        ("--version",),
        ("--help",),
        ("scan", "--simulate", "valid"),
        ("scan", "--backend", "nfc", "--timeout", "5"),
        ("doctor", "--json"),
        ("replay", "traces", "--jobs", "2"),
    ],
)
def test_nothing_is_imported_from_the_current_folder(
    arguments: tuple[str, ...], trap: Path
) -> None:
    """Neither by ``python -m cardcheck``, nor by the processes that it starts."""
    done = subprocess.run(
        [sys.executable, "-m", "cardcheck", *arguments],
        cwd=trap,
        env=environment(),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert b"RAN" not in done.stderr
    assert done.returncode in {0, 1, 3}, done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("python", [sys.executable, *map(str, _OTHERS)])
@pytest.mark.parametrize("option", ["--version", "-V"])
def test_a_version_that_cannot_be_said_is_2(python: str, option: str, tmp_path: Path) -> None:
    """One line that says why, on every Python there is."""
    packages = next(Path(sys.prefix).rglob("site-packages"))
    environ = {**environment(), "PYTHONPATH": f"{ROOT / 'src'}:{packages}"}
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [python, "-m", "cardcheck", option],
            env=environ,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=30,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["cardcheck.cli.main", "click", "cardcheck.cli.commands.tables"])
def test_a_signal_at_the_very_beginning_is_130(name: str) -> None:
    """From the first line of ours on: while what follows is still being loaded."""
    done = subprocess.run(
        [sys.executable, "-c", _SIGNAL_AT_IMPORT.format(name=name)],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 130
    assert "Traceback" not in done.stderr
