# SPDX-License-Identifier: Apache-2.0
"""What Windows tells beyond ``host.windows``: one PowerShell query and the files of browsers.

What belongs here: the query and its parser, which is pure. What does not: what it means
(``checks``). Made from documents and recorded output; nothing of it was run on Windows.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from cardcheck.catalog.readers import is_known, safe_text
from cardcheck.facts.software import NativeHost, SoftwareFacts
from cardcheck.facts.windows import PnpDevice, WindowsFacts
from cardcheck.host import software
from cardcheck.host.run import output_of

if TYPE_CHECKING:
    from collections.abc import Mapping

QUERY_SECONDS: Final = 8.0
_QUERY: Final = r"""
[Console]::OutputEncoding = [Text.Encoding]::UTF8
$s = 'HKLM:\SYSTEM\CurrentControlSet\Services\SCardSvr'
$hosts = foreach ($r in 'HKLM:\SOFTWARE','HKLM:\SOFTWARE\WOW6432Node','HKCU:\SOFTWARE') {
 foreach ($b in @(@('chrome','Google\Chrome'), @('edge','Microsoft\Edge'))) {
  foreach ($n in 'jp.go.cao.mpa','jp.go.jpki') {
   $k = Get-Item "$r\$($b[1])\NativeMessagingHosts\$n" -ErrorAction SilentlyContinue
   if ($k) { @{name=$n; browser=$b[0]; path=$k.GetValue('')} } } } }
@{ start = (Get-ItemProperty $s -ErrorAction SilentlyContinue).Start
   running = (Get-Service SCardSvr -ErrorAction SilentlyContinue).Status -eq 'Running'
   trigger = Test-Path "$s\TriggerInfo\0"
   hosts = @($hosts)
   devices = @(Get-PnpDevice -PresentOnly -InstanceId 'USB\VID_*' -ErrorAction SilentlyContinue |
    Select-Object InstanceId,FriendlyName,Class,Service,@{n='Problem';e={[int]$_.Problem}})
} | ConvertTo-Json -Compress -Depth 4
"""
_USB_ID: Final = re.compile(r"USB\\VID_([0-9A-F]{4})&PID_([0-9A-F]{4})", re.IGNORECASE)
_READER_CLASS: Final = "SmartCardReader"


class Inventory(Struct, frozen=True):
    """What the query told: facts, and where the manifests of native hosts are."""

    facts: WindowsFacts
    manifests: tuple[tuple[str, str, str], ...] = ()


def inventory(environment: Mapping[str, str] = os.environ) -> Inventory:
    """All that one query tells.

    Raises:
        TimeoutError: no answer came in time.
    """
    shell = Path(environment.get("SYSTEMROOT", r"C:\Windows"), "System32")
    program = shell / "WindowsPowerShell" / "v1.0" / "powershell.exe"
    text = output_of(
        [str(program), "-NoProfile", "-NonInteractive", "-Command", _QUERY], QUERY_SECONDS
    )
    if text is None:
        raise TimeoutError
    return parse_inventory(text, remote=environment.get("SESSIONNAME", "").startswith("RDP-"))


def parse_inventory(text: str, *, remote: bool | None = None) -> Inventory:
    """Facts from the JSON of the query; nothing known where it is none."""
    try:
        document = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        return Inventory(WindowsFacts(remote=remote))
    start, running, trigger = (document.get(key) for key in ("start", "running", "trigger"))
    rows = document.get("devices")
    return Inventory(
        WindowsFacts(
            start_type=start if type(start) is int else None,
            running=running if isinstance(running, bool) else None,
            trigger=trigger if isinstance(trigger, bool) else None,
            remote=remote,
            devices=_devices(rows) if isinstance(rows, list) else None,
        ),
        _manifests(document.get("hosts")),
    )


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


def _manifests(rows: object) -> tuple[tuple[str, str, str], ...]:
    listed = rows if isinstance(rows, list) else []
    return tuple(
        (row["name"], row["browser"], str(row.get("path") or ""))
        for row in listed
        if isinstance(row, dict)
        and row.get("name") in software.HOSTS
        and row.get("browser") in {"chrome", "edge"}
    )


def _devices(rows: list[Any]) -> tuple[PnpDevice, ...]:
    found = (_device(row) for row in rows if isinstance(row, dict))
    return tuple(device for device in found if device is not None)


def _device(row: Mapping[str, Any]) -> PnpDevice | None:
    """A device of the catalogue or of the class of readers; None for any other."""
    ids = _USB_ID.search(str(row.get("InstanceId")))
    if ids is None:
        return None
    vendor, product = ids[1].lower(), ids[2].lower()
    if row.get("Class") != _READER_CLASS and not is_known(vendor, product):
        return None
    problem = row.get("Problem")
    return PnpDevice(
        vendor_id=vendor,
        product_id=product,
        name=_words(row.get("FriendlyName")),
        device_class=_words(row.get("Class")),
        service=_words(row.get("Service")),
        problem=problem if type(problem) is int else None,
    )


def _words(value: object) -> str | None:
    return safe_text(value) if isinstance(value, str) and value else None
