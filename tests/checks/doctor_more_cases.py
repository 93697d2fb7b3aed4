# SPDX-License-Identifier: Apache-2.0
"""For each cause of the later links: what shows it and what nearly does; and further states."""

from __future__ import annotations

from typing import Final

from checks.doctor_bases import ADDON, PNP, PORTAL, Change
from checks.doctor_changes import GONE, NFC, REFUSED, UNSEEN

LATER: Final[dict[str, tuple[str, str, Change, Change]]] = {
    "windows.device.working": (
        *("windows", "no-driver"),
        {
            **UNSEEN,
            "windows.devices.0.problem": 28,
            "windows.devices.0.device_class": None,
            "windows.devices.0.service": None,
        },
        {"windows.devices.0.service": "CIR315x64"},
    ),
    "windows.driver.smartcard": (
        *("windows", "winusb"),
        {
            **UNSEEN,
            "windows.devices": [
                {
                    **PNP,
                    "product_id": "06c3",
                    "device_class": "USBDevice",
                    "service": "WinUSB",
                }
            ],
        },
        {
            "windows.devices": [
                PNP,
                {**PNP, "device_class": "USBDevice", "service": "WinUSB"},  # its vendor part
            ]
        },
    ),
    "windows.driver.maker": (
        *("windows", "inbox"),
        {"windows.devices": [{**PNP, "vendor_id": "31aa", "product_id": "2100"}]},
        {
            "windows.devices": [
                {**PNP, "vendor_id": "31aa", "product_id": "2100", "service": "CIR215"}
            ]
        },
    ),
    "macos.driver.choice": (
        *("macos", "ifd-ccid"),
        {**UNSEEN, "macos.use_ifd_ccid": True},
        {"macos.use_ifd_ccid": True},
    ),
    "macos.driver.native": (
        *("macos", "foreign"),
        {"macos.bundles": [{"name": "ifd-ez100pu.bundle", "architectures": ["x86_64"]}]},
        {
            "macos.architecture": "x86_64",
            "macos.rosetta": None,
            "macos.bundles": [{"name": "ifd-ez100pu.bundle", "architectures": ["x86_64"]}],
        },
    ),
    "reader.usb.attached": (
        *("linux", "none"),
        {"host.usb": [], **UNSEEN, "linux.ports": []},
        {"host.usb": [], "linux.ports": []},
    ),
    "reader.model.usable": (
        *("linux", "no-type-b"),
        {
            **UNSEEN,
            "host.usb": [{"vendor_id": "054c", "product_id": "01bb", "location": "1-5"}],
        },
        {},
    ),
    "reader.holder.free": (
        *("linux", "scdaemon"),
        {**UNSEEN, "linux.ports.0.holder": "scdaemon"},
        {**UNSEEN, "linux.ports.0.holder": None},
    ),
    "reader.power.awake": (
        *("linux", "asleep"),
        {**UNSEEN, "linux.ports.0.control": "auto", "linux.ports.0.suspended": True},
        {"linux.ports.0.control": "auto", "linux.ports.0.suspended": True},
    ),
    "reader.power.enough": (
        *("linux", "over-current"),
        {**UNSEEN, "linux.ports.0.over_current": 3},
        {"linux.ports.0.hub": True},  # behind a hub, and yet it is listed
    ),
    "reader.pcsc.listed": (
        "linux",
        "lost",
        UNSEEN,
        {**UNSEEN, "linux.ports.0.holder": "scdaemon"},
    ),
    "macos.rosetta.installed": (
        *("macos", "missing"),
        {"macos.rosetta": False},
        {"macos.rosetta": False, "software.jpki_needs_rosetta": False},
    ),
    "login.system.supported": (
        *("linux", "linux"),
        {},
        {"host.system": "Darwin", "host.release": "22.6.0"},
    ),
    "login.app.installed": (
        *("windows", "missing"),
        {"software.portal_app": False, "software.hosts": []},
        {"software.portal_app": True, "software.jpki_client": False},
    ),
    "login.manifest.readable": (
        *("windows", "gone"),
        {"software.hosts": [{**PORTAL, "readable": False, "valid": None, "program": None}]},
        {"software.hosts": [{**PORTAL, "valid": False}]},
    ),
    "login.manifest.valid": (
        *("macos", "broken"),
        {"software.hosts": [{**PORTAL, "valid": False, "program": None, "extensions": []}]},
        {"software.hosts": [{**PORTAL, "readable": False, "valid": None}]},
    ),
    "login.manifest.program": (
        *("windows", "gone"),
        {"software.hosts": [{**PORTAL, "program": False}]},
        {"software.hosts": [{**PORTAL, "program": None}]},
    ),
    "login.manifest.extension": (
        *("macos", "shut-out"),
        {"software.hosts": [{**PORTAL, "extensions": ["a" * 32]}]},
        {"software.hosts": [{**PORTAL, "extensions": ["a" * 32, ADDON["id"]]}]},
    ),
    "login.extension.installed": (
        *("windows", "missing"),
        {"software.extensions": []},
        {"software.extensions": [{**ADDON, "enabled": False}]},
    ),
    "login.extension.enabled": (
        *("windows", "disabled"),
        {"software.extensions": [{**ADDON, "enabled": False}]},
        {"software.extensions": [{**ADDON, "enabled": None}]},
    ),
    "login.browser.present": (
        *("windows", "none"),
        {"software.browsers": [{"name": "firefox", "major": 145}]},
        {"software.browsers": [{"name": "edge", "major": 142}]},
    ),
    "login.browser.recent": (
        *("windows", "old"),
        {"software.browsers": [{"name": "chrome", "major": 109}]},
        {"software.browsers": [{"name": "chrome", "major": 120}]},
    ),
    "login.jpki.installed": (
        *("windows", "missing"),
        {"software.jpki_client": False},
        {"software.jpki_client": None},
    ),
}

