# SPDX-License-Identifier: Apache-2.0
"""Values that the tests of ``kiosk`` share."""

from __future__ import annotations

from datetime import UTC, datetime

from cardcheck.kiosk.rule import Rule
from cardcheck.kiosk.run import (
    Acceptance,
    Checked,
    Depth,
    MorningCheck,
    Outcome,
    Presentation,
    ReaderFace,
    Setting,
)

AT = datetime(2026, 11, 21, 22, 30, tzinfo=UTC)
SETTING = Setting(
    id="00000000-0000-4000-8000-000000000001",
    at=AT,
    station="city-hall/window-3",
    operator="ab",
    source="hardware",
    platform="Linux 6.1",
    version="0.1.0",
)
READER = ReaderFace(
    name="Example Reader 00 00",
    model="Example",
    usb="054c:0dc9",
    interface="contactless",
    firmware="1.06",
    location="1-5",
    driver="ifd-ccid.bundle 1.5.2",
)
GOOD = Presentation(outcome=Outcome.ANSWERED, depth=Depth.LABEL, detect=900, read=120)
SMALLER = Presentation(outcome=Outcome.ANSWERED, depth=Depth.ANSWER, detect=900, read=120)
LOST = Presentation(
    outcome=Outcome.LOST, detect=900, read=4000, retries=2, error="CardRemovedError"
)
NO_CARD = Presentation(outcome=Outcome.NOT_DETECTED)
HOSTILE = '=cmd|"/c calc"!A1 <script>alert(1)</script>\x1b[2J\u202e'


def acceptance(*presentations: Presentation, **changes: object) -> Acceptance:
    """A run with these presentations, else with 59 good ones."""
    values: dict[str, object] = {
        "setting": SETTING,
        "reader": READER,
        "rule": Rule(),
        "presentations": presentations or (GOOD,) * 59,
    }
    return Acceptance(**{**values, **changes})  # type: ignore[arg-type]  # test values


def morning(*presentations: Presentation) -> MorningCheck:
    """A check of one reader for each of ``presentations``."""
    readers = tuple(Checked(reader=READER, presentation=each) for each in presentations)
    return MorningCheck(setting=SETTING, readers=readers)
