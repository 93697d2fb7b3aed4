# SPDX-License-Identifier: Apache-2.0
"""The udev rules, as the real udev applies them to emulated devices."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cardcheck.catalog.udev import udev_rules
from lab.conftest import OFF, require
from lab.usb import INSTALL, UsbBed, missing_usb_parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# $1: our rules; udev writes its database and links, which must stay in the namespace.
# So it gets a /dev of its own as well, with what any program expects there.
_IN_NAMESPACE = """
mount --bind "$1" /etc/udev/rules.d && mkdir "$1.dev" && mount -t tmpfs none "$1.dev" || exit 97
for node in null zero full random urandom tty; do
    : >"$1.dev/$node" && mount --bind "/dev/$node" "$1.dev/$node" || exit 97
done
mount --rbind "$1.dev" /dev && mkdir /dev/char || exit 97
mount -t tmpfs none /run && mkdir /run/udev || exit 97
shift
exec "$@"
"""
_PLACE = "/sys/devices/pci0000:00/0000:00:14.0/usb1/1-{}"


@pytest.fixture(scope="session")
def udevadm() -> str:
    if os.environ.get("CARDCHECK_LAB") == "off":
        pytest.skip(OFF)
    found = shutil.which("udevadm")
    if found is None or not Path("/etc/udev/rules.d").is_dir():
        pytest.skip("no udevadm here: apt-get install udev")
    require(missing_usb_parts(), INSTALL)
    return found


@pytest.fixture
def applied(udevadm: str, tmp_path: Path) -> Iterator[Callable[[str, int], str]]:
    """What ``udevadm test`` says with our rules under a file name, of the device by its number."""
    with UsbBed() as bed:
        for model in ("rc-s380", "rc-s300"):
            bed.plug(model)

        def run(name: str, number: int) -> str:
            rules = tmp_path / name.partition(".")[0]
            rules.mkdir(exist_ok=True)
            (rules / name).write_text(udev_rules(), encoding="utf-8")
            command = ["unshare", "-m" if os.geteuid() == 0 else "-rm", "sh", "-c", _IN_NAMESPACE]
            test = ["sh", str(rules), udevadm, "test", "--action=add", _PLACE.format(number)]
            done = subprocess.run(
                [*command, *test],
                env={**os.environ, **bed.env()},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=30,
                check=True,
            )
            return done.stdout

        yield run


def gives_access(said: str) -> bool:
    """Whether udev would run its builtin ``uaccess``, in the words of systemd 252 or 257."""
    return bool(re.search(r"run: 'uaccess'|RUN\{builtin\} *: uaccess", said))


def test_an_nfcpy_device_is_given_to_the_person_at_the_screen(
    applied: Callable[[str, int], str],
) -> None:
    said = applied("60-cardcheck.rules", 1)
    assert "60-cardcheck.rules:" in said  # with the number of the line that applied
    assert "MODE 0660" in said
    # The builtin is run by a rule of systemd, which a bare Debian has not; the tag is ours.
    late = Path("/usr/lib/udev/rules.d/73-seat-late.rules")
    assert gives_access(said) if late.exists() else "TAGS=:uaccess:" in said


def test_a_pcsc_reader_is_left_alone(applied: Callable[[str, int], str]) -> None:
    said = applied("60-cardcheck.rules", 2)
    assert "60-cardcheck.rules" in said
    assert (
        "60-cardcheck.rules:" not in said
    )  # udev's own rules may give a card reader to the person


def test_a_late_name_has_no_effect(applied: Callable[[str, int], str]) -> None:
    said = applied("99-cardcheck.rules", 1)
    assert "MODE 0660" in said
    assert not gives_access(said)


def test_udev_finds_nothing_to_complain_of(udevadm: str, tmp_path: Path) -> None:
    version = subprocess.run([udevadm, "--version"], capture_output=True, text=True, check=True)
    if int(version.stdout.split()[0]) < 254:
        pytest.skip("udevadm verify is there from systemd 254 on")
    path = tmp_path / "60-cardcheck.rules"
    path.write_text(udev_rules(), encoding="utf-8")
    subprocess.run([udevadm, "verify", str(path)], check=True)
