# SPDX-License-Identifier: Apache-2.0
"""A survey at once and in the calling thread: of a trace, or of a card that lives in this process.

What belongs here: what a survey does, without what hardware needs of it: threads, deadlines,
waiting. What does not: judging what was read (``checks``).
"""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING, Final

from cardcheck.cards.plan import ReadRequest
from cardcheck.errors import LinkError
from cardcheck.facts.link_failure import failure_of
from cardcheck.facts.reader import OCCUPIED, ReaderFacts, ServiceFacts, SurveyFacts
from cardcheck.survey.examine import Examiner
from cardcheck.survey.request import SurveyRequest
from cardcheck.transports.replay import ReplayWorld

if TYPE_CHECKING:
    from collections.abc import Callable

    from cardcheck.transports.link import ReaderBackend
    from cardcheck.transports.trace import Trace

_NEVER: Final = Event()


def replayed(
    trace: Trace, *, skip_unknown: bool = False, excluded: Callable[[str], bool] = lambda _: False
) -> SurveyFacts:
    """What a survey of the recorded reader and card observes.

    Args:
        trace: what was recorded.
        skip_unknown: pass over exchanges that are not asked for.
        excluded: tells which readers never count, by name.

    Raises:
        ReplayMismatchError: the reading asks for something else than was recorded.
        ReplayUnfinishedError: exchanges are left over.
    """
    world = ReplayWorld(trace, skip_unknown=skip_unknown)
    facts = surveyed(world.open, "replay", excluded)
    world.finish()
    return facts


def surveyed(
    open_backend: Callable[[], ReaderBackend],
    source: str,
    excluded: Callable[[str], bool] = lambda _: False,
) -> SurveyFacts:
    """What a survey of a backend observes whose calls all come back at once.

    Args:
        open_backend: gives a fresh instance at each call.
        source: ``replay`` or ``simulation``.
        excluded: tells which readers never count, by name.
    """
    facts = SurveyFacts(source=source)
    request = SurveyRequest(open_backends=(open_backend,), read=ReadRequest(), source=source)
    try:
        backend = open_backend()
        identities = backend.readers()
    except LinkError as error:
        facts.service = ServiceFacts(error=failure_of(error), code=error.code)
        return facts
    for identity in identities:
        if excluded(identity.name):
            facts.ignored += 1
            continue
        reader = ReaderFacts(identity=identity, slot=backend.slot_state(identity))
        facts.readers.append(reader)
        if reader.slot in OCCUPIED:
            _Rereader(reader, open_backend, request, _NEVER).run()
    return facts


class _Rereader(Examiner):
    """Examines a slot in which nothing happens while it is waited for."""

    def _await_card(self) -> bool:
        return self._card_present()
