# SPDX-License-Identifier: Apache-2.0
"""Writes docs/platforms.md: what depends on the system, and how each implementation was tried.

What belongs here: finding the places in the code, and what is known of each. What does not: the
implementations. A place that is found and not described, or described and not found, is an error.

    python scripts/platform_table.py            writes it
    python scripts/platform_table.py --check    exit code 1 where it is not current
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).resolve().parents[1]
PAGE: Final = ROOT / "docs" / "platforms.md"
PACKAGE: Final = ROOT / "src" / "cardcheck"
_OF_A_SYSTEM: Final = frozenset({"fcntl", "msvcrt", "winreg", "pwd", "grp", "ctypes.wintypes"})
_ASKED: Final = frozenset({"sys.platform", "platform.system"})
# They ask for the system only to write its name into a document.
_NAMES_ONLY: Final = frozenset(
    {"cli.kiosk:Kiosk", "cli.sealing:seal_texts", "host.probe:bare", "host.probe:observe"}
)


class Row(NamedTuple):
    """What is known of one place: what it does, and per system how, and how that was tried."""

    what: str
    linux: tuple[str, str]
    windows: tuple[str, str]
    macos: tuple[str, str]


ROWS: Final = {
    "host.examine:examine": Row(
        "facts for `doctor`",
        ("/sys, /proc, udev, logind, files of systemd", "run"),
        ("service control manager, SetupAPI, registry", "Wine; devices recorded"),
        ("system_profiler, ioreg, files", "recorded"),
    ),
    "host.windows_api:*": Row(
        "devices, problem codes, services, registry",
        ("—", "—"),
        ("setupapi, cfgmgr32, advapi32, winreg", "Wine; it has no USB devices and no SCardSvr"),
        ("—", "—"),
    ),
    "host.linux:_user": Row("name of a device's owner", ("pwd", "run"), ("—", "—"), ("—", "—")),
    "host.linux:_group": Row("name of a device's group", ("grp", "run"), ("—", "—"), ("—", "—")),
    "host.linux_service:session": Row(
        "who is logged in, and where", ("logind's files, grp", "run"), ("—", "—"), ("—", "—")
    ),
    "host.linux_service:_owner": Row("who runs a process", ("pwd", "run"), ("—", "—"), ("—", "—")),
    "host.ui_language:ui_language": Row(
        "language of the system",
        ("the environment", "run"),
        ("GetUserDefaultUILanguage", "Wine"),
        ("defaults read AppleLanguages", "recorded"),
    ),
    "host.ca_cache:default_directory": Row(
        "where CA certificates are kept",
        ("XDG_CACHE_HOME", "run"),
        ("LOCALAPPDATA", "Wine"),
        ("~/Library/Caches", "read"),
    ),
    "cli.data_sets:_usual_place": Row(
        "where a data set lies",
        ("XDG_DATA_HOME", "run"),
        ("LOCALAPPDATA", "Wine"),
        ("~/Library/Application Support", "read"),
    ),
    "cli.named:_place_of": Row(
        "whether two names are one file",
        ("device and inode", "run"),
        ("as on Linux", "Wine"),
        ("the same, and names without case", "read"),
    ),
    "cli.output:_has_colours": Row(
        "whether a terminal shows colours",
        ("always, but for TERM and NO_COLOR", "run"),
        ("the console is asked", "Wine, which has none to ask"),
        ("as on Linux", "read"),
    ),
    "cli.output:_windows_takes_escapes": Row(
        "escape sequences", ("—", "—"), ("SetConsoleMode", "read"), ("—", "—")
    ),
    "kiosk.journal:_locked": Row(
        "the lock of the morning log",
        ("flock", "run"),
        ("LockFileEx far behind the end", "Wine, also by a share of Wine's"),
        ("flock", "read"),
    ),
    "output.streams:nobody_reads": Row(
        "a closed pipe", ("EPIPE", "run"), ("EINVAL on a pipe", "Wine"), ("EPIPE", "read")
    ),
    "output.streams:_take_name": Row(
        "a file gets its name",
        ("rename", "run"),
        ("the same; waits 3 s for whoever reads the old one", "Wine"),
        ("rename", "read"),
    ),
    "signals:install": Row(
        "breaking off",
        ("SIGINT, SIGTERM", "run"),
        ("Ctrl-C; Ctrl-Break, closed window, end of session", "Wine; the latter by calling them"),
        ("SIGINT, SIGTERM", "read"),
    ),
    "signals:*": Row(
        "what a console of Windows tells",
        ("—", "—"),
        ("SetConsoleCtrlHandler", "Wine, by calling it: Wine itself tells only of Ctrl-C"),
        ("—", "—"),
    ),
    "transports.pcsc:PcscBackend": Row(
        "card readers",
        ("pcsc-lite", "run"),
        ("winscard", "Wine, whose winscard hands calls to pcsc-lite"),
        ("PCSC.framework; knows no notification of readers", "recorded"),
    ),
}

_HEAD: Final = """\
# What depends on the system

Everything else is one code for all. Found in the code and written by
`scripts/platform_table.py`; a test compares. How each was tried: **run** on the system itself by
`scripts/test` or its labs; **Wine**: by the Python of Windows under Wine 10
(`scripts/lab-windows`; [hardware.md](hardware.md) says what that proves); **recorded**: with
output that others recorded on that system; **read**: written from documents, tried by nobody.

| place | what | Linux | Windows | macOS |
|---|---|---|---|---|
"""


def places() -> set[str]:
    """``module:function`` (or class, or ``*`` for what stands outside) of all that ask."""
    return {place for path in sorted(PACKAGE.rglob("*.py")) for place in _places_in(path)}


def _places_in(path: Path) -> Iterator[str]:
    module = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
    for node in ast.parse(path.read_text("utf-8")).body:
        if not any(map(_asks, ast.walk(node))):
            continue
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield f"{module}:{node.name}"
            continue
        inner = {n.name for n in ast.walk(node) if isinstance(n, ast.FunctionDef)}
        yield f"{module}:{inner.pop() if len(inner) == 1 else '*'}"


def _asks(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute):
        return ast.unparse(node) in _ASKED
    return isinstance(node, ast.Import) and any(name.name in _OF_A_SYSTEM for name in node.names)


def page() -> str:
    """The page.

    Raises:
        SystemExit: code and description differ.
    """
    found = places() - _NAMES_ONLY
    if found != set(ROWS):
        sys.exit(f"platform_table: not described {found - set(ROWS)}, gone {set(ROWS) - found}")
    return _HEAD + "".join(_line(place, row) for place, row in sorted(ROWS.items()))


def _line(place: str, row: Row) -> str:
    cells = [
        how if tried == "—" else f"{how} (**{tried}**)"
        for how, tried in (row.linux, row.windows, row.macos)
    ]
    return f"| `{place}` | {row.what} | {' | '.join(cells)} |\n"


def main() -> int:
    """Writes or checks; the exit code."""
    text = page()
    if "--check" in sys.argv:
        return int(not PAGE.exists() or PAGE.read_text("utf-8") != text)
    PAGE.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
