# SPDX-License-Identifier: Apache-2.0
"""``--seal``: a run's files into one signed archive.

What belongs here: composition. What does not: the archive (``render.archive``), the signature
(``host.signing``).
"""

from __future__ import annotations

import json
import platform
from pathlib import Path
from typing import TYPE_CHECKING

from cardcheck import __version__
from cardcheck.catalog.data import origin
from cardcheck.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping


def require_key(seal: str | None, key: str | None) -> None:
    """Passes silently where both or neither are given, before anybody has spent time on a run.

    Raises:
        InputError: one without the other, or the key is not there.
    """
    if bool(seal) != bool(key):
        raise InputError(
            "--seal and --seal-key belong together; make a key with ssh-keygen -t ed25519"
        )
    if key and not Path(key).is_file():
        raise InputError(f"--seal-key {key}: no such file")


def seal_texts(path: str, key: str, texts: Mapping[str, str]) -> None:
    """Writes ``texts``, by file name, and all versions into a signed archive at ``path``.

    Raises:
        InputError: it cannot be signed or written.
    """
    from cardcheck.host.signing import sign
    from cardcheck.render.archive import archive, manifest_of

    versions = {
        "cardcheck": __version__,
        "catalog": origin().as_of,
        "python": platform.python_version(),
        "system": platform.system(),
        "release": platform.release(),
    }
    files = {name: text.encode("utf-8", "replace") for name, text in texts.items()}
    files["versions.json"] = (json.dumps(versions, indent=2) + "\n").encode()
    data = archive(files, sign(manifest_of(files), key))
    try:
        Path(path).write_bytes(data)
    except OSError as error:
        raise InputError(f"--seal {path}: cannot be written ({error.strerror})") from None


def verdict_on(path: str, allowed_signers: str) -> tuple[str | None, str | None]:
    """Who sealed the archive at ``path``, or why it does not pass; one of the two is None.

    Raises:
        InputError: the archive or the list of signers cannot be read.
    """
    from cardcheck.cli.inputs import read_input
    from cardcheck.host.signing import signer_of
    from cardcheck.render.archive import MOST_BYTES, opened

    data = read_input(path, MOST_BYTES)
    try:
        manifest, signature = opened(data)
    except InputError as error:
        return None, str(error)
    signer = signer_of(manifest, signature, allowed_signers)
    return signer, None if signer is not None else "not signed by any of the allowed signers"
