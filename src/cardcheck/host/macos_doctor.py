# SPDX-License-Identifier: Apache-2.0
"""What macOS tells beyond ``host.macos``: preferences, programs and browsers, from their files.

What belongs here: reading. What does not: what it means (``checks``). Every function takes
``root``. Made from documents; nothing of it was run on macOS.
"""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Final

from cardcheck.catalog.readers import safe_text
from cardcheck.facts.macos import BundleBinary, MacosFacts
from cardcheck.facts.software import Browser, SoftwareFacts
from cardcheck.host import software
from cardcheck.host.run import output_of

ROOT: Final = Path("/")
_SYSCTL_SECONDS: Final = 1.0
_DRIVERS: Final = (
    "usr/libexec/SmartCardServices/drivers",
    "usr/local/libexec/SmartCardServices/drivers",
)
_ROSETTA: Final = "Library/Apple/usr/share/rosetta/rosetta"
_APPS: Final = {
    "chrome": "Google Chrome.app",
    "edge": "Microsoft Edge.app",
    "safari": "Safari.app",
    "firefox": "Firefox.app",
}
_MANIFESTS: Final = {
    "chrome": "Library/Google/Chrome/NativeMessagingHosts",
    "edge": "Library/Microsoft/Edge/NativeMessagingHosts",
}
_PROFILES: Final = {
    "chrome": "Library/Application Support/Google/Chrome",
    "edge": "Library/Application Support/Microsoft Edge",
}


def drivers(root: Path = ROOT) -> MacosFacts:
    """Which reader driver is chosen, for which processors drivers were built, which one this is."""
    settings = software.plist(root / "Library/Preferences/com.apple.security.smartcard.plist")
    architecture = _architecture()
    rosetta = (root / _ROSETTA).exists() if architecture == "arm64" else None
    return MacosFacts(
        use_ifd_ccid=bool(settings.get("useIFDCCID", False)),
        architecture=architecture,
        rosetta=rosetta,
        bundles=tuple(bundle for place in _DRIVERS for bundle in _bundles(root / place)),
    )


def look_at_software(root: Path = ROOT, home: Path | None = None) -> SoftwareFacts:
    """Browsers, add-ons, manifests, and the two login programs."""
    home = home or Path(os.environ.get("HOME") or "nowhere")
    versions = {
        name: software.plist_version(root / "Applications" / app) for name, app in _APPS.items()
    }
    paths = [
        (name, browser, root / folder / f"{name}.json")
        for name in software.HOSTS
        for browser, folder in _MANIFESTS.items()
    ]
    jpki = root / "Applications/JPKI.app"
    return SoftwareFacts(
        modules=software.python_modules(),
        browsers=tuple(Browser(name=n, major=major) for n, major in versions.items() if major),
        extensions=software.extensions_in({n: home / path for n, path in _PROFILES.items()}),
        hosts=tuple(software.native_host(*entry) for entry in paths if entry[2].exists()),
        portal_app=_has_receipt(root, software.PORTAL_HOST)
        or any(name == software.PORTAL_HOST and path.exists() for name, _, path in paths),
        jpki_client=_has_receipt(root, software.JPKI_HOST) or jpki.exists(),
        jpki_needs_rosetta=_needs_rosetta(jpki / "Contents/MacOS"),
    )


def _architecture(machine: str | None = None) -> str:
    """The processor; an x86_64 Python on Apple silicon is told apart by the kernel."""
    machine = machine or platform.machine()
    if machine == "x86_64":
        translated = output_of(
            ["/usr/sbin/sysctl", "-n", "sysctl.proc_translated"], _SYSCTL_SECONDS
        )
        return "arm64" if (translated or "").strip() == "1" else machine
    return machine


def _bundles(place: Path) -> list[BundleBinary]:
    try:
        found = sorted(entry for entry in place.iterdir() if entry.name.endswith(".bundle"))
    except OSError:
        return []
    return [
        BundleBinary(
            name=safe_text(bundle.name), architectures=_built_for(bundle / "Contents/MacOS")
        )
        for bundle in found
    ]


def _built_for(folder: Path) -> tuple[str, ...]:
    try:
        programs = sorted(folder.iterdir())
    except OSError:
        return ()
    return next(filter(None, map(software.architectures, programs)), ())


def _needs_rosetta(folder: Path) -> bool | None:
    built = _built_for(folder)
    return None if not built else "arm64" not in built


def _has_receipt(root: Path, package: str) -> bool:
    return (root / "var/db/receipts" / f"{package}.plist").exists()
