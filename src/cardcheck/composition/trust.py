# SPDX-License-Identifier: Apache-2.0
"""Which certification authorities count in one run.

Those that are pinned, those given by option, those remembered from earlier scans.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Final

from cardcheck import BUILD_DATE
from cardcheck.catalog.authorities import pinned_fingerprints
from cardcheck.checks.found import Judging
from cardcheck.errors import InputError
from cardcheck.inputs import read_input
from cardcheck.report.model import Source

if TYPE_CHECKING:
    from cardcheck.cards.plan import ReadRequest
    from cardcheck.composition.options import LookOptions
    from cardcheck.facts.reader import SurveyFacts
    from cardcheck.host.ca_cache import CaCache

_MAX_PEM: Final = 1 << 20  # bytes


class Trust:
    """The authorities of one run."""

    def __init__(self, options: LookOptions, source: Source) -> None:
        """Takes the options; nothing is read yet. Only real cards are remembered."""
        self._options = options
        self._hardware = source is Source.HARDWARE

    def judging(self, at: datetime, remembered: tuple[bytes, ...]) -> Judging:
        """By what cards are judged at the instant ``at``.

        Raises:
            InputError: a file of ``--trust-anchor`` that cannot be used.
        """
        return Judging(
            at=at,
            build=datetime.fromisoformat(BUILD_DATE).replace(tzinfo=UTC),
            clock_matters=self._options.at is None and self._options.replay is None,
            anchors=self._anchors,
            remembered=remembered,
            pinned=pinned_fingerprints(),
        )

    @cached_property
    def _anchors(self) -> tuple[bytes, ...]:
        if not self._options.trust_anchor:
            return ()
        from cardcheck.cards.trust import anchors_from_pem

        found: list[bytes] = []
        for name in self._options.trust_anchor:
            data = read_input(name, _MAX_PEM, self._options.timeout)
            try:
                found += anchors_from_pem(data)
            except InputError as error:
                raise InputError(f"--trust-anchor {name}: {error}") from None
        return tuple(found)

    @cached_property
    def _cache(self) -> CaCache:
        from cardcheck.host.ca_cache import CaCache, default_directory

        real = self._hardware and not self._options.no_cache
        return CaCache(default_directory() if real else None)

    def remembered(self) -> tuple[bytes, ...]:
        """The CAs of earlier scans; none where quick, or where a trace must hold the card's own."""
        if not self._hardware or self._options.quick or self._options.record is not None:
            return ()
        return tuple(self._cache.load(pinned_fingerprints()))

    def remember(self, facts: SurveyFacts) -> None:
        """Keeps a CA whose fingerprint is pinned, for the next scan."""
        read = [r.card.ca_certificate.data for r in facts.readers if r.card is not None]
        if any(read):
            for ca_der in filter(None, read):
                self._cache.remember(ca_der, pinned_fingerprints())

    def read_request(self, remembered: tuple[bytes, ...]) -> ReadRequest:
        """What to read: the card's CA only where no remembered one verifies the certificate."""
        from cardcheck.cards.plan import ReadRequest

        def ca_needed(certificate: bytes) -> bool:
            from cardcheck.cards.trust import needed_ca

            return not remembered or needed_ca(certificate, remembered) is None

        return ReadRequest(
            quick=self._options.quick,
            impersonal=self._options.station is not None,
            ca_needed=ca_needed,
        )
