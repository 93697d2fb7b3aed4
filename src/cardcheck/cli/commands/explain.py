# SPDX-License-Identifier: Apache-2.0
"""``cardcheck explain``: what a symptom, a message or a code means, offline."""

from __future__ import annotations

from typing import Any, Final

import click

from cardcheck.cli.language import lang_option
from cardcheck.cli.options import formats
from cardcheck.cli.output import Destination
from cardcheck.render.formats import View

_MOST: Final = 50


@click.command(name="explain", context_settings={"ignore_unknown_options": True})
@click.argument("query", nargs=-1)
@formats(View.SCREEN, View.PAGE, View.DATA)
@click.option("--plain", is_flag=True, help="Plain text, also on a terminal.")
@lang_option
@click.option(
    "--limit", type=click.IntRange(1, _MOST), default=5, help="How many entries at most (5)."
)
def explain_command(
    query: tuple[str, ...],
    *,
    lang: str | None,
    limit: int,
    **target: Any,  # noqa: ANN401 - from click
) -> int:
    """Explain a symptom, a message, an error code or a support code.

    QUERY is free text in Japanese or English, a pasted message, a code in any spelling (0x8010001D,
    -2146435043, SCARD_E_NO_SERVICE, 6984, EW044-C300), the id of a check, a reader's model or USB
    id, or a support code (CC-...). Without QUERY, on a terminal, it asks some questions and leads
    to one cause. Never type a PIN. Ends with 0 where something was found, with 1 where nothing was.
    """
    from cardcheck.cli.asking import can_ask
    from cardcheck.cli.explaining import explained

    asked = " ".join(query).strip()
    if not asked and (query or not can_ask()):
        raise click.UsageError("say what to explain")

    return explained(asked, limit, lang, Destination(**target))
