# SPDX-License-Identifier: Apache-2.0
"""The Debian package: built, checked, installed, used and purged, on each Debian it is for.

Run by ``scripts/packages`` alone.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from cardcheck import __version__
from install.conftest import ROOT, needed
from install.debian_chroot import Copy, debian

if TYPE_CHECKING:
    from pathlib import Path

CONTENTS = {
    "/lib/udev/rules.d/60-cardcheck.rules",
    "/usr/bin/cardcheck",
    "/usr/lib/cardcheck/cardcheck/__main__.py",
    "/usr/share/bash-completion/completions/cardcheck",
    "/usr/share/doc/cardcheck/copyright",
    "/usr/share/fish/vendor_completions.d/cardcheck.fish",
    "/usr/share/man/man1/cardcheck.1.gz",
    "/usr/share/polkit-1/rules.d/60-cardcheck-watch.rules",
    "/usr/share/zsh/vendor-completions/_cardcheck",
}
# A list of everything but what any installation writes: package lists, logs, caches.
ANYBODYS = (
    "/dev /proc /root /run /tmp /etc/resolv.conf /etc/ssl "
    "/var/cache /var/lib/apt /var/lib/dpkg /var/log"
)
FILES = f"""
find / -xdev $(printf -- '-path %s -prune -o ' {ANYBODYS}) -print | sort
"""
READY = """
apt-get -q update
apt-get -qy install --no-install-recommends libccid pcscd vsmartcard-vpcd
"""
# pcscd asks polkit since Debian 13, and nobody answers here.
SCAN = """
option=$(pcscd --help | grep -o -e --disable-polkit || true)
pcscd --foreground $option >/tmp/pcscd.log 2>&1 &
sleep 2
cardcheck simulate expired >/tmp/simulate.log 2>&1 &
sleep 4
mkdir /tmp/empty && cd /tmp/empty
code=0
cardcheck scan --json >/tmp/scan.json || code=$?
cat /tmp/scan.json
exit "$code"
"""


@dataclass(frozen=True)
class Built:
    """A package, and what was said of it.

    Attributes:
        release: the Debian it was built on, and is for.
        package: the file.
        lintian: what lintian found.
    """

    release: str
    package: Path
    lintian: str


@pytest.fixture(scope="module", params=["bookworm", "trixie"])
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The package of this tree, built and checked on one Debian."""
    release = str(request.param)
    copy = Copy(debian(f"{release}-build"), tmp_path_factory.mktemp(f"{release}-build"))
    names = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    tree = copy.changes / "srv/cardcheck"
    for name in filter(None, names.stdout.split("\0")):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tree / name)
    start = time.monotonic()
    done = copy.run("cd /srv/cardcheck && dpkg-buildpackage -us -uc -b", network=True)
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    (package,) = tree.parent.glob("cardcheck_*.deb")
    megabytes = package.stat().st_size / 1e6
    print(f"\n{release}: {package.name}, {megabytes:.1f} MB, in {time.monotonic() - start:.1f} s")
    found = copy.run("cd /srv && lintian --allow-root --fail-on none cardcheck_*.changes")
    assert found.returncode == 0, found.stderr
    return Built(release, package, found.stdout)


def test_lintian_finds_nothing(built: Built) -> None:
    assert built.lintian == ""


def test_all_of_it_is_in_it(built: Built) -> None:
    command = [needed("dpkg-deb", "dpkg"), "--contents", str(built.package)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    paths = {line.split()[5].removeprefix(".") for line in done.stdout.splitlines()}
    paths = {re.sub(r"^/usr/lib/udev", "/lib/udev", path) for path in paths}  # since Debian 13
    assert paths >= CONTENTS
    assert any(path.endswith("/cardcheck-watch.service") for path in paths)
    assert not [path for path in paths if "__pycache__" in path or "/local/" in path]


def test_it_is_used_and_purged_without_a_trace(built: Built, tmp_path: Path) -> None:
    """A card of the simulation, seen through the real service, by the installed command."""
    copy = Copy(debian(built.release), tmp_path)
    ready = copy.run(READY, network=True)
    assert ready.returncode == 0, ready.stderr
    (copy.changes / "srv").mkdir(exist_ok=True)
    shutil.copy(built.package, copy.changes / "srv/cardcheck.deb")
    before = copy.run(FILES).stdout
    assert "/usr/sbin/pcscd" in before
    installed = copy.run("dpkg --install /srv/cardcheck.deb")
    assert installed.returncode == 0, installed.stderr
    assert copy.run("cardcheck --version").stdout == f"cardcheck, version {__version__}\n"
    assert copy.run("python3 -c 'import nfc'").returncode == 1  # nothing that others would see

    scanned = copy.run(SCAN)
    report = json.loads(scanned.stdout)
    log = copy.changes / "tmp/pcscd.log"
    assert scanned.returncode == 1, log.read_text("utf-8", "replace")
    assert (report["source"], report["verdict"]) == ("hardware", "problem")
    assert "card.certificate.authentication-valid" in scanned.stdout
    assert copy.run("cardcheck doctor").returncode == 1

    purged = copy.run("dpkg --purge cardcheck")
    assert purged.returncode == 0, purged.stderr
    assert copy.run(FILES).stdout == before
