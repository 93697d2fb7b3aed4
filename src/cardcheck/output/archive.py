# SPDX-License-Identifier: Apache-2.0
"""A sealed run: files, a manifest of their hashes and its signature in one ZIP file.

What belongs here: bytes, and what makes an archive intact. What does not: signing
(``host.signing``).

The same files give the same bytes: sorted names, no times, nothing compressed. The manifest is what
``sha256sum --check`` reads, so an auditor needs neither this tool nor Python.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from cardcheck.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

MANIFEST: Final = "MANIFEST.sha256"
SIGNATURE: Final = "MANIFEST.sha256.sig"
MOST_BYTES: Final = 64 << 20
"""Bytes of an archive that is looked into: a run has some hundred kilobytes."""
_MOST_FILES: Final = 100
_NAME: Final = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}"
)  # no folders: nothing can be written elsewhere
_LINE: Final = re.compile(r"([0-9a-f]{64})  (.+)")
_LOCAL_HEADER: Final = 30  # bytes before name and extra field (APPNOTE 4.3.7)
_DIRECTORY_END: Final = 22  # bytes without a comment (APPNOTE 4.3.16)
_DAMAGED: Final = (ValueError, OSError, EOFError, NotImplementedError, RuntimeError)
_NO_TIME: Final = (1980, 1, 1, 0, 0, 0)


def manifest_of(files: Mapping[str, bytes]) -> bytes:
    """The manifest of ``files``: one line a file, in the format of ``sha256sum``."""
    return "".join(
        f"{sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files)
    ).encode()


def archive(files: Mapping[str, bytes], signature: bytes) -> bytes:
    """The ZIP file of ``files`` with their manifest and its ``signature``."""
    content = {**files, MANIFEST: manifest_of(files), SIGNATURE: signature}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as packed:
        for name in sorted(content):
            info = zipfile.ZipInfo(name, _NO_TIME)
            info.external_attr = 0o644 << 16
            info.create_system = 3  # as on Unix, wherever it is made
            packed.writestr(info, content[name])
    return out.getvalue()


def opened(data: bytes) -> tuple[bytes, bytes]:
    """Manifest and signature of an archive, checked as ``contents`` does.

    Raises:
        InputError: as ``contents``.
    """
    return contents(data)[1:]


def contents(data: bytes) -> tuple[dict[str, bytes], bytes, bytes]:
    """Files, manifest and signature of an archive with just the files of its manifest.

    Raises:
        InputError: it is no archive, or a file was changed, left out or added; the message says
            which.
    """
    files = _unpacked(data)
    signature, manifest = files.pop(SIGNATURE, None), files.pop(MANIFEST, None)
    if signature is None or manifest is None:
        raise InputError("has no manifest or no signature")
    listed = _listed(manifest)
    for name in sorted(listed.keys() | files.keys()):
        if name not in files:
            raise InputError(f"{name} is missing")
        if name not in listed:
            raise InputError(f"{name} is not in the manifest")
        if sha256(files[name]).hexdigest() != listed[name]:
            raise InputError(f"{name} was changed")
    return files, manifest, signature


def _unpacked(data: bytes) -> dict[str, bytes]:
    """The files of a ZIP file, none of them compressed."""
    if len(data) > MOST_BYTES:
        raise InputError("is too large")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            entries = packed.infolist()
            if len(entries) > _MOST_FILES or len({entry.filename for entry in entries}) < len(
                entries
            ):
                raise InputError("has too many files, or one of them twice")
            for entry in entries:
                if not _NAME.fullmatch(entry.filename) or entry.compress_type != zipfile.ZIP_STORED:
                    raise InputError("has a file that no sealed run has")
                if entry.file_size > MOST_BYTES:
                    raise InputError("is too large")
            if not _without_gaps(data, entries):
                raise InputError("has bytes that belong to no file")
            return {entry.filename: packed.read(entry) for entry in entries}
    except (zipfile.BadZipFile, struct.error, *_DAMAGED):
        raise InputError("is not a sealed run") from None


def _without_gaps(data: bytes, entries: list[zipfile.ZipInfo]) -> bool:
    """Whether a ZIP file is its files, one behind the other, and their directory: nothing else."""
    place = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset != place:
            return False
        place += _LOCAL_HEADER + sum(struct.unpack_from("<HH", data, place + 26))
        place += entry.compress_size
    mark, size, offset, comment = struct.unpack_from("<4s8xLLH", data, len(data) - _DIRECTORY_END)
    ends = place + size + _DIRECTORY_END == len(data)
    return ends and mark == b"PK\5\6" and offset == place and not comment


def _listed(manifest: bytes) -> dict[str, str]:
    rows = [_LINE.fullmatch(line) for line in manifest.decode("utf-8", "replace").splitlines()]
    if not all(rows):
        raise InputError("has a damaged manifest")
    return {row[2]: row[1] for row in rows if row}
