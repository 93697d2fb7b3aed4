# SPDX-License-Identifier: Apache-2.0
"""``--seal``: a run's files into one signed archive.

What belongs here: composition. What does not: the archive (``render.archive``), the signature
(``host.signing``).
"""

from __future__ import annotations

import platform
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cardcheck import __version__
from cardcheck.catalog.data import origin
from cardcheck.checks.exit_codes import ExitCode
from cardcheck.codec import encoded, json_value
from cardcheck.errors import InputError
from cardcheck.report.model import Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cardcheck.cli.session import Session
    from cardcheck.report.model import Report

_INTERRUPTED: Final = frozenset({ExitCode.INTERRUPTED, ExitCode.TERMINATED})


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
    from cardcheck.render.streams import write_bytes_atomically

    versions = {
        "cardcheck": __version__,
        "catalog": origin().as_of,
        "python": platform.python_version(),
        "system": platform.system(),
        "release": platform.release(),
    }
    files = {name: text.encode("utf-8", "replace") for name, text in texts.items()}
    files["versions.json"] = encoded(versions).encode()
    write_bytes_atomically(path, archive(files, sign(manifest_of(files), key)))


def seal_scan(session: Session, report: Report) -> None:
    """Seals what may be shared of a scan: its report as JSON and, without a station, its trace.

    A trace tells PIN counters, which never stand beside the label of a station. A scan that was
    interrupted is not sealed: half a look proves nothing.

    Raises:
        InputError: it cannot be signed or written.
    """
    from cardcheck.render.json_report import document, dumps

    options = session.options
    if not (options.seal and options.seal_key) or report.exit_code in _INTERRUPTED:
        return
    messages = session.messages if options.with_text else None
    texts = {"report.json": dumps(document(report, messages=messages))}
    if session.trace is not None and report.station is None:
        texts["trace.apdu"] = session.trace
    seal_texts(options.seal, options.seal_key, texts)


def verdict_on(path: str, allowed_signers: str) -> tuple[str | None, str]:
    """Who sealed the archive at ``path`` and what it is of (``hardware``), or None and why not.

    Raises:
        InputError: the archive or the list of signers cannot be read.
    """
    from cardcheck.cli.inputs import read_input
    from cardcheck.host.signing import signer_of
    from cardcheck.render.archive import MOST_BYTES, contents

    data = read_input(path, MOST_BYTES)
    try:
        files, manifest, signature = contents(data)
    except InputError as error:
        return None, str(error)
    signer = signer_of(manifest, signature, allowed_signers)
    if signer is None:
        return None, "not signed by any of the allowed signers"
    return signer, _source_of(files)


def _source_of(files: Mapping[str, bytes]) -> str:
    """What the results in an archive say that they come from."""
    for name, data in files.items():
        if not name.endswith(".json"):
            continue
        try:
            document = json_value(data)
        except InputError:
            continue
        if isinstance(document, dict) and isinstance(document.get("source"), str):
            return str(document["source"])
    return Source.HARDWARE
