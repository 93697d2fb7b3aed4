# SPDX-License-Identifier: Apache-2.0
"""Host facts as JSON and back: ``cardcheck.host/1``.

What belongs here: the file's text, and its limits. What does not: files, and what is left out of
them (``host.redact``).

Written as small as it goes: a field that has its default is left out. Read with tolerance: unknown
fields are passed over, a wrong type is an error that names its place.
"""

from __future__ import annotations

from datetime import UTC
from typing import Final

from msgspec.structs import replace

from cardcheck.codec import decoded, encoded
from cardcheck.errors import InputError
from cardcheck.facts.doctor import DoctorFacts

_MOST_ITEMS: Final = 2000
_MOST_TEXT: Final = 1000


def dumps(facts: DoctorFacts) -> str:
    """The snapshot as indented JSON with a line feed at the end; its instant to the second."""
    now = facts.host.now.astimezone(UTC).replace(microsecond=0)
    return encoded(replace(facts, host=replace(facts.host, now=now)), indent=1)


def loads(data: bytes) -> DoctorFacts:
    """The facts in a snapshot file; UTF-8 or UTF-16, with or without a mark, any line ends.

    Raises:
        InputError: it is no snapshot; says where.
    """
    try:
        return decoded(DoctorFacts, data, longest=_MOST_TEXT, most=_MOST_ITEMS)
    except InputError as error:
        why = f"is not a host snapshot ({error}); make one with cardcheck doctor --snapshot FILE"
        raise InputError(why) from None
