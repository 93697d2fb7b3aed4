# SPDX-License-Identifier: Apache-2.0
"""A data set that is there: verified and used, or refused in one line.

What belongs here: composition. What does not: what makes it acceptable (``output.archive``,
``host.signing``, ``catalog.data_set``).
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cardcheck.catalog import data
from cardcheck.catalog.data import Origin, origin
from cardcheck.catalog.data_set import NAMESPACE, tables_in
from cardcheck.catalog.messages import load
from cardcheck.cli.language import language
from cardcheck.errors import InputError
from cardcheck.host.signing import signer_of
from cardcheck.inputs import read_input
from cardcheck.output.archive import contents
from cardcheck.output.streams import write_lines

MOST_BYTES: Final = 8 << 20
"""Bytes of a data set: the packaged tables have half a megabyte."""


def use_or_refuse(path: str, signers: str | None, wish: str | None) -> None:
    """Uses the data set at ``path``; where it is not acceptable, a line on stderr says why.

    Args:
        path: the file.
        signers: the file of allowed signers; None for the packaged one.
        wish: the language that the command line names, or None.
    """
    try:
        data.use(verified(path, signers or _packaged_signers()))
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
    if not os.path.isfile(path):  # noqa: PTH113 - nor is a pipe waited for
        raise InputError(f"{path} is no file")
    files, manifest, signature = contents(read_input(path, MOST_BYTES))
    signer = signer_of(manifest, signature, signers, NAMESPACE)
    if signer is None:
        raise InputError(f"it is not signed by anybody in {signers}")
    as_of, tables = tables_in(files, datetime.now(UTC).date())
    return Origin(as_of=as_of, signer=signer, tables=tables)


def _packaged_signers() -> str:
    return str(Path(data.__file__).with_name("data_signers"))


def _refuse(reason: str, wish: str | None) -> None:
    messages = load(language(wish, stream=sys.stderr))
    said = messages.label("data-refused", reason=reason, as_of=origin().as_of)
    write_lines(sys.stderr, [f"cardcheck: {said}"])
