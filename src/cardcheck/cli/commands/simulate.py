# SPDX-License-Identifier: Apache-2.0
"""``cardcheck simulate``: a virtual card for other programs, and for trying the ways to a card."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Final

import click

from cardcheck.cli.language import lang_option, language
from cardcheck.errors import InputError
from cardcheck.simulation.card import CREDENTIAL_INS
from cardcheck.simulation.virtual import virtual_card

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cardcheck.catalog.messages import Messages
    from cardcheck.simulation.card import SimulatedCard

    Serve = Callable[[threading.Event], None]

_VPCD: Final = "127.0.0.1:35963"
_MOST_MILLISECONDS: Final = 60_000.0
_FAREWELL: Final = 0.5  # seconds that a card gets to leave its reader
_TURN: Final = 0.5  # seconds between two looks at whether a card is still served
_SHOWN_COMMANDS: Final = 500
# commands whose data is a PIN or a key: VERIFY, CHANGE, RESET RETRY COUNTER and those of JICSAP
_TIME: Final = click.FloatRange(min=0, max=_MOST_MILLISECONDS)


class _Served:
    """One card, where it lies, and the label that says so."""

    def __init__(self, label: str, place: str, card: SimulatedCard, serve: Serve) -> None:
        self.label, self.place, self.card = label, place, card
        self.error: InputError | None = None
        self._serve = serve
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self, stop: threading.Event) -> None:
        self._stop = stop
        self._thread.start()

    def _run(self) -> None:
        try:
            self._serve(self._stop)
        except InputError as error:
            self.error = error

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def join(self) -> None:
        self._thread.join(_FAREWELL)


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
        _list()
        return
    if profile is None:
        raise click.UsageError("name a PROFILE; --list shows them")
    link = latency_ms / 1e3, byte_us / 1e6
    served: list[_Served] = []
    if vpcd is not None or nfc_udp is None:
        served.append(_on_vpcd(virtual_card(profile, *fault), vpcd or _VPCD, link))
    if nfc_udp is not None:
        served.append(_on_nfc(profile, virtual_card(profile, *fault), nfc_udp, link))
    _serve(profile, served, _messages(lang))


def _on_vpcd(card: SimulatedCard, place: str, link: tuple[float, float]) -> _Served:
    """The card for a virtual PC/SC reader.

    Raises:
        InputError: no place on this computer.
    """
    from cardcheck.simulation.vpcd import VpcdCard

    host, colon, port = place.rpartition(":")
    if not colon or not (port.isascii() and port.isdigit()):
        raise InputError(f"--vpcd {place!r}: not like {_VPCD}")
    served = VpcdCard(
        card, host.strip("[]"), int(port), latency_ms=link[0] * 1e3, byte_us=link[1] * 1e6
    )
    return _Served("serving-vpcd", place, card, served.serve)


def _on_nfc(profile: str, card: SimulatedCard, port: int, link: tuple[float, float]) -> _Served:
    """The card for nfcpy's ``udp``.

    Raises:
        InputError: the port is taken, or such a card has contacts only.
    """
    from cardcheck.simulation.nfc_udp import HOST, NfcUdpCard
    from cardcheck.simulation.picc import LinkModel, picc_of

    served = NfcUdpCard(picc_of(profile, card, LinkModel(*link)), port)
    return _Served("serving-nfc", f"udp:{HOST}:{port}", card, served.serve)


def _serve(profile: str, served: Sequence[_Served], messages: Messages) -> None:
    """Serves until a signal comes, then says what reached the cards.

    Raises:
        InputError: a card cannot be served.
    """
    from cardcheck.signals import Interruption, raising

    stop = threading.Event()
    for each in served:
        each.start(stop)
        _say(messages.label(each.label, profile=profile, place=each.place))
    _say(messages.label("serving-end"))
    try:
        with raising():
            while all(each.alive for each in served):
                stop.wait(_TURN)
    except Interruption:
        pass  # the exit code tells of it
    stop.set()
    for each in served:
        each.join()
        _report(each, messages)
    errors = [each.error for each in served if each.error is not None]
    if errors:
        raise errors[0]


def _report(served: _Served, messages: Messages) -> None:
    """What reached a card; the data of a PIN is left out."""
    log = served.card.log
    for command in log[-_SHOWN_COMMANDS:]:
        secret = len(command) > 5 and command[1] in CREDENTIAL_INS
        _say(f"> {command[:5].hex().upper()}..." if secret else f"> {command.hex().upper()}")
    attempts = served.card.pin_attempts
    _say(messages.label("served", place=served.place, count=len(log), attempts=attempts))


def _list() -> None:
    from cardcheck.output.streams import write_text
    from cardcheck.simulation.profiles import PROFILES

    width = max(map(len, PROFILES))
    lines = [f"{each.name:<{width}}  {each.summary}\n" for each in PROFILES.values()]
    write_text(sys.stdout, "".join(lines))


def _messages(lang: str | None) -> Messages:
    from cardcheck.catalog.messages import load

    return load(language(lang))


def _say(line: str) -> None:
    from cardcheck.output.streams import write_lines

    write_lines(sys.stderr, [line])
