# SPDX-License-Identifier: Apache-2.0
"""The signed data set that an administrator put beside the program: taken, or refused in one line.

What belongs here: where it lies, and composition. What does not: what makes it acceptable
(``output.archive``, ``host.signing``, ``catalog.data_set``).

Nothing is installed or kept: the file is read and its signature verified at each start, so a file
that was altered afterwards is refused as well. Without one this costs a single ``stat``.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

from cardcheck.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cardcheck.catalog.data import Origin

VARIABLE: Final = "CARDCHECK_DATA"
SIGNERS_VARIABLE: Final = "CARDCHECK_DATA_SIGNERS"
MOST_BYTES: Final = 8 << 20
"""Bytes of a data set: the packaged tables have half a megabyte."""
_PLACE: Final = ("cardcheck", "data.zip")


def take_data_set(environ: Mapping[str, str], wish: str | None = None) -> None:
    """Replaces the catalogue's tables by those of a data set, where there is an acceptable one.

    One that is refused costs a line on stderr, and the packaged data stay. Never raises for what
    is in the file.

    Args:
        environ: the environment, which may name the file and its signers.
        wish: the language that the command line names, or None.
    """
    path = environ.get(VARIABLE) or _usual_place(environ)
    if path is None or not (environ.get(VARIABLE) or os.path.isfile(path)):  # noqa: PTH113
        return
    from cardcheck.catalog.data import use

    try:
        use(verified(path, environ.get(SIGNERS_VARIABLE) or _packaged_signers()))
    except InputError as error:
        _refuse(str(error), wish)


def verified(path: str, signers: str) -> Origin:
    """The tables of the data set at ``path``, intact, newer and signed by one of ``signers``.

    Args:
        path: the file.
        signers: the file of allowed signers, as ssh-keygen reads it.

    Raises:
        InputError: it cannot be used; the message says why.
    """
    from datetime import UTC, datetime

    from cardcheck.catalog.data import Origin
    from cardcheck.catalog.data_set import NAMESPACE, tables_in
    from cardcheck.host.signing import signer_of
    from cardcheck.inputs import read_input
    from cardcheck.output.archive import contents

    if not os.path.isfile(path):  # noqa: PTH113 - nor is a pipe waited for
        raise InputError(f"{path} is no file")
    files, manifest, signature = contents(read_input(path, MOST_BYTES))
    signer = signer_of(manifest, signature, signers, NAMESPACE)
    if signer is None:
        raise InputError(f"it is not signed by anybody in {signers}")
    as_of, tables = tables_in(files, datetime.now(UTC).date())
    return Origin(as_of=as_of, signer=signer, tables=tables)


def _usual_place(environ: Mapping[str, str]) -> str | None:
    """Where a data set of this user lies, whether there is one or not."""
    if sys.platform == "win32":
        base = environ.get("LOCALAPPDATA", "")
    elif sys.platform == "darwin":
        base = os.path.join(environ.get("HOME", ""), "Library", "Application Support")  # noqa: PTH118
    else:
        base = environ.get("XDG_DATA_HOME", "")
        if not os.path.isabs(base):  # counts for nothing (XDG Base Directory Specification)  # noqa: PTH117
            base = os.path.join(environ.get("HOME", ""), ".local", "share")  # noqa: PTH118
    return os.path.join(base, *_PLACE) if os.path.isabs(base) else None  # noqa: PTH117, PTH118


def _packaged_signers() -> str:
    from pathlib import Path

    from cardcheck.catalog import data

    return str(Path(data.__file__).with_name("data_signers"))


def _refuse(reason: str, wish: str | None) -> None:
    from cardcheck.catalog.data import origin
    from cardcheck.catalog.messages import load
    from cardcheck.cli.language import language
    from cardcheck.output.streams import write_lines

    messages = load(language(wish, stream=sys.stderr))
    said = messages.label("data-refused", reason=reason, as_of=origin().as_of)
    write_lines(sys.stderr, [f"cardcheck: {said}"])
