# SPDX-License-Identifier: Apache-2.0
"""All probes of a system at once, each of which may fail."""

from __future__ import annotations

import platform
import threading
from datetime import UTC, datetime

import pytest

from cardcheck.facts.doctor import PcscFacts
from cardcheck.host import examine, linux_devices, linux_service, windows_api
from cardcheck.host.windows_api import ServiceRow

pytestmark = pytest.mark.usefixtures("no_search")

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def test_this_computer_is_looked_at() -> None:
    facts = examine.examine(NOW, PcscFacts)
    assert facts.unread == ()
    assert facts.host.now == NOW
    assert (facts.linux is not None) == (platform.system() == "Linux")


@pytest.mark.posix("facts of Linux")
def test_a_service_that_hangs_is_a_fact(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Linux")

    def hang() -> PcscFacts:
        threading.Event().wait(30)
        return PcscFacts()

    facts = examine.examine(NOW, hang, 1.5)
    assert facts.pcsc == PcscFacts(stalled=True)
    assert facts.unread == ()
    assert facts.linux is not None
    assert facts.linux.pcscd is not None


def test_a_probe_that_crashes_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Linux")

    def crash() -> None:
        raise MemoryError

    monkeypatch.setattr(linux_devices, "rules", crash)
    monkeypatch.setattr(linux_service, "session", crash)
    facts = examine.examine(NOW, PcscFacts)
    assert facts.unread == ("session", "rules")
    assert facts.linux is not None
    assert (facts.linux.rules, facts.linux.session) == (None, None)


def test_windows_without_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Windows")
    monkeypatch.setattr(windows_api, "service", lambda name: threading.Event().wait(30))
    facts = examine.examine(NOW, PcscFacts, 1.5)
    assert facts.windows is None
    assert "inventory" in facts.unread


def test_windows_with_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Windows")
    monkeypatch.setattr(windows_api, "service", lambda name: ServiceRow(installed=True, start=4))
    facts = examine.examine(NOW, PcscFacts, 5)
    assert facts.windows is not None
    assert facts.windows.start_type == 4
    assert facts.software.portal_app is False


def test_macos_and_an_unknown_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    assert examine.examine(NOW, PcscFacts, 5).macos is not None
    monkeypatch.setattr(platform, "system", lambda: "Plan9")
    facts = examine.examine(NOW, PcscFacts, 5)
    assert (facts.host.system, facts.linux, facts.windows, facts.macos) == (
        "Plan9",
        None,
        None,
        None,
    )


def test_a_bug_in_asking_the_service_is_not_blamed_on_the_service() -> None:
    def crash() -> PcscFacts:
        raise NameError

    facts = examine.examine(NOW, crash)
    assert facts.pcsc is None
    assert facts.unread == ("pcsc",)
