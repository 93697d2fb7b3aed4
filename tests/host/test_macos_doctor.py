# SPDX-License-Identifier: Apache-2.0
"""What macOS tells ``doctor``, from files laid out as on macOS."""

from __future__ import annotations

import json
import plistlib
import struct
from typing import TYPE_CHECKING

import pytest

from cardcheck.host import macos_doctor, software

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("no_search")

X86, ARM = 0x01000007, 0x0100000C
DRIVERS = "usr/local/libexec/SmartCardServices/drivers"


def thin(cpu: int) -> bytes:
    return struct.pack("<IIII", 0xFEEDFACF, cpu, 3, 2) + bytes(16)


def fat(*cpus: int) -> bytes:
    parts = b"".join(struct.pack(">IIIII", cpu, 0, 4096, 100, 12) for cpu in cpus)
    return struct.pack(">II", 0xCAFEBABE, len(cpus)) + parts


def write(root: Path, name: str, data: bytes) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (thin(X86), ("x86_64",)),
        (thin(ARM), ("arm64",)),
        (fat(X86, ARM), ("x86_64", "arm64")),
        (b"\xca\xfe\xba\xbe\xff\xff\xff\xff", ()),
        (b"#!/bin/sh\n", ()),
        (b"", ()),
    ],
)
def test_processors(data: bytes, expected: tuple[str, ...], tmp_path: Path) -> None:
    write(tmp_path, "program", data)
    assert software.architectures(tmp_path / "program") == expected


def test_drivers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(macos_doctor, "_architecture", lambda: "arm64")
    write(tmp_path, f"{DRIVERS}/ifd-ez100pu.bundle/Contents/MacOS/ez100pu", thin(X86))
    preferences = "Library/Preferences/com.apple.security.smartcard.plist"
    write(tmp_path, preferences, plistlib.dumps({"useIFDCCID": True}))
    facts = macos_doctor.drivers(tmp_path)
    assert (facts.use_ifd_ccid, facts.architecture, facts.rosetta) == (True, "arm64", False)
    assert [(b.name, b.architectures) for b in facts.bundles or ()] == [
        ("ifd-ez100pu.bundle", ("x86_64",))
    ]


def test_software(tmp_path: Path) -> None:
    for app, version in (("Google Chrome", "142.0.1"), ("Safari", "26.1"), ("Firefox", "x")):
        info = plistlib.dumps({"CFBundleShortVersionString": version})
        write(tmp_path, f"Applications/{app}.app/Contents/Info.plist", info)
    write(tmp_path, "Applications/JPKI.app/Contents/MacOS/JPKI", thin(X86))
    write(tmp_path, "Applications/MPA", b"")
    manifest = {
        "name": "jp.go.cao.mpa",
        "path": str(tmp_path / "Applications/MPA"),
        "type": "stdio",
        "allowed_origins": ["chrome-extension://fjjibalalngebiaophebgkkohaaggphf/", 7],
    }
    hosts = "Library/Google/Chrome/NativeMessagingHosts"
    write(tmp_path, f"{hosts}/jp.go.cao.mpa.json", json.dumps(manifest).encode())
    found = macos_doctor.look_at_software(tmp_path, tmp_path / "home")
    assert [(b.name, b.major) for b in found.browsers or ()] == [("chrome", 142), ("safari", 26)]
    (host,) = found.hosts or ()
    assert (host.valid, host.program, host.extensions) == (
        True,
        True,
        ("fjjibalalngebiaophebgkkohaaggphf",),
    )
    assert (found.portal_app, found.jpki_client, found.jpki_needs_rosetta) == (True, True, True)


def test_a_bare_mac(tmp_path: Path) -> None:
    found = macos_doctor.look_at_software(tmp_path, tmp_path)
    assert (found.browsers, found.hosts, found.extensions) == ((), (), ())
    assert (found.portal_app, found.jpki_client, found.jpki_needs_rosetta) == (False, False, None)


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"state": 1}, True),
        ({"state": 0}, False),
        ({"path": "x", "disable_reasons": []}, True),
        ({"path": "x", "disable_reasons": [1]}, False),
        ({"state": 1, "disable_reasons": 8192}, False),
        ({}, None),
    ],
)
def test_add_ons(entry: dict[str, object], expected: bool | None, tmp_path: Path) -> None:
    settings = {software.PORTAL_EXTENSION: entry}
    document = {"extensions": {"settings": settings}}
    write(tmp_path, "Profile 1/Preferences", json.dumps(document).encode())
    found = software.extensions_in({"chrome": tmp_path})
    assert [extension.enabled for extension in found] == ([] if expected is None else [expected])


def test_one_profile_in_which_it_is_on_is_enough(tmp_path: Path) -> None:
    for profile, state in (("Default", 0), ("Profile 1", 1), ("Profile 2", 0)):
        document = {"extensions": {"settings": {software.PORTAL_EXTENSION: {"state": state}}}}
        write(tmp_path, f"{profile}/Preferences", json.dumps(document).encode())
    (found,) = software.extensions_in({"chrome": tmp_path})
    assert found.enabled
