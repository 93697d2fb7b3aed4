# SPDX-License-Identifier: Apache-2.0
"""Browsers, add-ons and native messaging hosts of the login software, on Windows and macOS.

What belongs here: reading their files. What does not: what it means (``checks``). Every function
takes the folder to look in; none raises; of a browser profile only the entries of two add-ons are
looked at. Nothing of this could be tried on a real Windows or macOS.
"""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from typing import TYPE_CHECKING, Any, Final

from cardcheck.facts.software import Browser, Extension, NativeHost, PythonModules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

PORTAL_HOST: Final = "jp.go.cao.mpa"
JPKI_HOST: Final = "jp.go.jpki"
HOSTS: Final = (PORTAL_HOST, JPKI_HOST)
PORTAL_EXTENSION: Final = "fjjibalalngebiaophebgkkohaaggphf"
JPKI_EXTENSION: Final = "ddhaancdmkmeigppopkakhpbboccibla"
_EXTENSIONS: Final = (PORTAL_EXTENSION, JPKI_EXTENSION)

_PREFERENCES: Final = ("Secure Preferences", "Preferences")
_MOST_BYTES: Final = 16 << 20
_ORIGIN: Final = re.compile(r"chrome-extension://([a-p]{32})/")
_MACH_CPU: Final = {0x01000007: "x86_64", 0x0100000C: "arm64"}


def python_modules() -> PythonModules:
    """Whether the libraries of this program can be found; nothing is loaded."""
    usb = _is_there("usb1")
    return PythonModules(nfcpy=_is_there("nfc"), libusb=usb)


def _is_there(module: str) -> bool:
    try:
        return module in sys.modules or importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def browsers_in(places: Mapping[str, Iterable[Path]]) -> tuple[Browser, ...]:
    """The browsers with a folder that is named after their version (Windows)."""
    found = []
    for name, folders in places.items():
        majors = [major for folder in folders for major in _versions(folder)]
        if majors:
            found.append(Browser(name=name, major=max(majors)))
    return tuple(found)


def _versions(folder: Path) -> Iterator[int]:
    try:
        names = [entry.name for entry in folder.iterdir()]
    except OSError:
        return
    for name in names:
        match = re.fullmatch(r"(\d{1,4})(?:\.\d+){1,3}", name)
        if match:
            yield int(match[1])


def extensions_in(profiles: Mapping[str, Path]) -> tuple[Extension, ...]:
    """The two add-ons in the profiles of each browser; enabled where any profile has it so."""
    found: dict[tuple[str, str], bool | None] = {}
    for browser, folder in profiles.items():
        for settings in _settings(folder):
            for identity in _EXTENSIONS:
                entry = settings.get(identity)
                if isinstance(entry, dict) and _is_installed(entry):
                    key = (identity, browser)
                    found[key] = bool(found.get(key)) or _is_enabled(entry)
    return tuple(
        Extension(id=identity, browser=browser, enabled=enabled)
        for (identity, browser), enabled in found.items()
    )


def _settings(folder: Path) -> Iterator[dict[str, Any]]:
    """``extensions.settings`` of each profile."""
    try:
        profiles = [p for p in folder.iterdir() if p.name == "Default" or "Profile" in p.name]
    except OSError:
        return
    for path in (profile / name for profile in profiles for name in _PREFERENCES):
        extensions = (_json(path) or {}).get("extensions")
        settings = extensions.get("settings") if isinstance(extensions, dict) else None
        if isinstance(settings, dict):
            yield settings


def _is_installed(entry: Mapping[str, Any]) -> bool:
    return any(key in entry for key in ("path", "state", "manifest", "disable_reasons"))


def _is_enabled(entry: Mapping[str, Any]) -> bool:
    """Older browsers keep ``state`` 0 or 1, newer ones only the reasons why it is off."""
    return entry.get("state", 1) == 1 and not entry.get("disable_reasons")


def native_host(name: str, browser: str, manifest: Path) -> NativeHost:
    """What a manifest says of the program that a browser may start."""
    document = _json(manifest)
    if document is None:
        there = manifest.is_file()
        return NativeHost(
            name=name, browser=browser, readable=there, valid=False if there else None
        )
    program, origins = document.get("path"), document.get("allowed_origins")
    complete = document.get("name") == name and isinstance(program, str)
    allowed = (
        [origin for origin in origins if isinstance(origin, str)]
        if isinstance(origins, list)
        else []
    )
    return NativeHost(
        name=name,
        browser=browser,
        valid=complete and isinstance(origins, list),
        program=_exists(manifest.parent / program) if isinstance(program, str) else None,
        extensions=tuple(match[1] for match in map(_ORIGIN.match, allowed) if match),
    )


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _json(path: Path) -> dict[str, Any] | None:
    """An object in a JSON file; None where there is none."""
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES)
        document = json.loads(data.decode("utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def plist_version(app: Path) -> int | None:
    """The first number of an application's version on macOS; None where it is not there."""
    values = plist(app / "Contents/Info.plist")
    match = re.match(r"\d{1,4}", str(values.get("CFBundleShortVersionString", "")))
    return int(match[0]) if match else None


def plist(path: Path) -> dict[str, Any]:
    """A property list, empty where there is none."""
    import plistlib
    from xml.parsers.expat import ExpatError

    try:
        values = plistlib.loads(path.read_bytes())
    except (OSError, plistlib.InvalidFileException, ExpatError, ValueError, TypeError, LookupError):
        return {}
    return values if isinstance(values, dict) else {}


def architectures(program: Path) -> tuple[str, ...]:
    """For which processors a Mach-O program was built; empty where it is none."""
    try:
        with program.open("rb") as file:
            head = file.read(4096)
    except OSError:
        return ()
    if head[:4] == b"\xca\xfe\xba\xbe":  # several in one file: count, then 20 bytes each
        count = min(int.from_bytes(head[4:8], "big"), 8)
        kinds = [int.from_bytes(head[8 + 20 * i : 12 + 20 * i], "big") for i in range(count)]
    elif head[:4] == b"\xcf\xfa\xed\xfe":  # one, 64 bit, little endian
        kinds = [int.from_bytes(head[4:8], "little")]
    else:
        return ()
    return tuple(_MACH_CPU[kind] for kind in kinds if kind in _MACH_CPU)
