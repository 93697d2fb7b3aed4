# SPDX-License-Identifier: Apache-2.0
"""``kiosk`` as a command line: formats, files, exit codes, and what it refuses."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cardcheck.cli.main import run

if TYPE_CHECKING:
    from collections.abc import Callable

    Kiosk = Callable[..., tuple[int, str]]

ROOT = Path(__file__).parents[2]
VALID = ("--simulate", "valid")


@pytest.fixture
def kiosk(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """Runs ``kiosk`` in English and gives the exit code and stdout."""

    def call(*arguments: str) -> tuple[int, str]:
        capsys.readouterr()
        return run(["kiosk", *arguments, "--lang", "en"]), capsys.readouterr().out

    return call


def test_acceptance_in_every_form(kiosk: Kiosk, tmp_path: Path) -> None:
    html, csv, base = (str(tmp_path / name) for name in ("a.html", "a.csv", "base.json"))
    files = ("--html", html, "--csv", csv, "--baseline", base)
    code, out = kiosk("accept", *VALID, "--json", "--station", "a/b", "--operator", "ab", *files)
    document = json.loads(out)
    assert (code, document["passed"], document["source"]) == (0, True, "simulation")
    assert (document["station"], document["operator"]) == ("a/b", "ab")
    assert "A simulation" in Path(html).read_text("utf-8")
    assert len(Path(csv).read_text("utf-8-sig").splitlines()) == 60
    code, out = kiosk("accept", *VALID, "--baseline", base)
    assert code == 0
    assert "Nothing has changed since the baseline" in out


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("accept", "--simulate", "mute"), 1),
        (("accept", "--simulate", "valid", "--fault", "removed@2"), 1),
        (("accept", "--simulate", "no-reader"), 3),
        (("accept", "--simulate", "no-service"), 3),
        (("accept", "--simulate", "two-readers"), 2),
        (("accept", "--simulate", "two-readers", "--reader", "1"), 0),
        (("accept", "--simulate", "valid", "--reader", "9"), 2),
        (("accept", "--simulate", "valid", "--replay", "x"), 2),
        (("accept", "--simulate", "valid", "--seal", "x"), 2),
        (("accept", "--simulate", "payment-card"), 0),
        (("check", "--simulate", "valid"), 0),
        (("check", "--simulate", "mute"), 1),
        (("check", "--simulate", "no-reader"), 3),
        (("check", "--simulate", "no-card", "--seconds", "1"), 4),
        (("watch", "--simulate", "valid", "--cycles", "1"), 0),
        (("watch", "--simulate", "no-service", "--cycles", "1"), 1),
        (("watch", "--simulate", "no-service", "--cycles", "1", "--format", "nagios"), 2),
        (("watch", "--from", "/nowhere"), 2),
        (("watch", "--from", "/nowhere", "--format", "nagios"), 3),
        (("check", "--simulate", "valid", "--format", "nagios"), 0),
    ],
)
def test_exit_codes(kiosk: Kiosk, arguments: tuple[str, ...], code: int) -> None:
    assert kiosk(*arguments)[0] == code


def test_a_recorded_card_is_presented_again_and_again(kiosk: Kiosk) -> None:
    code, out = kiosk(
        "accept", "--replay", str(ROOT / "fixtures/apdu/mynumber-certificate-absent.apdu")
    )
    assert code == 0
    assert "This is the replay of a record" in out


def test_the_watch_writes_whole_files_and_says_what_they_say(kiosk: Kiosk, tmp_path: Path) -> None:
    state, metrics, closed = (str(tmp_path / name) for name in ("state", "metrics", "closed"))
    watch = ("watch", *VALID, "--cycles", "2", "--interval", "0.01", "--state", state)
    assert kiosk(*watch, "--textfile", metrics) == (0, "")
    assert 'cardcheck_state{state="ok",station=""} 1.0' in Path(metrics).read_text("utf-8")
    assert json.loads(Path(state).read_text("utf-8"))["looks"] == 2
    kiosk(*watch)
    assert json.loads(Path(state).read_text("utf-8"))["looks"] == 4
    assert sorted(path.name for path in tmp_path.iterdir()) == ["metrics", "state"]
    time.sleep(0.05)  # three intervals and more: stale
    assert kiosk("watch", "--from", state, "--format", "nagios")[0] == 3
    Path(closed).touch()
    kiosk(*watch, "--closed-file", closed)
    assert json.loads(Path(state).read_text("utf-8"))["state"] == "not-in-service"


def test_a_state_file_that_is_something_else_is_left_alone(kiosk: Kiosk, tmp_path: Path) -> None:
    state = tmp_path / "letter"
    state.write_text("Dear Sir")
    assert kiosk("watch", *VALID, "--cycles", "1", "--state", str(state))[0] == 2
    assert state.read_text() == "Dear Sir"


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="needs ssh-keygen")
def test_a_sealed_run_is_what_was_delivered(kiosk: Kiosk, tmp_path: Path) -> None:
    import zipfile

    key, seal = tmp_path / "key", tmp_path / "run.zip"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    sealing = ("--seal", str(seal), "--seal-key", str(key))
    code, out = kiosk("accept", *VALID, "--json", *sealing)
    assert code == 0
    with zipfile.ZipFile(seal) as packed:
        assert set(packed.namelist()) == {
            "acceptance.json", "acceptance.csv", "acceptance.html", "versions.json",
            "MANIFEST.sha256", "MANIFEST.sha256.sig",
        }  # fmt: skip
        assert json.loads(packed.read("acceptance.json")) == json.loads(out)
