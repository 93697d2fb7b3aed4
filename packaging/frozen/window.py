# SPDX-License-Identifier: Apache-2.0
"""The window after a double click on Windows: says what to do, follows, and opens the page.

A window, not the console: a console cannot show large words, and what matters scrolls away. One of
Windows' own controls, not Tk: a screen reader reads those and reads nothing of Tk 8.6, the keyboard
works by itself, and the program stays 10 MB smaller. It opens no card: it looks at slots, and runs
``cardcheck scan`` as anybody would.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from ctypes import wintypes
from pathlib import Path
from typing import Any, Final

from cardcheck.catalog.data import table
from cardcheck.cli.language import language

_user, _gdi, _kernel = (
    ctypes.WinDLL(name, use_last_error=True) for name in ("user32", "gdi32", "kernel32")
)
_Proc: Final = ctypes.WINFUNCTYPE(
    ctypes.c_ssize_t, wintypes.HWND, wintypes.UINT, wintypes.WPARAM, wintypes.LPARAM
)
_WM_DESTROY, _WM_SETFONT, _WM_COMMAND, _WM_TIMER, _WM_CTLCOLORSTATIC = (
    0x2,
    0x30,
    0x111,
    0x113,
    0x138,
)
_COLOR_WINDOW = 5
_WIDTH, _HEIGHT = 820, 420  # at 96 dots an inch
_BIG, _SMALL = 30, 17  # points
_MAIN_BUTTON, _SHOW_BUTTON, _CLOSE_BUTTON = 1, 3, 2  # IDOK is what Enter means, IDCANCEL Esc
_LOOK: Final = 0.4  # seconds between two looks at the readers
_SCAN_SECONDS: Final = 120
_FAILED: Final = 5  # exit codes from here on are no verdict


class _WindowClass(ctypes.Structure):
    _fields_ = (
        ("style", wintypes.UINT),
        ("procedure", _Proc),
        ("extra", ctypes.c_int),
        ("more", ctypes.c_int),
        ("instance", wintypes.HINSTANCE),
        ("icon", wintypes.HICON),
        ("cursor", wintypes.HANDLE),
        ("brush", wintypes.HBRUSH),
        ("menu", wintypes.LPCWSTR),
        ("name", wintypes.LPCWSTR),
    )


for _function in (_user.CreateWindowExW, _gdi.CreateFontW, _kernel.GetModuleHandleW):
    _function.restype = ctypes.c_void_p
_user.LoadCursorW.restype = _user.LoadIconW.restype = ctypes.c_void_p
_user.GetSysColorBrush.restype = ctypes.c_void_p
_user.DefWindowProcW.restype = ctypes.c_ssize_t
_user.DefWindowProcW.argtypes = (
    wintypes.HWND,
    wintypes.UINT,
    wintypes.WPARAM,
    wintypes.LPARAM,
)


class Follower:
    """Looks at readers and runs scans, in a thread of its own.

    Attributes:
        step: ``connect``, ``place``, ``reading``, ``done`` or ``failed``.
        code: the exit code of the last scan.
        page: where its result is.
    """

    def __init__(self, lang: str) -> None:
        """Prepares; ``start`` begins."""
        self.step, self.code = "connect", 0
        folder = Path(tempfile.gettempdir(), "cardcheck")
        folder.mkdir(exist_ok=True)
        self.page = folder / "result.html"
        self._lang = lang
        self._go = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Begins to look."""
        self._thread.start()

    def go(self) -> None:
        """Checks now, whatever is there; once more after the end."""
        self._go.set()

    def _run(self) -> None:
        while True:
            while not self._go.is_set() and not self._card_is_there():
                self._go.wait(_LOOK)
            self._go.clear()
            self._scan()
            self._go.wait()
            self._go.clear()
            self.step = "connect"

    def _card_is_there(self) -> bool:
        from cardcheck.errors import CardcheckError
        from cardcheck.facts.reader import SlotState
        from cardcheck.transports.pcsc import PcscBackend

        try:
            backend = PcscBackend()
            try:
                states = {backend.slot_state(reader) for reader in backend.readers()}
            finally:
                backend.close()
        except CardcheckError:
            states = set()  # without a reader Windows does not even start its service
        self.step = "place" if states else "connect"
        return bool(states - {SlotState.EMPTY, SlotState.UNAVAILABLE})

    def _scan(self) -> None:
        self.step = "reading"
        self.page.unlink(missing_ok=True)
        program = Path(sys.executable).with_name("cardcheck.exe")
        command = [program, "scan", "--html", self.page, "--lang", self._lang, "--json"]
        try:
            done = subprocess.run(  # noqa: S603 - ourselves
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=_SCAN_SECONDS,
                check=False,
                creationflags=subprocess.CREATE_NO_WINDOW,
            )
            self.code = done.returncode
        except (OSError, subprocess.TimeoutExpired):
            self.code = 70
        self.step = "done" if self.code < _FAILED and self.page.exists() else "failed"
        if self.step == "done":
            self.show()

    def show(self) -> None:
        """Opens the page, where there is one and anything that shows it."""
        with suppress(OSError):
            os.startfile(self.page)  # noqa: S606 - our own page


