# SPDX-License-Identifier: Apache-2.0
"""The options that diagnosing commands share, and the values that they become.

What belongs here: parsing and checking of option values. What does not: what they lead to
(``session``).
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from functools import wraps
from typing import TYPE_CHECKING, Any, Final

import click

from cardcheck.cli.language import lang_option
from cardcheck.cli.named import Input, Output
from cardcheck.composition.options import BACKENDS, FAIL_ON, MAX_SECONDS, LookOptions, unknown_check
from cardcheck.facts.calendar import JST
from cardcheck.render.formats import Format, View, formats_for

if TYPE_CHECKING:
    from collections.abc import Callable

    _InstantType = click.ParamType[datetime]
else:
    _InstantType = click.ParamType  # generic only since click 8.4

_YEARS: Final = range(1970, 2200)  # in which a card can be simulated as well


class Options(LookOptions, frozen=True, kw_only=True):
    """The options of a diagnosing command, as the contract names them."""

    form: Format = Format.TEXT
    output: str | None = None
    html: str | None = None
    open_page: bool = False
    lang: str | None = None
    plain: bool = False
    with_text: bool = False
    show_personal: bool = False
    snapshot: str | None = None
    seal: str | None = None
    seal_key: str | None = None


class Instant(_InstantType):
    """An ISO 8601 instant, without an offset in Japanese time, without a time at 0 o'clock."""

    name = "datetime"

    def convert(
        self,
        value: Any,  # noqa: ANN401 - click's signature
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> datetime:
        """The instant in UTC."""
        if isinstance(value, datetime):
            return value
        try:
            instant = datetime.fromisoformat(value)
            if instant.tzinfo is None:
                instant = instant.replace(tzinfo=JST)
            instant = instant.astimezone(UTC)
        except (ValueError, OverflowError):
            example = "2027-04-01 or 2027-04-01T12:00:00+09:00"
            self.fail(f"{value!r} is no date like {example}", param, ctx)
        if instant.year not in _YEARS:
            self.fail(f"{value!r} is not from {_YEARS[0]} to {_YEARS[-1]}", param, ctx)
        return instant


def _seconds(ctx: click.Context, param: click.Parameter, value: float | None) -> float | None:
    """``value``, but for ``nan``, which no comparison can stop."""
    if value is not None and math.isnan(value):
        raise click.BadParameter("nan is no number of seconds", ctx, param)
    return value


def known_checks(
    ctx: click.Context, param: click.Parameter, value: tuple[str, ...]
) -> tuple[str, ...]:
    """``value``, if each part is a check or the beginning of one: a slip would check nothing."""
    wrong = unknown_check(value)
    if wrong is not None:
        raise click.BadParameter(f"{wrong!r} is no check; see: cardcheck checks", ctx, param)
    return value


_RANGE: Final = click.FloatRange(min=0, max=MAX_SECONDS)
_SHARED: Final = (
    lang_option,
    click.option("--plain", is_flag=True, help="Plain text, also on a terminal."),
    click.option("--with-text", is_flag=True, help="With JSON: add the sentences."),
    click.option("--reader", metavar="NAME|INDEX", help="Look at this reader only."),
    click.option(
        "--backend",
        type=click.Choice(BACKENDS),
        default="auto",
        help="How to reach readers.",
    ),
    click.option(
        "--nfc-path",
        metavar="PATH",
        help="An NFC device by its nfcpy path, such as usb:054c:06c3 or udp:localhost:54321.",
    ),
    click.option(
        "--simulate",
        metavar="PROFILE",
        help="Diagnose a simulated card; never shown as hardware.",
    ),
    click.option(
        "--replay",
        type=Input(),
        metavar="FILE",
        help="Diagnose a recorded trace; never shown as hardware.",
    ),
    click.option(
        "--record",
        type=Output(),
        metavar="FILE",
        help="Write a redacted trace of what was exchanged.",
    ),
    click.option(
        "--fault",
        metavar="SPEC",
        multiple=True,
        help="With --simulate: a fault, such as removed@7.",
    ),
    click.option(
        "--quick",
        is_flag=True,
        help="Kind, expiry of the login certificate and the two login counters only.",
    ),
    click.option(
        "--wait",
        type=_RANGE,
        callback=_seconds,
        metavar="SECONDS",
        help="Wait for a card (30 on a terminal, else 0).",
    ),
    click.option(
        "--timeout",
        type=_RANGE,
        callback=_seconds,
        default=30.0,
        metavar="SECONDS",
        help="Deadline after the waiting (30).",
    ),
    click.option(
        "--at", type=Instant(), metavar="DATETIME", help="Judge validity at that instant."
    ),
    click.option(
        "--trust-anchor",
        type=Input(),
        metavar="PEM",
        multiple=True,
        help="Trust this CA (test cards).",
    ),
    click.option(
        "--fail-on",
        type=click.Choice(FAIL_ON),
        default="error",
        help="From when on to exit with 1.",
    ),
    click.option(
        "--show-personal",
        is_flag=True,
        help="Show expiry dates and serial numbers. Never for sharing.",
    ),
    click.option(
        "--only",
        metavar="CHECK",
        multiple=True,
        callback=known_checks,
        help="Run this check only (or area.subject).",
    ),
    click.option(
        "--skip",
        metavar="CHECK",
        multiple=True,
        callback=known_checks,
        help="Leave this check out.",
    ),
    click.option(
        "--snapshot",
        type=Output(fresh=True),
        metavar="FILE",
        help="Write what is known of this computer, redacted, to FILE.",
    ),
    click.option(
        "--host-snapshot",
        type=Input(),
        metavar="FILE",
        help="Take the computer from such a FILE, not this one.",
    ),
    click.option(
        "--station", metavar="LABEL", help="A label for this computer, written into the report."
    ),
    click.option("--no-cache", is_flag=True, help="Neither use nor keep CA certificates."),
    click.option(
        "--even-if-in-use",
        is_flag=True,
        help="Read although another program uses the reader: it may lose its login, "
        "and its user may have to log in again.",
    ),
)


_DELIVERING: Final = (
    click.option(
        "--seal",
        type=Output(),
        metavar="FILE",
        help="Also write report, trace and versions into one signed archive; with --station"
        " without the trace.",
    ),
    click.option("--seal-key", type=Input(), metavar="KEY", help="The SSH key that signs it."),
)


def chosen_format(form: str | None, *, as_json: bool) -> Format:
    """What ``--format`` and ``--json``, which is short for one of them, come to.

    Raises:
        click.UsageError: they contradict each other.
    """
    if form is None:
        return Format.JSON if as_json else Format.TEXT
    if as_json and form != Format.JSON:
        raise click.UsageError(f"--json and --format {form} exclude each other; give one of them")
    return Format(form)


_PAGE_OPTIONS: Final = (
    click.option(
        "--html", type=Output(), metavar="FILE", help="Also write a page to print or pass on."
    ),
    click.option("--open", "open_page", is_flag=True, help="Open the page when done."),
)


def formats(
    *views: View, log: bool = False, pages: bool = True
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Gives a command ``--format`` with what its views allow, as ``form``, and ``--output``.

    Args:
        views: what can be said of its result.
        log: whether JSON in one line makes sense.
        pages: whether it has ``--html`` and ``--open``, as ``html`` and ``open_page``.
    """
    named = [
        click.option(
            "--format",
            "form",
            type=click.Choice([each.value for each in formats_for(views, log=log)]),
            help="Format of the result (text).",
        ),
        click.option("--json", "as_json", is_flag=True, help="Short for --format json."),
        click.option(
            "--output",
            type=Output(),
            metavar="FILE",
            help="Write the result to FILE (always UTF-8).",
        ),
    ]
    if pages:
        named += _PAGE_OPTIONS

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def gather(*, form: str | None, as_json: bool, **values: Any) -> Any:  # noqa: ANN401 - click's
            return function(form=chosen_format(form, as_json=as_json), **values)

        for option in reversed(named):
            gather = option(gather)
        return gather

    return decorate


REPORT_VIEWS: Final = (View.SCREEN, View.PAGE, View.DATA, View.TABLE, View.SUITE, View.STATUS)
"""What can be said of a report."""


def scanning(function: Callable[..., Any]) -> Callable[..., Any]:
    """``diagnosing``, and what only ``scan`` has: other ways to deliver a report."""
    for option in reversed(_DELIVERING):
        function = option(function)
    return diagnosing(function)


def diagnosing(function: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a command the shared options; they arrive as one ``options`` argument."""

    @wraps(function)
    def gather(**values: Any) -> Any:  # noqa: ANN401 - click passes what it parsed
        known = frozenset(Options.__struct_fields__)
        shared = {name: values.pop(name) for name in list(values) if name in known}
        return function(options=Options(**shared), **values)

    for option in reversed(_SHARED):
        gather = option(gather)
    return formats(*REPORT_VIEWS)(gather)
