# SPDX-License-Identifier: Apache-2.0
"""``cardcheck kiosk``: a reader at a counter, accepted, checked each morning, watched for days."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, Final

import click

from cardcheck.cli.language import group_lang_option, lang_option
from cardcheck.cli.named import Input, Output
from cardcheck.cli.options import formats
from cardcheck.render.formats import View

if TYPE_CHECKING:
    from collections.abc import Callable

    from cardcheck.cli.kiosk import Kiosk

_DAY: Final = 86_400.0
_SHARED: Final = (
    click.option("--plain", is_flag=True, help="Plain text, also on a terminal."),
    lang_option,
    click.option("--reader", metavar="NAME|INDEX", help="This reader only."),
    click.option(
        "--simulate", metavar="PROFILE", help="A simulated card; never shown as hardware."
    ),
    click.option(
        "--replay", type=Input(), metavar="FILE", help="A recorded trace; never shown as hardware."
    ),
    click.option("--fault", metavar="SPEC", multiple=True, help="With --simulate: a fault."),
    click.option("--station", metavar="LABEL", help="A label for this terminal: office/terminal."),
)
_MONITORED: Final = (View.SCREEN, View.PAGE, View.DATA, View.STATUS, View.METRICS)
_OPERATOR: Final = click.option("--operator", metavar="INITIALS", help="Who does it.")


def _sharing(*views: View, log: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Gives a command the shared options as one ``kiosk`` argument, with these views' formats."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def gather(**values: Any) -> Any:  # noqa: ANN401 - click's
            from cardcheck.cli.kiosk import Kiosk, KioskOptions

            known = frozenset(KioskOptions.__struct_fields__)
            shared = {name: values.pop(name) for name in list(values) if name in known}
            kiosk = Kiosk(f"kiosk {function.__name__.split('_')[0]}", KioskOptions(**shared))
            return function(kiosk=kiosk, **values)

        for option in reversed(_SHARED):
            gather = option(gather)
        return formats(*views, log=log)(gather)

    return decorate


@click.group(name="kiosk")
@group_lang_option
def kiosk_command() -> None:
    """Accept, check and watch the readers of a counter.

    Of a card, nothing is shown or kept but that it answered.
    """


@kiosk_command.command(name="accept")
@_sharing(View.SCREEN, View.PAGE, View.DATA, View.TABLE)
@_OPERATOR
@click.option(
    "--allow-failures",
    type=click.IntRange(0, 5),
    default=0,
    metavar="N",
    help="Failures that still pass; each makes the run longer.",
)
@click.option(
    "--baseline",
    type=Output(),
    metavar="FILE",
    help="Show what has changed since; written when it is not there.",
)
@click.option(
    "--resume",
    type=Input(),
    metavar="FILE",
    help="Go on with a run that was ended undecided, from its JSON.",
)
@click.option("--renew-baseline", is_flag=True, help="Write the baseline anew when the run passes.")
@click.option(
    "--fail-on",
    type=click.Choice(["warning", "error"]),
    default="error",
    help="Whether passing with remarks (slow, changed) also gives exit code 1.",
)
@click.option("--csv", type=Output(), metavar="FILE", help="Also write the table of presentations.")
@click.option(
    "--seal", type=Output(), metavar="FILE", help="Also write everything into one signed archive."
)
@click.option("--seal-key", type=Input(), metavar="KEY", help="The SSH key that signs it.")
def accept_command(
    kiosk: Kiosk,
    *,
    csv: str | None,
    seal: str | None,
    seal_key: str | None,
    **rule: Any,  # noqa: ANN401 - from click
) -> int:
    """Try a reader with a test card until the rule is kept or broken.

    59 presentations without a failure: a reader that fails 1 time in 20 passes with a probability
    of 4.85 %. Any Type B or contact card will do, at a smaller scope that the sheet states. Do not
    use your own card or a visitor's.
    """
    from cardcheck.cli.kiosk_runs import AcceptanceOptions, deliver_acceptance

    return deliver_acceptance(kiosk, (seal, seal_key), csv, AcceptanceOptions(**rule))


@kiosk_command.command(name="check")
@_sharing(*_MONITORED, log=True)
@_OPERATOR
@click.option("--log", type=Output(), metavar="FILE", help="Append one dated line to this log.")
@click.option(
    "--seconds",
    type=click.FloatRange(1, 600),
    default=15.0,
    help="How long a card may take to come (15).",
)
@click.option(
    "--seal", type=Output(), metavar="FILE", help="Also write the result into a signed archive."
)
@click.option("--seal-key", type=Input(), metavar="KEY", help="The SSH key that signs it.")
def check_command(
    kiosk: Kiosk, *, log: str | None, seconds: float, seal: str | None, seal_key: str | None
) -> int:
    """The morning check: every reader must read a card."""
    from cardcheck.cli.kiosk_runs import deliver_check

    return deliver_check(kiosk, seconds, log, (seal, seal_key))


@kiosk_command.command(name="watch")
@_sharing(*_MONITORED, log=True)
@click.option(
    "--state",
    type=Output(),
    metavar="FILE",
    help="Write the state here after each look, whole or not at all.",
)
@click.option(
    "--textfile",
    type=Output(),
    metavar="FILE",
    help="Also write it for Prometheus' textfile collector.",
)
@click.option(
    "--memory",
    type=Output(),
    metavar="FILE",
    help="Also keep the state here, and go on from it when --state is gone: after a boot.",
)
@click.option(
    "--expect",
    multiple=True,
    metavar="NAME=N",
    help="N readers with this in their name belong here. Without it, what was seen is learned.",
)
@click.option(
    "--expect-baseline",
    type=Input(),
    multiple=True,
    metavar="FILE",
    help="The reader of this baseline of kiosk accept belongs here.",
)
@click.option(
    "--interval",
    type=click.FloatRange(0, _DAY, min_open=True),
    default=30.0,
    help="Seconds between looks (30).",
)
@click.option("--cycles", type=click.IntRange(1), metavar="N", help="Stop after N looks.")
@click.option(
    "--closed-file",
    type=Input(),
    metavar="FILE",
    help="While this file exists the station is not in service.",
)
@click.option(
    "--from",
    "source",
    type=Input(),
    metavar="FILE",
    help="Look at nothing: say what this state file says.",
)
@click.option(
    "--task",
    is_flag=True,
    help="Look at nothing: print this watch as a scheduled task of Windows (XML).",
)
def watch_command(
    kiosk: Kiosk,
    *,
    state: str | None,
    textfile: str | None,
    source: str | None,
    task: bool,
    **pace: Any,  # noqa: ANN401 - from click
) -> int:
    """Watch all readers without ever touching a card.

    Without --state, each look whose result has changed is written to stdout.
    """
    from cardcheck.cli.kiosk_runs import WatchOptions, deliver_watch, say_state, say_task

    if task:
        return say_task()
    if source is not None:
        return say_state(kiosk, source)
    return deliver_watch(kiosk, state, textfile, WatchOptions(**pace))
