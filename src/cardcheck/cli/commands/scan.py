# SPDX-License-Identifier: Apache-2.0
"""``cardcheck scan``: the main job."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cardcheck.cli.options import scanning
from cardcheck.errors import InputError

if TYPE_CHECKING:
    from cardcheck.cli.options import Options


@click.command(name="scan")
@scanning
@click.option("--or-simulate", is_flag=True, hidden=True)
def scan_command(*, options: Options, or_simulate: bool) -> int:
    """Find what keeps the card from working.

    Looks at every reader, reads the public data of the card in it, and says what is wrong, who must
    act and what to do next.
    """
    from cardcheck.cli.session import Session

    options = _checked(options)
    session = Session("scan", options)
    report = session.diagnose(or_simulate=or_simulate)
    if not options.seal:
        return session.deliver(report)
    from cardcheck.cli.sealing import seal_scan

    return session.deliver(report, lambda: seal_scan(session, report))


def _checked(options: Options) -> Options:
    """The options.

    Raises:
        InputError: options that exclude each other.
    """
    if options.show_personal and options.form == "nagios":
        raise InputError("--format nagios is for monitoring; leave out --show-personal")
    if options.show_personal and options.seal:
        raise InputError("a sealed archive is kept and passed on; leave out --show-personal")
    if options.seal or options.seal_key:
        from cardcheck.cli.sealing import require_key

        require_key(options.seal, options.seal_key)
    return options
