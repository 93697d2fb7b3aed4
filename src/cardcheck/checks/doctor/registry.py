# SPDX-License-Identifier: Apache-2.0
"""All checks of ``doctor``, in the order of the chain. A check that is not here does not exist."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cardcheck.checks.doctor import computer, linux_readers, login, macos, service, windows

if TYPE_CHECKING:
    from cardcheck.checks.doctor.base import DoctorCheck

DOCTOR: Final[tuple[DoctorCheck, ...]] = (
    computer.clock_right,
    computer.probes_answered,
    computer.wsl,
    computer.machine,
    windows.session_local,
    service.installed,
    service.unmasked,
    service.enabled,
    service.listening,
    service.protocol,
    service.namespace,
    service.polkit_session,
    service.proc_visible,
    service.variable_socket,
    service.variable_filter,
    service.variable_delegate,
    service.library_single,
    service.snap,
    service.flatpak,
    service.container,
    windows.service_enabled,
    windows.service_trigger,
    windows.service_running,
    computer.pyscard_importable,
    linux_readers.nfcpy_importable,
    linux_readers.libccid_installed,
    linux_readers.libccid_recent,
    linux_readers.package_installed,
    linux_readers.reader_listed,
    computer.reader_class,
    linux_readers.kernel_free,
    linux_readers.variable_dropdir,
    linux_readers.reader_ignored,
    linux_readers.rule_present,
    linux_readers.rule_order,
    linux_readers.rule_narrow,
    linux_readers.group_member,
    linux_readers.node_open,
    linux_readers.pcscd_node,
    windows.device_working,
    windows.driver_smartcard,
    windows.driver_maker,
    macos.driver_choice,
    macos.driver_native,
    computer.attached,
    computer.model_usable,
    linux_readers.holder_free,
    linux_readers.power_awake,
    linux_readers.power_enough,
    computer.listed,
    macos.rosetta_installed,
    login.system_supported,
    login.app_installed,
    login.manifest_readable,
    login.manifest_valid,
    login.manifest_program,
    login.manifest_extension,
    login.extension_installed,
    login.extension_enabled,
    login.browser_present,
    login.browser_recent,
    login.jpki_installed,
)
"""The checks of ``doctor``."""
