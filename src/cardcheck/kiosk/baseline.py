# SPDX-License-Identifier: Apache-2.0
"""The baseline: what a reader was like when it was accepted, and what has changed since.

What belongs here: the file's content and the comparison, pure. What does not: reading and writing
files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import UNSET, Struct, UnsetType

from cardcheck.codec import decoded, encoded
from cardcheck.errors import InputError
from cardcheck.kiosk.health import stem_of
from cardcheck.kiosk.run import Drift, percentile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cardcheck.kiosk.run import Acceptance

_FIELDS: Final = ("model", "usb", "firmware", "location", "driver", "platform", "depth")
_SLOWER: Final = 1.5  # times the median of the baseline; what hands and cards differ by stays below
_NOTICEABLE: Final = 100  # milliseconds: less is noise


class Baseline(
    Struct, frozen=True, kw_only=True, tag_field="schema", tag="cardcheck.kiosk-baseline/1"
):
    """What a reader was like when it was accepted; without its serial number.

    Attributes:
        at: the day, YYYY-MM-DD.
        name: as it is listed; older ones leave it out.
        model: its model, else its name.
        usb: 054c:0dc9, or null.
        firmware: the device's own release number, or null.
        location: where it was plugged in, as the system names it, or null.
        driver: name and version of the driver that lists it, or null.
        platform: system and its release.
        depth: what the run proved, or null.
        read_median: milliseconds until a card was read, the median.
        read_95: likewise, the 95th percentile.
    """

    at: str = "?"
    name: str | UnsetType = UNSET
    model: str | None = None
    usb: str | None = None
    firmware: str | None = None
    location: str | None = None
    driver: str | None = None
    platform: str | None = None
    depth: str | None = None
    read_median: int | None = None
    read_95: int | None = None


def baseline_of(run: Acceptance) -> str:
    """The baseline of a run, as JSON text."""
    return encoded(_values(run))


def drift_from(data: bytes, run: Acceptance) -> tuple[str, tuple[Drift, ...]]:
    """When the baseline in ``data`` was taken, and what is not as it was.

    Raises:
        InputError: ``data`` is no baseline; says why.
    """
    before = _baseline_in(data)
    return before.at[:32], tuple(_drift(before, _values(run)))


def name_in(data: bytes) -> str:
    """The name of the reader whose baseline ``data`` is, as it is listed.

    Raises:
        InputError: ``data`` is no baseline, or one without a name; says why.
    """
    name = _baseline_in(data).name
    if not name:
        raise InputError("is a baseline without the reader's name; say --expect NAME=N instead")
    return name


def _baseline_in(data: bytes) -> Baseline:
    try:
        return decoded(Baseline, data)
    except InputError as error:
        why = f"is not a baseline ({error}); give another file, or the name of a new one"
        raise InputError(why) from None


def _values(run: Acceptance) -> Baseline:
    reader = run.reader
    good = [each.read for each in run.presentations if each.good and each.read is not None]
    return Baseline(
        at=run.setting.at.date().isoformat(),
        name=stem_of(reader.name),
        model=reader.model or reader.name,
        usb=reader.usb,
        firmware=reader.firmware,
        location=reader.location,
        driver=reader.driver,
        platform=run.setting.platform,
        depth=run.depth.value if run.depth else None,
        read_median=percentile(good, 50),
        read_95=percentile(good, 95),
    )


def _drift(before: Baseline, after: Baseline) -> Iterator[Drift]:
    for field in _FIELDS:
        old, new = getattr(before, field), getattr(after, field)
        if old != new:
            yield Drift(what=field, before=_shown(old), after=_shown(new))
    for field in ("read_median", "read_95"):
        then, now = getattr(before, field), getattr(after, field)
        if then is not None and now is not None and now > max(then * _SLOWER, then + _NOTICEABLE):
            yield Drift(what=field, before=f"{then} ms", after=f"{now} ms")


def _shown(value: str | None) -> str:
    return "-" if value is None else value[:128]
