# SPDX-License-Identifier: Apache-2.0
"""Snapshots of a host: taken here, read anywhere; and the one question to PC/SC that they need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cardcheck.catalog.readers import clean_name, never_counts
from cardcheck.errors import InputError, LinkError
from cardcheck.facts.doctor import PcscFacts, PcscReader
from cardcheck.facts.link_failure import LinkFailure, failure_of
from cardcheck.facts.reader import SlotState
from cardcheck.facts.snapshot import dumps, loads
from cardcheck.host.examine import examine
from cardcheck.host.redact import own_names, redacted
from cardcheck.inputs import PATIENCE, read_input
from cardcheck.output.streams import write_file_atomically
from cardcheck.transports.pcsc import PcscBackend

if TYPE_CHECKING:
    from datetime import datetime

    from cardcheck.facts.doctor import DoctorFacts
    from cardcheck.facts.reader import ReaderIdentity

_MOST_BYTES: Final = 4 << 20


def read_snapshot(name: str, seconds: float | None = None) -> DoctorFacts:
    """The host facts in a snapshot file; ``seconds`` is what a pipe gets to deliver it.

    Raises:
        InputError: it cannot be read, or is no snapshot.
    """
    data = read_input(name, _MOST_BYTES, PATIENCE if seconds is None else seconds)
    try:
        return loads(data)
    except InputError as error:
        raise InputError(f"{name}: {error}") from None


def write_snapshot(name: str, facts: DoctorFacts) -> None:
    """Writes host facts, without names of persons and computers.

    Raises:
        InputError: the file cannot be written.
    """
    write_file_atomically(name, dumps(redacted(facts, own_names())))


def take_snapshot(name: str, now: datetime, seconds: float) -> None:
    """Looks at this computer for at most ``seconds``, and writes what was seen.

    Raises:
        InputError: the file cannot be written.
    """
    write_snapshot(name, examine(now, ask_pcsc, seconds))


def ask_pcsc() -> PcscFacts:
    """What the PC/SC service says when it is asked for its readers; no card is touched."""
    try:
        backend = PcscBackend()
    except ImportError:
        return PcscFacts(error=LinkFailure.NO_BINDING)
    except LinkError as error:
        return PcscFacts(error=failure_of(error), code=error.code)
    try:
        slots = [
            PcscReader(name=clean_name(reader.name), slot=_slot(backend, reader))
            for reader in backend.readers()
        ]
        return PcscFacts(readers=tuple(slots))
    except LinkError as error:
        return PcscFacts(error=failure_of(error), code=error.code)
    finally:
        backend.close()


def _slot(backend: PcscBackend, reader: ReaderIdentity) -> str:
    """What is in a slot; a security key and its like are named, and not looked into."""
    state = SlotState.UNAVAILABLE if never_counts(reader.name) else backend.slot_state(reader)
    return state.value
