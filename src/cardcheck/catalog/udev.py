# SPDX-License-Identifier: Apache-2.0
"""The udev rules for the devices that nfcpy opens itself, made from the table of readers.

What belongs here: the text of ``udev/60-cardcheck.rules``. What does not: installing it, which
stays the user's own command.
"""

from __future__ import annotations

from cardcheck.catalog.reader_table import reader_table

_HEADER = """\
# SPDX-License-Identifier: Apache-2.0
# Made from the reader catalogue by scripts/documents; do not edit.
#
# Only for devices that nfcpy opens itself. A reader behind PC/SC needs no rule: pcscd opens it.
# The number must sort before 73: 73-seat-late.rules applies "uaccess", which gives the person at
# the local screen access while the session is active, and nobody else.
#
# Install:  sudo cp 60-cardcheck.rules /etc/udev/rules.d/
#           sudo udevadm control --reload
#           sudo udevadm trigger --subsystem-match=usb
# Undo:     sudo rm /etc/udev/rules.d/60-cardcheck.rules, then the last two lines again;
#           plug the reader in again: udev does not take access back
"""


def udev_rules() -> str:
    """The rules file: one rule for each device with an nfcpy driver that can read Type B."""
    rows = sorted(
        (model.usb, model.title, model.nfcpy)
        for model in reader_table().models
        if model.usb and model.nfcpy and model.reads_type_b
    )
    return _HEADER + "".join(
        f"\n# {title} (nfcpy {driver})\n"
        'ACTION!="remove", SUBSYSTEM=="usb", ENV{DEVTYPE}=="usb_device", '
        f'ATTR{{idVendor}}=="{usb[0]}", ATTR{{idProduct}}=="{usb[1]}", '
        'MODE="0660", TAG+="uaccess"\n'
        for usb, title, driver in rows
    )
