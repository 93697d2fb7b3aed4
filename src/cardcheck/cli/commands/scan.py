# SPDX-License-Identifier: Apache-2.0
"""``cardcheck scan``: the main job."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cardcheck.cli.options import diagnosing

if TYPE_CHECKING:
    from cardcheck.cli.options import Options


@click.command(name="scan")
@diagnosing
@click.option("--or-simulate", is_flag=True, hidden=True)
def scan_command(*, options: Options, or_simulate: bool) -> int:
    """Find what keeps the card from working.

    Looks at every reader, reads the public data of the card in it, and says what is wrong, who must
    act and what to do next.
    """
    from cardcheck.cli.session import Session

    session = Session("scan", options)
    return session.deliver(session.diagnose(or_simulate=or_simulate))
