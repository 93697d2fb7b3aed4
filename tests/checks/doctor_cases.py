# SPDX-License-Identifier: Apache-2.0
"""For each cause of the first links: what shows it, and what nearly does.

Each is a change to a computer on which all is well.
"""

from __future__ import annotations

from typing import Final

from checks.doctor_bases import OUR_RULE, RC_S380, Change
from checks.doctor_changes import ACR, CLOSED, GONE, NFC, REFUSED, SILENT, UNKNOWN_CCID, UNSEEN

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
        {**UNSEEN, "host.usb": [], "linux.surroundings.wsl": True},
        {"linux.surroundings.wsl": True},
    ),
    "wall.machine.usb": (
        *("linux", "not-attached"),
        {**UNSEEN, "host.usb": [], "linux.surroundings.machine": "VMware"},
        {"linux.surroundings.machine": "VMware"},
    ),
    "windows.session.local": (
        *("windows", "remote"),
        {"windows.remote": True},
        {"windows.remote": False, "pcsc.readers": []},
    ),
    "service.pcscd.installed": (
        *("linux", "missing"),
        {**GONE, "host.pcsc_installed": False, "linux.pcscd.socket_unit": "absent"},
        {**GONE, "host.pcsc_installed": True},
    ),
    "service.pcscd.unmasked": (
        *("linux", "masked"),
        {**GONE, "linux.pcscd.socket_unit": "masked"},
        {**GONE, "linux.pcscd.socket_unit": "disabled"},
    ),
    "service.pcscd.enabled": (
        *("linux", "disabled"),
        {**GONE, "linux.pcscd.socket_unit": "disabled"},
        {"linux.pcscd.socket_unit": "disabled"},  # started by hand: it answers
    ),
    "service.pcscd.listening": (
        *("linux", "stopped"),
        GONE,
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
            **GONE,
            "linux.pcscd.processes": [{"user": "root", "same_namespace": False}],
        },
        {"linux.pcscd.processes": [{"user": "root", "same_namespace": False}]},
    ),
    "service.polkit.session": (
        *("linux", "ssh"),
        {**REFUSED, "linux.pcscd.polkit": True, "linux.session.ssh": True},
        {"linux.pcscd.polkit": True, "linux.session.ssh": True},
    ),
    "service.proc.visible": (
        *("linux", "hidden"),
        {**REFUSED, "linux.session.hidepid": True},
        {"linux.session.hidepid": True},
    ),
    "service.variable.socket": (
        *("linux", "moved"),
        {**GONE, "linux.environment": ["PCSCLITE_CSOCK_NAME"]},
        {"linux.environment": ["PCSCLITE_CSOCK_NAME"]},
    ),
    "service.variable.filter": (
        *("linux", "set"),
        {**UNSEEN, "linux.pcscd.filters": ["PCSCLITE_FILTER_IGNORE_READER_NAMES"]},
        UNSEEN,
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
    "driver.reader.single": (
        *("linux", "several"),
        {
            "host.bundles": [
                {"name": "ifd-ccid.bundle", "version": "1.5.2", "ids": [["054c", "0dc9"]]},
                {"name": "ifd-other.bundle", "version": "1.1.8", "ids": [["054c", "0dc9"]]},
            ]
        },
        {
            "host.bundles": [
                {"name": "ifd-ccid.bundle", "version": "1.5.2", "ids": [["054c", "0dc9"]]},
                {"name": "ifd-other.bundle", "version": "1.1.8", "ids": [["072f", "b100"]]},
            ]
        },
    ),
    "reader.card.answering": (
        *("linux", "mute"),
        {"pcsc.readers.0.slot": "mute"},
        {"pcsc.readers.0.slot": "card"},
    ),
    "wall.chromebook.usb": (
        *("linux", "not-lent"),
        {**GONE, "host.usb": [], "linux.surroundings.chromebook": True},
        {"linux.surroundings.chromebook": True},
    ),
    "wall.snap.pcsc": (
        *("linux", "inside"),
        {**GONE, "linux.surroundings.snap": True},
        {"linux.surroundings.snap": True},
    ),
    "wall.flatpak.pcsc": (
        *("linux", "inside"),
        {**GONE, "linux.surroundings.flatpak": True},
        {"linux.surroundings.flatpak": True},
    ),
    "wall.container.pcsc": (
        *("linux", "inside"),
        {**GONE, "linux.surroundings.container": "docker"},
        {
            **SILENT,
            "host.pcsc_socket": "dead",
            "linux.surroundings.container": "docker",
        },
    ),
    "windows.service.enabled": (
        *("windows", "disabled"),
        {"windows.start_type": 4, "windows.running": False, **SILENT},
        {"windows.start_type": 2},
    ),
    "windows.service.trigger": (
        *("windows", "missing"),
        {"windows.trigger": False, "windows.running": False, **SILENT},
        {"windows.trigger": False, "windows.start_type": 2},
    ),
    "windows.service.running": (
        *("windows", "stopped"),
        {"windows.running": False, **SILENT},
        {"windows.running": False, "windows.devices": [], "host.usb": [], **SILENT},
    ),
    "python.pyscard.importable": (
        *("linux", "missing"),
        {"pcsc": {"error": "ImportError"}},
        SILENT,
    ),
    "python.nfcpy.importable": (
        *("linux", "missing"),
        {**NFC, "software.modules.nfcpy": False},
        {"software.modules.nfcpy": False},  # an RC-S300 needs none
    ),
    "driver.libccid.installed": (
        *("linux", "missing"),
        {"host.bundles": [], **UNSEEN},
        {"host.bundles": [{"name": "ifd-ccid.bundle", "version": "1.5.2", "ids": []}]},
    ),
    "driver.libccid.recent": (
        *("linux", "too-old"),
        {
            **UNSEEN,
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
        {**ACR, **UNSEEN},
        {
            **ACR,
            "host.bundles": [
                {"name": "ifd-acsccid.bundle", "version": "1.1.8", "ids": [["072f", "221b"]]},
                {"name": "ifd-ccid.bundle", "version": "1.5.2", "ids": []},
            ],
        },
    ),
    "driver.reader.listed": (
        *("linux", "unlisted"),
        {**UNKNOWN_CCID, **UNSEEN},
        {
            **UNKNOWN_CCID,
            "host.bundles": [
                {"name": "ifd-ccid.bundle", "version": "1.8.2", "ids": [["1234", "5678"]]}
            ],
        },
    ),
    "driver.reader.class": ("linux", "vendor-linux", NFC, {}),
    "driver.kernel.free": (
        *("linux", "taken"),
        {
            **NFC,
            "host.usb": [
                {
                    **RC_S380,
                    "interfaces": [{"number": 0, "interface_class": 255, "driver": "port100"}],
                }
            ],
        },
        {
            **NFC,
            "host.usb": [
                {
                    **RC_S380,
                    "interfaces": [{"number": 0, "interface_class": 255, "driver": "usbfs"}],
                }
            ],
        },
    ),
    "driver.variable.dropdir": (
        "linux",
        "moved",
        {"linux.pcscd.dropdir": True, **UNSEEN},
        UNSEEN,
    ),
    "driver.reader.ignored": (
        *("linux", "marked"),
        {**UNSEEN, "linux.ports.0.ignored": True},
        {**UNSEEN, "linux.ports.0.ignored": False},
    ),
    "access.rule.present": (
        *("linux", "missing"),
        CLOSED,
        {**CLOSED, "linux.rules": [OUR_RULE]},
    ),
    "access.rule.order": (
        *("linux", "late"),
        {**CLOSED, "linux.rules": [{**OUR_RULE, "file": "99-pasori.rules"}]},
        {**CLOSED, "linux.rules": [{**OUR_RULE, "file": "70-pasori.rules"}]},
    ),
    "access.rule.narrow": (
        *("linux", "open"),
        {**NFC, "linux.rules": [{**OUR_RULE, "uaccess": False, "mode": "0666"}]},
        {**NFC, "linux.rules": [{**OUR_RULE, "mode": "0664"}]},
    ),
    "access.group.member": (
        *("linux", "outside"),
        {
            **CLOSED,
            "linux.session.groups": [],
            "linux.rules": [{**OUR_RULE, "uaccess": False, "group": "plugdev"}],
        },
        {**CLOSED, "linux.rules": [{**OUR_RULE, "uaccess": False, "group": "plugdev"}]},
    ),
    "access.node.open": (
        *("linux", "denied"),
        {**CLOSED, "linux.rules": [OUR_RULE], "linux.session.active": False},
        {**NFC, "linux.rules": [OUR_RULE]},
    ),
    "access.pcscd.node": (
        *("linux", "refused"),
        {**UNSEEN, "linux.pcscd.service_user": "pcscd"},
        {"linux.pcscd.service_user": "pcscd", "host.usb.0.node_owner": "root:pcscd 0660"},
    ),
}
