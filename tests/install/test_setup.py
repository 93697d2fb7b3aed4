# SPDX-License-Identifier: Apache-2.0
"""What the set-up says and chooses, without setting anything up.

What belongs here: its language, its words, its command where it may not install. What does not: a
real set-up, which ``scripts/lab-bare`` does on bare systems.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cardcheck.catalog.messages import choose_language

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
BASH = shutil.which("bash")
pytestmark = pytest.mark.skipif(
    BASH is None or sys.platform != "linux", reason="the set-up is for Debian and Ubuntu"
)
NOBODY = 65534
NEEDED = ("bash", "cat", "dirname", "env", "flock", "grep", "sed", "sha256sum", "tail")
WORDS = ROOT / "scripts/setup-words"


def words(script: str, *arguments: str, **env: str) -> str:
    """What ``script`` prints, with the words of the set-up at hand."""
    command = [str(BASH), "-c", f'source "{WORDS}"; {script}', "bash", *arguments]
    done = subprocess.run(
        command, env={"PATH": os.defpath, **env}, capture_output=True, text=True, check=True
    )
    return done.stdout


@pytest.mark.parametrize(
    ("arguments", "env"),
    [
        ([], {}),
        ([], {"LANG": "C"}),
        ([], {"LANG": "C.UTF-8"}),
        ([], {"LC_ALL": "POSIX"}),
        ([], {"LANG": "ja_JP.UTF-8"}),
        ([], {"LANG": "en_US.UTF-8"}),
        ([], {"LANG": "de_DE.UTF-8"}),
        ([], {"LANG": "ja_JP.utf8", "LC_MESSAGES": "en_GB.UTF-8"}),
        ([], {"LC_MESSAGES": "en_GB.UTF-8", "LC_ALL": "ja_JP.UTF-8"}),
        ([], {"LC_ALL": "", "LANG": "en_US.UTF-8"}),
        ([], {"LANG": "ja_JP.UTF-8", "CARDCHECK_LANG": "en"}),
        ([], {"LANG": "en_US.UTF-8", "CARDCHECK_LANG": "JA"}),
        ([], {"LANG": "en_US.UTF-8", "CARDCHECK_LANG": "fr"}),
        (["--json", "--lang", "en"], {"CARDCHECK_LANG": "ja"}),
        (["--lang=ja"], {"LANG": "en_US.UTF-8"}),
    ],
)
def test_it_chooses_the_language_as_cardcheck_does(
    arguments: list[str], env: dict[str, str]
) -> None:
    option = next((each.split("=")[-1] for each in arguments[-1:]), None)
    assert words('language_of "$@"', *arguments, **env).strip() == choose_language(
        option, env, None
    )


def test_japanese_in_another_encoding_is_left_to_english() -> None:
    assert words("language_of", LANG="ja_JP.eucJP").strip() == "en"


def test_both_languages_have_every_sentence() -> None:
    japanese, english = (
        set(words(f'printf "%s\\n" "${{!words_{lang}[@]}}"').split()) for lang in ("ja", "en")
    )
    used = set(
        re.findall(
            r"\b(?:say|stop|stop_with_log) ([a-z-]+)", Path(ROOT / "scripts/setup").read_text()
        )
    )
    assert japanese == english
    assert used - {"takes"} <= japanese


@pytest.fixture
def bare() -> Iterator[Path]:
    """A clone that anybody may write to, and beside it the few programs of a bare machine.

    Not in pytest's own folder, which is closed to the ordinary user that root becomes here.
    """
    with tempfile.TemporaryDirectory(prefix="cardcheck-setup-") as name:
        folder = Path(name)
        programs = folder / "bin"
        programs.mkdir()
        for part in ("scripts", "requirements"):
            shutil.copytree(ROOT / part, folder / "clone" / part)
        shutil.copy(ROOT / "pyproject.toml", folder / "clone")
        for needed in NEEDED:
            (programs / needed).symlink_to(str(shutil.which(needed)))
        for absent, code in (("dpkg-query", 1), ("apt-get", 99)):
            (programs / absent).write_text(f"#!/bin/sh\nexit {code}\n")
            (programs / absent).chmod(0o755)
        subprocess.run(["chmod", "-R", "a+rwX", folder], check=True)
        yield folder


def stopped(bare: Path, script: str, **env: str) -> set[str]:
    """The words that ``script`` says when it stops because it may not install."""
    done = subprocess.run(
        [bare / "clone/scripts" / script],
        env={"PATH": str(bare / "bin"), **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        user=NOBODY if os.geteuid() == 0 else None,
    )
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert not (bare / "clone/.venv").exists()
    return set(re.split(r'[\s"]+', done.stderr))


def test_without_rights_it_tells_all_at_once(bare: Path) -> None:
    """Nothing is half done, and the command is for a machine without sudo."""
    scan = stopped(bare, "scan", CARDCHECK_LANG="ja")
    assert any("管理者" in word for word in scan)
    assert {"su", "-c", "update", "--no-install-recommends", "pcscd", "libccid"} <= scan
    assert not {"sudo", "pkg-config"} & scan
    tests = stopped(bare, "test", CARDCHECK_LANG="en")
    assert {"administrator.", "mount", "openssh-client", "man-db", "pcscd", "gcc"} <= tests