class Window:
    """The window; ``run`` shows it and comes back when it is closed."""

    def __init__(self) -> None:
        """Makes the window and what is in it."""
        lang = language(None, file="window")
        self._texts: Any = table(f"messages/window-{lang}.toml")
        self._follower = Follower(lang)
        self._shown: tuple[str, int] = ("", 0)
        _user.SetProcessDPIAware()
        screen = _user.GetDC(None)
        self._dots = _gdi.GetDeviceCaps(ctypes.c_void_p(screen), 90)  # LOGPIXELSY
        self._procedure = _Proc(self._handle)
        self._window = self._make_window()
        self._first = self._control("STATIC", "", 0, (40, 40, 740, 130), _BIG)
        self._more = self._control("STATIC", "", 0, (40, 180, 740, 80), _SMALL)
        self._control("STATIC", self._texts["no-pin"], 0, (40, 270, 740, 40), _SMALL)
        names = self._texts["button"]
        tab, default = 0x10000, 0x1  # WS_TABSTOP, BS_DEFPUSHBUTTON
        self._main = self._control(
            "BUTTON", names["anyway"], tab | default, (40, 330, 260, 56), _SMALL, _MAIN_BUTTON
        )
        self._show = self._control(
            "BUTTON", names["show"], tab, (320, 330, 220, 56), _SMALL, _SHOW_BUTTON
        )
        self._control("BUTTON", names["close"], tab, (560, 330, 220, 56), _SMALL, _CLOSE_BUTTON)

    def _make_window(self) -> ctypes.c_void_p:
        instance = ctypes.c_void_p(_kernel.GetModuleHandleW(None))
        made = _WindowClass()
        made.procedure, made.instance, made.name = self._procedure, instance.value, "cardcheck"
        made.icon = _user.LoadIconW(instance, ctypes.c_void_p(1))  # PyInstaller's number
        made.cursor = _user.LoadCursorW(None, ctypes.c_void_p(32512))  # IDC_ARROW
        made.brush = _COLOR_WINDOW + 1
        _user.RegisterClassW(ctypes.byref(made))
        style = 0x00CA0000  # WS_CAPTION | WS_SYSMENU | WS_MINIMIZEBOX
        return ctypes.c_void_p(
            _user.CreateWindowExW(
                0,
                "cardcheck",
                self._texts["title"],
                style,
                *(80, 60, self._scaled(_WIDTH + 16), self._scaled(_HEIGHT + 40)),
                *(None, None, instance, None),
            )
        )

    def _control(
        self,
        kind: str,
        text: str,
        style: int,
        place: tuple[int, int, int, int],
        points: int,
        number: int = 0,
    ) -> ctypes.c_void_p:
        control = ctypes.c_void_p(
            _user.CreateWindowExW(
                0,
                kind,
                text,
                0x50000000 | style,  # WS_CHILD | WS_VISIBLE
                *map(self._scaled, place),
                self._window,
                ctypes.c_void_p(number),
                None,
                None,
            )
        )
        height = -points * self._dots // 72
        font = _gdi.CreateFontW(
            *(height, 0, 0, 0, 600 if points == _BIG else 400, 0, 0, 0, 1, 0, 0, 5, 0),
            "Meiryo UI",
        )
        _user.SendMessageW(control, _WM_SETFONT, ctypes.c_void_p(font), ctypes.c_ssize_t(1))
        return control

    def _scaled(self, length: int) -> int:
        return length * self._dots // 96

    def run(self) -> int:
        """Shows the window until it is closed."""
        self._refresh()
        _user.ShowWindow(self._window, 1)
        _user.SetForegroundWindow(self._window)
        _user.SetFocus(self._main)
        _user.SetTimer(self._window, ctypes.c_void_p(1), 200, None)
        self._follower.start()
        message = wintypes.MSG()
        while _user.GetMessageW(ctypes.byref(message), None, 0, 0) > 0:
            if not _user.IsDialogMessageW(self._window, ctypes.byref(message)):
                _user.TranslateMessage(ctypes.byref(message))
                _user.DispatchMessageW(ctypes.byref(message))
        return 0

    def _handle(self, window: int, message: int, first: int, second: int) -> int:
        if message == _WM_TIMER:
            self._refresh()
        elif message == _WM_COMMAND:
            self._pressed(first & 0xFFFF)
        elif message == _WM_CTLCOLORSTATIC:
            return int(_user.GetSysColorBrush(_COLOR_WINDOW))
        elif message == _WM_DESTROY:
            _user.PostQuitMessage(0)
        else:
            return int(_user.DefWindowProcW(window, message, first, second))
        return 0

    def _pressed(self, number: int) -> None:
        if number == _MAIN_BUTTON:
            self._follower.go()
        elif number == _SHOW_BUTTON:
            self._follower.show()
        elif number == _CLOSE_BUTTON:
            _user.DestroyWindow(self._window)

    def _refresh(self) -> None:
        """Says what the follower has come to; nothing where nothing changed."""
        now = (self._follower.step, self._follower.code)
        if now == self._shown:
            return
        self._shown = now
        step, code = now
        texts, names = self._texts["step"][step], self._texts["button"]
        over = step in {"done", "failed"}
        _user.SetWindowTextW(self._first, texts["first"])
        _user.SetWindowTextW(self._more, texts["more"].format(code=code))
        _user.SetWindowTextW(self._main, names["again" if over else "anyway"])
        _user.EnableWindow(self._main, step != "reading")
        _user.EnableWindow(self._show, step == "done")
        if over:
            _user.SetFocus(self._main)


def show() -> int:
    """The whole of it; the exit code is 0."""
    return Window().run()
