# SPDX-License-Identifier: Apache-2.0
"""What is to be looked at, and how: plain values, whoever asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from cardcheck.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

BACKENDS: Final = ("auto", "pcsc", "nfc")
MAX_SECONDS: Final = 86_400.0
"""The longest wait and the longest deadline."""
FAIL_ON: Final = ("warning", "error")


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


def unknown_check(names: Sequence[str]) -> str | None:
    """The first that is no check and no beginning of one, or None: a slip would check nothing."""
    if not names:
        return None
    from cardcheck.catalog.aliases import check_now
    from cardcheck.catalog.messages import check_table

    known = [f"{row.id}." for row in check_table() if row.layer]
    for name in names:
        if not any(check.startswith(f"{check_now(name)}.") for check in known):
            return name
    return None


def require_sound(options: LookOptions) -> None:
    """Passes silently where the values mean something, for callers whom no command line checks.

    Raises:
        InputError: one does not; the message names it.
    """
    if options.backend not in BACKENDS:
        raise InputError(f"backend {options.backend!r}: not one of {', '.join(BACKENDS)}")
    if options.fail_on not in FAIL_ON:
        raise InputError(f"fail_on {options.fail_on!r}: not one of {', '.join(FAIL_ON)}")
    for seconds in (options.timeout, options.wait or 0.0):
        if not 0 <= seconds <= MAX_SECONDS:
            raise InputError(f"{seconds}: not from 0 to {MAX_SECONDS:.0f} seconds")
    if options.at is not None and options.at.tzinfo is None:
        raise InputError("at: needs a time zone; give datetime(..., tzinfo=UTC)")
    wrong = unknown_check((*options.only, *options.skip))
    if wrong is not None:
        raise InputError(f"{wrong!r} is no check; see: cardcheck checks")
