# SPDX-License-Identifier: Apache-2.0
"""What Windows tells beyond ``host.windows``: devices, service, session, files of browsers.

What belongs here: what of the system's answers ``doctor`` needs. What does not: asking
(``windows_api``), and what it means (``checks``).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from cardcheck.catalog.readers import is_known
from cardcheck.facts.software import NativeHost, SoftwareFacts
from cardcheck.facts.windows import PnpDevice, WindowsFacts
from cardcheck.host import software, windows_api
from cardcheck.host.windows import READER_CLASS, RUNNING, SERVICE, usb_id, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from cardcheck.host.windows_api import PnpRow, ServiceRow

_ROOTS: Final = (r"HKLM\SOFTWARE", r"HKLM\SOFTWARE\WOW6432Node", r"HKCU\SOFTWARE")
_BROWSERS: Final = {"chrome": r"Google\Chrome", "edge": r"Microsoft\Edge"}


class Inventory(Struct, frozen=True):
    """What the system told: facts, and where the manifests of native hosts are."""

    facts: WindowsFacts
    manifests: tuple[tuple[str, str, str], ...] = ()


def inventory(environment: Mapping[str, str] = os.environ) -> Inventory:
    """All that Windows tells; what it does not is None. Never raises."""
    try:
        devices = devices_of(windows_api.usb_devices())
    except OSError:
        devices = None
    row = windows_api.service(SERVICE)
    remote = environment.get("SESSIONNAME", "").startswith("RDP-")
    return Inventory(facts_of(row, devices, remote=remote), tuple(_manifests()))


def facts_of(
    row: ServiceRow, devices: tuple[PnpDevice, ...] | None, *, remote: bool | None
) -> WindowsFacts:
    """The facts of a service, devices and session."""
    return WindowsFacts(
        start_type=row.start,
        running=None if row.state is None else row.state == RUNNING,
        trigger=row.trigger,
        remote=remote,
        devices=devices,
    )


def devices_of(rows: Iterable[PnpRow]) -> tuple[PnpDevice, ...]:
    """Those of the catalogue or of the class of readers."""
    found = (_device(row) for row in rows)
    return tuple(device for device in found if device is not None)


def look_at_software(
    manifests: tuple[tuple[str, str, str], ...], environment: Mapping[str, str] = os.environ
) -> SoftwareFacts:
    """Browsers, add-ons and manifests."""
    programs = [
        Path(environment[name])
        for name in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
        if environment.get(name)
    ]
    local = Path(environment.get("LOCALAPPDATA") or "nowhere")
    hosts = tuple(
        software.native_host(name, browser, Path(path)) if path else _empty(name, browser)
        for name, browser, path in manifests
    )
    return SoftwareFacts(
        modules=software.python_modules(),
        browsers=software.browsers_in(
            {
                "chrome": [folder / "Google/Chrome/Application" for folder in programs],
                "edge": [folder / "Microsoft/Edge/Application" for folder in programs],
            }
        ),
        extensions=software.extensions_in(
            {
                "chrome": local / "Google/Chrome/User Data",
                "edge": local / "Microsoft/Edge/User Data",
            }
        ),
        hosts=hosts,
        portal_app=any(host.name == software.PORTAL_HOST for host in hosts),
        jpki_client=any((f / name).is_dir() for f in programs for name in ("JPKI", "JPKILib")),
    )


def _empty(name: str, browser: str) -> NativeHost:
    return NativeHost(name=name, browser=browser, readable=False)


def _manifests() -> Iterator[tuple[str, str, str]]:
    """Name, browser and file of each manifest that the registry names; no file where it is empty.

    Source: developer.chrome.com, native messaging.
    """
    for root in _ROOTS:
        for browser, place in _BROWSERS.items():
            for name in software.HOSTS:
                key = rf"{root}\{place}\NativeMessagingHosts\{name}"
                if windows_api.has_registry_key(key):
                    yield name, browser, str(windows_api.registry_value(key) or "")


def _device(row: PnpRow) -> PnpDevice | None:
    """A device of the catalogue or of the class of readers; None for any other."""
    ids = usb_id(row)
    if ids is None or (row.device_class != READER_CLASS and not is_known(*ids)):
        return None
    return PnpDevice(
        vendor_id=ids[0],
        product_id=ids[1],
        name=words(row.name),
        device_class=words(row.device_class),
        service=words(row.service),
        problem=row.problem,
    )
