# SPDX-License-Identifier: Apache-2.0
"""``cardcheck fleet``: the reports of many stations, and sealed runs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import click

from cardcheck.cli.language import group_lang_option, lang_option
from cardcheck.cli.named import Input
from cardcheck.cli.options import Instant, formats
from cardcheck.render.formats import View

if TYPE_CHECKING:
    from datetime import datetime

_FORMATS: Final = formats(View.SCREEN, View.PAGE, View.DATA, View.TABLE)
_PLACES: Final = click.argument(
    "places", type=Input(), metavar="DIR|FILE|GLOB...", nargs=-1, required=True
)

_STATIONS: Final = click.option(
    "--stations",
    type=Input(),
    metavar="FILE",
    help="All stations there are, one label a line; those that never reported are shown.",
)
_SILENT_DAYS: Final = click.option(
    "--silent-days",
    type=click.IntRange(1, 36_500),
    default=7,
    metavar="N",
    help="No report for so many days is a state of its own (7).",
)


class Month(click.ParamType[str]):
    """A month like 2026-11."""

    name = "month"

    def convert(
        self,
        value: Any,  # noqa: ANN401 - click's signature
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> str:
        """The month as it was given."""
        if not re.fullmatch("2[0-9]{3}-(0[1-9]|1[0-2])", str(value)):
            self.fail(f"{value!r} is no month like 2026-11", param, ctx)
        return str(value)


@click.group(name="fleet")
@group_lang_option
def fleet_command() -> None:
    """Roll up the reports of many stations.

    Reads JSON (one report a file, or one a line) that scan, doctor and kiosk wrote. Files may come
    from anybody: what is malformed, seen already, dated in the future or too large is counted and
    named.
    """


@fleet_command.command(name="summary")
@_PLACES
@_FORMATS
@_STATIONS
@_SILENT_DAYS
@lang_option
@click.option(
    "--retain", type=click.IntRange(1, 36_500), metavar="DAYS", help="Only what is not older."
)
@click.option(
    "--purge", is_flag=True, help="With --retain: delete files whose reports are all older."
)
def summary_command(
    places: tuple[str, ...],
    *,
    lang: str | None,
    retain: int | None,
    purge: bool,
    stations: str | None,
    silent_days: int,
    **target: Any,  # noqa: ANN401 - from click
) -> int:
    """Everything at once: worst first, by office, model, system, cause and day."""
    from cardcheck.cli.fleet import Wishes, roll_up_places
    from cardcheck.cli.output import Destination

    if purge and retain is None:
        raise click.UsageError("--purge needs --retain: say how many days are kept")
    wishes = Wishes(
        lang=lang, retain=retain, purge=purge, stations=stations, silent_days=silent_days
    )
    return roll_up_places(places, wishes, Destination(**target))


@fleet_command.command(name="report")
@_PLACES
@click.option(
    "--month", type=Month(), required=True, metavar="YYYY-MM", help="Which month, Japanese time."
)
@_FORMATS
@_STATIONS
@_SILENT_DAYS
@lang_option
def report_command(
    places: tuple[str, ...],
    *,
    month: str,
    lang: str | None,
    stations: str | None,
    silent_days: int,
    **target: Any,  # noqa: ANN401 - from click
) -> int:
    """One month: availability, incidents and reader swaps of each station."""
    from cardcheck.cli.fleet import Wishes, roll_up_places
    from cardcheck.cli.output import Destination

    wishes = Wishes(lang=lang, month=month, stations=stations, silent_days=silent_days)
    return roll_up_places(places, wishes, Destination(**target))


@fleet_command.command(name="verify")
@click.argument("archives", type=Input(), metavar="FILE...", nargs=-1, required=True)
@click.option(
    "--allowed-signers",
    type=Input(),
    metavar="FILE",
    required=True,
    help="Whose signatures count; see ssh-keygen(1).",
)
@click.option("--station", metavar="LABEL", help="Pass runs of this station alone.")
@click.option(
    "--not-before", type=Instant(), metavar="DATE", help="Pass no run that was made before that."
)
@lang_option
def verify_command(
    archives: tuple[str, ...],
    *,
    allowed_signers: str,
    station: str | None,
    not_before: datetime | None,
    lang: str | None,
) -> int:
    """Check sealed runs: every file as it was signed, by one of the allowed signers.

    Says of which station, when, what kind of run and with what result. The same report does not
    pass twice. Whether a run went well is in its result, not in the exit code.
    """
    from cardcheck.cli.fleet import verify_archives
    from cardcheck.cli.verifying import Wanted

    wanted = Wanted(station=station, not_before=not_before)
    return verify_archives(archives, allowed_signers, wanted, lang)
