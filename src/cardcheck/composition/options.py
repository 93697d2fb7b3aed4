# SPDX-License-Identifier: Apache-2.0
"""What is to be looked at, and how: plain values, whoever asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from datetime import datetime


class LookOptions(Struct, frozen=True, kw_only=True):
    """What a look is asked for, by the names that the contract gives the options.

    Attributes:
        reader: the reader that is meant, by name or index; None: all.
        backend: ``auto``, ``pcsc`` or ``nfc``.
        nfc_path: one NFC device, as nfcpy names it.
        simulate: the profile of a simulated card, instead of hardware.
        replay: the file of a trace, instead of hardware.
        record: the file that a trace is to be written into; the card is then read whole.
        fault: faults laid over a simulated or recorded card.
        quick: read what login needs only.
        wait: seconds to wait for a card; None: as the caller sees fit.
        timeout: seconds for everything but that wait.
        at: the instant by which validity is judged; None: the present one, or that of the trace.
        trust_anchor: PEM files of authorities that count besides.
        fail_on: ``warning`` or ``error``: from when on the exit code is 1.
        only: ids or beginnings of the checks to be run; empty: all.
        skip: ids or beginnings of the checks to be left out.
        host_snapshot: the file of a recorded computer, instead of this one.
        station: a label for this computer; what is personal is then not read.
        no_cache: neither use nor keep certificates of authorities.
        even_if_in_use: read although another program uses the reader.
    """

    reader: str | None = None
    backend: str = "auto"
    nfc_path: str | None = None
    simulate: str | None = None
    replay: str | None = None
    record: str | None = None
    fault: tuple[str, ...] = ()
    quick: bool = False
    wait: float | None = None
    timeout: float = 30.0
    at: datetime | None = None
    trust_anchor: tuple[str, ...] = ()
    fail_on: str = "error"
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    host_snapshot: str | None = None
    station: str | None = None
    no_cache: bool = False
    even_if_in_use: bool = False
