# SPDX-License-Identifier: Apache-2.0
"""``cardcheck place``: find a good spot for the card."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cardcheck.cli.options import diagnosing

if TYPE_CHECKING:
    from cardcheck.cli.options import Options


@click.command(name="place")
@diagnosing
def place_command(*, options: Options) -> int:
    """Find a spot where the card can be read steadily.

    Reads a harmless block again and again and shows how many reads work, how long the card takes to
    answer, and what may be in the way. Ends by itself when the spot is good. The PIN counters are
    compared before and after.
    """
    from cardcheck.cli.placing import PlaceSession

    session = PlaceSession(options)
    return session.deliver(session.coach())
