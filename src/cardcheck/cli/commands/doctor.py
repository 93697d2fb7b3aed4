# SPDX-License-Identifier: Apache-2.0
"""``cardcheck doctor``: the host only."""

from __future__ import annotations

from typing import Any

import click

from cardcheck.cli.language import lang_option
from cardcheck.cli.named import Input, Output
from cardcheck.cli.options import REPORT_VIEWS, formats, known_checks


@click.command(name="doctor")
@formats(*REPORT_VIEWS)
@lang_option
@click.option("--plain", is_flag=True, help="Plain text, also on a terminal.")
@click.option("--with-text", is_flag=True, help="With --json: add the sentences.")
@click.option(
    "--timeout", type=click.FloatRange(min=0.1, max=600), metavar="SECONDS", help="Deadline."
)
@click.option(
    "--fail-on",
    type=click.Choice(["warning", "error"]),
    default="error",
    help="From when on to exit with 1.",
)
@click.option(
    "--only",
    metavar="CHECK",
    multiple=True,
    callback=known_checks,
    help="Run this check only (or area.subject).",
)
@click.option(
    "--skip", metavar="CHECK", multiple=True, callback=known_checks, help="Leave this check out."
)
@click.option(
    "--station", metavar="LABEL", help="A label for this computer, written into the report."
)
@click.option(
    "--snapshot",
    type=Output(fresh=True),
    metavar="FILE",
    help="Write what was observed, redacted, to FILE.",
)
@click.option(
    "--host-snapshot", type=Input(), metavar="FILE", help="Diagnose such a FILE, from any computer."
)
@click.option(
    "--udev-rules", is_flag=True, help="Print the udev rules for devices that nfcpy opens."
)
def doctor_command(
    *,
    udev_rules: bool,
    timeout: float | None,
    **options: Any,  # noqa: ANN401 - from click
) -> int:
    """Find out why this computer does not see the reader.

    Looks at service, drivers, kernel, permissions, clock, browser and login software. Names the
    cause, what it was seen by, the commands that mend it and those that undo that. Changes nothing.
    """
    if udev_rules:
        from cardcheck.catalog.udev import udev_rules as rules

        click.echo(rules(), nl=False)
        return 0
    from cardcheck.cli.host_session import HostSession
    from cardcheck.cli.options import Options

    session = HostSession(Options(**options), seconds=timeout)
    return session.deliver(session.diagnose_host())
