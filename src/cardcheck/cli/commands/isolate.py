# SPDX-License-Identifier: Apache-2.0
"""``cardcheck isolate``: find the faulty part by changing one thing at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cardcheck.cli.options import diagnosing

if TYPE_CHECKING:
    from cardcheck.cli.options import Options


@click.command(name="isolate")
@diagnosing
@click.option("--answers", metavar="LIST", help="Answer by a list: empty, s (skip), q (quit).")
def isolate_command(*, options: Options, answers: str | None) -> int:
    """Find the faulty part by changing one thing at a time.

    Looks, asks for one change (another spot, card, reader or port), looks again, and names the part
    that is at fault and how sure that is. Uses no PIN. With --simulate, profiles with commas
    between them are the looks in turn, for training.
    """
    from cardcheck.cli.isolating import Dialogue

    return Dialogue(options, answers).run()
