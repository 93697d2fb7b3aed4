# SPDX-License-Identifier: Apache-2.0
"""``--seal``: a run's files into one signed archive.

What belongs here: composition. What does not: the archive (``output.archive``), the signature
(``host.signing``).
"""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

from cardcheck import __version__
from cardcheck.catalog.data import origin
from cardcheck.checks.exit_codes import STOPPED
from cardcheck.codec import encoded
from cardcheck.errors import InputError
from cardcheck.host.signing import sign
from cardcheck.inputs import is_regular
from cardcheck.output.archive import archive, manifest_of
from cardcheck.output.streams import write_bytes_atomically
from cardcheck.render.json_report import document, dumps

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cardcheck.cli.session import Session
    from cardcheck.report.model import Report


def require_key(seal: str | None, key: str | None) -> None:
    """Passes silently where both or neither are given, before anybody has spent time on a run.

    Raises:
        InputError: one without the other, or the key is not there.
    """
    if bool(seal) != bool(key):
        raise InputError(
            "--seal and --seal-key belong together; make a key with ssh-keygen -t ed25519"
        )
    if key and not is_regular(key):
        raise InputError(f"--seal-key {key}: no such file")


def seal_texts(path: str, key: str, texts: Mapping[str, str]) -> None:
    """Writes ``texts``, by file name, and all versions into a signed archive at ``path``.

    Raises:
        InputError: it cannot be signed or written.
    """
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
    options = session.options
    if not (options.seal and options.seal_key) or report.exit_code in STOPPED:
        return
    messages = session.messages if options.with_text else None
    texts = {"report.json": dumps(document(report, messages=messages))}
    if session.trace is not None and report.station is None:
        texts["trace.apdu"] = session.trace
    seal_texts(options.seal, options.seal_key, texts)
