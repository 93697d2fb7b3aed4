# SPDX-License-Identifier: Apache-2.0
"""From a survey and the host beside it to one observation: closer where the chain is broken.

What belongs here: when the computer is looked at thoroughly. What does not: how (``host``), and
what is made of it (``checks``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from cardcheck import signals
from cardcheck.checks.assessment import assess_readers
from cardcheck.facts.link_failure import is_refused
from cardcheck.facts.observation import Observation
from cardcheck.host.examine import examine

if TYPE_CHECKING:
    from datetime import datetime

    from cardcheck.facts.doctor import DoctorFacts
    from cardcheck.facts.host import HostFacts
    from cardcheck.facts.reader import SurveyFacts

_MOST: Final = 2.0  # seconds of a closer look; what has not answered by then is unread
_LEAST: Final = 0.5  # seconds that the closer look gets even at a deadline that has passed


def observation_of(
    host: HostFacts, survey: SurveyFacts, snapshot: DoctorFacts | None, seconds: float
) -> Observation:
    """All that was seen; of the computer more where the chain breaks before the card.

    Args:
        host: this computer, or that of the snapshot.
        survey: what was observed in all slots.
        snapshot: the recorded computer, or None for this one.
        seconds: what is left of the deadline.
    """
    if survey.source != "hardware" or not _is_broken(host, survey):
        return Observation(host=host, survey=survey)
    details = snapshot or _closely(host.now, max(_LEAST, min(_MOST, seconds)))
    seen = replace(details.host, now=host.now)
    return Observation(host=seen, survey=survey, details=details)


def _closely(now: datetime, seconds: float) -> DoctorFacts:
    return examine(now, None, seconds, signals.pending)


def _is_broken(host: HostFacts, survey: SurveyFacts) -> bool:
    """Whether the chain breaks before the card: no service, no reader, one out of bounds."""
    service = survey.service
    if service.error or service.stalled or not survey.readers:
        return True
    if any(map(is_refused, survey.readers)):
        return True
    if not host.usb:
        return False
    return any(reader.facts is None for reader in assess_readers(host, survey))
