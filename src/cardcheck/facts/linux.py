# SPDX-License-Identifier: Apache-2.0
"""What was observed of a Linux computer beyond ``facts.host``: pcscd, session, udev, USB power.

What belongs here: frozen values that a recorded snapshot can hold. What does not: user names, paths
in a home directory, serial numbers.
"""

from __future__ import annotations

from msgspec import Struct


class PcscdProcess(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One running pcscd.

    Attributes:
        user: ``root``, ``pcscd`` or ``other``.
        same_namespace: whether it shares our mount namespace; None where we may not look.
    """

    user: str
    same_namespace: bool | None = None


class PcscdFacts(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The PC/SC daemon as systemd and the process table show it.

    Attributes:
        systemd: whether systemd runs this computer.
        socket_unit: ``enabled``, ``disabled``, ``masked`` or ``absent``; None where unknown.
        service_unit: the same of ``pcscd.service``; ``disabled`` is normal.
        service_user: the user that the service unit names (``pcscd`` since 2.4), or None.
        processes: every pcscd that runs.
        polkit: whether the policy of pcsc-lite is installed.
        filters: names of variables in ``/etc/default/pcscd`` that hide or rename readers.
        dropdir: whether ``/etc/default/pcscd`` moves the directory of drivers.
        libraries: the different libpcsclite that are installed, by path.
    """

    systemd: bool = False
    socket_unit: str | None = None
    service_unit: str | None = None
    service_user: str | None = None
    processes: tuple[PcscdProcess, ...] = ()
    polkit: bool = False
    filters: tuple[str, ...] = ()
    dropdir: bool = False
    libraries: tuple[str, ...] = ()


class SessionFacts(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who asks, as polkit and udev see it; no name.

    Attributes:
        root: whether we are root.
        ssh: whether we came over SSH.
        session: whether logind knows a session of ours; None where unknown.
        active: whether that session is the one at the screen; None where unknown.
        remote: whether logind calls it remote; None where unknown.
        groups: those of our groups that matter for devices (``plugdev``, ``pcscd``).
        plugdev: whether this computer has a group ``plugdev``.
        hidepid: whether ``/proc`` hides the processes of others (``hidepid=2``).
    """

    root: bool = False
    ssh: bool = False
    session: bool | None = None
    active: bool | None = None
    remote: bool | None = None
    groups: tuple[str, ...] = ()
    plugdev: bool = False
    hidepid: bool = False


class UdevRule(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of a udev rule that names a device of the reader catalogue.

    Attributes:
        file: name of the rules file.
        vendor_id: four lower-case hexadecimal digits.
        product_ids: as written (``06c1|06c3``), lower case; empty where every product is meant.
        uaccess: whether it tags ``uaccess``.
        mode: the ``MODE`` it sets (``0666``), or None.
        group: the ``GROUP`` it sets, or None.
    """

    file: str
    vendor_id: str
    product_ids: str = ""
    uaccess: bool = False
    mode: str | None = None
    group: str | None = None


class UsbPort(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How one attached reader is powered, held and marked.

    Attributes:
        location: as in ``UsbDevice.location`` (``1-5``).
        control: ``power/control``: ``on`` or ``auto``; None where unknown.
        suspended: whether it sleeps just now; None where unknown.
        hub: whether a hub is between it and the computer.
        over_current: how often its port was switched off for drawing too much; None where unknown.
        max_power: mA that it asks for, or None.
        ignored: whether udev marks it ``PCSCLITE_IGNORE``; None where unknown.
        holder: the program that has its device node open, other than pcscd, or None.
    """

    location: str
    control: str | None = None
    suspended: bool | None = None
    hub: bool = False
    over_current: int | None = None
    max_power: int | None = None
    ignored: bool | None = None
    holder: str | None = None


class Surroundings(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What stands between this program and the hardware.

    Attributes:
        snap: inside a snap package.
        flatpak: inside a flatpak.
        container: ``docker``, ``podman`` or another name, or None.
        wsl: inside the Windows Subsystem for Linux.
        machine: the virtual machine as the firmware names it (``KVM``, ``VMware``), or None.
        usb_bus: whether the kernel knows USB at all.
        chromebook: inside the Linux container of a Chromebook.
    """

    snap: bool = False
    flatpak: bool = False
    container: str | None = None
    wsl: bool = False
    machine: str | None = None
    usb_bus: bool = True
    chromebook: bool = False


class LinuxFacts(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All of it; a part is None where its probe did not answer.

    Attributes:
        pcscd: the daemon.
        session: who asks.
        rules: udev rules on known devices.
        ports: one entry for each attached reader.
        surroundings: containers, virtual machines.
        environment: names of the ``PCSCLITE_*`` and ``LIBPCSCLITE_*`` variables set for us.
    """

    pcscd: PcscdFacts | None = None
    session: SessionFacts | None = None
    rules: tuple[UdevRule, ...] | None = None
    ports: tuple[UsbPort, ...] | None = None
    surroundings: Surroundings | None = None
    environment: tuple[str, ...] = ()
