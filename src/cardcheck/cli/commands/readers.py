# SPDX-License-Identifier: Apache-2.0
"""``cardcheck readers``: what is attached, and what reaches it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cardcheck.cli.options import diagnosing

if TYPE_CHECKING:
    from cardcheck.cli.options import Options


@click.command(name="readers")
@diagnosing
def readers_command(*, options: Options) -> int:
    """List readers and NFC devices, with what is known of them.

    Looks at no card. Devices that are attached but that no driver reaches are listed with the
    reason.
    """
    from cardcheck.cli.session import Session

    session = Session("readers", options)
    return session.deliver(session.diagnose(read_cards=False))
