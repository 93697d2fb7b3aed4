# SPDX-License-Identifier: Apache-2.0
"""What devices are called: one USB id, the name in libccid's list, the names that systems show.

What belongs here: ids and names, both ways. What does not: what is known of a product that people
in Japan buy (``catalog.reader_table``), and what a name of a slot means (``catalog.readers``).

The text that a device gives of itself differs from the name in the driver's list for one device in
six; and one id is sold under several names.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from cardcheck.catalog.data import table
from cardcheck.catalog.reader_table import Interface, NameKind

if TYPE_CHECKING:
    from collections.abc import Mapping

_KINDS: Final = {
    "key": NameKind.SECURITY_KEY,
    "sim": NameKind.SIM,
    "virtual": NameKind.EXCLUDED,
}
_NUMBERS: Final = re.compile(r" [0-9A-Fa-f]{2} [0-9A-Fa-f]{2}\Z| \d{1,2}\Z")
_INTERFACE: Final = re.compile(r" ?\[[^\[\]]*\]")
_TWICE: Final = re.compile(r"\A(\w+) (?=\1\b)", re.IGNORECASE)


class UsbEntry(Struct, frozen=True, kw_only=True):
    """One device that PC/SC drivers know.

    Attributes:
        usb: vendor and product id.
        kind: reader, security key, slot for SIM cards, or excluded.
        interface: how a card reaches it; unknown for what is no reader, too.
        names: first that of libccid's list, then what devices call themselves.
    """

    usb: tuple[str, str]
    kind: NameKind
    interface: Interface
    names: tuple[str, ...]

    @property
    def title(self) -> str:
        """What to call it; a maker who stands there twice is said once."""
        return _TWICE.sub("", self.names[0])


@cache
def usb_devices() -> Mapping[tuple[str, str], UsbEntry]:
    """Every device in the list, by its ids; read at the first call (about 2 ms), then kept.

    Raises:
        KeyError, ValueError: the packaged file is broken (a bug of ours, kept out by a test).
    """
    lines = table("usb_devices.toml")["devices"].strip().splitlines()
    entries = [_entry(line) for line in lines]
    return {entry.usb: entry for entry in entries}


def _entry(line: str) -> UsbEntry:
    usb, what, names = line.split(" ", 2)
    vendor, product = usb.split(":")
    return UsbEntry(
        usb=(vendor, product),
        kind=_KINDS.get(what, NameKind.READER),
        interface=Interface.UNKNOWN if what in _KINDS else Interface(what),
        names=tuple(names.split(" | ")),
    )


def devices_named(name: str) -> tuple[UsbEntry, ...]:
    """The devices that a reader's name can mean, whatever system and driver wrote it; often none.

    Numbers behind the name and the interface in ``[]`` do not count; neither do case, spaces and
    punctuation.
    """
    keys = {folded(without_numbers(name)): None, folded(name): None}  # "SCR 331 0", "SCR 3310"
    return tuple(entry for key in keys for entry in _by_name().get(key, ()))


def without_numbers(name: str) -> str:
    """A name without interface and the numbers by which a system tells readers apart."""
    return _INTERFACE.sub("", _NUMBERS.sub("", name))


def folded(name: str) -> str:
    """The letters and digits of a name, without the interface in ``[]``."""
    return re.sub(r"[\W_]+", "", _INTERFACE.sub("", name)).casefold()


@cache
def _by_name() -> Mapping[str, tuple[UsbEntry, ...]]:
    found: dict[str, tuple[UsbEntry, ...]] = {}
    for entry in usb_devices().values():
        for key in {folded(name) for name in entry.names}:
            found[key] = (*found.get(key, ()), entry)
    return found
