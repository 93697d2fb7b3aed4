# SPDX-License-Identifier: Apache-2.0
"""What a check says that it found, and by what cards are judged.

What belongs here: plain values that checks and assessments share. What does not: ``Check`` and
``Context`` (``base``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

from cardcheck.catalog.messages import CLEAR
from cardcheck.report.model import HOST, Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from cardcheck.report.model import Scalar


class Judging(Struct, frozen=True, kw_only=True):
    """By what cards are judged.

    Attributes:
        at: the instant, UTC.
        clock_matters: False where the instant was given (``--at``, a replay): the clock then
            decides nothing.
        build: the day of this release; a clock before it is wrong.
        anchors: DER certificates given with ``--trust-anchor``.
        remembered: DER certificates from the cache, each with a pinned fingerprint.
        pinned: SHA-256 fingerprints (upper-case hex) of the CAs that we know.
    """

    at: datetime
    build: datetime
    clock_matters: bool = True
    anchors: tuple[bytes, ...] = ()
    remembered: tuple[bytes, ...] = ()
    pinned: frozenset[str] = frozenset()


class Found(Struct, frozen=True, kw_only=True):
    """What a check found on one subject, before it is given the check's id, layer and advice.

    The attributes are those of ``Finding``.
    """

    state: str
    outcome: Outcome = Outcome.OK
    severity: Severity = Severity.INFO
    subject: str = HOST
    evidence: Mapping[str, Scalar] = field(default_factory=dict)
    screen: Mapping[str, Scalar] = field(default_factory=dict)
    personal: Mapping[str, Scalar] = field(default_factory=dict)
    decisive: bool = False


def problem(
    state: str, severity: Severity = Severity.ERROR, *, subject: str = HOST, **evidence: Scalar
) -> Found:
    """A problem of the given severity."""
    return Found(
        state=state, outcome=Outcome.PROBLEM, severity=severity, subject=subject, evidence=evidence
    )


def fine(state: str, *, subject: str = HOST, **evidence: Scalar) -> Found:
    """All is well."""
    return Found(state=state, subject=subject, evidence=evidence)


def clear() -> Found:
    """Nothing is wrong with this computer."""
    return fine(CLEAR)


def unknown(
    state: str, *, subject: str = HOST, decisive: bool = False, **evidence: Scalar
) -> Found:
    """It could not be told."""
    return Found(
        state=state, outcome=Outcome.UNKNOWN, subject=subject, evidence=evidence, decisive=decisive
    )


def crashed(error: str, *, decisive: bool, **evidence: Scalar) -> Found:
    """A bug of ours, by the name of the exception; its message might hold card data."""
    return Found(
        state="crashed",
        outcome=Outcome.CRASHED,
        evidence={"error": error, **evidence},
        decisive=decisive,
    )


def hexadecimal(code: int | None) -> str | None:
    """A PC/SC code as people look it up (``0x8010001D``), or None where there is none."""
    return None if code is None else f"0x{code & 0xFFFFFFFF:08X}"
