# SPDX-License-Identifier: Apache-2.0
"""``cardcheck replay``: the same diagnosis over recorded traces, for CI."""

from __future__ import annotations

from typing import Any

import click

from cardcheck.cli.language import lang_option
from cardcheck.cli.named import Input, Output
from cardcheck.cli.options import formats
from cardcheck.render.formats import View

_MOST_JOBS = 256
_FAIL_ON = click.Choice(["warning", "error"])


@click.command(name="replay")
@click.argument("paths", type=Input(), nargs=-1, required=True, metavar="PATH...")
@click.option("--skip-unknown", is_flag=True, help="Pass over exchanges that are not asked for.")
@click.option("--junit", type=Output(), metavar="FILE", help="Write JUnit XML as well.")
@formats(View.SCREEN, View.PAGE, View.DATA, View.TABLE, View.SUITE, pages=False)
@click.option(
    "--jobs",
    type=click.IntRange(0, _MOST_JOBS),
    default=1,
    metavar="N",
    help="Work in N processes (1); 0: one a processor.",
)
@click.option("--update-expect", is_flag=True, help="Write what comes out into the headers.")
@click.option("--fail-on", type=_FAIL_ON, default="error", help="Fails a trace without expect:.")
@click.option("-v", "--verbose", is_flag=True, help="Name the traces that pass as well.")
@lang_option
def replay_command(paths: tuple[str, ...], **wishes: Any) -> int:  # noqa: ANN401 - parsed by click
    """Diagnose recorded traces, and compare with what they expect.

    A PATH is a file, a folder (every .apdu file in and below it) or a pattern.

    Exit code 0: each trace came to what its expect: says; without one, to nothing at or above
    --fail-on. 1: one did not, or there was nothing but parts of sessions. 2: one cannot be read.
    """
    from cardcheck.cli.replaying import Wishes, replay

    return replay(paths, Wishes(**wishes))
