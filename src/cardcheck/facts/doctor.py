# SPDX-License-Identifier: Apache-2.0
"""Everything that ``doctor`` looks at, in one frozen value: a host snapshot.

What belongs here: the sum of the parts. What does not: how it is written to a file
(``facts.snapshot``).
"""

from __future__ import annotations

from msgspec import Struct, field

# Not only for type checkers: a snapshot is read by the types of the fields.
from cardcheck.facts.host import HostFacts  # noqa: TC001
from cardcheck.facts.linux import LinuxFacts  # noqa: TC001
from cardcheck.facts.macos import MacosFacts  # noqa: TC001
from cardcheck.facts.software import SoftwareFacts
from cardcheck.facts.windows import WindowsFacts  # noqa: TC001


class PcscReader(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One slot as the service lists it.

    Attributes:
        name: without the serial number of the device.
        slot: what is in it, a value of the contract's ``slot``.
    """

    name: str
    slot: str = "empty"


class PcscFacts(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the PC/SC service said when it was asked for its readers.

    Attributes:
        error: the name of the link error, ``ImportError`` where pyscard cannot be loaded, or None.
        code: the PC/SC code, unsigned, or None.
        stalled: it took the call and did not answer in time.
        readers: what it lists.
    """

    error: str | None = None
    code: int | None = None
    stalled: bool = False
    readers: tuple[PcscReader, ...] = ()


class DoctorFacts(
    Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    tag_field="schema",
    tag="cardcheck.host/1",
):
    """One computer, as far as it decides whether a reader can be used.

    Attributes:
        host: system, clock, drivers, USB devices.
        pcsc: what the service said; None where it was not asked.
        linux: what only Linux has; None elsewhere.
        windows: what only Windows has; None elsewhere.
        macos: what only macOS has; None elsewhere.
        software: browsers, login software, libraries.
        unread: probes that did not answer in time or failed, by name.
    """

    host: HostFacts
    pcsc: PcscFacts | None = None
    linux: LinuxFacts | None = None
    windows: WindowsFacts | None = None
    macos: MacosFacts | None = None
    software: SoftwareFacts = field(default_factory=SoftwareFacts)
    unread: tuple[str, ...] = ()
