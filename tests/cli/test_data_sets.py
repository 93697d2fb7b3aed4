# SPDX-License-Identifier: Apache-2.0
"""Data sets as an administrator uses them, with the real ssh-keygen, each in its own process."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from cardcheck import BUILD_DATE
from cardcheck.catalog.data_set import NAMESPACE, files_of
from cardcheck.cli import data_set_use
from cardcheck.host.signing import sign
from cardcheck.output.archive import archive, manifest_of

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="needs ssh-keygen")

# Newer than the packaged data even where they are of today, and already begun in Japan.
DAY = datetime.now(UTC).date() + timedelta(days=1)
FAKE = "AB" * 32
GENUINE = "64114F29620C24ED2631D46476A040E7EE740D956089C00B036A6A8118C322B5"


@dataclass(frozen=True)
class Office:
    """One administrator with a key, a list of signers and a home directory."""

    folder: Path

    @property
    def signers(self) -> Path:
        return self.folder / "signers"

    def data_set(self, namespace: str = NAMESPACE, day: date = DAY, **tables: bytes) -> bytes:
        files = files_of(day)
        files["authorities.toml"] = files["authorities.toml"].replace(
            GENUINE.encode(), FAKE.encode()
        )
        files |= {f"{name}.toml": content for name, content in tables.items()}
        return archive(files, sign(manifest_of(files), str(self.folder / "key"), namespace))

    def run(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        variables = {k: v for k, v in os.environ.items() if not k.startswith(("CARDCHECK", "XDG"))}
        variables |= {"HOME": str(self.folder), "CARDCHECK_LANG": "en"}
        return subprocess.run(
            [sys.executable, "-m", "cardcheck", *arguments],
            capture_output=True,
            text=True,
            check=False,
            env={**variables, **environ},
        )

    def data(self, content: bytes, **environ: str) -> tuple[dict[str, Any], str]:
        """Which data are in use with this file, and what stderr says."""
        path = self.folder / "set.zip"
        path.write_bytes(content)
        variables = {"CARDCHECK_DATA": str(path), "CARDCHECK_DATA_SIGNERS": str(self.signers)}
        run = self.run("checks", "--overdue", "--json", **{**variables, **environ})
        return json.loads(run.stdout)["data"], run.stderr


PACKAGED = {"as_of": BUILD_DATE, "signer": None}


@pytest.fixture
def office(tmp_path: Path) -> Office:
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    (tmp_path / "signers").write_text(f"city@example.jp {key.with_suffix('.pub').read_text()}")
    return Office(tmp_path)


def test_a_signed_newer_set_is_used(office: Office) -> None:
    used, stderr = office.data(office.data_set())
    assert (used, stderr) == ({"as_of": DAY.isoformat(), "signer": "city@example.jp"}, "")


def test_it_is_found_in_the_users_data_directory(office: Office) -> None:
    place = office.folder / "data" / "cardcheck" / "data.zip"
    place.parent.mkdir(parents=True)
    place.write_bytes(office.data_set())
    if sys.platform != "linux":
        pytest.skip("the place is that of Linux")
    environ = {
        "XDG_DATA_HOME": str(place.parents[1]),
        "CARDCHECK_DATA_SIGNERS": str(office.signers),
    }
    run = office.run("scan", "--simulate", "pin-locked", "--json", **environ)
    assert json.loads(run.stdout)["tool"]["catalog"] == DAY.isoformat()
    place.unlink()
    run = office.run("scan", "--simulate", "pin-locked", "--json", **environ)
    assert json.loads(run.stdout)["tool"]["catalog"] == BUILD_DATE


def test_without_a_list_every_set_is_refused(office: Office) -> None:
    used, stderr = office.data(office.data_set(), CARDCHECK_DATA_SIGNERS="")
    assert used == PACKAGED
    assert "not signed by anybody" in stderr
    assert stderr.count("\n") == 1


def altered(data: bytes, name: str, new: bytes) -> bytes:
    """The archive with one file replaced and nothing else."""
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        content = {entry: packed.read(entry) for entry in packed.namelist()}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for entry, old in {**content, name: new}.items():
            packed.writestr(entry, new if entry == name else old)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("authorities.toml", "authorities.toml was changed"),
        ("../evil", "has a file that no"),
        ("more.toml", "more.toml is not in the manifest"),
        ("MANIFEST.sha256.sig", "not signed by anybody"),
    ],
)
def test_an_altered_set_is_refused(office: Office, name: str, complaint: str) -> None:
    used, stderr = office.data(altered(office.data_set(), name, b"x = 1\n"))
    assert used == PACKAGED
    assert complaint in stderr


@pytest.mark.parametrize("table", [b"[[", b"\xff", b'x = "'])
def test_a_table_that_was_signed_broken_is_named(office: Office, table: bytes) -> None:
    path = office.folder / "set.zip"
    path.write_bytes(office.data_set(authorities=table))
    environ = {"CARDCHECK_DATA": str(path), "CARDCHECK_DATA_SIGNERS": str(office.signers)}
    run = office.run("scan", "--simulate", "valid", "--json", **environ)
    assert (run.returncode, run.stdout) == (2, "")
    assert "authorities.toml in the data set is broken" in run.stderr
    assert run.stderr.count("\n") == 1


def test_other_signatures_and_days_are_refused(office: Office) -> None:
    for content, complaint in (
        (office.data_set(namespace="cardcheck-run"), "not signed by anybody"),
        (office.data_set(day=date.fromisoformat(BUILD_DATE)), "not newer"),
        (b"PK", "is no"),
        (b"x" * (data_set_use.MOST_BYTES + 1), "larger than"),
    ):
        used, stderr = office.data(content)
        assert used == PACKAGED
        assert complaint in stderr


def test_fingerprints_need_the_signature(office: Office) -> None:
    script = (
        "import os, sys\n"
        "from cardcheck.cli.data_sets import take_data_set\n"
        "take_data_set(os.environ)\n"
        "from cardcheck.catalog.authorities import pinned_fingerprints\n"
        "print(sys.argv[1] in pinned_fingerprints())\n"
    )
    path = office.folder / "set.zip"
    path.write_bytes(office.data_set())
    for signers, expected in ((str(office.signers), "True\n"), ("", "False\n")):
        run = subprocess.run(
            [sys.executable, "-c", script, FAKE],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "CARDCHECK_DATA": str(path), "CARDCHECK_DATA_SIGNERS": signers},
        )
        assert run.stdout == expected


@pytest.mark.parametrize("path", ["nowhere.zip", "."])
def test_what_is_no_file_is_said(office: Office, path: str) -> None:
    run = office.run("checks", CARDCHECK_DATA=path)
    assert run.returncode == 0
    assert f"{path} is no file" in run.stderr


def test_a_run_without_a_set_loads_nothing_for_it() -> None:
    script = (
        "import sys\n"
        "from cardcheck.cli.data_sets import take_data_set\n"
        "before = set(sys.modules)\n"
        "take_data_set({'HOME': '/nowhere'})\n"
        "print(set(sys.modules) - before)\n"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout == "set()\n"
