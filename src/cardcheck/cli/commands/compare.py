# SPDX-License-Identifier: Apache-2.0
"""``cardcheck compare``: is it mended?"""

from __future__ import annotations

from typing import Any

import click

from cardcheck.cli.language import lang_option
from cardcheck.cli.named import Input
from cardcheck.cli.options import formats
from cardcheck.cli.output import Destination
from cardcheck.render.formats import View


@click.command(name="compare")
@click.argument("old", type=Input())
@click.argument("new", type=Input())
@formats(View.SCREEN, View.PAGE, View.DATA, View.TABLE)
@click.option("--plain", is_flag=True, help="Plain text, also on a terminal.")
@lang_option
def compare_command(old: str, new: str, *, lang: str | None, **target: Any) -> int:  # noqa: ANN401
    """Say what has changed between two reports.

    OLD and NEW are reports made with --json. Ends with 0 where nothing differs, with 1 where
    something does, with 2 where one is no report.
    """
    from cardcheck.cli.comparing import compare_files

    return compare_files(old, new, lang, Destination(**target))
