# SPDX-License-Identifier: Apache-2.0
"""Makes a signed data set (``docs/data.md``) of the tables of this checkout.

Usage: ``python scripts/data_set.py KEY FOLDER [YYYY-MM-DD]``; the day is today's where none is
given. Run the tests first: they are what says that the tables are whole.
"""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from pathlib import Path

from cardcheck.catalog.data_set import NAMESPACE, files_of
from cardcheck.host.signing import sign
from cardcheck.output.archive import archive, manifest_of


def data_set(key: str, as_of: date) -> bytes:
    """The data set of ``as_of``, signed by the private key in file ``key``.

    Raises:
        InputError: it could not be signed.
    """
    files = files_of(as_of)
    return archive(files, sign(manifest_of(files), key, NAMESPACE))


if __name__ == "__main__":
    key, folder, *rest = sys.argv[1:]
    day = date.fromisoformat(rest[0]) if rest else datetime.now(UTC).date()
    target = Path(folder) / f"cardcheck-data-{day}.zip"
    target.write_bytes(data_set(key, day))
    print(target)
