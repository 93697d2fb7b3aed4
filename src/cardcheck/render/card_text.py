# SPDX-License-Identifier: Apache-2.0
"""What is said about one card: kind, how long it is valid, its certificates and PIN counters.

What belongs here: the year in place of the date, and the full date only where it was asked for.
What does not: findings and their order (``text``).
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from msgspec import Struct

from cardcheck.facts.calendar import BEFORE_REIWA, JST
from cardcheck.render.base import joined, safe

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cardcheck.catalog.messages import Messages
    from cardcheck.report.model import CardReport, CertificateReport, PinReport, Scalar


class CardBlock(Struct, frozen=True, kw_only=True):
    """One card in words.

    Attributes:
        id: ``c0``, …
        reader: id of the reader.
        kind: what kind of card.
        lines: what is known of it: a label and its value.
    """

    id: str
    reader: str
    kind: str
    lines: tuple[tuple[str, str], ...]


def card_block(card: CardReport, messages: Messages, *, show_personal: bool) -> CardBlock:
    """One card in words; full dates only with ``show_personal``."""
    lines: list[tuple[str, str]] = []
    if card.validity is not None:
        if show_personal and card.valid_until is not None:
            until: str | None = _iso_date(card.valid_until, messages)
        else:
            until = _roughly(card.screen, messages)
        status = messages.word("certificate.status", card.validity)
        lines.append((messages.label("validity"), joined(status, until)))
    for certificate in card.certificates:
        dates = _dates(certificate, messages) if show_personal else None
        if dates is None and certificate.id == "authentication":
            dates = _roughly(certificate.screen, messages)
        lines.append(_certificate(certificate, dates, messages))
    lines.extend((messages.word("pin", pin.id), _pin(pin, messages)) for pin in card.pins)
    return CardBlock(
        id=card.id,
        reader=card.reader,
        kind=messages.word("kind", card.kind),
        lines=tuple(lines),
    )


def _certificate(
    certificate: CertificateReport, dates: str | None, messages: Messages
) -> tuple[str, str]:
    status = messages.word("certificate.status", certificate.status)
    checked = certificate.issuer != "not-checked"
    issuer = messages.word("certificate.issuer", certificate.issuer) if checked else None
    return messages.word("certificate", certificate.id), joined(status, dates, issuer)


def _pin(pin: PinReport, messages: Messages) -> str:
    state = messages.word("pin.state", pin.state)
    if pin.tries_left is None:
        return state
    return joined(state, messages.label("tries", left=pin.tries_left, max=pin.tries_max))


def _roughly(screen: Mapping[str, Scalar], messages: Messages) -> str | None:
    """The year and the rough time left, which are for the screen."""
    year, left = screen.get("year"), screen.get("left")
    if not isinstance(year, int):
        return None
    tells = isinstance(left, str) and left != "expired"  # the status says that already
    rough = messages.word("left", str(left)) if tells else None
    return joined(messages.label("until", year=year), rough)


def _dates(certificate: CertificateReport, messages: Messages) -> str | None:
    if certificate.not_after is None:
        return None
    begin = _day(certificate.not_before, messages) if certificate.not_before else ""
    days = certificate.days_left
    left = messages.label("days-left", days=days) if days is not None and days >= 0 else None
    return joined(f"{begin} - {_day(certificate.not_after, messages)}", left)


def _day(moment: datetime, messages: Messages) -> str:
    """The day in Japan, and the year of the era."""
    try:
        return _written(moment.astimezone(JST).date(), messages)
    except OverflowError:  # 99991231235959Z of RFC 5280, 4.1.2.5, has no day in Japan
        return _written(moment.astimezone(UTC).date(), messages)


def _iso_date(value: str, messages: Messages) -> str:
    try:
        return _written(date.fromisoformat(value), messages)
    except ValueError:
        return safe(value)


def _written(day: date, messages: Messages) -> str:
    """The date, and from 2019 on the year of the era Reiwa."""
    if day.year <= BEFORE_REIWA:
        return day.isoformat()
    return f"{day.isoformat()} ({messages.label('reiwa', number=day.year - BEFORE_REIWA)})"
