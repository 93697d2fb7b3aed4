# SPDX-License-Identifier: Apache-2.0
"""A link to one card, real or simulated, whose exchanges become a trace in a file."""

from __future__ import annotations

from datetime import UTC, datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from cardcheck.composition.options import LookOptions
from cardcheck.composition.readers import chosen
from cardcheck.composition.sources import Sources
from cardcheck.errors import InputError
from cardcheck.output.streams import write_file_atomically
from cardcheck.traces.importing.conversion import with_extent
from cardcheck.transports.dump import format_trace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cardcheck.transports.link import CardLink

_SIMULATE: Final = "simulate:"


def recorded_link(source: str, file: Path, option: str) -> tuple[CardLink, Callable[[], None]]:
    """A guarded link to a card, and what lets go of it and writes the trace, redacted.

    Args:
        source: ``simulate:PROFILE``, or a reader by number or name.
        file: where the trace goes.
        option: where ``source`` was given, for messages.

    Raises:
        InputError: no such profile or reader.
    """
    _refuse_typo(source, option)
    profile = source.removeprefix(_SIMULATE) if source.startswith(_SIMULATE) else None
    sources, now = Sources(LookOptions(simulate=profile)), datetime.now(UTC)
    recorder = sources.recorder(now)
    backend = sources.openers(now, recorder)[0]()
    wish = None if profile else source
    readers = chosen(backend.readers(), wish, lambda reader: reader.name, option)
    if not readers:
        raise InputError(f"{option}: there is no reader")
    link = backend.connect(readers[0])

    def end() -> None:
        link.close()
        backend.close()
        write_file_atomically(file, format_trace(with_extent(recorder.finish())))

    return link, end


def _refuse_typo(source: str, option: str) -> None:
    """Refuses what is nearly ``simulate:``; it would be looked for among the readers.

    Raises:
        InputError: it is.
    """
    word, colon, profile = source.partition(":")
    if colon and f"{word}:" != _SIMULATE and get_close_matches(word.lower(), ["simulate"]):
        raise InputError(f"{option}: no such source: {source}; did you mean {_SIMULATE}{profile}?")
