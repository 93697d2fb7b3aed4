# SPDX-License-Identifier: Apache-2.0
"""``docs/licences.md``: what cardcheck runs with, and under which licences."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
ELSEWHERE: Final = {"tzdata": "Apache-2.0"}
"""Licences of locked packages that are only installed on other systems; from their metadata."""

FORMER_NAMES: Final = {
    "Apache 2.0": "Apache-2.0",
    "Apache-2.0": "Apache-2.0",
    "BSD": "BSD-3-Clause",
    "EUPL": "EUPL-1.1",
    "ISC": "ISC",
    "License :: OSI Approved :: BSD License": "BSD-3-Clause",
    "License :: OSI Approved :: GNU Lesser General Public License v2 or later (LGPLv2+)": (
        "LGPL-2.1-or-later"
    ),
    "License :: OSI Approved :: MIT License": "MIT",
    "MIT": "MIT",
}
"""What packages without an SPDX expression say in other words, read in their licence files."""

_LICENCES: Final = """\
# Licences

cardcheck itself is under the Apache License 2.0 ([LICENSE](../LICENSE)). This is what it runs with,
in the locked versions of `requirements/run.txt`. A wheel of cardcheck contains none of these; the
offline bundle, the Debian package and the frozen program do, unchanged.
Written by `scripts/documents`.

| package | version | licence |
|---|---|---|
{rows}

* **nfcpy** is under the European Union Public Licence 1.1. It is loaded in a process of its own,
  and only where an NFC device is used that PC/SC does not serve. Who passes on a bundle, a package
  or a frozen program passes on nfcpy under that licence; its source is in nfcpy/nfcpy.
* **pyscard** and **libusb1** are under the GNU LGPL 2.1 or later. They are separate modules, and
  each can be replaced by another build of it.
* The offline bundle also carries **pip** (MIT), for pipx alone; install.sh does not install it.
* The frozen program also contains Python (PSF-2.0) and the start-up code of PyInstaller
  (GPL-2.0-or-later with an exception that permits programs under any licence).
"""


def licences() -> str:
    """The page about licences, in Markdown.

    Raises:
        ValueError: a package has a licence whose name is not known here.
    """
    locked = re.findall(
        r"^([\w.-]+)==(\S+)", (ROOT / "requirements" / "run.txt").read_text("utf-8"), re.MULTILINE
    )
    rows = [f"| {name} | {version} | {_licence(name)} |" for name, version in locked]
    return _LICENCES.format(rows="\n".join(rows))


def _licence(package: str) -> str:
    """The SPDX expression of an installed package."""
    try:
        said = metadata(package)
    except PackageNotFoundError:
        return ELSEWHERE[package]
    if expression := said.get_all("License-Expression"):
        return str(expression[0])
    names = [*(said.get_all("License") or ()), *(said.get_all("Classifier") or ())]
    for name in names:
        if name in FORMER_NAMES:
            return FORMER_NAMES[name]
    raise ValueError(f"the licence of {package} is not known: {names}")
