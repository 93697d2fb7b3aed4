# SPDX-License-Identifier: Apache-2.0
"""The states that ``--simulate`` and ``cardcheck simulate`` know by name.

What belongs here: names, one line about each, and what makes the state. What does not: how a card
answers.
"""

from __future__ import annotations

from difflib import get_close_matches
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct

from cardcheck.cards.mynumber import LICENCE, VISUAL
from cardcheck.errors import InputError
from cardcheck.simulation import othercards
from cardcheck.simulation.card import Behaviour
from cardcheck.simulation.mynumber import (
    COMMON,
    CONTACT_ATR,
    JPKI,
    RESIDENT,
    TEXT_INPUT,
    Variant,
    build,
)
from cardcheck.simulation.pki import Flaw

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from cardcheck.simulation.card import VirtualCard

    CardMaker: TypeAlias = Callable[[datetime], VirtualCard]

READER_NAME: Final = "cardcheck simulated reader"
_AUTHENTICATION: Final = (JPKI, 0x0018)
_SIGNATURE: Final = (JPKI, 0x001B)
_ALL: Final = frozenset({COMMON, RESIDENT, VISUAL, TEXT_INPUT})
_SIZE: Final = 1571  # of the DER that the broken certificates pretend to be
_NO_SIGNATURE: Final = b"\x00\x8f\x00"


class SimulatedReader(Struct, frozen=True, kw_only=True):
    """One slot.

    Attributes:
        name: as PC/SC would list it.
        make_card: makes the card in the slot for an instant of judgement; None: no card.
        mute: the card does not answer to reset.
        in_use: another program has a shared connection to the card.
        exclusive: another program holds the card for itself.
    """

    name: str = f"{READER_NAME} 00 00"
    make_card: CardMaker | None = None
    mute: bool = False
    in_use: bool = False
    exclusive: bool = False


class Profile(Struct, frozen=True, kw_only=True):
    """One state of a whole system.

    Attributes:
        name: what ``--simulate`` takes.
        summary: one line in English.
        readers: the slots, in the order of the service.
        service: whether the PC/SC service answers.
    """

    name: str
    summary: str
    readers: tuple[SimulatedReader, ...]
    service: bool = True


def profile(name: str) -> Profile:
    """The profile called ``name``.

    Raises:
        InputError: there is none; the message names the nearest.
    """
    if name in PROFILES:
        return PROFILES[name]
    near = get_close_matches(name, PROFILES, n=3, cutoff=0.5)
    hint = f"did you mean {', '.join(near)}?" if near else f"known: {', '.join(sorted(PROFILES))}"
    raise InputError(f"no profile {name!r}; {hint}")


def _my_number(variant: Variant) -> CardMaker:
    return partial(build, variant)


def _cards() -> Iterator[tuple[str, str, CardMaker]]:
    """Profiles of one reader with one card: name, summary, maker."""
    for name, summary, variant in (*_certificate_states(), *_pin_states(), *_kinds_of_my_number()):
        yield name, summary, _my_number(variant)
    yield "jukicard", "The predecessor of the My Number card, long expired", othercards.jukicard
    yield "phone", "An Android phone with a certificate, held to the reader", othercards.phone
    yield "drivers-licence", "A driving licence of plastic", othercards.drivers_licence
    yield "residence-card", "A residence card", othercards.residence_card
    yield "passport", "A passport", othercards.passport
    yield "payment-card", "A contactless credit card", othercards.payment_card
    yield "bank-card", "A cash card", othercards.bank_card
    yield "felica", "A FeliCa card, such as a travel card", othercards.felica
    yield "piv", "A PIV card or security key", othercards.piv
    yield "bcas", "The card of a television set", othercards.bcas
    yield "etc-card", "A card for motorway tolls", othercards.etc_card
    yield "unknown-card", "A card of no kind that we know", othercards.unknown_card


def _certificate_states() -> Iterator[tuple[str, str, Variant]]:
    yield "valid", "A My Number card without a fault", Variant()
    yield "expiring", "The certificates end in 30 days", Variant(starts=-1700, ends=30)
    yield (
        "expired",
        "The certificates ended 30 days ago, the card did not",
        Variant(starts=-1800, ends=-30),
    )
    yield "not-yet-valid", "The certificates begin in 10 days", Variant(starts=10, ends=1800)
    yield (
        "card-expiring",
        "Card and certificates end in 30 days",
        Variant(starts=-1700, ends=30, card_ends=30),
    )
    yield (
        "card-expired",
        "Card and certificates ended 30 days ago",
        Variant(ends=-30, card_ends=-30),
    )
    yield (
        "wrong-issuer",
        "The certificate is of an authority that is not on the card",
        Variant(flaw=Flaw.OTHER_AUTHORITY),
    )
    yield (
        "no-key-identifier",
        "The certificate does not name its authority's key",
        Variant(flaw=Flaw.NO_KEY_IDENTIFIER),
    )
    yield (
        "bad-signature",
        "The signature of the certificate does not fit",
        Variant(flaw=Flaw.BAD_SIGNATURE),
    )
    yield (
        "unreadable-certificate",
        "The certificate file is missing",
        Variant(absent=frozenset({(JPKI, 0x000A)})),
    )
    for name, (summary, content) in _BROKEN.items():
        yield name, f"The certificate file holds {summary}", Variant(certificate=content)


