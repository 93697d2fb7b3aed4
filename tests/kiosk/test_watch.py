# SPDX-License-Identifier: Apache-2.0
"""The watch goes on whatever the service does, and never connects."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from cardcheck.errors import LinkError, NoReaderError, NoServiceError
from cardcheck.facts.reader import Backend, ReaderIdentity, SlotState
from cardcheck.kiosk.health import Health, Reason, State
from cardcheck.kiosk.watch import Watcher
from kiosk.examples import AT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pytest

READER = ReaderIdentity(name="Reader A 00 00", backend=Backend.PCSC, path="a")


class Service:
    """A service that does what a test says; it has no ``connect``, so using one would crash."""

    def __init__(self) -> None:
        self.fail: list[BaseException] = []
        self.slot: SlotState | LinkError = SlotState.EMPTY
        self.opened = self.closed = 0
        self.hang: threading.Event | None = None

    def open(self) -> Service:
        self.opened += 1
        return self

    def readers(self) -> Sequence[ReaderIdentity]:
        if self.hang is not None:
            self.hang.wait(10)
        if self.fail:
            raise self.fail.pop()
        return [READER]

    def slot_state(self, reader: ReaderIdentity) -> SlotState:
        if isinstance(self.slot, LinkError):
            raise self.slot
        return self.slot

    def close(self) -> None:
        self.closed += 1


def run(
    service: Service, steps: Sequence[Callable[[], object]] = (), cycles: int = 1, **other: object
) -> list[Health]:
    """The healths of ``cycles`` looks; after each, the next of ``steps`` is taken."""
    healths: list[Health] = []
    left = list(steps)

    def publish(health: Health) -> None:
        healths.append(health)
        if left:
            left.pop(0)()

    watcher = Watcher(service.open, Health(at=AT, interval=0.001), **other)  # type: ignore[arg-type]
    watcher.run(publish, cycles)
    assert watcher.health is healths[-1]
    return healths


def test_one_context_serves_all_looks() -> None:
    service = Service()
    healths = run(service, cycles=5)
    assert [health.state for health in healths] == [State.OK] * 5
    assert (service.opened, service.closed) == (1, 0)


def test_a_restarted_service_is_no_outage() -> None:
    service = Service()
    healths = run(service, [lambda: service.fail.append(NoServiceError("gone"))], cycles=2)
    assert [health.state for health in healths] == [State.OK, State.OK]
    assert (healths[-1].outages, service.opened, service.closed) == (0, 2, 1)


def test_a_service_that_is_down_is_an_outage_until_it_is_back() -> None:
    service = Service()
    down = [lambda: service.fail.extend([NoServiceError("gone")] * 2)]
    healths = run(service, down, cycles=3)
    assert [health.reason for health in healths] == [
        Reason.READY,
        Reason.SERVICE_DOWN,
        Reason.READY,
    ]
    assert healths[-1].outages == 1


def test_a_missing_binding_is_unknown() -> None:
    service = Service()
    service.fail = [ImportError("no"), ImportError("no")]
    assert run(service)[0].reason is Reason.BINDING_MISSING


def test_a_slot_that_cannot_be_asked_is_critical() -> None:
    service = Service()
    service.slot = NoReaderError("gone")
    assert run(service)[0].reason is Reason.UNAVAILABLE


def test_a_hanging_service_is_asked_once_and_found_again() -> None:
    service = Service()
    hang = service.hang = threading.Event()
    threads = threading.active_count()

    def recover() -> None:
        assert threading.active_count() <= threads + 1
        service.hang = None
        hang.set()

    healths = run(service, [lambda: None, recover], cycles=4, limit=0.05)
    assert [health.reason for health in healths][:2] == [Reason.SERVICE_STALLED] * 2
    assert healths[-1].reason is Reason.READY


def test_readers_that_never_count_are_left_out_and_a_closed_station_is_closed() -> None:
    assert run(Service(), excluded=lambda _: True)[0].reason is Reason.NONE
    assert run(Service(), closed=lambda: True)[0].state is State.NOT_IN_SERVICE


def test_a_suspended_computer_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 1.0, 3601.0, 3602.0])
    monkeypatch.setattr("time.time", lambda: next(clock))
    assert [health.sleeps for health in run(Service(), cycles=3)] == [0, 1, 1]
