# SPDX-License-Identifier: Apache-2.0
"""``cardcheck simulate``: a virtual card for other programs, and for trying the ways to a card."""

from __future__ import annotations

from typing import Final

import click

from cardcheck.cli.language import lang_option

_VPCD: Final = "127.0.0.1:35963"
_MOST_MILLISECONDS: Final = 60_000.0
_TIME: Final = click.FloatRange(min=0, max=_MOST_MILLISECONDS)


@click.command(name="simulate")
@click.argument("profile", required=False)
@click.option(
    "--vpcd",
    metavar="HOST:PORT",
    is_flag=False,
    flag_value=_VPCD,
    help=f"On a virtual PC/SC reader of vpcd (default {_VPCD}).",
)
@click.option(
    "--nfc-udp",
    type=click.IntRange(1, 65535),
    metavar="PORT",
    help="As the peer of nfcpy's udp driver on 127.0.0.1.",
)
@click.option("--latency-ms", type=_TIME, default=0.0, help="Milliseconds that each APDU takes.")
@click.option("--byte-us", type=_TIME, default=0.0, help="Microseconds that each byte takes.")
@click.option("--fault", metavar="SPEC", multiple=True, help="A fault, such as removed@7.")
@click.option("--list", "list_them", is_flag=True, help="List the profiles.")
@lang_option
def simulate_command(  # noqa: PLR0913 - click passes one argument an option
    *,
    profile: str | None,
    vpcd: str | None,
    nfc_udp: int | None,
    latency_ms: float,
    byte_us: float,
    fault: tuple[str, ...],
    list_them: bool,
    lang: str | None,
) -> None:
    """Serve the virtual card PROFILE to other programs until Ctrl-C.

    Without --vpcd and --nfc-udp the card lies on vpcd's reader. With both there are two cards of
    the same profile. Only this computer can reach them.
    """
    if list_them:
        from cardcheck.cli.serving import list_profiles

        list_profiles()
        return
    if profile is None:
        raise click.UsageError("name a PROFILE; --list shows them")
    from cardcheck.cli.serving import Serving, serve_cards

    link = latency_ms / 1e3, byte_us / 1e6
    serve_cards(Serving(profile=profile, faults=fault, vpcd=vpcd, nfc_udp=nfc_udp, link=link), lang)
