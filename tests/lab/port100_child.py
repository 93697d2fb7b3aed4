# SPDX-License-Identifier: Apache-2.0
"""The child of cardcheck with a modelled RC-S380 in the place of USB: run as a script, for tests.

What belongs here: nfcpy's transport over ``Port100``. What does not: the model. Everything above
the transport is real: nfcpy's frontend, its ``rcs380`` driver, ISO-DEP, and our child.

The argument is a ``Scenario`` as JSON.
"""

from __future__ import annotations

import errno
import json
import os
import sys
import threading
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cardcheck.simulation.faults import FaultyCard, parse_fault
from cardcheck.simulation.picc import Picc, TypeA, TypeB, picc_of
from cardcheck.simulation.profiles import PROFILES
from lab.port100 import FirmwareFault, Port100

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cardcheck.simulation.card import SimulatedCard

    Transmit = Callable[[bytes], bytes | None]

PLACE = (0x054C, 0x06C3, 1, 2)
PATH = "usb:001:002"


@dataclass(frozen=True)
class Scenario:
    """What lies on the reader, and what goes wrong.

    Attributes:
        profiles: profiles of the cards on the reader.
        faults: faults of the first card.
        firmware: a ``FirmwareFault`` by its fields, or None.
        attached: whether the device is there at all.
        log: a file that takes down what reaches the cards.
        marker: a file that exists once the firmware fault has passed (a fault for one child only).
    """

    profiles: Sequence[str] = ("valid",)
    faults: Sequence[str] = ()
    firmware: dict[str, Any] | None = None
    attached: bool = True
    log: str | None = None
    marker: str | None = None

    def command(self) -> list[str]:
        """What starts the child."""
        return [sys.executable, __file__, json.dumps(asdict(self))]


def _noted(transmit: Transmit, log: str) -> Transmit:
    """``transmit`` with what is sent written to a file."""

    def noting(command: bytes) -> bytes | None:
        with Path(log).open("a", encoding="ascii") as file:
            file.write(command.hex() + "\n")
        return transmit(command)

    return noting


def _firmware(scenario: Scenario) -> Port100:
    """The model with the cards and the fault of the scenario."""
    cards = [
        _card(name, scenario, first=index == 0) for index, name in enumerate(scenario.profiles)
    ]
    fault = None if scenario.firmware is None else FirmwareFault(**scenario.firmware)
    if scenario.marker is not None:
        fault = None if Path(scenario.marker).exists() else fault
        Path(scenario.marker).touch()
    return Port100(cards, fault)


def _card(name: str, scenario: Scenario, *, first: bool) -> Picc:
    maker = PROFILES[name].readers[0].make_card
    assert maker is not None
    card: SimulatedCard = maker(datetime.now(UTC))
    for text in scenario.faults if first else ():
        card = FaultyCard(card, parse_fault(text))
    picc = picc_of(name, card)
    if scenario.log is not None and isinstance(picc, TypeA | TypeB):
        picc.transmit = _noted(picc.transmit, scenario.log)  # type: ignore[assignment,method-assign]
    return picc


class ModelledUsb:
    """nfcpy's ``transport.USB`` over the model."""

    TYPE = "USB"
    manufacturer_name, product_name = "SONY", "RC-S380/P"
    scenario = Scenario()
    firmware = Port100()

    def __init__(self, bus: int, device: int) -> None:
        """The one device that there is."""
        assert (bus, device) == PLACE[2:]

    @classmethod
    def find(cls, path: str) -> list[tuple[int, int, int, int]] | None:
        """The devices that a path means."""
        if not path.startswith("usb"):
            return None
        return [PLACE] if cls.scenario.attached else []

    def write(self, frame: bytes, timeout: int = 0) -> None:
        """Hands a frame to the model."""
        self.firmware.write(bytes(frame))

    def read(self, timeout: int = 0) -> bytearray:
        """The model's next frame; without a time-out it waits for ever, as libusb does."""
        frame = self.firmware.read()
        if frame is None and not timeout:
            threading.Event().wait()
        if frame is None:
            raise OSError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
        return bytearray(frame)

    def close(self) -> None:
        """Nothing to let go of."""


def main() -> None:
    """Puts the model in the place of USB and becomes the child."""
    scenario = Scenario(**json.loads(sys.argv[1]))
    import nfc.clf.transport

    from cardcheck.transports.nfc import child

    ModelledUsb.scenario, ModelledUsb.firmware = scenario, _firmware(scenario)
    nfc.clf.transport.USB = ModelledUsb  # type: ignore[misc,assignment]
    allowed = os.access
    os.access = lambda path, mode, **more: (
        str(path).startswith("/dev/bus/usb/") or allowed(path, mode, **more)
    )
    child.main()


if __name__ == "__main__":
    main()