def _pin_states() -> Iterator[tuple[str, str, Variant]]:
    tries: tuple[tuple[str, str, dict[tuple[bytes, int], int]], ...] = (
        ("pin-low", "One try left for the authentication PIN", {_AUTHENTICATION: 1}),
        ("pin-locked", "The authentication PIN is locked", {_AUTHENTICATION: 0}),
        ("sign-pin-low", "One try left for the signature PIN", {_SIGNATURE: 1}),
        ("sign-pin-locked", "The signature PIN is locked", {_SIGNATURE: 0}),
        ("text-pin-locked", "The text-input PIN is locked", {(TEXT_INPUT, 0x0011): 0}),
        ("register-pin-locked", "The resident-register PIN is locked", {(COMMON, 0x001C): 0}),
    )
    for name, summary, left in tries:
        yield name, summary, Variant(tries=left)
    yield (
        "locked-6984",
        "The authentication PIN is locked, and the card says so with 6984",
        Variant(tries={_AUTHENTICATION: 0}, behaviour=Behaviour(blocked=0x6984)),
    )
    yield (
        "already-verified",
        "Another program has verified the authentication PIN",
        Variant(held_open=frozenset({_AUTHENTICATION})),
    )


def _kinds_of_my_number() -> Iterator[tuple[str, str, Variant]]:
    yield (
        "child",
        "The card of a child: no signature certificate, no PIN for it",
        Variant(directory=_NO_SIGNATURE, absent=frozenset({_SIGNATURE, (JPKI, 0x001A)})),
    )
    yield (
        "face-auth",
        "A card for face recognition: no signature certificate, no PIN can be used",
        Variant(directory=_NO_SIGNATURE, tries={_AUTHENTICATION: 0, _SIGNATURE: 0}),
    )
    yield "contact-card", "A valid card in a contact reader", Variant(atr=CONTACT_ATR)
    yield (
        "licence-on-card",
        "A valid card that is a driving licence as well",
        Variant(applications=_ALL | {LICENCE}),
    )
    yield (
        "new-generation",
        "A card with an unknown label and P-384 certificates of ten years",
        Variant(label=b"JPKIAPICCTOKEN3", starts=-900, ends=2700, card_ends=2700, elliptic=True),
    )
    yield (
        "first-command-6f00",
        "A valid card that refuses the first command",
        Variant(behaviour=Behaviour(first_command_fails=True)),
    )
    yield (
        "announces-length",
        "A valid card behind a reader that answers 61xx",
        Variant(behaviour=Behaviour(announces_length=True)),
    )
    yield (
        "corrects-length",
        "A valid card that answers 6Cxx to a read of more than there is",
        Variant(behaviour=Behaviour(corrects_length=True)),
    )


_BROKEN: Final[Mapping[str, tuple[str, bytes]]] = MappingProxyType(
    {
        "malformed-certificate": (
            "a DER length with noise behind it",
            bytes.fromhex("3082061F") + bytes(i * 197 & 0xFF for i in range(_SIZE - 4)),
        ),
        "certificate-zeros": ("nothing but zeros", b"\0"),
        "certificate-ff": ("nothing but FF", b"\xff" * 0x76C),
        "certificate-huge": ("a length of 4 GB", bytes.fromhex("3084FFFFFFF0")),
        "certificate-cut": ("a length beyond the end of the file", bytes.fromhex("30820BB8308201")),
        "certificate-indefinite": ("an indefinite length", bytes.fromhex("3080")),
    }
)


def _systems() -> Iterator[Profile]:
    """Profiles whose state is that of a reader or of the service."""
    valid, first = _my_number(Variant()), f"{READER_NAME} 00 00"
    second = f"{READER_NAME} 01 00"
    dual = f"{READER_NAME} dual [Contact] 00 00", f"{READER_NAME} dual [Contactless] 00 01"

    def system(name: str, summary: str, *readers: SimulatedReader, service: bool = True) -> Profile:
        return Profile(name=name, summary=summary, readers=readers, service=service)

    yield system("no-service", "The PC/SC service does not answer", service=False)
    yield system("no-reader", "No reader is attached")
    yield system("no-card", "A reader without a card", SimulatedReader(name=first))
    yield system(
        "mute",
        "A card that does not answer to reset",
        SimulatedReader(name=first, make_card=othercards.silent, mute=True),
    )
    yield system(
        "in-use",
        "Another program uses the card",
        SimulatedReader(name=first, make_card=valid, in_use=True),
    )
    yield system(
        "exclusive",
        "Another program holds the card for itself",
        SimulatedReader(name=first, make_card=valid, exclusive=True),
    )
    yield system(
        "two-readers",
        "Two readers, the second one with a valid card",
        SimulatedReader(name=first),
        SimulatedReader(name=second, make_card=valid),
    )
    yield system(
        "dual-reader",
        "A reader with two slots, the card on the contactless one",
        SimulatedReader(name=dual[0]),
        SimulatedReader(name=dual[1], make_card=valid),
    )


def _all() -> Iterator[Profile]:
    for name, summary, maker in _cards():
        yield Profile(name=name, summary=summary, readers=(SimulatedReader(make_card=maker),))
    yield from _systems()


PROFILES: Final[Mapping[str, Profile]] = MappingProxyType({each.name: each for each in _all()})
