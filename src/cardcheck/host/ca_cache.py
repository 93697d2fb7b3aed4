# SPDX-License-Identifier: Apache-2.0
"""Remembers CA certificates between runs, so that a later scan need not read them off the card.

What belongs here: files in the user's cache directory. What does not: judgement (``cards.trust``).

Only a CA with a pinned fingerprint is kept: it is public, the same for millions of cards, and says
nothing about a person. Whatever goes wrong here costs a second of reading, so every failure is
silent, and what is loaded is hashed again, so that no file can lie.
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cardcheck.iso7816.hexview import hex_of

if TYPE_CHECKING:
    from collections.abc import Collection

_MAX_BYTES: Final = 16 * 1024  # the CAs of JPKI have 1301 to 1319 bytes
_NAME: Final = "cardcheck"

# A link is not followed and a pipe not waited for; Windows has neither flag and needs the last one.
_READ_FLAGS: Final = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_BINARY", 0)
)


def default_directory() -> Path | None:
    """Where this user's caches belong, or None where that cannot be told. Creates nothing."""
    if sys.platform == "linux":  # platformdirs would say the same and costs time at each start
        configured = Path(os.environ.get("XDG_CACHE_HOME", ""))
        # A relative path counts for nothing (XDG Base Directory Specification).
        fallback = Path(os.environ.get("HOME", ""), ".cache")
        base = configured if configured.is_absolute() else fallback
        return base / _NAME if base.is_absolute() else None
    import platformdirs

    return platformdirs.user_cache_path(_NAME, appauthor=False)


class CaCache:
    """CA certificates in one directory, each in a file that is named after its fingerprint.

    Args:
        directory: where; None remembers nothing (``--no-cache``).
    """

    def __init__(self, directory: Path | None) -> None:
        self._directory = directory

    def load(self, fingerprints: Collection[str]) -> list[bytes]:
        """The remembered CAs (DER) with one of these SHA-256, upper-case hex. Never raises."""
        if self._directory is None:
            return []
        found = (_read(self._directory, fingerprint) for fingerprint in sorted(fingerprints))
        return [ca_der for ca_der in found if ca_der is not None]

    def remember(self, ca_der: bytes, fingerprints: Collection[str]) -> None:
        """Keeps ``ca_der`` where its SHA-256 is one of ``fingerprints``. Never raises."""
        fingerprint = _fingerprint_of(ca_der)
        if self._directory is None or fingerprint not in fingerprints or len(ca_der) > _MAX_BYTES:
            return
        if _read(self._directory, fingerprint) is None:
            with contextlib.suppress(OSError):
                _write(self._directory, fingerprint, ca_der)


def _fingerprint_of(ca_der: bytes) -> str:
    import hashlib

    return hex_of(hashlib.sha256(ca_der).digest())


def _path_of(directory: Path, fingerprint: str) -> Path:
    return directory / f"ca-{fingerprint}.der"


def _read(directory: Path, fingerprint: str) -> bytes | None:
    """The CA with this fingerprint, or None where it is not there or the file is anything else."""
    try:
        descriptor = os.open(_path_of(directory, fingerprint), _READ_FLAGS)
    except OSError:
        return None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size > _MAX_BYTES:
            return None
        ca_der = os.read(descriptor, _MAX_BYTES)
    except OSError:
        return None
    finally:
        os.close(descriptor)
    return ca_der if _fingerprint_of(ca_der) == fingerprint else None


def _write(directory: Path, fingerprint: str, ca_der: bytes) -> None:
    """Writes beside the file and moves it into place, so that no reader ever sees half of it.

    Two levels are created at the most: a home directory that is missing stays missing.

    Raises:
        OSError: it could not be written; nothing is left behind.
    """
    for level in (directory.parent, directory):
        level.mkdir(mode=0o700, exist_ok=True)
    if directory.is_symlink():
        return
    # mkstemp: mode 0600, and never through a link that lies there already.
    import tempfile

    descriptor, temporary = tempfile.mkstemp(dir=directory, prefix=".ca-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(ca_der)
        Path(temporary).replace(_path_of(directory, fingerprint))
    except BaseException:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        raise
