# SPDX-License-Identifier: Apache-2.0
"""Which host snapshots there are: for each cause one that shows it and one that nearly does.

What belongs here: the differences from a computer on which all is well. What does not: the files
themselves (``fixtures/hosts``), which a test compares with what is made here; ``--update-golden``
writes them. They are put together from recorded output of the systems' own tools; none was taken
from a computer with a real reader.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any, Final

HOSTS: Final = Path(__file__).parents[2] / "fixtures" / "hosts"

Change = dict[str, Any]

_RC_S300: Final = {
    "vendor_id": "054c",
    "product_id": "0dc9",
    "manufacturer": "SONY",
    "product": "FeliCa Port/PaSoRi 4.0",
    "location": "1-5",
    "bus": 1,
    "address": 7,
    "interfaces": [
        {"number": 0, "interface_class": 11, "driver": "usbfs"},
        {"number": 1, "interface_class": 255},
    ],
    "node_readable": False,
    "node_owner": "root:root 0664",
}
_RC_S380: Final = {
    "vendor_id": "054c",
    "product_id": "06c3",
    "manufacturer": "SONY",
    "product": "RC-S380/P",
    "location": "1-6",
    "bus": 1,
    "address": 8,
    "interfaces": [{"number": 0, "interface_class": 255}],
    "node_readable": True,
    "node_owner": "root:root 0660",
}
_LISTED: Final = [{"name": "SONY FeliCa RC-S300/P 00 00", "slot": "empty"}]
_LINUX: Final[Change] = {
    "schema": "cardcheck.host/1",
    "host": {
        "system": "Linux",
        "release": "6.1.0-28-amd64",
        "python": "3.11.2",
        "now": "2026-12-01T03:00:00Z",
        "pcsc_installed": True,
        "pcsc_socket": "listening",
        "bundles": [{"name": "ifd-ccid.bundle", "version": "1.5.2", "ids": [["054c", "0dc9"]]}],
        "usb": [_RC_S300],
    },
    "pcsc": {"readers": _LISTED},
    "linux": {
        "pcscd": {
            "systemd": True,
            "socket_unit": "enabled",
            "service_unit": "disabled",
            "processes": [{"user": "root", "same_namespace": True}],
            "libraries": ["/usr/lib/x86_64-linux-gnu/libpcsclite.so.1"],
        },
        "session": {
            "session": True,
            "active": True,
            "remote": False,
            "groups": ["plugdev"],
            "plugdev": True,
        },
        "rules": [],
        "ports": [
            {
                "location": "1-5",
                "control": "on",
                "suspended": False,
                "over_current": 0,
                "max_power": 250,
                "ignored": False,
            }
        ],
        "surroundings": {},
    },
    "software": {"modules": {"libusb": True}},
}
_OUR_RULE: Final = {
    "file": "60-cardcheck.rules",
    "vendor_id": "054c",
    "product_ids": "06c3",
    "uaccess": True,
    "mode": "0660",
}
_PORTAL: Final = {
    "name": "jp.go.cao.mpa",
    "browser": "chrome",
    "valid": True,
    "program": True,
    "extensions": ["fjjibalalngebiaophebgkkohaaggphf"],
}
_ADDON: Final = {"id": "fjjibalalngebiaophebgkkohaaggphf", "browser": "chrome", "enabled": True}
_SOFTWARE: Final = {
    "modules": {"libusb": True},
    "browsers": [{"name": "chrome", "major": 142}],
    "extensions": [_ADDON],
    "hosts": [_PORTAL],
    "portal_app": True,
    "jpki_client": True,
}
_PNP: Final = {
    "vendor_id": "054c",
    "product_id": "0dc9",
    "name": "Sony FeliCa Port/PaSoRi 4.0",
    "device_class": "SmartCardReader",
    "service": "WUDFRd",
    "problem": 0,
}
_WINDOWS: Final[Change] = {
    "schema": "cardcheck.host/1",
    "host": {
        "system": "Windows",
        "release": "11",
        "python": "3.12.4",
        "now": "2026-12-01T03:00:00Z",
        "pcsc_installed": True,
        "pcsc_socket": "listening",
        "usb": [{"vendor_id": "054c", "product_id": "0dc9"}],
    },
    "pcsc": {"readers": [{"name": "SONY FeliCa Port/PaSoRi 4.0 0", "slot": "empty"}]},
    "windows": {
        "start_type": 3,
        "running": True,
        "trigger": True,
        "remote": False,
        "devices": [_PNP],
    },
    "software": _SOFTWARE,
}
_MACOS: Final[Change] = {
    "schema": "cardcheck.host/1",
    "host": {
        "system": "Darwin",
        "release": "25.1.0",
        "python": "3.12.4",
        "now": "2026-12-01T03:00:00Z",
        "pcsc_installed": True,
        "bundles": [{"name": "ifd-ccid.bundle", "version": "1.5.1", "ids": []}],
        "usb": [{"vendor_id": "054c", "product_id": "0dc9", "product": "FeliCa Port/PaSoRi 4.0"}],
    },
    "pcsc": {"readers": [{"name": "SONY FeliCa Port/PaSoRi 4.0", "slot": "empty"}]},
    "macos": {
        "use_ifd_ccid": False,
        "architecture": "arm64",
        "rosetta": True,
        "bundles": [{"name": "ifd-ccid.bundle", "architectures": ["x86_64", "arm64"]}],
    },
    "software": {**_SOFTWARE, "jpki_needs_rosetta": True},
}
BASES: Final = {"linux": _LINUX, "windows": _WINDOWS, "macos": _MACOS}
"""Computers on which all is well."""

_SILENT: Final = {"pcsc": {"error": "NoServiceError", "code": 0x8010001D}}
_GONE: Final = {**_SILENT, "host.pcsc_socket": "absent", "linux.pcscd.processes": []}
_REFUSED: Final = {"pcsc": {"error": "AccessDeniedError", "code": 0x8010006A}}
_UNSEEN: Final = {"pcsc.readers": []}
_NFC: Final = {"host.usb": [_RC_S380], "pcsc.readers": [], "linux.ports": []}
_CLOSED: Final = {**_NFC, "host.usb": [{**_RC_S380, "node_readable": False}]}
_ACR: Final = {
    "host.usb": [
        {
            "vendor_id": "072f",
            "product_id": "221b",
            "product": "ACR1251 Dual Reader",
            "location": "1-5",
            "interfaces": [{"number": 0, "interface_class": 11}],
        }
    ]
}
_UNKNOWN_CCID: Final = {
    "host.usb": [
        {
            "vendor_id": "1234",
            "product_id": "5678",
            "product": "Example CCID",
            "location": "1-5",
            "interfaces": [{"number": 0, "interface_class": 11}],
        }
    ]
}

CASES: Final[dict[str, tuple[str, str, Change, Change]]] = {
    # check: base, state, what shows it, what nearly does
    "computer.clock.right": (
        *("linux", "past"),
        {"host.now": "2001-01-01T00:00:00Z"},
        {"host.now": "2031-01-01T00:00:00Z"},
    ),
    "computer.probes.answered": ("linux", "silent", {"unread": ["ports"]}, {"unread": []}),
    "wall.wsl.usb": (
        *("linux", "not-attached"),
        {**_UNSEEN, "host.usb": [], "linux.surroundings.wsl": True},
        {"linux.surroundings.wsl": True},
    ),
    "wall.machine.usb": (
        *("linux", "not-attached"),
        {**_UNSEEN, "host.usb": [], "linux.surroundings.machine": "VMware"},
        {"linux.surroundings.machine": "VMware"},
    ),
    "windows.session.local": (
        *("windows", "remote"),
        {"windows.remote": True},
        {"windows.remote": False, "pcsc.readers": []},
    ),
    "service.pcscd.installed": (
        *("linux", "missing"),
        {**_GONE, "host.pcsc_installed": False, "linux.pcscd.socket_unit": "absent"},
        {**_GONE, "host.pcsc_installed": True},
    ),
    "service.pcscd.unmasked": (
        *("linux", "masked"),
        {**_GONE, "linux.pcscd.socket_unit": "masked"},
        {**_GONE, "linux.pcscd.socket_unit": "disabled"},
    ),
    "service.pcscd.enabled": (
        *("linux", "disabled"),
        {**_GONE, "linux.pcscd.socket_unit": "disabled"},
        {"linux.pcscd.socket_unit": "disabled"},  # started by hand: it answers
    ),
    "service.pcscd.listening": (
        *("linux", "stopped"),
        _GONE,
        {"linux.pcscd.processes": []},  # it ends by itself when nobody asks
    ),
    "service.pcscd.protocol": (
        *("linux", "mismatch"),
        {"pcsc": {"error": "NoServiceError", "code": 0x8010001E}},
        {
            "pcsc": {"error": "NoServiceError", "code": 0x8010001E},
            "host.pcsc_socket": "dead",
        },
    ),
    "service.pcscd.namespace": (
        *("linux", "elsewhere"),
        {
            **_GONE,
            "linux.pcscd.processes": [{"user": "root", "same_namespace": False}],
        },
        {"linux.pcscd.processes": [{"user": "root", "same_namespace": False}]},
    ),
    "service.polkit.session": (
        *("linux", "ssh"),
        {**_REFUSED, "linux.pcscd.polkit": True, "linux.session.ssh": True},
        {"linux.pcscd.polkit": True, "linux.session.ssh": True},
    ),
    "service.proc.visible": (
        *("linux", "hidden"),
        {**_REFUSED, "linux.session.hidepid": True},
        {"linux.session.hidepid": True},
    ),
    "service.variable.socket": (
        *("linux", "moved"),
        {**_GONE, "linux.environment": ["PCSCLITE_CSOCK_NAME"]},
        {"linux.environment": ["PCSCLITE_CSOCK_NAME"]},
    ),
    "service.variable.filter": (
        *("linux", "set"),
        {**_UNSEEN, "linux.pcscd.filters": ["PCSCLITE_FILTER_IGNORE_READER_NAMES"]},
        _UNSEEN,
    ),
    "service.variable.delegate": (
        *("linux", "set"),
        {"linux.environment": ["LIBPCSCLITE_DELEGATE"]},
        {"linux.environment": ["PCSCLITE_CSOCK_NAME"]},
    ),
    "service.library.single": (
        *("linux", "several"),
        {
            "linux.pcscd.libraries": [
                "/usr/lib/x86_64-linux-gnu/libpcsclite.so.1",
                "/usr/local/lib/libpcsclite.so.1",
            ]
        },
        {"linux.pcscd.libraries": ["/usr/local/lib/libpcsclite.so.1"]},
    ),
    "wall.snap.pcsc": (
        *("linux", "inside"),
        {**_GONE, "linux.surroundings.snap": True},
        {"linux.surroundings.snap": True},
    ),
    "wall.flatpak.pcsc": (
        *("linux", "inside"),
        {**_GONE, "linux.surroundings.flatpak": True},
        {"linux.surroundings.flatpak": True},
    ),
    "wall.container.pcsc": (
        *("linux", "inside"),
        {**_GONE, "linux.surroundings.container": "docker"},
        {
            **_SILENT,
            "host.pcsc_socket": "dead",
            "linux.surroundings.container": "docker",
        },
    ),
    "windows.service.enabled": (
        *("windows", "disabled"),
        {"windows.start_type": 4, "windows.running": False, **_SILENT},
        {"windows.start_type": 2},
    ),
    "windows.service.trigger": (
        *("windows", "missing"),
        {"windows.trigger": False, "windows.running": False, **_SILENT},
        {"windows.trigger": False, "windows.start_type": 2},
    ),
    "windows.service.running": (
        *("windows", "stopped"),
        {"windows.running": False, **_SILENT},
        {"windows.running": False, "windows.devices": [], "host.usb": [], **_SILENT},
    ),
    "python.pyscard.importable": (
        *("linux", "missing"),
        {"pcsc": {"error": "ImportError"}},
        _SILENT,
    ),
    "python.nfcpy.importable": (
        *("linux", "missing"),
        {**_NFC, "software.modules.nfcpy": False},
        {"software.modules.nfcpy": False},  # an RC-S300 needs none
    ),
    "driver.libccid.installed": (
        *("linux", "missing"),
        {"host.bundles": [], **_UNSEEN},
        {"host.bundles": [{"name": "ifd-ccid.bundle", "version": "1.5.2", "ids": []}]},
    ),
    "driver.libccid.recent": (
        *("linux", "too-old"),
        {
            **_UNSEEN,
            "host.bundles": [{"name": "ifd-ccid.bundle", "version": "1.4.34", "ids": []}],
        },
        {
            "host.bundles": [
                {"name": "ifd-ccid.bundle", "version": "1.4.35", "ids": [["054c", "0dc9"]]}
            ]
        },
    ),
    "driver.acs.installed": (
        *("linux", "missing"),
        {**_ACR, **_UNSEEN},
        {
            **_ACR,
            "host.bundles": [
                {"name": "ifd-acsccid.bundle", "version": "1.1.8", "ids": [["072f", "221b"]]},
                {"name": "ifd-ccid.bundle", "version": "1.5.2", "ids": []},
            ],
        },
    ),
    "driver.reader.listed": (
        *("linux", "unlisted"),
        {**_UNKNOWN_CCID, **_UNSEEN},
        {
            **_UNKNOWN_CCID,
            "host.bundles": [
                {"name": "ifd-ccid.bundle", "version": "1.8.2", "ids": [["1234", "5678"]]}
            ],
        },
    ),
    "driver.reader.class": ("linux", "vendor-linux", _NFC, {}),
    "driver.kernel.free": (
        *("linux", "taken"),
        {
            **_NFC,
            "host.usb": [
                {
                    **_RC_S380,
                    "interfaces": [{"number": 0, "interface_class": 255, "driver": "port100"}],
                }
            ],
        },
        {
            **_NFC,
            "host.usb": [
                {
                    **_RC_S380,
                    "interfaces": [{"number": 0, "interface_class": 255, "driver": "usbfs"}],
                }
            ],
        },
    ),
    "driver.variable.dropdir": (
        "linux",
        "moved",
        {"linux.pcscd.dropdir": True, **_UNSEEN},
        _UNSEEN,
    ),
    "driver.reader.ignored": (
        *("linux", "marked"),
        {**_UNSEEN, "linux.ports.0.ignored": True},
        {**_UNSEEN, "linux.ports.0.ignored": False},
    ),
    "access.rule.present": (
        *("linux", "missing"),
        _CLOSED,
        {**_CLOSED, "linux.rules": [_OUR_RULE]},
    ),
    "access.rule.order": (
        *("linux", "late"),
        {**_CLOSED, "linux.rules": [{**_OUR_RULE, "file": "99-pasori.rules"}]},
        {**_CLOSED, "linux.rules": [{**_OUR_RULE, "file": "70-pasori.rules"}]},
    ),
    "access.rule.narrow": (
        *("linux", "open"),
        {**_NFC, "linux.rules": [{**_OUR_RULE, "uaccess": False, "mode": "0666"}]},
        {**_NFC, "linux.rules": [{**_OUR_RULE, "mode": "0664"}]},
    ),
    "access.group.member": (
        *("linux", "outside"),
        {
            **_CLOSED,
            "linux.session.groups": [],
            "linux.rules": [{**_OUR_RULE, "uaccess": False, "group": "plugdev"}],
        },
        {**_CLOSED, "linux.rules": [{**_OUR_RULE, "uaccess": False, "group": "plugdev"}]},
    ),
    "access.node.open": (
        *("linux", "denied"),
        {**_CLOSED, "linux.rules": [_OUR_RULE], "linux.session.active": False},
        {**_NFC, "linux.rules": [_OUR_RULE]},
    ),
    "access.pcscd.node": (
        *("linux", "refused"),
        {**_UNSEEN, "linux.pcscd.service_user": "pcscd"},
        {"linux.pcscd.service_user": "pcscd", "host.usb.0.node_owner": "root:pcscd 0660"},
    ),
    "windows.device.working": (
        *("windows", "no-driver"),
        {
            **_UNSEEN,
            "windows.devices.0.problem": 28,
            "windows.devices.0.device_class": None,
            "windows.devices.0.service": None,
        },
        {"windows.devices.0.service": "CIR315x64"},
    ),
    "windows.driver.smartcard": (
        *("windows", "winusb"),
        {
            **_UNSEEN,
            "windows.devices": [
                {
                    **_PNP,
                    "product_id": "06c3",
                    "device_class": "USBDevice",
                    "service": "WinUSB",
                }
            ],
        },
        {
            "windows.devices": [
                _PNP,
                {**_PNP, "device_class": "USBDevice", "service": "WinUSB"},  # its vendor part
            ]
        },
    ),
    "windows.driver.maker": (
        *("windows", "inbox"),
        {"windows.devices": [{**_PNP, "vendor_id": "31aa", "product_id": "2100"}]},
        {
            "windows.devices": [
                {**_PNP, "vendor_id": "31aa", "product_id": "2100", "service": "CIR215"}
            ]
        },
    ),
    "macos.driver.choice": (
        *("macos", "ifd-ccid"),
        {**_UNSEEN, "macos.use_ifd_ccid": True},
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
        {"host.usb": [], **_UNSEEN, "linux.ports": []},
        {"host.usb": [], "linux.ports": []},
    ),
    "reader.model.usable": (
        *("linux", "no-type-b"),
        {
            **_UNSEEN,
            "host.usb": [{"vendor_id": "054c", "product_id": "01bb", "location": "1-5"}],
        },
        {},
    ),
    "reader.holder.free": (
        *("linux", "scdaemon"),
        {**_UNSEEN, "linux.ports.0.holder": "scdaemon"},
        {**_UNSEEN, "linux.ports.0.holder": None},
    ),
    "reader.power.awake": (
        *("linux", "asleep"),
        {**_UNSEEN, "linux.ports.0.control": "auto", "linux.ports.0.suspended": True},
        {"linux.ports.0.control": "auto", "linux.ports.0.suspended": True},
    ),
    "reader.power.enough": (
        *("linux", "over-current"),
        {**_UNSEEN, "linux.ports.0.over_current": 3},
        {"linux.ports.0.hub": True},  # behind a hub, and yet it is listed
    ),
    "reader.pcsc.listed": (
        "linux",
        "lost",
        _UNSEEN,
        {**_UNSEEN, "linux.ports.0.holder": "scdaemon"},
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
        {"software.hosts": [{**_PORTAL, "readable": False, "valid": None, "program": None}]},
        {"software.hosts": [{**_PORTAL, "valid": False}]},
    ),
    "login.manifest.valid": (
        *("macos", "broken"),
        {"software.hosts": [{**_PORTAL, "valid": False, "program": None, "extensions": []}]},
        {"software.hosts": [{**_PORTAL, "readable": False, "valid": None}]},
    ),
    "login.manifest.program": (
        *("windows", "gone"),
        {"software.hosts": [{**_PORTAL, "program": False}]},
        {"software.hosts": [{**_PORTAL, "program": None}]},
    ),
    "login.manifest.extension": (
        *("macos", "shut-out"),
        {"software.hosts": [{**_PORTAL, "extensions": ["a" * 32]}]},
        {"software.hosts": [{**_PORTAL, "extensions": ["a" * 32, _ADDON["id"]]}]},
    ),
    "login.extension.installed": (
        *("windows", "missing"),
        {"software.extensions": []},
        {"software.extensions": [{**_ADDON, "enabled": False}]},
    ),
    "login.extension.enabled": (
        *("windows", "disabled"),
        {"software.extensions": [{**_ADDON, "enabled": False}]},
        {"software.extensions": [{**_ADDON, "enabled": None}]},
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
        {**_GONE, "host.pcsc_socket": "dead"},
    ),
    ("service.pcscd.listening", "no-answer"): ("linux", {"pcsc": {"stalled": True}}),
    ("service.pcscd.listening", "stopped-plain"): (
        "linux",
        {**_GONE, "linux.pcscd.systemd": False},
    ),
    ("service.polkit.session", "inactive"): (
        "linux",
        {**_REFUSED, "linux.session.active": False},
    ),
    ("service.polkit.session", "no-session"): (
        "linux",
        {**_REFUSED, "linux.session": {"session": False}},
    ),
    ("service.polkit.session", "refused"): ("linux", _REFUSED),
    ("driver.reader.class", "vendor-macos"): (
        "macos",
        {
            "host.usb": [{"vendor_id": "054c", "product_id": "06c3", "product": "RC-S380/P"}],
            **_UNSEEN,
        },
    ),
    ("python.nfcpy.importable", "no-libusb"): (
        "linux",
        {**_NFC, "software.modules.libusb": False},
    ),
    ("reader.holder.free", "held"): ("linux", {**_UNSEEN, "linux.ports.0.holder": "pcsc_app"}),
    ("reader.power.enough", "hub"): (
        "linux",
        {
            **_UNSEEN,
            "host.usb.0.location": "1-5.2",
            "linux.ports.0.location": "1-5.2",
            "linux.ports.0.hub": True,
        },
    ),
    ("windows.device.working", "switched-off"): (
        "windows",
        {**_UNSEEN, "windows.devices.0.problem": 22},
    ),
    ("windows.device.working", "problem"): (
        "windows",
        {**_UNSEEN, "windows.devices.0.problem": 31},
    ),
    ("macos.driver.choice", "apple"): ("macos", _UNSEEN),
    ("login.system.supported", "too-old"): ("macos", {"host.release": "21.6.0"}),
    ("login.system.supported", "unknown"): ("linux", {"host.system": "FreeBSD"}),
}


def changed(base: str, change: Change) -> Change:
    """The well computer ``base`` with some values replaced; a path names each (``pcsc.readers``)."""
    document = copy.deepcopy(BASES[base])
    for path, value in change.items():
        *parents, last = path.split(".")
        place: Any = document
        for key in parents:
            place = place[int(key)] if isinstance(place, list) else place.setdefault(key, {})
        place[last] = copy.deepcopy(value)
    return document


def text_of(document: Change) -> str:
    """A snapshot as it is committed."""
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def snapshots() -> dict[str, str]:
    """Every file of ``fixtures/hosts`` by name, with its content."""
    files = {f"{name}.json": text_of(document) for name, document in BASES.items()}
    for check, (base, _, hit, miss) in CASES.items():
        files[f"{check}.hit.json"] = text_of(changed(base, hit))
        files[f"{check}.miss.json"] = text_of(changed(base, miss))
    return files