MORE: Final[dict[tuple[str, str], tuple[str, Change]]] = {
    # further states of the same checks: check and state, base, what shows it
    ("computer.clock.right", "future"): ("linux", {"host.now": "2055-01-01T00:00:00Z"}),
    ("service.pcscd.listening", "dead-socket"): (
        "linux",
        {**GONE, "host.pcsc_socket": "dead"},
    ),
    ("service.pcscd.listening", "no-answer"): ("linux", {"pcsc": {"stalled": True}}),
    ("service.pcscd.listening", "stopped-plain"): (
        "linux",
        {**GONE, "linux.pcscd.systemd": False},
    ),
    ("service.polkit.session", "inactive"): (
        "linux",
        {**REFUSED, "linux.session.active": False},
    ),
    ("service.polkit.session", "no-session"): (
        "linux",
        {**REFUSED, "linux.session": {"session": False}},
    ),
    ("service.polkit.session", "refused"): ("linux", REFUSED),
    ("driver.reader.class", "vendor-macos"): (
        "macos",
        {
            "host.usb": [{"vendor_id": "054c", "product_id": "06c3", "product": "RC-S380/P"}],
            **UNSEEN,
        },
    ),
    ("python.nfcpy.importable", "no-libusb"): (
        "linux",
        {**NFC, "software.modules.libusb": False},
    ),
    ("reader.holder.free", "held"): ("linux", {**UNSEEN, "linux.ports.0.holder": "pcsc_app"}),
    ("reader.power.enough", "hub"): (
        "linux",
        {
            **UNSEEN,
            "host.usb.0.location": "1-5.2",
            "linux.ports.0.location": "1-5.2",
            "linux.ports.0.hub": True,
        },
    ),
    ("windows.device.working", "cannot-start"): (
        "windows",
        {**UNSEEN, "windows.devices.0.problem": 10},
    ),
    ("windows.device.working", "gave-up"): (
        "windows",
        {**UNSEEN, "windows.devices.0.problem": 43},
    ),
    ("windows.device.working", "blocked"): (
        "windows",
        {**UNSEEN, "windows.devices.0.problem": 39},
    ),
    ("windows.device.working", "unsigned"): (
        "windows",
        {**UNSEEN, "windows.devices.0.problem": 52},
    ),
    ("macos.driver.choice", "mute"): (
        "macos",
        {
            "host.usb": [{"vendor_id": "058f", "product_id": "9540"}],
            "pcsc.readers": [{"name": "Generic EMV Smartcard Reader", "slot": "mute"}],
        },
    ),
    ("macos.driver.choice", "unlisted"): (
        "macos",
        {**UNSEEN, "host.usb": [{"vendor_id": "0416", "product_id": "b031"}]},
    ),
    ("reader.usb.attached", "only-other"): (
        "linux",
        {
            "host.usb": [{"vendor_id": "1050", "product_id": "0407"}],
            "pcsc.readers": [{"name": "Yubico YubiKey OTP+FIDO+CCID 00 00", "slot": "card"}],
            "linux.ports": [],
        },
    ),
    ("reader.pcsc.listed", "lost-combined"): (
        "linux",
        {
            **UNSEEN,
            "host.usb.0.interfaces": [
                {"number": 0, "interface_class": 11},
                {"number": 1, "interface_class": 8, "driver": "usb-storage"},
            ],
        },
    ),
    ("driver.reader.listed", "switched-off"): (
        "linux",
        {
            **UNSEEN,
            "host.bundles": [
                {
                    "name": "ifd-ccid.bundle",
                    "version": "1.5.2",
                    "ids": [],
                    "switched_off": [["054c", "0dc9"]],
                }
            ],
        },
    ),
    ("driver.reader.listed", "taken-out"): (
        "linux",
        {**UNSEEN, "host.bundles": [{"name": "ifd-ccid.bundle", "version": "1.5.5", "ids": []}]},
    ),
    ("service.polkit.session", "no-bus"): (
        "linux",
        {
            **REFUSED,
            "linux.session": {"session": False},
            "linux.surroundings.container": "docker",
        },
    ),
    ("reader.card.answering", "mute-contact"): (
        "linux",
        {
            "host.usb": [],
            "linux.ports": [],
            "pcsc.readers": [{"name": "ACS ACR39U ICC Reader 00 00", "slot": "mute"}],
        },
    ),
    ("windows.device.working", "switched-off"): (
        "windows",
        {**UNSEEN, "windows.devices.0.problem": 22},
    ),
    ("windows.device.working", "problem"): (
        "windows",
        {**UNSEEN, "windows.devices.0.problem": 31},
    ),
    ("macos.driver.choice", "apple"): ("macos", UNSEEN),
    ("login.system.supported", "too-old"): ("macos", {"host.release": "21.6.0"}),
    ("login.system.supported", "unknown"): ("linux", {"host.system": "FreeBSD"}),
}
