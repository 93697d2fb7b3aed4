# SPDX-License-Identifier: Apache-2.0
"""Virtual cards served to other programs, until a signal comes.

What belongs here: which card lies where, and what is said of it. What does not: the readers that
they lie on (``simulation``).
"""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from cardcheck.catalog.messages import load
from cardcheck.cli.language import language
from cardcheck.errors import InputError
from cardcheck.output.streams import write_lines, write_text
from cardcheck.signals import Interruption, raising
from cardcheck.simulation.card import CREDENTIAL_INS
from cardcheck.simulation.nfc_udp import HOST, NfcUdpCard
from cardcheck.simulation.picc import LinkModel, picc_of
from cardcheck.simulation.profiles import PROFILES
from cardcheck.simulation.virtual import virtual_card
from cardcheck.simulation.vpcd import VpcdCard

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cardcheck.catalog.messages import Messages
    from cardcheck.simulation.card import SimulatedCard

    Serve = Callable[[threading.Event], None]

_VPCD: Final = "127.0.0.1:35963"
_FAREWELL: Final = 0.5  # seconds that a card gets to leave its reader
_TURN: Final = 0.5  # seconds between two looks at whether a card is still served
_SHOWN_COMMANDS: Final = 500


class Serving(Struct, frozen=True, kw_only=True):
    """What is to be served.

    Attributes:
        profile: the profile of the card.
        faults: what is laid over it.
        vpcd: ``HOST:PORT`` of vpcd, or None.
        nfc_udp: the port for nfcpy's ``udp``, or None. Without either the card lies at vpcd.
        link: seconds that each APDU and each byte take.
    """

    profile: str
    faults: tuple[str, ...]
    vpcd: str | None
    nfc_udp: int | None
    link: tuple[float, float]


def serve_cards(wish: Serving, lang: str | None) -> None:
    """Serves cards until a signal comes.

    Raises:
        InputError: no such profile, fault or place.
    """
    served: list[_Served] = []
    if wish.vpcd is not None or wish.nfc_udp is None:
        card = virtual_card(wish.profile, *wish.faults)
        served.append(_on_vpcd(card, wish.vpcd or _VPCD, wish.link))
    if wish.nfc_udp is not None:
        card = virtual_card(wish.profile, *wish.faults)
        served.append(_on_nfc(wish.profile, card, wish.nfc_udp, wish.link))
    _serve(wish.profile, served, load(language(lang)))


def list_profiles() -> None:
    """Prints the profiles."""
    width = max(map(len, PROFILES))
    lines = [f"{each.name:<{width}}  {each.summary}\n" for each in PROFILES.values()]
    write_text(sys.stdout, "".join(lines))


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


def _on_vpcd(card: SimulatedCard, place: str, link: tuple[float, float]) -> _Served:
    """The card for a virtual PC/SC reader.

    Raises:
        InputError: no place on this computer.
    """
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
    served = NfcUdpCard(picc_of(profile, card, LinkModel(*link)), port)
    return _Served("serving-nfc", f"udp:{HOST}:{port}", card, served.serve)


def _serve(profile: str, served: Sequence[_Served], messages: Messages) -> None:
    """Serves until a signal comes, then says what reached the cards.

    Raises:
        InputError: a card cannot be served.
    """
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


def _say(line: str) -> None:
    write_lines(sys.stderr, [line])
