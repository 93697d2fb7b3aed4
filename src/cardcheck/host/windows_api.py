# SPDX-License-Identifier: Apache-2.0
"""What the interfaces of Windows itself tell: devices, services, registry. No program is started.

What belongs here: calls into the system, each reading only. What does not: limits (``deadline``),
and what the answers mean (``windows``, ``windows_doctor``). Closed offices forbid PowerShell, and
it takes a second to start; these take milliseconds. Sources: learn.microsoft.com, SetupAPI,
cfgmgr32, Winsvc.
"""

from __future__ import annotations

import ctypes
import sys
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator


class PnpRow(Struct, frozen=True, kw_only=True):
    r"""A present device, or part of one, as plug and play lists it; nothing is interpreted.

    Attributes:
        instance: its instance id (``USB\VID_054C&PID_0DC9&MI_00\6&1``); personal: it may hold
            a serial number.
        name: what Device Manager shows.
        manufacturer: as the driver's INF names it.
        device_class: the setup class.
        service: the driver service.
        compatible: compatible ids.
        problem: the problem code, 0 for none; None where unknown.
    """

    instance: str
    name: str | None = None
    manufacturer: str | None = None
    device_class: str | None = None
    service: str | None = None
    compatible: tuple[str, ...] = ()
    problem: int | None = None


class ServiceRow(Struct, frozen=True, kw_only=True):
    """A service.

    Attributes:
        installed: whether there is one of that name; None where it may not be asked.
        state: 1 stopped, 4 running, others in between (Winsvc.h), or None.
        start: 2 automatic, 3 on demand, 4 disabled, or None.
        trigger: whether something starts it, such as the arrival of a reader.
    """

    installed: bool | None = None
    state: int | None = None
    start: int | None = None
    trigger: bool | None = None


_SERVICES: Final = r"SYSTEM\CurrentControlSet\Services"

