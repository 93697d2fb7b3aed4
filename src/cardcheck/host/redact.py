# SPDX-License-Identifier: Apache-2.0
"""Takes out of host facts what could name a person or a computer, before they are written.

What belongs here: names of users and computers, home directories, serial numbers. What does not:
the format (``facts.snapshot``). Probes leave such things out already; this is the second net.
"""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct
from msgspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Collection

    from cardcheck.facts.doctor import DoctorFacts

_HOME: Final = re.compile(
    r"((?:/home|[\\/](?:Users|Documents and Settings))[\\/]+)"
    r"(?:[^\\/\"'\n]+(?=[\\/])|[^\\/\s\"':]+)",  # a name may have a space in it
    re.IGNORECASE,
)
_COMPUTER: Final = re.compile(r"(?<![\w:\\>])(\\\\)(?![?.]\\)[^\\/\s]+")  # of a UNC path
_COMMON: Final = frozenset({"root", "pcscd", "localhost", "linux", "windows", "macos", "user"})
_SYSTEM_OWNERS: Final = frozenset({"root", "pcscd", "plugdev", "scard", "usb", "dialout"})
_OWNER: Final = re.compile(r"^(\S+):(\S+) (\d{4})$")


def redacted(facts: DoctorFacts, names: Collection[str]) -> DoctorFacts:
    """The facts without ``names``, other users' names and what only one computer has.

    Of the ids that drivers list, those of the attached devices are kept: enough to judge them.

    Args:
        facts: what was observed.
        names: names of this user and this computer.
    """
    words = sorted({name for name in names if len(name) > 2 and name.lower() not in _COMMON})
    pattern = re.compile("|".join(map(re.escape, words)), re.IGNORECASE) if words else None
    cleaned = _cleaned(facts, pattern)
    host = cleaned.host
    attached = {device.id for device in host.usb or ()}
    bundles = host.bundles and tuple(
        replace(
            bundle,
            ids=bundle.ids & attached,
            names=frozenset(row for row in bundle.names if (row[0], row[1]) in attached),
            switched_off=bundle.switched_off & attached,
        )
        for bundle in host.bundles
    )
    usb = host.usb and tuple(
        replace(device, node_owner=_owner(device.node_owner)) for device in host.usb
    )
    result: DoctorFacts = replace(cleaned, host=replace(host, bundles=bundles, usb=usb))
    return result


def own_names() -> tuple[str, ...]:
    """The names of this user and this computer, as far as they can be told."""
    import getpass
    import socket

    found = [socket.gethostname(), socket.gethostname().partition(".")[0]]
    found += [os.environ.get(name, "") for name in ("COMPUTERNAME", "USERNAME", "USER")]
    with contextlib.suppress(RuntimeError):
        found.append(Path.home().name)
    with contextlib.suppress(OSError, KeyError, ImportError):
        found.append(getpass.getuser())
    return tuple(name for name in found if name)


def _owner(text: str | None) -> str | None:
    """``root:plugdev 0660`` as it is; the names of people replaced."""
    match = _OWNER.match(text or "")
    if match is None:
        return None
    user, group = (name if name in _SYSTEM_OWNERS else "<user>" for name in match.groups()[:2])
    return f"{user}:{group} {match[3]}"


def _cleaned(value: Any, names: re.Pattern[str] | None) -> Any:  # noqa: ANN401 - any fact
    if isinstance(value, str):
        text = _COMPUTER.sub(r"\1<computer>", _HOME.sub(r"\1<user>", value))
        return names.sub("<name>", text) if names else text
    if isinstance(value, Struct):
        return replace(
            value,
            **{name: _cleaned(getattr(value, name), names) for name in value.__struct_fields__},
        )
    if isinstance(value, tuple | frozenset):
        return type(value)(_cleaned(item, names) for item in value)
    return value
