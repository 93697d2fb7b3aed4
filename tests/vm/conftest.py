# SPDX-License-Identifier: Apache-2.0
"""The guest for all scenarios, and what it gets to see of this machine."""

from __future__ import annotations

import os
import pickle
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
import pytest

from lab.reports import card_of
from vm.guest import Guest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_REPOSITORY: Final = Path(__file__).resolve().parents[2]
# What cardcheck imports; the guest has pyscard, cffi and msgspec from its own release.
_PACKAGES: Final = (
    *("click", "cryptography", "jinja2", "markupsafe", "ndef", "nfc", "platformdirs"),
    *("prometheus_client", "pyDes.py", "segno", "serial", "usb1", "libusb1.py"),
)


@pytest.fixture(scope="session")
def guest(
    tmp_path_factory: pytest.TempPathFactory,
    record_testsuite_property: Callable[[str, object], None],
) -> Iterator[Guest]:
    """The one guest of a run. ``CARDCHECK_VM`` names the directory that ``build-guest`` filled."""
    share = tmp_path_factory.mktemp("share")
    share.chmod(0o755)  # the guest's users are others
    installed = Path(click.__file__).parents[1]
    for name in _PACKAGES:
        source, target = installed / name, share / "packages" / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    (share / "card").write_bytes(pickle.dumps(card_of("valid")))
    with Guest(Path(os.environ["CARDCHECK_VM"]), _REPOSITORY, share) as running:
        about = running.do("uname -r; dpkg-query -W -f '${Package} ${Version}\\n' " + _NAMED)
        record_testsuite_property("guest", about)
        record_testsuite_property("seconds-to-start", round(running.started, 1))
        print(f"guest answered after {running.started:.1f} s:\n{about}")
        yield running


_NAMED: Final = "systemd udev polkitd pcscd libccid libusb-1.0-0 python3"