if sys.platform == "win32":
    import winreg
    from ctypes import wintypes

    _PRESENT, _ALL_CLASSES = 0x2, 0x4  # DIGCF_*
    _DESCRIPTION, _COMPATIBLE, _SERVICE, _CLASS, _MAKER, _FRIENDLY = 0, 2, 4, 7, 11, 12  # SPDRP_*
    _MOST_BYTES = 4096
    _MOST_DEVICES = 1024
    _HAS_PROBLEM = 0x400  # DN_HAS_PROBLEM
    _MAY_CONNECT, _MAY_QUERY = 0x1, 0x4  # SC_MANAGER_CONNECT, SERVICE_QUERY_STATUS
    _NO_SUCH_SERVICE = 1060
    _INVALID = ctypes.c_void_p(-1).value

    class _DeviceInfo(ctypes.Structure):
        _fields_ = (  # SP_DEVINFO_DATA
            ("size", wintypes.DWORD),
            ("guid", ctypes.c_byte * 16),
            ("node", wintypes.DWORD),
            ("reserved", ctypes.c_void_p),
        )

    def usb_devices() -> tuple[PnpRow, ...]:
        """All present devices on USB.

        Raises:
            OSError: Windows does not list them.
        """
        setup = ctypes.WinDLL("setupapi", use_last_error=True)
        setup.SetupDiGetClassDevsW.restype = ctypes.c_void_p
        listed = setup.SetupDiGetClassDevsW(None, "USB", None, _PRESENT | _ALL_CLASSES)
        if listed in {None, _INVALID}:
            raise ctypes.WinError(ctypes.get_last_error())
        try:
            return tuple(_rows(setup, ctypes.c_void_p(listed)))
        finally:
            setup.SetupDiDestroyDeviceInfoList(ctypes.c_void_p(listed))

    def _rows(setup: Any, listed: ctypes.c_void_p) -> Iterator[PnpRow]:  # noqa: ANN401 - a DLL
        info = _DeviceInfo(size=ctypes.sizeof(_DeviceInfo))
        instance = ctypes.create_unicode_buffer(_MOST_BYTES)
        for number in range(_MOST_DEVICES):
            if not setup.SetupDiEnumDeviceInfo(listed, number, ctypes.byref(info)):
                return
            if setup.SetupDiGetDeviceInstanceIdW(
                listed, ctypes.byref(info), instance, len(instance), None
            ):
                told = {
                    kind: _property(setup, listed, info, kind)
                    for kind in (_DESCRIPTION, _COMPATIBLE, _SERVICE, _CLASS, _MAKER, _FRIENDLY)
                }
                first = {kind: texts[0] if texts else None for kind, texts in told.items()}
                yield PnpRow(
                    instance=instance.value,
                    name=first[_FRIENDLY] or first[_DESCRIPTION],
                    manufacturer=first[_MAKER],
                    device_class=first[_CLASS],
                    service=first[_SERVICE],
                    compatible=told[_COMPATIBLE],
                    problem=_problem(info.node),
                )

    def _property(
        setup: Any,  # noqa: ANN401 - a DLL
        listed: ctypes.c_void_p,
        info: _DeviceInfo,
        kind: int,
    ) -> tuple[str, ...]:
        """The strings of a property, of which most have one; empty where there is none."""
        data = ctypes.create_unicode_buffer(_MOST_BYTES // 2)
        if not setup.SetupDiGetDeviceRegistryPropertyW(
            listed, ctypes.byref(info), kind, None, data, _MOST_BYTES, None
        ):
            return ()
        text, _, _ = "".join(data[:]).partition("\0\0")
        return tuple(filter(None, text.split("\0")))

    def _problem(node: int) -> int | None:
        status, problem = wintypes.ULONG(), wintypes.ULONG()
        manager = ctypes.WinDLL("cfgmgr32")
        if manager.CM_Get_DevNode_Status(ctypes.byref(status), ctypes.byref(problem), node, 0):
            return None
        return problem.value if status.value & _HAS_PROBLEM else 0

    def service(name: str) -> ServiceRow:
        """What the service control manager and the registry tell of a service."""
        state = _service_state(name)
        if state == 0:
            return ServiceRow(installed=False)
        start = registry_value(rf"HKLM\{_SERVICES}\{name}", "Start")
        return ServiceRow(
            installed=None if state is None else True,
            state=state,
            start=start if isinstance(start, int) else None,
            trigger=has_registry_key(rf"HKLM\{_SERVICES}\{name}\TriggerInfo\0"),
        )

    def _service_state(name: str) -> int | None:
        """Its state; 0 where there is no such service, None where that may not be asked."""
        api = ctypes.WinDLL("advapi32", use_last_error=True)
        for call in (api.OpenSCManagerW, api.OpenServiceW):
            call.restype = ctypes.c_void_p
        manager = ctypes.c_void_p(api.OpenSCManagerW(None, None, _MAY_CONNECT))
        if not manager.value:
            return None
        handle = ctypes.c_void_p(api.OpenServiceW(manager, name, _MAY_QUERY))
        try:
            if not handle.value:
                return 0 if ctypes.get_last_error() == _NO_SUCH_SERVICE else None
            status = (wintypes.DWORD * 7)()  # SERVICE_STATUS; the second is dwCurrentState
            return status[1] if api.QueryServiceStatus(handle, status) else None
        finally:
            for opened in (handle, manager):
                if opened.value:
                    api.CloseServiceHandle(opened)

    def registry_value(path: str, name: str = "") -> object:
        r"""A value of the registry; None where there is none or it may not be read.

        Args:
            path: such as ``HKLM\SOFTWARE\...``; ``HKLM`` or ``HKCU``.
            name: of the value; empty for the key's own.
        """
        root, _, key = path.partition("\\")
        try:
            with winreg.OpenKey(_ROOTS[root], key) as opened:
                return winreg.QueryValueEx(opened, name)[0]
        except OSError:
            return None

    def has_registry_key(path: str) -> bool:
        """Whether the registry has a key."""
        root, _, key = path.partition("\\")
        try:
            with winreg.OpenKey(_ROOTS[root], key):
                return True
        except OSError:
            return False

    _ROOTS: Final = {"HKLM": winreg.HKEY_LOCAL_MACHINE, "HKCU": winreg.HKEY_CURRENT_USER}

else:

    def usb_devices() -> tuple[PnpRow, ...]:
        """As on Windows; elsewhere there is no plug and play to ask."""
        raise OSError(None, "only on Windows")

    def service(name: str) -> ServiceRow:  # noqa: ARG001
        """As on Windows; elsewhere nothing is known."""
        return ServiceRow()

    def registry_value(path: str, name: str = "") -> object:  # noqa: ARG001
        """As on Windows; elsewhere there is none."""
        return None

    def has_registry_key(path: str) -> bool:  # noqa: ARG001
        """As on Windows; elsewhere there is none."""
        return False
