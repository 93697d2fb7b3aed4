# SPDX-License-Identifier: Apache-2.0
"""What is imported beside the reading of a card, because it will be needed afterwards."""

from __future__ import annotations


def load_what_comes_after(*, text: bool, page: bool, cards: bool, issuer: bool) -> None:
    """Imports what turns facts into a report, while a card is being read."""
    import cardcheck.checks.diagnosis

    if cards:
        import cardcheck.checks.card_assessment
    if text:
        import cardcheck.render.pages.report
        import cardcheck.render.plain
    else:
        import cardcheck.render.json_report  # noqa: F401
    if page:
        from cardcheck.render import html

        html.warm_up()
    if issuer:
        from cardcheck.cards import trust

        trust.warm_up()
