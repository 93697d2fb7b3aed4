# SPDX-License-Identifier: Apache-2.0
"""Everything that one look saw: the computer, the service, the readers and NFC devices, the cards.

What belongs here: the sum of the parts, frozen. What does not: how each is obtained (``host``,
``survey``), and what it means (``checks``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from cardcheck.facts.doctor import DoctorFacts
    from cardcheck.facts.host import HostFacts
    from cardcheck.facts.reader import SurveyFacts


class Observation(Struct, frozen=True, kw_only=True):
    """What was seen at one moment.

    Attributes:
        host: this computer, as far as every command looks.
        survey: the service, and each slot with the card in it.
        details: the thorough look at this computer: always for ``doctor``, and where the chain is
            broken before the card; None where nobody took it.
    """

    host: HostFacts
    survey: SurveyFacts
    details: DoctorFacts | None = None
