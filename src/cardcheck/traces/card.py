# SPDX-License-Identifier: Apache-2.0
"""A virtual card made of a trace: it answers what was recorded, in any order, and can be spoilt.

What belongs here: applications, files and counters as far as the trace shows them. What does not:
strict replay (``transports.replay``), and faults (``simulation.faults``), which can be laid over
such a card as over any other: ``FaultyCard(card_of(trace), parse_fault("removed@7"))``.

What the trace does not show is not on the card: a file that was not read answers 6A82.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from cardcheck.cards.exchange_log import FileContent, SelectionTracker, answers_by_file
from cardcheck.cards.model import COUNTER_QUERY, READ_BINARY, READ_RECORD
from cardcheck.cards.mynumber import APPLICATIONS, CONTACTLESS_ATR, TRIES_MAX
from cardcheck.iso7816.apdu import ResponseApdu
from cardcheck.iso7816.status import LOCKED
from cardcheck.simulation.card import Behaviour, VirtualCard
from cardcheck.simulation.files import (
    Application,
    ElementaryFile,
    KeyFile,
    PinFile,
    RecordFile,
    TransparentFile,
)
from cardcheck.simulation.profiles import Profile, SimulatedReader
from cardcheck.transports.privacy import command_answers
from cardcheck.transports.replay import UNNAMED_READER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cardcheck.cards.exchange_log import CommandAnswer
    from cardcheck.iso7816.status import StatusWord
    from cardcheck.transports.trace import Trace

_QUERY: Final = COUNTER_QUERY.encode()
_MOST_TRIES: Final = 15
_REFUSALS: Final = frozenset({READ_BINARY, READ_RECORD})
_PINS: Final[Mapping[tuple[bytes, int], int]] = {
    (application.aid, file): TRIES_MAX[pin]
    for application in APPLICATIONS
    for file, pin in application.pins.items()
}

_Files = defaultdict[bytes, dict[int, ElementaryFile]]


def card_of(trace: Trace) -> VirtualCard:
    """The card that ``trace`` is about, as far as the trace shows it."""
    spoken = command_answers(trace.exchanges)
    files, blocked = _walk(spoken)
    objects = _fill(files, spoken)
    applications = [Application(aid, dict(found), objects) for aid, found in files.items()]
    behaviour = Behaviour() if blocked is None else Behaviour(blocked=blocked)
    return VirtualCard(
        trace.header.atr or CONTACTLESS_ATR, applications=tuple(applications), behaviour=behaviour
    )


def profile_of(trace: Trace) -> Profile:
    """A reader with the card of ``trace`` in it, to be simulated."""
    name = trace.header.reader or UNNAMED_READER
    reader = SimulatedReader(name=name, make_card=lambda _: card_of(trace))
    return Profile(name="trace", summary="The card of a trace", readers=(reader,))


def _walk(spoken: Sequence[CommandAnswer]) -> tuple[_Files, int | None]:
    """Applications, the files that could be selected, and how a locked PIN is told."""
    files: _Files = defaultdict(dict)
    tracker, blocked = SelectionTracker(), None
    for command, response in spoken:
        tracker.track(command, response)
        aid, file = tracker.application, tracker.file
        if response is None or aid is None:
            continue
        known = files[aid]
        if file is None:
            continue
        known.setdefault(file, KeyFile())
        sw = ResponseApdu.parse(response).sw
        if command == _QUERY and (sw.is_success or sw.tries_left is not None or sw in LOCKED):
            known[file] = _pin(aid, file, sw)
            blocked = int(sw) if sw in LOCKED else blocked
        elif command[1] in _REFUSALS and sw.sw1 == 0x69:
            known[file] = TransparentFile(b"", barred=int(sw))
    return files, blocked


def _pin(aid: bytes, file: int, sw: StatusWord) -> PinFile:
    """A PIN with the counter that ``sw`` tells; nobody knows its value."""
    most = _PINS.get((aid, file), _MOST_TRIES)
    left = most if sw.is_success else sw.tries_left or 0
    return PinFile(b"", max(most, left), left, held_open=sw.is_success, verified=sw.is_success)


def _fill(files: _Files, spoken: Sequence[CommandAnswer]) -> dict[int, bytes]:
    """Puts into the files what was read of them; gives what GET DATA answered."""
    objects: dict[int, bytes] = {}
    for key, spans in answers_by_file(spoken).items():
        data = FileContent(spans, spoken).known
        if key.file is None:
            continue
        if key.kind == "object":
            objects[key.file] = data
        elif key.application is not None and key.kind == "file":
            files[key.application][key.file] = TransparentFile(data)
        elif key.application is not None and key.kind == "record":
            _add_record(files[key.application], key.file, key.record or 1, data)
    return objects


def _add_record(files: dict[int, ElementaryFile], file: int, number: int, data: bytes) -> None:
    """Puts one record into a file; those before it that were not read are empty."""
    known = files.get(file)
    records = list(known.records) if isinstance(known, RecordFile) else []
    records += [b""] * (number - len(records))
    records[number - 1] = data
    files[file] = RecordFile(tuple(records))
