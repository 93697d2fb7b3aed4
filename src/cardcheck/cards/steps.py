# SPDX-License-Identifier: Apache-2.0
"""What one application or one file of a card gives: the steps that plans are made of.

What belongs here: SELECT and READ, and what an answer means for the next one. What does not: which
files, in which order, and what to do about an answer against the rules (``plan``).
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from cardcheck.cards.model import Application, read_binary, read_record, select_file
from cardcheck.errors import MalformedResponseError, MalformedTlvError
from cardcheck.facts.card import FileReading, ReadState
from cardcheck.iso7816 import der, status
from cardcheck.iso7816.apdu import CommandApdu, ResponseApdu

if TYPE_CHECKING:
    from cardcheck.iso7816.status import StatusWord

T = TypeVar("T")
Plan: TypeAlias = Generator[CommandApdu, ResponseApdu, T]

CHUNK = 256
"""Bytes asked for at once: the most that a short Le can say (00), which every card takes."""
_LARGEST_OFFSET = 0x7FFF  # READ BINARY carries 15 bits (ISO/IEC 7816-4, 11.3.3)
_SPARE_READS = 8  # a card may answer with less than asked for; one that goes on so is broken
_DER_HEADER = 6  # tag, and a length of at most four bytes behind its own first
_AT_THE_END = frozenset({status.SUCCESS, status.END_OF_FILE, status.OFFSET_OUTSIDE_EF})


def select(application: Application) -> Plan[bool]:
    """Selects ``application``; tells whether the card has it.

    The first command after power-on may be answered 6F00 (seen by soltia48/myna-card): such an
    answer is thrown away once, as is one to a question that was not put.

    Raises:
        MalformedResponseError: 61xx or data, although nothing was asked for: nobody could tell then
            what is selected.
    """
    answer = yield application.select
    if answer.data or answer.sw.has_more or answer.sw == status.NO_PRECISE_DIAGNOSIS:
        answer = yield application.select
    if answer.sw.has_more:
        raise MalformedResponseError(f"{answer.sw} to a SELECT that asked for nothing")
    _require_no_data(answer)
    return answer.sw.is_success


def read_file(ef: int) -> Plan[FileReading]:
    """What one READ BINARY gives of transparent file ``ef``: at most 256 bytes."""
    return (yield from select_and_read(ef, CHUNK))


def read_front(ef: int, length: int, *, whole: bool = True) -> Plan[FileReading]:
    """The first ``length`` bytes (1 to 256) of transparent file ``ef``.

    Args:
        ef: the file.
        length: how many bytes; a file that has fewer is malformed.
        whole: what the reading is to say about itself.
    """
    first = yield from select_and_read(ef, length)
    if first.state is not ReadState.READ:
        return first
    data, sw = yield from read_on(first.data, length)
    return FileReading(_state_of(data, length, sw), data, sw, whole)


def read_first_record(ef: int) -> Plan[FileReading]:
    """Record 1 of record file ``ef``."""
    sw = yield from select_bare(ef)
    if not sw.is_success:
        return _refused(sw)
    answer = yield from _ask(read_record(1), CHUNK)
    if not answer.sw.is_success:
        return _refused(answer.sw)
    return FileReading(ReadState.READ, answer.data, answer.sw)


def read_certificate(ef: int) -> Plan[FileReading]:
    """The DER object at the front of ``ef``, read in steps of 256 bytes up to its own length.

    The file is larger than the certificate and filled up, so the length in its first bytes ends
    the reading.
    """
    first = yield from read_file(ef)
    if first.state is not ReadState.READ:
        return first
    data, sw = yield from read_on(first.data, _DER_HEADER)
    try:
        total = der.total_length(data)
    except MalformedTlvError:
        return FileReading(ReadState.MALFORMED, data, sw)
    if total > _LARGEST_OFFSET + CHUNK:
        return FileReading(ReadState.MALFORMED, data, sw)
    data, sw = yield from read_on(data, total)
    return FileReading(_state_of(data, total, sw), data[:total], sw)


def select_and_read(ef: int, length: int) -> Plan[FileReading]:
    """What one READ BINARY of ``length`` bytes gives of ``ef``; an empty file counts as absent."""
    sw = yield from select_bare(ef)
    if not sw.is_success:
        return _refused(sw)
    answer = yield from _read(0, length)
    if answer.data:
        return FileReading(ReadState.READ, answer.data, answer.sw)
    return FileReading(ReadState.ABSENT) if answer.sw in _AT_THE_END else _refused(answer.sw)


def read_on(data: bytes, total: int) -> Plan[tuple[bytes, StatusWord]]:
    """``data`` and what follows it in the current EF, up to ``total`` bytes or until none come.

    Bounded: a card that goes on answering with less than was asked for is given up.

    Returns:
        At least ``data``, and the last status word.
    """
    sw: StatusWord = status.SUCCESS
    for _ in range(-(-total // CHUNK) + _SPARE_READS):
        if len(data) >= total or len(data) > _LARGEST_OFFSET:
            break
        answer = yield from _read(len(data), min(CHUNK, total - len(data)))
        sw = answer.sw
        if not answer.data:
            break
        data += answer.data
    return data, sw


def _state_of(data: bytes, total: int, sw: StatusWord) -> ReadState:
    """How the reading of ``total`` bytes ended that gave ``data`` and, last, ``sw``."""
    if len(data) >= total:
        return ReadState.READ
    return ReadState.MALFORMED if sw in _AT_THE_END else ReadState.REFUSED


def _read(offset: int, ne: int) -> Plan[ResponseApdu]:
    """One READ BINARY; a refusal comes back without data.

    Raises:
        MalformedResponseError: the card sent more than was asked for.
    """
    answer = yield from _ask(read_binary(offset, ne), ne)
    if answer.sw in {status.SUCCESS, status.END_OF_FILE}:
        return answer
    return ResponseApdu(b"", answer.sw)


def _ask(command: CommandApdu, most: int) -> Plan[ResponseApdu]:
    """The answer to ``command``.

    Raises:
        MalformedResponseError: it has more than ``most`` bytes of data.
    """
    answer = yield command
    if len(answer.data) > most:
        raise MalformedResponseError(f"{len(answer.data)} bytes where {most} were asked for")
    return answer


def select_bare(ef: int) -> Plan[StatusWord]:
    """The status word that selecting ``ef`` gives.

    Raises:
        MalformedResponseError: it came with data, which nobody had asked for.
    """
    answer = yield select_file(ef)
    _require_no_data(answer)
    return answer.sw


def _require_no_data(answer: ResponseApdu) -> None:
    """Passes silently for the answer to a SELECT that is a status word alone.

    Raises:
        MalformedResponseError: there is more.
    """
    if answer.data:
        raise MalformedResponseError("data in the answer to a SELECT that asked for nothing")


def _refused(sw: StatusWord) -> FileReading:
    """The reading that a status word other than success stands for."""
    states = {
        status.FILE_NOT_FOUND: ReadState.ABSENT,
        status.RECORD_NOT_FOUND: ReadState.ABSENT,
        status.SECURITY_STATUS_NOT_SATISFIED: ReadState.PROTECTED,
    }
    return FileReading(states.get(sw, ReadState.REFUSED), b"", sw)
