# SPDX-License-Identifier: Apache-2.0
"""The support code of a report.

What belongs here: which findings and which reader of a report its code carries. What does not: the
code itself (``report.support_code``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cardcheck.catalog.data import table
from cardcheck.catalog.readers import known_reader
from cardcheck.report.model import (
    FINDS,
    Finding,
    Outcome,
    ReaderReport,
    Report,
    Source,
)
from cardcheck.report.support_code import SupportFacts, encode

if TYPE_CHECKING:
    from cardcheck.report.support_code import Table

_SILENT: Final = frozenset({"card.certificate.not-revoked"})  # says nothing: it is never checked


def numbers() -> Table:
    """The table of numbers in support codes."""
    return table("support_code.toml")


def support_code(report: Report) -> str | None:
    """The code with the verdict, system, reader model and findings of a report, the worst first.

    None for a simulation or a replay: read out over the phone, it would pass for a real card.
    """
    if report.source is not Source.HARDWARE:
        return None
    found = [
        item for item in report.findings if item.outcome in FINDS and item.check not in _SILENT
    ]
    pairs = dict.fromkeys((item.check, _state(item)) for item in sorted(found, key=_rank))
    models = _models(_reader(report))
    facts = SupportFacts(
        verdict=report.verdict,
        system=report.platform.get("system", "?"),
        reader=models[0] if models else None,
        shared=len(models) > 1,
        findings=tuple(pairs),
    )
    return encode(facts, numbers())


def _state(finding: Finding) -> str:
    return "crashed" if finding.outcome is Outcome.CRASHED else finding.state


def _rank(finding: Finding) -> tuple[int, int]:
    return -finding.severity.rank, finding.layer.position


def _reader(report: Report) -> ReaderReport | None:
    """The reader of the first card, else the first one."""
    holding = {card.reader for card in report.cards[:1]}
    return next(
        (item for item in report.readers if item.id in holding), next(iter(report.readers), None)
    )


def _models(reader: ReaderReport | None) -> tuple[str, ...]:
    """Ids of the models that a reader can be; none for a virtual one."""
    if reader is None or reader.virtual:
        return ()
    return tuple(model.id for model in known_reader(reader.name, reader.usb).models)
